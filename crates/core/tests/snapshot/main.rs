//! Snapshots: an engine that comes back from one is the engine that it was taken of. It gives the same
//! answers and events to every command that follows, comes to the same hashes, and is written to the same
//! bytes. Damaged and forged bytes are refused or read, never more.
//!
//! `TIDINGS_SEEDS=FROM..TO` plays other seeds than the ones in every run.

mod forged;
mod golden;
mod lives;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use lives::Author;
use support::seeds;
use tidings_core::command::TimeInForce;
use tidings_core::deposit::{Funds, FundsProposal};
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::market::{HaltReason, Phase};
use tidings_core::snapshot;
use tidings_core::state::Account;
use tidings_core::view::MarketView;
use tidings_core::{Answer, Engine, audit};

/// Long enough for markets to fill, to be amended, to end, and for keys to come again.
const COMMANDS: usize = 250;

#[test]
fn a_restored_engine_answers_every_later_command_as_the_original_does() {
    let seeds = seeds(0..400);
    let mut seen = BTreeMap::new();
    for seed in seeds.clone() {
        let played = std::panic::catch_unwind(|| side_by_side(seed));
        let played = played.unwrap_or_else(|_| panic!("seed {seed} tells them apart"));
        for (what, times) in played {
            *seen.entry(what).or_insert(0) += times;
        }
    }
    println!("seeds {seeds:?}: {seen:?}");
    for what in WANTED {
        assert!(seen.contains_key(what), "no snapshot had {what}: {seen:?}");
    }
}

/// What snapshots have to have had, or what has to have happened after them.
const WANTED: [&str; 33] = [
    "draft",
    "open",
    "halted",
    "closed",
    "proposed",
    "disputed",
    "settled",
    "voided",
    "three outcomes or more",
    "added liquidity",
    "a book out of the order of ids",
    "an account out of the order of ids",
    "an order that ends",
    "an order with a name",
    "a revoked key",
    "done",
    "refused",
    "repeated",
    "key reused",
    "an order that filled",
    "a deadline met",
    "all of an account's orders cancelled",
    "a key with a name and addresses",
    "a key that signs",
    "a rotated key",
    "a frozen account",
    "an account with an allowance of its own",
    "a halt of many markets",
    "a deposit that waits",
    "odds that are watched",
    "a market that halted itself",
    "a market that closed by a clause",
    "a market that closed early and unforeseen",
];

/// So many of them are of a state, the others of what happened.
const IN_A_STATE: usize = 15;

type Seen = BTreeMap<&'static str, u64>;

/// Plays a life on an engine and on one that came back from a snapshot of it, which now and then is put
/// aside for one that came back from its own.
fn side_by_side(seed: u64) -> Seen {
    let mut author = Author::new(seed);
    let mut engine = Author::start();
    let mut twin = restored(&engine);
    let mut seen = Seen::new();
    for ix in 0..COMMANDS {
        if author.below(16) == 0 {
            note_state(&engine, &mut seen);
            twin = restored(&twin);
        }
        let (stamp, request) = author.write(&engine);
        let place = format!("command {ix}: {request:?}");
        let (mut events, mut again) = (Vec::new(), Vec::new());
        let answer = engine.apply(stamp, &request, &mut events);
        assert_eq!(twin.apply(stamp, &request, &mut again), answer, "{place}");
        assert_eq!(again, events, "{place}");
        note_answer(&answer, &events, &mut seen);
        compare(&engine, &twin, &place);
    }
    assert_eq!(twin.snapshot(), engine.snapshot(), "in the end");
    seen
}

/// The engine that comes back from a snapshot, which is written to the same bytes.
fn restored(engine: &Engine) -> Engine {
    let bytes = engine.snapshot();
    let head = snapshot::head(&bytes).expect("a head");
    assert_eq!(head.last, engine.last());
    let twin = Engine::restore(&bytes).expect("a snapshot can be restored");
    compare(engine, &twin, "restored");
    assert!(twin.snapshot() == bytes, "the same bytes again");
    twin
}

/// All that can be seen of two engines is the same.
fn compare(engine: &Engine, twin: &Engine, place: &str) {
    assert_eq!(twin.last(), engine.last(), "{place}");
    assert_eq!(twin.next_deadline(), engine.next_deadline(), "{place}");
    assert_eq!(twin.last_order(), engine.last_order(), "{place}");
    assert_eq!(twin.weight(), engine.weight(), "{place}");
    assert_eq!(twin.state_hash(), engine.state_hash(), "{place}");
    assert_eq!(twin.requests().hash(), engine.requests().hash(), "{place}");
    for account in accounts(engine) {
        let ids = |engine: &Engine| -> Vec<OrderId> {
            engine.orders().of(account).map(|order| order.id).collect()
        };
        assert_eq!(ids(twin), ids(engine), "{place}");
    }
    for (id, market) in (0..).map(MarketId).zip(engine.markets()) {
        let other = twin.market_by_slug(&market.spec.slug);
        assert_eq!(other, Some(id), "{place}");
        for outcome in (0..market.books.len()).map(|ix| Outcome(u16::try_from(ix).unwrap())) {
            let (ours, other) = (
                engine.resting_orders(id, outcome),
                twin.resting_orders(id, outcome),
            );
            assert_eq!(other, ours, "{place}");
        }
    }
    for key in engine.accounts().iter().flat_map(|account| &account.keys) {
        let digest = &key.grant.digest;
        assert_eq!(twin.key_owner(digest), engine.key_owner(digest), "{place}");
    }
    audit::check(twin).unwrap_or_else(|broken| panic!("{place}: {broken}"));
}

fn accounts(engine: &Engine) -> impl Iterator<Item = AccountId> {
    (0..).map(AccountId).take(engine.accounts().len())
}

fn note_state(engine: &Engine, seen: &mut Seen) {
    let mut note = |what, is: bool| {
        if is {
            *seen.entry(what).or_insert(0) += 1;
        }
    };
    for (id, market) in (0..).map(MarketId).zip(engine.markets()) {
        note(market.phase.status().word(), true);
        note("odds that are watched", market.watch.is_some());
        let by_band = |phase: &Phase| {
            matches!(
                phase,
                Phase::Halted {
                    reason: HaltReason::Band(_)
                }
            )
        };
        note("a market that halted itself", by_band(&market.phase));
        let early = market.closed_early.as_ref().map(|early| early.clause);
        note(
            "a market that closed by a clause",
            early.flatten().is_some(),
        );
        note(
            "a market that closed early and unforeseen",
            early == Some(None),
        );
        note("three outcomes or more", market.outcomes() > 2);
        let deeper = |view: MarketView| view.liquidity > market.spec.liquidity;
        let view = engine.market_view(id);
        note("added liquidity", view.is_some_and(deeper));
        for outcome in (0..market.books.len()).map(|ix| Outcome(u16::try_from(ix).unwrap())) {
            let rows = engine.resting_orders(id, outcome);
            let late = rows
                .array_windows()
                .any(|[a, b]| (a.0, a.3) == (b.0, b.3) && a.2 > b.2);
            note("a book out of the order of ids", late);
        }
    }
    for account in accounts(engine) {
        let orders: Vec<_> = engine.orders().of(account).collect();
        let sorted = orders.is_sorted_by_key(|order| order.id);
        note("an account out of the order of ids", !sorted);
        for order in orders {
            let terms = engine.orders().terms(order);
            let ends = matches!(terms.time_in_force, TimeInForce::Gtd(_));
            note("an order that ends", ends);
            note("an order with a name", terms.client_order_id.is_some());
        }
    }
    let frozen = |account: &Account| account.frozen.is_some();
    note("a frozen account", engine.accounts().iter().any(frozen));
    let allowed = |account: &Account| account.allowance.is_some();
    let any = engine.accounts().iter().any(allowed);
    note("an account with an allowance of its own", any);
    note("a halt of many markets", !engine.halts().is_empty());
    let waits = |proposal: &FundsProposal| matches!(proposal.what, Funds::Deposit(_));
    let waiting = &engine.deposits().waiting;
    note("a deposit that waits", waiting.iter().any(waits));
    for key in engine.accounts().iter().flat_map(|account| &account.keys) {
        let grant = &key.grant;
        let bound = grant.name.is_some() && grant.networks.is_some();
        note("a revoked key", key.revoked_at.is_some());
        note("a key with a name and addresses", bound);
        note("a key that signs", grant.public_key.is_some());
        note("a rotated key", key.succession.is_some());
    }
}

fn note_answer(answer: &Answer, events: &[Event], seen: &mut Seen) {
    let word = match answer {
        Answer::Done => "done",
        Answer::Refused(_) => "refused",
        Answer::Repeated(_) => "repeated",
        Answer::KeyReused => "key reused",
    };
    let ended = |why| {
        let is =
            |event: &&Event| matches!(event, Event::OrderClosed { reason, .. } if *reason == why);
        events.iter().filter(is).count()
    };
    let filled = events
        .iter()
        .any(|event| matches!(event, Event::BookFill(_)));
    let all = [
        (word, true),
        ("an order that filled", filled),
        ("a deadline met", ended(CloseReason::Expired) > 0),
        (
            "all of an account's orders cancelled",
            ended(CloseReason::Cancelled) > 1,
        ),
    ];
    for (what, _) in all.into_iter().filter(|(_, is)| *is) {
        *seen.entry(what).or_insert(0) += 1;
    }
}

//! Halts of many markets: what they stop, what they leave alone, and what trades again when they end.

mod support;

use support::{Desk, limit, spec};
use tidings_core::command::{
    Command, Contract, HaltMany, PlaceOrder, Request, RequestKey, Side, Stamp,
};
use tidings_core::event::Event;
use tidings_core::halt::{MOST_HALTS, Scope};
use tidings_core::id::{AccountId, MarketId, Outcome, Seq};
use tidings_core::market::{HaltReason, Phase, Status};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine, Reject, audit};

/// Ann and Bob with money, and open markets with these tags.
fn desk(tags: &[&[&str]]) -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(10_000_000_000));
    }
    for tags in tags {
        let market = draft(&mut desk, tags, None);
        give(&mut desk, Command::OpenMarket { market }).unwrap();
    }
    desk
}

fn draft(desk: &mut Desk, tags: &[&str], opens_at: Option<Timestamp>) -> MarketId {
    let even = vec![Fraction::new(5_000).unwrap(); 2];
    let id = desk.engine.markets().len();
    let mut market = spec(&format!("market-{id}"), None, even, Fraction::ZERO);
    market.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    market.opens_at = opens_at;
    give(desk, Command::CreateMarket(Box::new(market))).unwrap();
    MarketId(u32::try_from(id).unwrap())
}

fn give(desk: &mut Desk, command: Command) -> Result<Vec<Event>, Reject> {
    desk.give(desk.account("op"), command)
}

fn halt(desk: &mut Desk, scope: &Scope, reason: &str) -> Vec<MarketId> {
    let (scope, reason) = (scope.clone(), reason.to_owned());
    let events = give(
        desk,
        Command::HaltMany(Box::new(HaltMany { scope, reason })),
    );
    let events = events.expect("a halt");
    let Event::ManyHalted { markets } = events[0] else {
        panic!("{events:?}")
    };
    let halted = now_at(&events, Status::Halted);
    assert_eq!(halted.len(), markets as usize, "{events:?}");
    assert_eq!(events.len(), 1 + halted.len(), "nothing else: {events:?}");
    sound(desk);
    halted
}

fn resume(desk: &mut Desk, scope: &Scope) -> Vec<MarketId> {
    let scope = scope.clone();
    let events = give(desk, Command::ResumeMany { scope }).expect("it ends");
    let Event::ManyResumed { markets } = events[0] else {
        panic!("{events:?}")
    };
    let resumed = now_at(&events, Status::Open);
    assert_eq!(resumed.len(), markets as usize, "{events:?}");
    sound(desk);
    resumed
}

fn now_at(events: &[Event], wanted: Status) -> Vec<MarketId> {
    let at = |event: &Event| match *event {
        Event::PhaseChanged { market, status } if status == wanted => Some(market),
        _ => None,
    };
    events.iter().filter_map(at).collect()
}

/// The invariants hold, a snapshot comes back the same, and so does a replay.
fn sound(desk: &Desk) {
    audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{broken}"));
    let hash = desk.engine.state_hash();
    let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
    assert_eq!(restored.state_hash(), hash);
    assert_eq!(restored.halts(), desk.engine.halts());
    let mut again = Engine::new();
    for (stamp, request) in &desk.journal {
        again.apply(*stamp, request, &mut Vec::new());
    }
    assert_eq!(again.state_hash(), hash);
}

fn status(desk: &Desk, market: u32) -> Status {
    let market = desk.engine.market(MarketId(market)).expect("it is there");
    market.phase.status()
}

fn why(desk: &Desk, market: u32) -> String {
    match &desk.engine.market(MarketId(market)).unwrap().phase {
        Phase::Halted { reason } => match reason {
            HaltReason::Operator(words) | HaltReason::Many { reason: words, .. } => words.clone(),
            HaltReason::Embargo => "embargo".to_owned(),
            HaltReason::Band(_) => "band".to_owned(),
        },
        phase => phase.status().word().to_owned(),
    }
}

fn bid(market: u32, price: u16) -> PlaceOrder {
    let price = Price::new(price).unwrap();
    let lots = Lots::new(100);
    let market = MarketId(market);
    limit(market, Outcome(0), Contract::Yes, Side::Buy, price, lots)
}

fn tag(tag: &str) -> Scope {
    Scope::Tag(tag.to_owned())
}

fn ids(all: &[u32]) -> Vec<MarketId> {
    all.iter().copied().map(MarketId).collect()
}

#[test]
fn everything_that_trades_stands_still_and_nothing_else_is_touched() {
    let mut desk = desk(&[&["asia"], &["asia"], &["rates"], &[], &[]]);
    let drafted = draft(&mut desk, &["asia"], None);
    let closed = Command::CloseMarket {
        market: MarketId(3),
        reason: "It is over.".to_owned(),
        clause: None,
    };
    give(&mut desk, closed).unwrap();
    let own = Command::HaltMarket {
        market: MarketId(4),
        reason: HaltReason::Operator("A rumour.".to_owned()),
    };
    give(&mut desk, own).unwrap();
    desk.place("ann", bid(0, 4_000)).unwrap();

    let halted = halt(&mut desk, &Scope::Everything, "The feed is wrong.");
    assert_eq!(halted, ids(&[0, 1, 2]));
    assert_eq!(status(&desk, drafted.0), Status::Draft);
    assert_eq!(status(&desk, 3), Status::Closed);
    assert_eq!(why(&desk, 4), "A rumour.");
    assert_eq!(why(&desk, 0), "The feed is wrong.");
    let status = Status::Halted;
    for market in [0, 1, 2, 4] {
        assert_eq!(
            desk.place("bob", bid(market, 5_000)),
            Err(Reject::MarketNotOpen { status })
        );
    }
    // What rests stays, and can be cancelled.
    assert_eq!(desk.engine.market(MarketId(0)).unwrap().open_orders, 1);
    let all = Command::CancelAll { market: None };
    desk.give(desk.account("ann"), all).unwrap();
    assert_eq!(desk.engine.market(MarketId(0)).unwrap().open_orders, 0);

    let resumed = resume(&mut desk, &Scope::Everything);
    assert_eq!(resumed, ids(&[0, 1, 2]), "and not the one that was halted");
    assert_eq!(why(&desk, 4), "A rumour.");
    desk.place("bob", bid(0, 5_000)).unwrap();
    let scope = Scope::Everything;
    let again = give(&mut desk, Command::ResumeMany { scope });
    assert_eq!(again, Err(Reject::HaltNotFound));
}

#[test]
fn a_tag_stops_its_own_markets() {
    let mut desk = desk(&[&["asia"], &["asia", "rates"], &["rates"], &[]]);
    assert_eq!(halt(&mut desk, &tag("asia"), "A leak."), ids(&[0, 1]));
    assert_eq!(status(&desk, 2), Status::Open);
    assert_eq!(halt(&mut desk, &tag("rates"), "A leak, too."), ids(&[2]));
    assert_eq!(halt(&mut desk, &tag("nowhere"), "A typo."), ids(&[]));
    assert_eq!(halt(&mut desk, &tag("Nowhere"), "The same."), ids(&[]));
    // The second market is about rates as well: it stands still by that from here on.
    assert_eq!(resume(&mut desk, &tag("Asia")), ids(&[0]));
    assert_eq!(why(&desk, 1), "A leak, too.");
    assert_eq!(resume(&mut desk, &tag("rates")), ids(&[1, 2]));
    assert_eq!(desk.engine.halts().len(), 1, "that of the typo");
}

#[test]
fn what_stood_still_by_one_halt_does_not_trade_while_another_is_about_it() {
    let mut desk = desk(&[&["asia"], &[]]);
    halt(&mut desk, &tag("asia"), "A leak.");
    assert_eq!(halt(&mut desk, &Scope::Everything, "A fault."), ids(&[1]));
    assert_eq!(resume(&mut desk, &tag("asia")), ids(&[]));
    assert_eq!(why(&desk, 0), "A fault.");
    assert_eq!(resume(&mut desk, &Scope::Everything), ids(&[0, 1]));
}

#[test]
fn a_market_that_opens_meanwhile_opens_halted() {
    let mut desk = desk(&[&[]]);
    let soon = desk.engine.last().at.as_micros() + 20_000_000;
    let scheduled = draft(&mut desk, &["asia"], Some(Timestamp::from_micros(soon)));
    let by_hand = draft(&mut desk, &[], None);
    halt(&mut desk, &Scope::Everything, "A fault.");
    let opened = give(&mut desk, Command::OpenMarket { market: by_hand }).unwrap();
    assert_eq!(now_at(&opened, Status::Halted), [by_hand]);
    assert_eq!(now_at(&opened, Status::Open), []);
    let tick = Request::new(AccountId::WORLD, Command::Tick);
    let events = desk.give_at(Timestamp::from_micros(soon), tick).unwrap();
    assert_eq!(now_at(&events, Status::Halted), [scheduled]);
    for market in [scheduled, by_hand] {
        let order = bid(market.0, 5_000);
        assert!(matches!(
            desk.place("ann", order),
            Err(Reject::MarketNotOpen { .. })
        ));
        assert!(desk.engine.market(market).unwrap().opened_at.is_some());
    }
    sound(&desk);
    assert_eq!(resume(&mut desk, &Scope::Everything), ids(&[0, 1, 2]));
    desk.place("ann", bid(scheduled.0, 5_000)).unwrap();
}

#[test]
fn whoever_names_one_market_decides_about_it() {
    let mut desk = desk(&[&[], &[], &[]]);
    let (first, second, third) = (MarketId(0), MarketId(1), MarketId(2));
    let embargo = |market| Command::HaltMarket {
        market,
        reason: HaltReason::Embargo,
    };
    give(&mut desk, embargo(third)).unwrap();
    halt(&mut desk, &Scope::Everything, "A fault.");
    // One trades again although the halt stands.
    give(&mut desk, Command::ResumeMarket { market: first }).unwrap();
    assert_eq!(status(&desk, 0), Status::Open);
    // One gets a halt of its own, which outlasts that of all.
    give(&mut desk, embargo(second)).unwrap();
    // An embargo that ends while everything stands still lets nothing trade.
    let events = give(&mut desk, Command::ResumeMarket { market: third }).unwrap();
    assert_eq!(now_at(&events, Status::Halted), [third]);
    assert_eq!(why(&desk, 2), "A fault.");
    // The halt again: what trades meanwhile stands still again, and the later reason is told.
    assert_eq!(halt(&mut desk, &Scope::Everything, "Still."), ids(&[0]));
    assert_eq!(why(&desk, 0), "Still.");
    assert_eq!(desk.engine.halts().len(), 1);
    assert_eq!(resume(&mut desk, &Scope::Everything), ids(&[0, 2]));
    assert_eq!(why(&desk, 1), "embargo");
}

#[test]
fn operators_alone_halt_and_not_without_end() {
    let mut desk = desk(&[&[]]);
    let reason = "A fault.".to_owned();
    let scope = Scope::Everything;
    let everything = Command::HaltMany(Box::new(HaltMany { scope, reason }));
    for name in ["ann", "admin"] {
        let actor = desk.account(name);
        let lift = Command::ResumeMany {
            scope: Scope::Everything,
        };
        for command in [everything.clone(), lift] {
            assert_eq!(desk.give(actor, command), Err(Reject::RoleNotAllowed));
        }
    }
    for ix in 0..MOST_HALTS {
        halt(&mut desk, &tag(&format!("tag-{ix}")), "One of many.");
    }
    let before = desk.engine.state_hash();
    assert_eq!(give(&mut desk, everything), Err(Reject::LimitExceeded));
    assert_eq!(desk.engine.state_hash(), before);
    halt(&mut desk, &tag("tag-7"), "One of them again.");
}

#[test]
fn the_same_request_again_halts_nothing_twice() {
    let mut desk = desk(&[&[]]);
    let scope = Scope::Everything;
    let reason = "A fault.".to_owned();
    let command = Command::HaltMany(Box::new(HaltMany { scope, reason }));
    let key = RequestKey {
        key: "stop".to_owned(),
        fingerprint: [7; 32],
    };
    let request = Request::new(desk.account("op"), command).under(Some(key));
    let engine = &mut desk.engine;
    let give = |request: &Request, engine: &mut Engine| {
        let stamp = Stamp {
            seq: Seq(engine.last().seq.0 + 1),
            at: engine.last().at,
        };
        engine.apply(stamp, request, &mut Vec::new())
    };
    assert_eq!(give(&request, engine), Answer::Done);
    let first = engine.last().seq;
    let market = MarketId(0);
    let resume = Request::new(request.actor, Command::ResumeMarket { market });
    assert_eq!(give(&resume, engine), Answer::Done);
    assert_eq!(give(&request, engine), Answer::Repeated(first));
    assert_eq!(engine.market(market).unwrap().phase.status(), Status::Open);
}

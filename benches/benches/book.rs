//! The order book as a hot path: commands through the whole engine (money held, settled and released,
//! every event produced), on one market without a maker and on one with it.
//!
//! The flow is 60.5 % limit inserts near a drifting middle, 34.4 % cancels of a random live order and
//! 5 % marketable `ioc` orders, from a seed. The same commands are applied to a fresh copy of the same
//! state in every round, and the hash of the state they lead to is printed beside the time.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tidings_benches::{Random, hex};
use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size, Stamp, TimeInForce,
    Transfer,
};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine};

const SEED: u64 = 20_260_101;
const COMMANDS: usize = 100_000;
const TRADERS: u32 = 64;
const FIRST_TRADER: u32 = 4;

/// An engine, and what is to be asked of it.
struct Flow {
    start: Engine,
    commands: Vec<(Stamp, Request)>,
    end_hash: [u8; 32],
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("binary book");
    group.sample_size(20);
    for (name, liquidity, grid) in [
        ("prices 1-99, no maker", None, 100),
        ("prices 1-9999, no maker", None, 1),
        ("prices 1-9999, maker between", Some(Lots::new(1_000)), 1),
    ] {
        let flow = flow(liquidity, grid);
        println!("{name}: {COMMANDS} commands, state {}", hex(&flow.end_hash));
        group.throughput(Throughput::Elements(COMMANDS as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || (flow.start.clone(), Vec::with_capacity(64)),
                |(mut engine, mut events)| {
                    for (stamp, request) in &flow.commands {
                        events.clear();
                        black_box(engine.apply(*stamp, request, &mut events));
                    }
                    engine
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// A market with traders and some 10,000 resting orders, and the commands that follow.
fn flow(liquidity: Option<Lots>, grid: u16) -> Flow {
    let mut random = Random::new(SEED);
    let mut engine = market(liquidity);
    let mut live: Vec<(AccountId, OrderId)> = Vec::new();
    let mut middle = 5_000_i64;
    let mut commands = Vec::with_capacity(COMMANDS);
    let mut start = None;
    // The first commands only fill the book; the flow begins once it is as deep as it stays.
    for ix in 0..COMMANDS + 12_000 {
        let filling = ix < 12_000;
        if !filling && start.is_none() {
            start = Some(engine.clone());
        }
        middle = (middle + i64::try_from(random.below(21)).unwrap_or(0) - 10).clamp(2_000, 8_000);
        let request = match random.below(1_000) {
            cancel if !filling && cancel < 345 && !live.is_empty() => {
                let pick = usize::try_from(random.below(live.len() as u64)).unwrap_or(0);
                let (account, order) = live.swap_remove(pick);
                Request::new(account, Command::Cancel { order })
            }
            kind => order(&mut random, middle, grid, !filling && kind < 395),
        };
        let last = engine.last();
        let stamp = Stamp {
            seq: Seq(last.seq.0 + 1),
            at: last.at,
        };
        let mut events = Vec::new();
        let answer = engine.apply(stamp, &request, &mut events);
        assert_eq!(answer, Answer::Done, "{request:?}");
        for event in &events {
            match *event {
                Event::OrderRested { order, .. } => live.push((request.actor, order)),
                Event::OrderClosed { order, .. } => live.retain(|(_, id)| *id != order),
                _ => {}
            }
        }
        if !filling {
            commands.push((stamp, request));
        }
    }
    let end_hash = engine.state_hash();
    Flow {
        start: start.expect("the flow began"),
        commands,
        end_hash,
    }
}

/// A bid for Yes or for No: buyers on both sides, so that every trade mints or merges.
fn order(random: &mut Random, middle: i64, grid: u16, marketable: bool) -> Request {
    let account =
        AccountId(FIRST_TRADER + u32::try_from(random.below(u64::from(TRADERS))).unwrap_or(0));
    let contract = if random.below(2) == 0 {
        Contract::Yes
    } else {
        Contract::No
    };
    let away = i64::try_from(random.below(1_500)).unwrap_or(0);
    let own = if contract == Contract::Yes {
        middle
    } else {
        10_000 - middle
    };
    let price = if marketable {
        own + 600
    } else {
        own - 50 - away
    };
    let on_grid = (u16::try_from(price.clamp(100, 9_900)).unwrap_or(5_000) / grid).max(1) * grid;
    let order = PlaceOrder {
        market: MarketId(0),
        outcome: Outcome(0),
        contract,
        side: Side::Buy,
        size: Size::Quantity(Lots::new(1 + i64::try_from(random.below(100)).unwrap_or(0))),
        limit: Price::new(on_grid),
        time_in_force: if marketable {
            TimeInForce::Ioc
        } else {
            TimeInForce::Gtc
        },
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    };
    Request::new(account, Command::Place(order))
}

fn market(liquidity: Option<Lots>) -> Engine {
    let mut engine = Engine::new();
    let mut give = |actor, command| {
        let stamp = Stamp {
            seq: Seq(engine.last().seq.0 + 1),
            at: Timestamp::from_micros(1),
        };
        let answer = engine.apply(stamp, &Request::new(actor, command), &mut Vec::new());
        assert_eq!(answer, Answer::Done);
    };
    let open = |name: &str, role| {
        Command::OpenAccount(OpenAccount {
            name: name.to_owned(),
            role,
            grant: None,
        })
    };
    give(AccountId::WORLD, open("admin", Role::Admin));
    give(AccountId::ADMIN, open("operator", Role::Operator));
    for trader in 0..TRADERS {
        give(
            AccountId::ADMIN,
            open(&format!("trader {trader}"), Role::Trader),
        );
    }
    for account in 3..FIRST_TRADER + TRADERS {
        let (account, amount) = (AccountId(account), Micros::new(1_000_000_000_000));
        give(
            AccountId::ADMIN,
            Command::Deposit(Transfer { account, amount }),
        );
    }
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(5_000).expect("a half"),
    };
    let spec = MarketSpec {
        slug: "bench".to_owned(),
        kind: Kind::Binary,
        question: "Is it fast?".to_owned(),
        outcomes: vec![outcome("yes"), outcome("no")],
        rules: Rules {
            criteria: "By the clock.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "clock".to_owned(),
                url: String::new(),
                primary: true,
            }],
        },
        liquidity,
        tick: 1,
        taker_fee: Fraction::ZERO,
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: Vec::new(),
        articles: Vec::new(),
        scale: None,
    };
    give(AccountId(3), Command::CreateMarket(Box::new(spec)));
    give(
        AccountId(3),
        Command::OpenMarket {
            market: MarketId(0),
        },
    );
    engine
}

criterion_group!(benches, bench);
criterion_main!(benches);

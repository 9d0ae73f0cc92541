//! How long a snapshot and its restoring take, and how large it is: what a start waits for besides the
//! tail of the journal, and what is written in the background.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tidings_benches::measure::{Asked, median};
use tidings_benches::world::{Terms, exchange, give, hex, next_stamp, order, trader_at};
use tidings_core::book::BookSide;
use tidings_core::command::{Command, Request, RequestKey};
use tidings_core::id::AccountId;
use tidings_core::{Answer, Engine, audit};

fn main() {
    let asked = Asked::by_arguments();
    let (traders, orders) = asked.size((10_000, 100_000), (20, 100));
    let keys = asked.size(1_000_000, 100);
    let rounds = asked.size(7, 1);

    let mut engine = exchange(traders, 0, Terms::binary(None));
    measure(&format!("{traders} accounts"), &engine, rounds);
    let mut engine_with_orders = with_orders(traders, orders);
    let name = format!("{traders} accounts with a position, {orders} open orders");
    measure(&name, &engine_with_orders, rounds);
    remember(&mut engine, keys);
    measure(&format!("{traders} accounts, {keys} keys"), &engine, rounds);
    drop(engine);
    remember(&mut engine_with_orders, keys);
    measure(&format!("{name}, {keys} keys"), &engine_with_orders, rounds);
}

/// Everyone has a position in one of 16 markets, and orders on the same ones.
fn with_orders(traders: u32, orders: u32) -> Engine {
    let markets = 16;
    let mut engine = exchange(traders, markets, Terms::binary(None));
    let mut place = |trader: u32, market, side, price| {
        let order = order(market, 0, side, price, 10);
        give(&mut engine, trader_at(trader), Command::Place(order));
    };
    for pair in 0..traders / 2 {
        place(2 * pair, pair % markets, BookSide::Bid, 5_000);
        place(2 * pair + 1, pair % markets, BookSide::Ask, 5_000);
    }
    for ix in 0..orders {
        let price = 1_000 + u16::try_from(ix / markets % 900).expect("small");
        place(ix % traders, ix % markets, BookSide::Bid, price);
    }
    engine
}

/// Gives commands under keys that were not used before.
fn remember(engine: &mut Engine, keys: u32) {
    for ix in 0..keys {
        let key = RequestKey {
            key: format!("key {ix}"),
            fingerprint: [7; 32],
        };
        let request = Request::new(AccountId::WORLD, Command::Tick).under(Some(key));
        let answer = engine.apply(next_stamp(engine), &request, &mut Vec::new());
        assert_eq!(answer, Answer::Done);
    }
}

fn measure(name: &str, engine: &Engine, rounds: usize) {
    let bytes = engine.snapshot();
    let restored = Engine::restore(&bytes).expect("a snapshot can be restored");
    let hash = engine.state_hash();
    assert_eq!(restored.state_hash(), hash, "the same state again");
    assert!(restored.snapshot() == bytes, "the same bytes again");
    println!("\n{name}: {} bytes, state {}", bytes.len(), hex(&hash));
    let line = |part: &str, call: &dyn Fn() -> Duration| {
        let times = (0..rounds).map(|_| call().as_secs_f64() * 1_000.0);
        println!("{:9.1} ms  {part}", median(times));
    };
    line("snapshot", &|| timed(|| engine.snapshot()));
    line("restore", &|| timed(|| Engine::restore(&bytes)));
    line("of either: a hash of the state", &|| {
        timed(|| engine.state_hash())
    });
    line("of a restore: the audit", &|| {
        timed(|| audit::check(engine).expect("it is sound"))
    });
}

/// How long a call takes. What it made is dropped off the clock.
fn timed<T>(call: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = black_box(call());
    let taken = start.elapsed();
    drop(made);
    taken
}

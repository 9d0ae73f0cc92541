//! How long the maker takes to price a trade: the core beside the same formula in decimals, and beside
//! the `lmsr` crate, which has it in floats.
//!
//! Run with `cargo bench -p tidings-benches --bench lmsr`. Before the times it prints a fold of all
//! charges, which must be the same on every machine, how often the exact path decided, and how many of
//! the others' results are not the correctly rounded ones. One iteration prices 1,000 trades, or 20
//! where it is slow; `thrpt` is per trade.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::prelude::{MathematicalOps, ToPrimitive};
use rust_decimal::{Decimal, RoundingStrategy};
use tidings_core::lmsr::Curve;
use tidings_core::units::{Fraction, Lots, MICROS_PER_LOT, Price};

struct Trade {
    curve: Curve,
    sold: Vec<Lots>,
    /// The same in floats.
    volumes: Vec<f64>,
    outcome: usize,
    lots: Lots,
}

const SEED: u64 = 42;
const TRADES: usize = 1_000;

/// Markets of 100 to 100,000 shares of liquidity, near the odds that real ones have, and trades of up
/// to a tenth of it.
fn trades(outcomes: usize) -> Vec<Trade> {
    let mut state = SEED;
    let mut random = |end: i64| {
        // Knuth's MMIX generator; its upper bits.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % end
    };
    let prior: Vec<Fraction> = (0..outcomes)
        .map(|k| 10_000 / outcomes + usize::from(k < 10_000 % outcomes))
        .map(|ticks| Fraction::new(ticks as u16).expect("odds"))
        .collect();
    let mut trade = |_| {
        let b = 10_i64.pow(4 + random(4) as u32) - random(1_000);
        let sold: Vec<Lots> = (0..outcomes)
            .map(|_| Lots::new(random(4 * b) - 2 * b))
            .collect();
        Trade {
            curve: Curve::new(Lots::new(b), &prior).expect("a curve in range"),
            volumes: sold.iter().map(|lots| lots.get() as f64).collect(),
            sold,
            outcome: random(outcomes as i64) as usize,
            lots: Lots::new(1 + random(b / 10)),
        }
    };
    (0..TRADES).map(&mut trade).collect()
}

fn charge(trade: &Trade) -> i64 {
    trade
        .curve
        .charge(&trade.sold, trade.outcome, trade.lots)
        .get()
}

/// `⌈10,000·b·ln(Σ w·e^(q'/b) / Σ w·e^(q/b))⌉` as one would write it with `rust_decimal`, at its
/// default tolerance.
fn charge_in_decimals(trade: &Trade) -> i64 {
    let b = Decimal::from(trade.curve.liquidity().get());
    let weight =
        |lots: Lots, prior: u64| (Decimal::from(lots.get()) / b).exp() * Decimal::from(prior);
    let (mut before, mut after) = (Decimal::ZERO, Decimal::ZERO);
    for (outcome, (lots, prior)) in trade.sold.iter().zip(trade.curve.prior()).enumerate() {
        let own = weight(*lots, *prior);
        before += own;
        after += match outcome == trade.outcome {
            true => weight(*lots + trade.lots, *prior),
            false => own,
        };
    }
    let micros = (after / before).ln() * b * Decimal::from(MICROS_PER_LOT);
    micros
        .round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity)
        .to_i64()
        .expect("an amount of money")
}

/// The same with the `lmsr` crate, rounded up as floats are. It knows only equal odds, which these are.
fn charge_in_floats(trade: &Trade) -> i64 {
    let b = trade.curve.liquidity().get() as f64;
    let lots = trade.lots.get() as f64;
    let cost = lmsr::estimate(b, &trade.volumes, trade.outcome, lots);
    (cost * MICROS_PER_LOT as f64).ceil() as i64
}

/// FNV-1a over the results.
fn fold(results: impl Iterator<Item = i64>) -> u64 {
    let bytes = results.flat_map(i64::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn price(criterion: &mut Criterion) {
    for outcomes in [2, 10, 100] {
        let trades = trades(outcomes);
        let exact = trades
            .iter()
            .filter(|t| !t.curve.charge_is_estimated(&t.sold, t.outcome, t.lots));
        let wrong = trades
            .iter()
            .filter(|trade| charge(trade) != charge_in_decimals(trade));
        println!(
            "{outcomes} outcomes, seed {SEED}: charges fold to {:016x}; exact path {} of {TRADES}; \
             decimals wrong {} of {TRADES}, floats {}",
            fold(trades.iter().map(charge)),
            exact.count(),
            wrong.count(),
            trades
                .iter()
                .filter(|trade| charge(trade) != charge_in_floats(trade))
                .count(),
        );

        let mut group = criterion.benchmark_group(format!("{outcomes} outcomes"));
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(1));
        let mut run = |name: &str, trades: &[Trade], price: &dyn Fn(&Trade) -> i64| {
            group.throughput(Throughput::Elements(trades.len() as u64));
            let price = |trade| price(black_box(trade));
            group.bench_function(name, |bencher| {
                bencher.iter(|| trades.iter().map(price).fold(0, i64::wrapping_add));
            });
        };
        let limit = Price::new(6_000).expect("a price");
        run("charge", &trades, &charge);
        run(
            "charge by the lmsr crate, in floats",
            &trades,
            &charge_in_floats,
        );
        run("proceeds", &trades, &|t| {
            t.curve.proceeds(&t.sold, t.outcome, t.lots).get()
        });
        run("sellable", &trades, &|t| {
            t.curve.sellable(&t.sold, t.outcome, limit, Lots::MAX).get()
        });
        run("odds", &trades, &|t| {
            i64::from(t.curve.odds(&t.sold, t.outcome))
        });
        let few = &trades[..20];
        run("charge, exact path only", few, &|t| {
            t.curve.charge_exactly(&t.sold, t.outcome, t.lots).get()
        });
        run("charge in rust_decimal", few, &charge_in_decimals);
        group.finish();
    }
}

criterion_group!(benches, price);
criterion_main!(benches);

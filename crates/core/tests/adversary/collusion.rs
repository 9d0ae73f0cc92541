//! Two accounts that play into each other's hands: resting orders, orders that the maker serves on the
//! way, cancels. What they have together must never be more than what they paid the curve for.

use crate::maker::FloatCurve;
use crate::support::{Desk, Random, limit};
use tidings_core::command::{Command, Contract, PlaceOrder, SelfTrade, Side, TimeInForce};
use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Fraction, Lots, Micros, Price};

const MARKET: MarketId = MarketId(0);
const CASH: i64 = 50_000_000;
const MOVES: usize = 24;
/// Tries from each start; one in a few is kept.
const TRIES: usize = 90;

#[test]
fn two_accounts_together_never_beat_the_curve() {
    let scenes: [(i64, &[u16]); 4] = [
        (100, &[5_000, 5_000]),
        (100, &[3_334, 3_333, 3_333]),
        (150, &[1, 1, 9_998]),
        (200, &[2_500, 2_500, 2_500, 2_500]),
    ];
    let (mut played, mut moved) = (0, 0);
    for (b, prior) in scenes {
        for seed in 0..4 {
            let best = climb(b, prior, seed, &mut played);
            moved += best.moved;
            println!(
                "b {b}, {} outcomes: {} lots moved, {:.3} micros lost",
                prior.len(),
                best.moved,
                best.loss
            );
        }
    }
    println!("{played} lists of moves");
    assert!(moved > 500, "they have to trade with the maker");
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Place {
        who: usize,
        outcome: u16,
        no: bool,
        sell: bool,
        ticks: u16,
        lots: i64,
        at_once: bool,
        oldest: bool,
    },
    CancelAll {
        who: usize,
    },
}

#[derive(Clone, Copy, Debug)]
struct Outcomes {
    loss: f64,
    moved: i64,
}

impl Outcomes {
    /// Lower is better: little lost on many lots.
    fn score(self) -> f64 {
        self.loss - 0.2 * self.moved as f64
    }
}

/// Changes a list of moves a little, again and again, and keeps what scores no worse.
fn climb(b: i64, prior: &[u16], seed: u64, played: &mut u64) -> Outcomes {
    let mut random = Random(seed);
    let mut moves: Vec<Move> = (0..MOVES).map(|_| any_move(&mut random, prior)).collect();
    let mut best = play(b, prior, &moves);
    for _ in 0..TRIES {
        let mut changed = moves.clone();
        for _ in 0..1 + random.below(3) {
            let at = usize::try_from(random.below(changed.len() as u64)).unwrap();
            match random.below(5) {
                0 => changed.swap(at, 0),
                1 => changed.insert(at, any_move(&mut random, prior)),
                2 if changed.len() > 4 => drop(changed.remove(at)),
                _ => changed[at] = any_move(&mut random, prior),
            }
        }
        changed.truncate(2 * MOVES);
        let outcomes = play(b, prior, &changed);
        *played += 1;
        if outcomes.score() <= best.score() {
            (moves, best) = (changed, outcomes);
        }
    }
    best
}

fn any_move(random: &mut Random, prior: &[u16]) -> Move {
    let who = usize::try_from(random.below(2)).unwrap();
    if random.below(12) == 0 {
        return Move::CancelAll { who };
    }
    let outcome = u16::try_from(random.below(prior.len() as u64)).unwrap();
    let near =
        i64::from(prior[usize::from(outcome)]) - 150 + i64::try_from(random.below(300)).unwrap();
    let yes = random
        .one_of(&[near, near, near, 1, 9_999, 4_000])
        .clamp(1, 9_999);
    let no = random.below(3) == 0;
    let ticks = if no { 10_000 - yes } else { yes };
    Move::Place {
        who,
        outcome,
        no,
        sell: random.below(3) == 0,
        ticks: u16::try_from(ticks).unwrap(),
        lots: random.one_of(&[1, 1, 2, 3, 7, 20]),
        at_once: random.below(3) == 0,
        oldest: random.below(2) == 0,
    }
}

/// Plays a list of moves and checks after each one that nothing was won.
fn play(b: i64, prior: &[u16], moves: &[Move]) -> Outcomes {
    let mut desk = Desk::new();
    desk.deposit("op", Micros::new(1_000_000_000));
    desk.deposit("ann", Micros::new(CASH));
    desk.deposit("bob", Micros::new(CASH));
    let odds = prior.iter().map(|ticks| Fraction::new(*ticks).unwrap());
    let subsidy = desk.create_market("op", Some(Lots::new(b)), odds.collect(), Fraction::ZERO);
    let curve = FloatCurve::new(b, prior);
    let mut outcomes = Outcomes {
        loss: 0.0,
        moved: 0,
    };
    let mut before = vec![0; prior.len()];
    for (ix, one) in moves.iter().enumerate() {
        let _some_are_refused = match *one {
            Move::CancelAll { who } => desk.give(
                desk.account(["ann", "bob"][who]),
                Command::CancelAll { market: None },
            ),
            Move::Place { who, .. } => desk.place(["ann", "bob"][who], order(one)),
        };
        let sold = &desk
            .engine
            .market(MARKET)
            .unwrap()
            .maker
            .as_ref()
            .unwrap()
            .sold;
        let sold: Vec<i64> = sold.iter().map(|lots| lots.get()).collect();
        outcomes.moved += before
            .iter()
            .zip(&sold)
            .map(|(from, to)| (from - to).abs())
            .sum::<i64>();
        outcomes.loss = loss(&desk, subsidy, &curve, &sold);
        assert!(
            outcomes.loss > -1e-6,
            "{b}, {prior:?}: {:#?}",
            &moves[..=ix]
        );
        check_wealth(&desk, subsidy, prior.len());
        before = sold;
    }
    outcomes
}

/// What the escrow has above its subsidy, its sets, and the true cost of what the maker sold.
fn loss(desk: &Desk, subsidy: Micros, curve: &FloatCurve, sold: &[i64]) -> f64 {
    let escrow = desk.engine.ledger().escrow(MARKET);
    // Shares that the maker did not sell came in sets, or went back in them.
    let sets: Vec<i64> = escrow
        .outstanding
        .iter()
        .zip(sold)
        .map(|(all, sold)| all.get() - sold)
        .collect();
    assert!(
        sets.iter().all(|lots| *lots == sets[0]),
        "sets are whole: {sets:?}"
    );
    let paid = escrow.money.get() - subsidy.get() - 10_000 * sets[0];
    paid as f64 - curve.cost(sold)
}

/// Whatever happens, together they have at most what they came with and the subsidy.
fn check_wealth(desk: &Desk, subsidy: Micros, outcomes: usize) {
    let ledger = desk.engine.ledger();
    let accounts = ["ann", "bob"].map(|name| desk.account(name));
    let cash = accounts.map(|id| ledger.cash(id).available.get() + ledger.cash(id).reserved.get());
    for k in 0..outcomes {
        let shares = accounts.map(|id| {
            ledger
                .position(id, MARKET)
                .map_or(0, |p| p.holdings[k].total().get())
        });
        let wealth = cash.iter().sum::<i64>() + 10_000 * shares.iter().sum::<i64>();
        assert!(wealth <= 2 * CASH + subsidy.get(), "outcome {k}: {wealth}");
    }
}

fn order(one: &Move) -> PlaceOrder {
    let Move::Place {
        outcome,
        no,
        sell,
        ticks,
        lots,
        at_once,
        oldest,
        ..
    } = *one
    else {
        unreachable!("a cancel is no order");
    };
    let contract = if no { Contract::No } else { Contract::Yes };
    let side = if sell { Side::Sell } else { Side::Buy };
    let price = Price::new(ticks).expect("a price");
    let mut order = limit(
        MARKET,
        Outcome(outcome),
        contract,
        side,
        price,
        Lots::new(lots),
    );
    if at_once {
        order.time_in_force = TimeInForce::Ioc;
    }
    if oldest {
        order.self_trade = SelfTrade::CancelOldest;
    }
    order
}

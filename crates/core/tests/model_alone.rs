//! The naive model without the engine: that the rule it reads literally is a sound one. The order of
//! steps does not matter, nobody does worse than their limit, and what is always true is true of it.

mod duel;
mod model;
mod support;

use duel::{Ask, Duel, Line, Scene, asks};
use model::{Book, Done, Model};
use support::seeds;
use tidings_core::lmsr::Curve;
use tidings_core::units::{Lots, Price};

const COMMANDS: usize = 60;

#[test]
fn what_is_always_true_is_true_of_the_model() {
    let mut filled = 0;
    let seeds = seeds(0..1_500);
    let played = seeds.end - seeds.start;
    for seed in seeds {
        let (scene, lines) = asks::from_seed(seed, COMMANDS);
        let mut duel = Duel::new(&scene);
        let mut money = duel.model.all_money();
        for line in &lines {
            let answer = duel.rehearse(line);
            let place = format!("seed {seed}, {line:?}");
            if let (Ask::Place(order), Ok(Some(done))) = (&line.ask, &answer) {
                filled += u64::from(done.filled > 0);
                if let Some(limit) = order.limit {
                    let buys = order.side == tidings_core::command::Side::Buy;
                    assert!(within_limit(done, limit, buys), "{place}: {done:?}");
                }
            }
            if matches!(line.ask, Ask::Deposit { .. } | Ask::Decide { .. }) {
                // It comes in; how much, the engine says as well in the duel.
                money = duel.model.all_money();
            }
            assert_eq!(duel.model.all_money(), money, "{place}: money");
            check(&duel.model, &place);
        }
    }
    println!("{filled} orders filled something");
    assert!(filled > played);
}

#[test]
fn the_order_and_the_size_of_steps_do_not_matter() {
    for seed in seeds(0..1_500) {
        let (scene, lines) = asks::from_seed(seed, COMMANDS);
        // Lot by lot is out of reach where there are billions of them.
        if scene.liquidity.is_some_and(|b| b > 2_000) || scene.cash[0] > 1_000_000_000_000 {
            continue;
        }
        let ends = [1, 3, i64::MAX].map(|pace| played_at(pace, &scene, &lines));
        assert_eq!(ends[0], ends[1], "seed {seed}: three lots at a time");
        assert_eq!(ends[0], ends[2], "seed {seed}: all lots at once");
    }
}

/// Answers, accounts and books at the end.
fn played_at(
    pace: i64,
    scene: &Scene,
    lines: &[Line],
) -> (Vec<Option<Done>>, Vec<model::Account>, Vec<Book>) {
    let scene = Scene {
        pace,
        ..scene.clone()
    };
    let mut duel = Duel::new(&scene);
    let answers = lines.iter().map(|line| duel.rehearse(line).ok().flatten());
    let answers = answers.collect();
    (answers, duel.model.accounts, duel.model.books)
}

fn within_limit(done: &Done, limit: Price, buys: bool) -> bool {
    let at_limit = Lots::new(done.filled).at(limit).get();
    if buys {
        done.amount <= at_limit
    } else {
        done.amount >= at_limit
    }
}

/// `mechanism.md`, section 8, and the end of section 5.
fn check(model: &Model, place: &str) {
    assert!(
        model.accounts.iter().all(model::Account::is_sound),
        "{place}: a balance"
    );
    for (k, account) in model.accounts.iter().enumerate() {
        let mut held = vec![0; model.outcomes];
        let mut cash = 0;
        for order in model.open_orders_of(k) {
            if order.terms.buy {
                cash += order.remaining * model.own_price(order);
                continue;
            }
            for outcome in order.terms.outcomes(model.outcomes) {
                held[outcome] += order.remaining;
            }
        }
        assert_eq!(
            (account.reserved, &account.shares_reserved),
            (cash, &held),
            "{place}: holds of {k}"
        );
        assert!(
            account.shares.contains(&0),
            "{place}: a set of {k} is not merged"
        );
    }
    let shares = |k: usize| {
        let of = |account: &model::Account| account.shares[k] + account.shares_reserved[k];
        model.accounts.iter().map(of).sum::<i64>() * 10_000
    };
    let most = (0..model.outcomes).map(shares).max().unwrap_or(0);
    assert!(model.escrow >= most, "{place}: escrow");
    if model.curve.is_none() {
        let is_sets = (0..model.outcomes).all(|k| shares(k) == model.escrow);
        assert!(is_sets, "{place}: without a maker there are only sets");
    }
    check_books(model, place);
}

fn check_books(model: &Model, place: &str) {
    let best = |bid: bool| {
        let firsts = model
            .books
            .iter()
            .map(move |book| book.side_ref(bid).first());
        firsts
            .map(|order| order.map(|order| order.price))
            .collect::<Vec<_>>()
    };
    let (bids, asks) = (best(true), best(false));
    for (bid, ask) in bids.iter().zip(&asks) {
        assert!(
            bid.zip(*ask).is_none_or(|(bid, ask)| bid < ask),
            "{place}: crossed"
        );
    }
    if model.outcomes > 2 {
        let sum = |side: &[Option<i64>]| side.iter().copied().sum::<Option<i64>>();
        assert!(
            sum(&bids).is_none_or(|sum| sum < 10_000),
            "{place}: bids {bids:?}"
        );
        assert!(
            sum(&asks).is_none_or(|sum| sum > 10_000),
            "{place}: asks {asks:?}"
        );
    }
    // A halted market's orders wait, whatever a maker that was made deeper would do: it is resumed first.
    let open = model.status == tidings_core::market::Status::Open;
    if let Some(curve) = model.curve.as_ref().filter(|_| open) {
        for k in 0..model.books.len() {
            assert!(
                !enabled(curve, &model.sold, k, bids[k], true),
                "{place}: a bid on {k} waits"
            );
            assert!(
                !enabled(curve, &model.sold, k, asks[k], false),
                "{place}: an ask on {k} waits"
            );
        }
    }
}

fn enabled(curve: &Curve, sold: &[Lots], k: usize, price: Option<i64>, bid: bool) -> bool {
    let price = price.map(|ticks| Price::new(u16::try_from(ticks).unwrap()).unwrap());
    let one = Lots::new(1);
    price.is_some_and(|price| match bid {
        true => curve.sellable(sold, k, price, one) == one,
        false => curve.buyable(sold, k, price, one) == one,
    })
}

//! A market as the adversary sees it: lots for money. The engine's maker, and one that is too kind.

use crate::support::{Desk, limit};
use tidings_core::command::{Contract, Side, TimeInForce};
use tidings_core::event::Event;
use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Fraction, Lots, Micros, Price};

pub(crate) trait Maker: Clone {
    /// Buys lots of an outcome, or sells those of a negative number. Says what was paid; nothing when it
    /// is not possible.
    fn trade(&mut self, outcome: usize, lots: i64) -> Option<i64>;

    /// Lots sold so far, by outcome.
    fn sold(&self) -> &[i64];

    /// The curve that it should follow.
    fn curve(&self) -> &FloatCurve;

    fn subsidy(&self) -> i64 {
        let curve = self.curve();
        let least = curve.prior.iter().copied().fold(1.0, f64::min);
        (curve.b * 10_000.0 * (1.0 / least).ln()).ceil() as i64
    }
}

/// The cost curve in machine floats: for scores, and for the maker that is too kind.
#[derive(Clone, Debug)]
pub(crate) struct FloatCurve {
    b: f64,
    prior: Vec<f64>,
}

impl FloatCurve {
    pub(crate) fn new(b: i64, prior: &[u16]) -> FloatCurve {
        let prior = prior.iter().map(|ticks| f64::from(*ticks) / 10_000.0);
        let prior = prior.collect();
        FloatCurve { b: b as f64, prior }
    }

    /// `C(q) − C(0)` in micros.
    pub(crate) fn cost(&self, sold: &[i64]) -> f64 {
        let top = sold.iter().copied().max().unwrap_or(0) as f64;
        let terms = self.prior.iter().zip(sold);
        let sum: f64 = terms
            .map(|(p, q)| p * ((*q as f64 - top) / self.b).exp())
            .sum();
        10_000.0 * (top + self.b * sum.ln())
    }
}

/// The engine, with one trader who has enough.
#[derive(Clone)]
pub(crate) struct RealMaker {
    desk: Desk,
    sold: Vec<i64>,
    curve: FloatCurve,
}

impl RealMaker {
    pub(crate) fn new(b: i64, prior: &[u16]) -> RealMaker {
        let mut desk = Desk::new();
        desk.deposit("op", Micros::new(1_000_000_000_000));
        desk.deposit("ann", Micros::new(1_000_000_000_000));
        let odds = prior.iter().map(|ticks| Fraction::new(*ticks).unwrap());
        desk.create_market("op", Some(Lots::new(b)), odds.collect(), Fraction::ZERO);
        let sold = vec![0; prior.len()];
        let curve = FloatCurve::new(b, prior);
        RealMaker { desk, sold, curve }
    }
}

impl Maker for RealMaker {
    fn trade(&mut self, outcome: usize, lots: i64) -> Option<i64> {
        if lots == 0 {
            return Some(0);
        }
        let (side, price) = match lots > 0 {
            true => (Side::Buy, Price::MAX),
            false => (Side::Sell, Price::MIN),
        };
        let on = Outcome(u16::try_from(outcome).unwrap());
        let size = Lots::new(lots.abs());
        let mut order = limit(MarketId(0), on, Contract::Yes, side, price, size);
        order.time_in_force = TimeInForce::Fok;
        self.desk.journal.clear();
        let events = self.desk.place("ann", order).ok()?;
        self.sold[outcome] += lots;
        events.iter().find_map(|event| match event {
            Event::OrderTook(took) => Some(-took.cash.get()),
            _ => None,
        })
    }

    fn sold(&self) -> &[i64] {
        &self.sold
    }

    fn curve(&self) -> &FloatCurve {
        &self.curve
    }
}

/// A maker that rounds to the nearest micro.
#[derive(Clone)]
pub(crate) struct NearestMaker {
    sold: Vec<i64>,
    curve: FloatCurve,
}

impl NearestMaker {
    pub(crate) fn new(b: i64, prior: &[u16]) -> NearestMaker {
        let sold = vec![0; prior.len()];
        let curve = FloatCurve::new(b, prior);
        NearestMaker { sold, curve }
    }
}

impl Maker for NearestMaker {
    fn trade(&mut self, outcome: usize, lots: i64) -> Option<i64> {
        let before = self.curve.cost(&self.sold);
        self.sold[outcome] += lots;
        Some((self.curve.cost(&self.sold) - before).round() as i64)
    }

    fn sold(&self) -> &[i64] {
        &self.sold
    }

    fn curve(&self) -> &FloatCurve {
        &self.curve
    }
}

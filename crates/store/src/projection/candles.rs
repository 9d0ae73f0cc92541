//! Candles: what odds and prices did in each minute, five minutes, hour and day.
//! In: a stretch's odds and fills, in the order of the journal. Out: candles to add to those that the tables
//! have; adding them up in stretches of any size gives the same.

use std::collections::BTreeMap;

use tidings_core::units::{Lots, Micros, Price};

use crate::history::candles::Interval;
use crate::history::fills::FillSource;
use crate::projection::{Fill, OddsPoint};

/// Which candle, in the order of the table's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) market: u32,
    pub(super) outcome: u16,
    pub(super) interval: Interval,
    pub(super) opens_at: i64,
}

/// A stretch's candles.
pub(super) type Candles = BTreeMap<Place, Candle>;

/// What a stretch of the journal adds to a candle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Candle {
    /// In millionths; none if none were told.
    pub(super) odds: Option<Span>,
    /// In ticks; none if nothing was traded.
    pub(super) price: Option<Span>,
    pub(super) lots: i64,
    pub(super) amount: i64,
    pub(super) trades: i64,
    /// The last odds and the last price before the candle, if this stretch told them.
    before: (Option<i64>, Option<i64>),
}

/// The first and the last of some numbers, and those between which all of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) open: i64,
    pub(super) high: i64,
    pub(super) low: i64,
    pub(super) close: i64,
}

impl Span {
    fn of(number: i64) -> Span {
        Span {
            open: number,
            high: number,
            low: number,
            close: number,
        }
    }

    fn then(self, next: Span) -> Span {
        Span {
            open: self.open,
            high: self.high.max(next.high),
            low: self.low.min(next.low),
            close: next.close,
        }
    }
}

impl Candle {
    /// What the candle closes with, unless the tables know something that is not in this stretch.
    pub(super) fn odds_close(&self) -> Option<i64> {
        self.odds.map(|odds| odds.close).or(self.before.0)
    }

    /// So with the price.
    pub(super) fn price_close(&self) -> Option<i64> {
        self.price.map(|price| price.close).or(self.before.1)
    }

    fn add(&mut self, next: &Candle) {
        let joined = |first: Option<Span>, next: Option<Span>| match (first, next) {
            (Some(first), Some(next)) => Some(first.then(next)),
            (first, next) => first.or(next),
        };
        self.odds = joined(self.odds, next.odds);
        self.price = joined(self.price, next.price);
        self.lots += next.lots;
        self.amount += next.amount;
        self.trades += next.trades;
    }
}

/// Adds to minutes what odds and fills did that come next.
///
/// A fill on a market's only book says the price of both its outcomes. How many outcomes a market has is
/// told by its odds, which a group carries for every market that it touched.
pub(super) fn draw(minutes: &mut Candles, odds: &[OddsPoint], fills: &[Fill]) {
    for point in odds {
        for (outcome, odds) in (0..).zip(&point.odds) {
            let Some(odds) = odds else { continue };
            let told = Candle {
                odds: Some(Span::of(i64::from(*odds))),
                ..Candle::default()
            };
            let place = minute(point.market.0, outcome, point.at.as_micros());
            minutes.entry(place).or_default().add(&told);
        }
    }
    let counts: BTreeMap<u32, usize> = odds
        .iter()
        .map(|point| (point.market.0, point.odds.len()))
        .collect();
    for fill in fills {
        let Some(told) = traded(fill) else { continue };
        let place = |outcome| minute(fill.market, outcome, fill.at);
        minutes.entry(place(fill.outcome)).or_default().add(&told);
        if counts.get(&fill.market) == Some(&2) {
            let other = complement(&told);
            let outcome = 1 - fill.outcome;
            minutes.entry(place(outcome)).or_default().add(&other);
        }
    }
}

/// The candles of all lengths that minutes make.
pub(super) fn whole(minutes: &Candles) -> Candles {
    let mut candles = minutes.clone();
    roll_up(&mut candles, minutes);
    carry(&mut candles);
    candles
}

fn minute(market: u32, outcome: u16, at: i64) -> Place {
    let interval = Interval::Minute;
    Place {
        market,
        outcome,
        interval,
        opens_at: interval.opening(at),
    }
}

/// What a row of a fill says on its book, if it is on the tape. Shares are counted once, with the order
/// that came in; a fill that it implied says a price alone.
fn traded(fill: &Fill) -> Option<Candle> {
    let implied = fill.source == FillSource::Implied;
    if !fill.is_taker && !implied {
        return None;
    }
    let price = fill.yes_price.unwrap_or_else(|| {
        Price::average(Micros::new(fill.yes_amount), Lots::new(fill.lots)).ticks()
    });
    let counted = i64::from(!implied);
    Some(Candle {
        price: Some(Span::of(i64::from(price))),
        lots: counted * fill.lots,
        amount: counted * fill.yes_amount,
        trades: counted,
        ..Candle::default()
    })
}

/// A single trade as the other of two outcomes sees it.
fn complement(trade: &Candle) -> Candle {
    let whole = i64::from(Price::MIN.ticks()) + i64::from(Price::MAX.ticks());
    Candle {
        price: trade.price.map(|price| Span::of(whole - price.close)),
        amount: Lots::new(trade.lots).as_sets().get() - trade.amount,
        ..*trade
    }
}

/// Makes the longer candles of the minutes.
fn roll_up(candles: &mut Candles, minutes: &Candles) {
    for (place, candle) in minutes {
        for interval in [Interval::FiveMinutes, Interval::Hour, Interval::Day] {
            let longer = Place {
                interval,
                opens_at: interval.opening(place.opens_at),
                ..*place
            };
            candles.entry(longer).or_default().add(candle);
        }
    }
}

/// Tells each candle what was known before it.
fn carry(candles: &mut Candles) {
    let mut last: Option<(Place, Candle)> = None;
    for (place, candle) in candles {
        if let Some((at, before)) = &last
            && (at.market, at.outcome, at.interval) == (place.market, place.outcome, place.interval)
        {
            candle.before = (before.odds_close(), before.price_close());
        }
        last = Some((*place, *candle));
    }
}

//! Candles: what an outcome's odds and prices did, minute by minute, hour by hour, day by day.
//!
//! The tables have a candle for an interval in which odds were told or something was traded; a reader gets
//! one for every interval, those between closing as the one before did.

use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{Number, number, number_if_any};
use crate::store::Store;

/// How long a candle is. Days and hours are those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interval {
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Interval {
    /// Every length, the shortest first.
    pub const ALL: [Interval; 4] = [
        Interval::Minute,
        Interval::FiveMinutes,
        Interval::Hour,
        Interval::Day,
    ];

    /// Its length in seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Interval::Minute => 60,
            Interval::FiveMinutes => 300,
            Interval::Hour => 3_600,
            Interval::Day => 86_400,
        }
    }

    const fn micros(self) -> i64 {
        self.seconds() * 1_000_000
    }

    /// When the interval began that a moment is in. The first moment that there is may be in one that
    /// began before it: that one begins with it.
    pub(crate) fn opening(self, at: i64) -> i64 {
        at.saturating_sub(at.rem_euclid(self.micros()))
    }
}

/// The first and the last value of an interval, and those between which all of them were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar<T> {
    /// The first; in an interval that says nothing, the last one before it, as are the others.
    pub open: T,
    /// The highest.
    pub high: T,
    /// The lowest.
    pub low: T,
    /// The last.
    pub close: T,
}

/// What an outcome's odds and prices did in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candle {
    /// When the interval began.
    pub opens_at: Timestamp,
    /// The odds in millionths; none until they were first known.
    pub odds: Option<Bar<u32>>,
    /// The price of Yes on the outcome; none before the first trade.
    pub price: Option<Bar<Price>>,
    /// Lots traded, each share once: what incoming orders took. Implied fills set a price and count
    /// nothing.
    pub lots: Lots,
    /// What those lots cost as Yes on the outcome, without fees.
    pub amount: Micros,
    /// How many trades counted.
    pub trades: u64,
}

impl Store {
    /// An outcome's candles, one for each interval from the one that `from` is in to the one that `to` is
    /// in, oldest first; the last `limit` of them. They start with the first candle there ever was, and
    /// where nothing was said they go on with what the one before closed with, so that `to` should not be
    /// later than now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn candles(
        &self,
        market: MarketId,
        outcome: Outcome,
        interval: Interval,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Candle>, StoreError> {
        let length = interval.micros();
        let last = interval.opening(to.as_micros());
        let most = i64::from(limit);
        let first = last.saturating_sub(most.saturating_sub(1).saturating_mul(length));
        let first = first.max(interval.opening(from.as_micros()));
        if limit == 0 || first > last {
            return Ok(Vec::new());
        }
        // One more than there can be in the range: the last one before it.
        let args = [
            Arg::from(market.0),
            Arg::from(outcome.0),
            Arg::from(interval.seconds()),
            Arg::from(last),
            Arg::from(most + 1),
        ];
        let rows = self.database.read(Part::Derived, CANDLES, &args).await?;
        let mut told = Vec::new();
        for row in &rows {
            let candle = read_candle(row)?;
            told.push(candle);
            if candle.opens_at.as_micros() < first {
                break;
            }
        }
        let mut candles: Vec<Candle> = Vec::new();
        for candle in told.into_iter().rev() {
            if let Some(before) = candles.last().copied() {
                let next = before.opens_at.as_micros().saturating_add(length);
                // What lies before the range is only gone on from.
                let next = next.max(first);
                go_on(
                    &mut candles,
                    &before,
                    next,
                    candle.opens_at.as_micros(),
                    length,
                );
            }
            candles.push(candle);
        }
        if let Some(before) = candles.last().copied() {
            let next = before.opens_at.as_micros().saturating_add(length);
            go_on(
                &mut candles,
                &before,
                next.max(first),
                last.saturating_add(1),
                length,
            );
        }
        candles.retain(|candle| candle.opens_at.as_micros() >= first);
        Ok(candles)
    }
}

/// Candles from `next` until before `end` in which nothing was said.
fn go_on(candles: &mut Vec<Candle>, before: &Candle, mut next: i64, end: i64, length: i64) {
    fn flat<T: Copy>(bar: Bar<T>) -> Bar<T> {
        Bar {
            open: bar.close,
            high: bar.close,
            low: bar.close,
            close: bar.close,
        }
    }
    while next < end {
        candles.push(Candle {
            opens_at: Timestamp::from_micros(next),
            odds: before.odds.map(flat),
            price: before.price.map(flat),
            lots: Lots::ZERO,
            amount: Micros::ZERO,
            trades: 0,
        });
        next = next.saturating_add(length);
    }
}

fn read_candle(row: &Row) -> Result<Candle, StoreError> {
    Ok(Candle {
        opens_at: number(row, "opens_at")?,
        odds: read_bar(row, ["odds_open", "odds_high", "odds_low", "odds_close"])?,
        price: read_bar(
            row,
            ["price_open", "price_high", "price_low", "price_close"],
        )?,
        lots: number(row, "lots")?,
        amount: number(row, "amount")?,
        trades: number(row, "trades")?,
    })
}

/// A candle in which only the other of odds and price was told closes as the one before.
fn read_bar<T: Number + Copy>(
    row: &Row,
    [open, high, low, close]: [&'static str; 4],
) -> Result<Option<Bar<T>>, StoreError> {
    let Some(close) = number_if_any(row, close)? else {
        return Ok(None);
    };
    Ok(Some(Bar {
        open: number_if_any(row, open)?.unwrap_or(close),
        high: number_if_any(row, high)?.unwrap_or(close),
        low: number_if_any(row, low)?.unwrap_or(close),
        close,
    }))
}

pub(crate) const CANDLES: Sql = Sql::both(
    "
    SELECT opens_at, odds_open, odds_high, odds_low, odds_close, price_open, price_high, price_low,
           price_close, lots, amount, trades
    FROM candles WHERE market = $1 AND outcome = $2 AND seconds = $3 AND opens_at <= $4
    ORDER BY opens_at DESC LIMIT $5",
);

#[cfg(test)]
mod tests;

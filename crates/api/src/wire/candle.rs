//! Candles: what an outcome's odds and prices did, interval by interval.

use serde::{Deserialize, Serialize};
use tidings_core::units::Timestamp;
use tidings_store::{Bar, Candle, Interval};
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::wire::time::Time;
use crate::wire::unit::{Money, OddsText, PriceText, Shares};

/// How long a candle is. Hours and days are those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = Interval)]
pub(crate) enum IntervalWord {
    /// A minute.
    #[serde(rename = "1m")]
    Minute,
    /// Five minutes.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day.
    #[serde(rename = "1d")]
    Day,
}

impl From<IntervalWord> for Interval {
    fn from(word: IntervalWord) -> Interval {
        match word {
            IntervalWord::Minute => Interval::Minute,
            IntervalWord::FiveMinutes => Interval::FiveMinutes,
            IntervalWord::Hour => Interval::Hour,
            IntervalWord::Day => Interval::Day,
        }
    }
}

/// What an outcome's odds and prices did in an interval. There is one for every interval from the first in
/// which anything was known; where nothing was said, it goes on with what the one before closed with.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Candle)]
pub(crate) struct CandleJson {
    /// When the interval begins.
    pub(crate) opens_at: Time,
    /// When it ends, and the next one begins.
    pub(crate) closes_at: Time,
    /// Whether it is over, and will be the same for ever. The one that runs is not.
    pub(crate) closed: bool,
    /// The odds shown; null before any were known.
    pub(crate) odds: Option<OddsBar>,
    /// The prices traded, of Yes on the outcome; null before the first trade. Implied trades set a price and
    /// add nothing to the volume.
    pub(crate) price: Option<PriceBar>,
    /// Shares traded, each once.
    pub(crate) volume: Shares,
    /// What they cost as Yes on the outcome, before fees.
    pub(crate) amount: Money,
    /// How many trades that were.
    pub(crate) trades: u64,
}

/// The first and the last odds of an interval, and those between which all of them were.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct OddsBar {
    /// The first; where none were told, the last ones before.
    pub(crate) open: OddsText,
    pub(crate) high: OddsText,
    pub(crate) low: OddsText,
    pub(crate) close: OddsText,
}

/// The first and the last price of an interval, and those between which all of them were.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct PriceBar {
    /// The first; where nothing was traded, the last one before.
    pub(crate) open: PriceText,
    pub(crate) high: PriceText,
    pub(crate) low: PriceText,
    pub(crate) close: PriceText,
}

impl CandleJson {
    /// A candle of history, of which all is known before a moment.
    pub(crate) fn of(candle: &Candle, interval: Interval, known_until: Timestamp) -> CandleJson {
        let opens_at = candle.opens_at.as_micros();
        let closes_at = opens_at.saturating_add(interval.seconds() * 1_000_000);
        let closes_at = Timestamp::from_micros(closes_at);
        CandleJson {
            opens_at: Time(candle.opens_at),
            closes_at: Time(closes_at),
            closed: closes_at <= known_until,
            odds: candle.odds.map(|bar| {
                let Bar {
                    open,
                    high,
                    low,
                    close,
                } = bar;
                OddsBar {
                    open: OddsText(open),
                    high: OddsText(high),
                    low: OddsText(low),
                    close: OddsText(close),
                }
            }),
            price: candle.price.map(|bar| {
                let Bar {
                    open,
                    high,
                    low,
                    close,
                } = bar;
                PriceBar {
                    open: PriceText(open),
                    high: PriceText(high),
                    low: PriceText(low),
                    close: PriceText(close),
                }
            }),
            volume: Shares(candle.lots),
            amount: Money(candle.amount),
            trades: candle.trades,
        }
    }
}

impl Line for CandleJson {
    const COLUMNS: &'static [&'static str] = &[
        "opens_at",
        "closes_at",
        "closed",
        "odds_open",
        "odds_high",
        "odds_low",
        "odds_close",
        "price_open",
        "price_high",
        "price_low",
        "price_close",
        "volume",
        "amount",
        "trades",
    ];

    fn cells(&self) -> Vec<Cell> {
        let odds = |of: fn(&OddsBar) -> OddsText| Cell::plain_if_any(self.odds.as_ref().map(of));
        let price =
            |of: fn(&PriceBar) -> PriceText| Cell::plain_if_any(self.price.as_ref().map(of));
        vec![
            Cell::plain(self.opens_at),
            Cell::plain(self.closes_at),
            Cell::plain(self.closed),
            odds(|odds| odds.open),
            odds(|odds| odds.high),
            odds(|odds| odds.low),
            odds(|odds| odds.close),
            price(|price| price.open),
            price(|price| price.high),
            price(|price| price.low),
            price(|price| price.close),
            Cell::plain(self.volume),
            Cell::plain(self.amount),
            Cell::plain(self.trades),
        ]
    }
}

//! Candles of markets, and statements of accounts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How long a candle is. Hours and days are those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interval {
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

/// Which candles. Begin with [`CandleQuery::of`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CandleQuery {
    /// How long a candle is.
    pub interval: Interval,
    /// The outcome's key; the first outcome when absent.
    pub outcome: Option<String>,
    /// From the candle on in which this moment is.
    pub from: Option<Timestamp>,
    /// Only candles that begin before this moment.
    pub to: Option<Timestamp>,
}

impl CandleQuery {
    /// All candles of the first outcome; everything else can be set on it.
    pub fn of(interval: Interval) -> CandleQuery {
        CandleQuery {
            interval,
            outcome: None,
            from: None,
            to: None,
        }
    }
}

/// What an outcome's odds and prices did in an interval. There is one for every interval from the first in
/// which anything was known; where nothing was said, it goes on with what the one before closed with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Candle {
    /// When the interval begins.
    pub opens_at: Timestamp,
    /// When it ends, and the next one begins.
    pub closes_at: Timestamp,
    /// Whether it is over, and will be the same for ever.
    pub closed: bool,
    /// The odds shown; none before any were known.
    pub odds: Option<Bar>,
    /// The prices traded, of Yes on the outcome; none before the first trade.
    pub price: Option<Bar>,
    /// Shares traded, each once.
    pub volume: Decimal,
    /// What they cost as Yes on the outcome, before fees.
    pub amount: Decimal,
    /// How many trades that were.
    pub trades: u64,
}

/// The first and the last number of an interval, and those between which all of them were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Bar {
    /// The first; where there was none, the last one before.
    pub open: Decimal,
    /// The highest.
    pub high: Decimal,
    /// The lowest.
    pub low: Decimal,
    /// The last.
    pub close: Decimal,
}

/// What an account had, what came and went, and what it has. `opening` + all `received` − all `paid` is
/// `closing`, exactly; what closes one statement opens the next.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Statement {
    /// The account's id.
    pub account: String,
    /// From this moment on; none from the account's start.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Timestamp,
    /// Whether nothing can be added to it any more.
    pub is_final: bool,
    /// Before the first movement.
    pub opening: StatementBalance,
    /// By what it was for, each kind that there is.
    pub movements: Vec<Movements>,
    /// The same, market by market and only where there were any, oldest market first.
    pub by_market: Vec<Movements>,
    /// After the last movement.
    pub closing: StatementBalance,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What an account has at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StatementBalance {
    /// All of its money, available and reserved.
    pub balance: Decimal,
    /// Its shares, oldest market first; none where the account's history is too long to be looked through.
    pub positions: Option<Vec<StatementPosition>>,
}

/// Shares in a market at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StatementPosition {
    /// The market's slug.
    pub market: String,
    /// Shares by outcome, free and reserved.
    pub shares: BTreeMap<String, Decimal>,
    /// Money put into the market less money taken out by then, fees included; negative when more was taken
    /// out.
    pub net_paid: Decimal,
}

/// Movements of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Movements {
    /// The market's slug; none in sums over all of them, and for deposits and withdrawals.
    pub market: Option<String>,
    /// What for, as in the ledger.
    pub kind: String,
    /// How many.
    pub entries: u64,
    /// What came.
    pub received: Decimal,
    /// What went.
    pub paid: Decimal,
}

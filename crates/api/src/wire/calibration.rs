//! How often what stood at 70 % happened.

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, OddsText};
use crate::wire::words::KindWord;

/// How well the odds of resolved markets did. Markets about a number, and those that were called off, do not
/// count.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Calibration)]
pub struct CalibrationJson {
    /// The tag that all of it is about; null for all markets.
    pub tag: Option<String>,
    /// Resolved markets that count.
    pub markets: u64,
    /// At the close, a day before it and a week before it.
    pub horizons: Vec<HorizonJson>,
    /// By tag at the close, those of most markets first, at most 50.
    pub by_tag: Vec<TagScoreJson>,
    /// By the month of the resolution at the close, oldest first.
    pub over_time: Vec<MonthScoreJson>,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// How well odds did at one distance from the close.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Horizon)]
pub struct HorizonJson {
    /// When the odds were told.
    pub before: BeforeWord,
    /// How well they did on the whole; null where no market was open then.
    pub score: Option<ScoreJson>,
    /// Odds by tenths, from those near 0 to those near 1, and what became of them. A market of two outcomes
    /// counts once, by its first; of others every outcome counts.
    pub deciles: Vec<DecileJson>,
}

/// A distance from the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Before)]
pub enum BeforeWord {
    /// The last odds before the market closed.
    Close,
    /// 24 hours before that.
    Day,
    /// Seven days before that.
    Week,
}

/// Odds of one tenth, and what became of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Decile)]
pub struct DecileJson {
    /// From these odds on.
    #[schema(example = "0.6")]
    pub from: String,
    /// Up to these, which only the last tenth has in it.
    #[schema(example = "0.7")]
    pub to: String,
    /// How many odds there were.
    pub forecasts: u64,
    /// What they said on average; null where there were none.
    #[schema(example = "0.6513")]
    pub said: Option<String>,
    /// How often it happened: what a share paid on average.
    #[schema(example = "0.6667")]
    pub happened: Option<String>,
}

/// How well odds did. Lower is better.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Score)]
pub struct ScoreJson {
    /// Markets that it is the mean of.
    pub markets: u64,
    /// The Brier score: half the sum over the outcomes of (odds − payout)². 0 is certain and right, 0.25
    /// an even chance of two, 1 certain and wrong.
    #[schema(example = "0.1234")]
    pub brier: String,
    /// The logarithmic score: the natural logarithm of 1 over the odds of what happened. Odds below a
    /// millionth count as one.
    #[schema(example = "0.3567")]
    pub log: String,
}

/// How well odds on a tag did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TagScore)]
pub struct TagScoreJson {
    /// The tag.
    pub tag: String,
    /// How well they did.
    #[serde(flatten)]
    pub score: ScoreJson,
}

/// How well the odds of a month's resolved markets did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MonthScore)]
pub struct MonthScoreJson {
    /// The month, in UTC.
    #[schema(example = "2026-11")]
    pub month: String,
    /// How well they did.
    #[serde(flatten)]
    pub score: ScoreJson,
}

/// What a resolved market said of one outcome, and what that paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Forecast)]
pub struct ForecastJson {
    /// The market's slug.
    pub market: String,
    /// What it asked.
    pub question: String,
    /// How its outcomes are to be read.
    pub kind: KindWord,
    /// Its tags.
    pub tags: Vec<String>,
    /// The outcome's key.
    pub outcome: String,
    /// The outcome's name.
    pub name: String,
    /// What a share of it paid.
    pub pays: FractionText,
    /// What the market said last before it closed.
    pub at_close: Option<OddsText>,
    /// 24 hours before that; null where it was not open yet.
    pub day_before: Option<OddsText>,
    /// Seven days before that; null where it was not open yet.
    pub week_before: Option<OddsText>,
    /// When it closed.
    pub closed_at: Time,
    /// When it was resolved.
    pub resolved_at: Time,
}

impl Line for ForecastJson {
    const COLUMNS: &'static [&'static str] = &[
        "market",
        "question",
        "kind",
        "tags",
        "outcome",
        "name",
        "pays",
        "at_close",
        "day_before",
        "week_before",
        "closed_at",
        "resolved_at",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.market),
            Cell::text(&self.question),
            Cell::word(&self.kind),
            Cell::text(&self.tags.join(", ")),
            Cell::text(&self.outcome),
            Cell::text(&self.name),
            Cell::plain(self.pays.0),
            Cell::plain_if_any(self.at_close),
            Cell::plain_if_any(self.day_before),
            Cell::plain_if_any(self.week_before),
            Cell::plain(self.closed_at),
            Cell::plain(self.resolved_at),
        ]
    }
}

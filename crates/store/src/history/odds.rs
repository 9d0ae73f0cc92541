//! Odds as they were.

use tidings_core::id::{MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{list, number, word};
use crate::store::Store;

/// A market's odds from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddsRow {
    /// The command that made them so.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// Millionths by outcome; none where no odds were known.
    pub odds: Vec<Option<u32>>,
    /// Where the market stood.
    pub status: Status,
}

impl Store {
    /// A market's odds from `since` to `until`, both included, oldest first: all of them, or as they
    /// were at evenly spaced moments when they are more than `most`. The first and the last are
    /// always among them, so a `most` below 2 is taken as 2.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn odds_of(
        &self,
        market: MarketId,
        since: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<OddsRow>, StoreError> {
        let most = most.max(2);
        let (since, until) = (since.as_micros(), until.as_micros());
        let args = [
            Arg::from(market.0),
            Arg::from(since),
            Arg::from(until),
            Arg::from(most.saturating_add(1)),
        ];
        let start = self.database.read(Part::Derived, ODDS_FROM, &args).await?;
        let mut points = read_all(&start)?;
        if points.len() <= most as usize {
            return Ok(points);
        }
        // More points than wanted: looking up each moment costs the same however many there are.
        let Some(last) = self.odds_at(market, Timestamp::from_micros(until)).await? else {
            return Ok(points);
        };
        points.truncate(1);
        let moments = evenly_between(points[0].at, last.at, most - 1);
        let args = [Arg::from(market.0), Arg::Ints(&moments)];
        let rows = self
            .database
            .read(Part::Derived, ODDS_AT_EACH, &args)
            .await?;
        points.extend(read_all(&rows)?);
        points.push(last);
        points.dedup_by_key(|point| point.seq);
        Ok(points)
    }

    /// A market's odds as they were at a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn odds_at(
        &self,
        market: MarketId,
        at: Timestamp,
    ) -> Result<Option<OddsRow>, StoreError> {
        let args = [Arg::from(market.0), Arg::from(at.as_micros())];
        let row = self
            .database
            .read_one(Part::Derived, ODDS_AT, &args)
            .await?;
        row.as_ref().map(read_point).transpose()
    }
}

fn read_all(rows: &[Row]) -> Result<Vec<OddsRow>, StoreError> {
    rows.iter().map(read_point).collect()
}

fn read_point(row: &Row) -> Result<OddsRow, StoreError> {
    Ok(OddsRow {
        seq: number(row, "seq")?,
        at: number(row, "at")?,
        odds: list(row, "odds")?,
        status: word(row, "status")?,
    })
}

/// The moments that cut a stretch of time into `parts`, without its ends.
fn evenly_between(start: Timestamp, end: Timestamp, parts: u32) -> Vec<i64> {
    let (start, end) = (i128::from(start.as_micros()), i128::from(end.as_micros()));
    let at = |part: u32| start + (end - start) * i128::from(part) / i128::from(parts);
    (1..parts)
        .map(|part| i64::try_from(at(part)).expect("between two moments"))
        .collect()
}

pub(crate) const ODDS_AT: Sql = Sql::both(
    "
    SELECT seq, at, odds, status FROM odds WHERE market = $1 AND at <= $2
    ORDER BY at DESC, seq DESC LIMIT 1",
);

pub(crate) const ODDS_FROM: Sql = Sql::both(
    "
    SELECT seq, at, odds, status FROM odds WHERE market = $1 AND at BETWEEN $2 AND $3
    ORDER BY at, seq LIMIT $4",
);

/// For each moment the last point not later; a point that several moments have comes once.
pub(crate) const ODDS_AT_EACH: Sql = Sql {
    sqlite: "
        SELECT DISTINCT point.seq, point.at, point.odds, point.status
        FROM json_each($2) AS moment
        JOIN odds AS point ON point.market = $1 AND (point.at, point.seq) = (
            SELECT at, seq FROM odds WHERE market = $1 AND at <= moment.value
            ORDER BY at DESC, seq DESC LIMIT 1)
        ORDER BY point.at, point.seq",
    postgres: "
        SELECT DISTINCT found.seq, found.at, found.odds, found.status
        FROM unnest($2::bigint[]) AS moment (value) CROSS JOIN LATERAL (
            SELECT seq, at, odds, status FROM odds WHERE market = $1 AND at <= moment.value
            ORDER BY at DESC, seq DESC LIMIT 1) AS found
        ORDER BY found.at, found.seq",
};

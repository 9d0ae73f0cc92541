//! Odds as they were.

use tidings_core::id::{MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{list, number, number_if_any, word};
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

/// What a market said last while it could be traded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastOdds {
    /// Which market.
    pub market: MarketId,
    /// Since when it said so.
    pub at: Timestamp,
    /// Millionths by outcome; none where no odds were known.
    pub odds: Vec<Option<u32>>,
    /// When it stopped trading for good; none while it has not.
    pub closed_at: Option<Timestamp>,
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

    /// The odds of each of some markets at a moment of its own, in their order; none where a market
    /// had not said anything by then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn odds_at_each(
        &self,
        wanted: &[(MarketId, Timestamp)],
    ) -> Result<Vec<Option<OddsRow>>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        for some in wanted.chunks(PAIRS_AT_ONCE) {
            let markets: Vec<i64> = some.iter().map(|(market, _)| market.0.into()).collect();
            let moments: Vec<i64> = some.iter().map(|(_, at)| at.as_micros()).collect();
            let args = [Arg::Ints(&markets), Arg::Ints(&moments)];
            let rows = self
                .database
                .read(Part::Derived, ODDS_AT_PAIRS, &args)
                .await?;
            let mut each = vec![None; some.len()];
            for row in &rows {
                let place: u32 = number(row, "place")?;
                if let Some(slot) = each.get_mut(place as usize) {
                    *slot = Some(read_point(row)?);
                }
            }
            found.append(&mut each);
        }
        Ok(found)
    }

    /// What each of some markets said last while it could be traded; those that never could are not
    /// among the answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_odds_of(&self, markets: &[MarketId]) -> Result<Vec<LastOdds>, StoreError> {
        let mut found = Vec::with_capacity(markets.len());
        for some in markets.chunks(PAIRS_AT_ONCE) {
            let ids: Vec<i64> = some.iter().map(|market| market.0.into()).collect();
            let args = [Arg::Ints(&ids)];
            let rows = self
                .database
                .read(Part::Derived, LAST_TRADED_ODDS, &args)
                .await?;
            for row in &rows {
                found.push(LastOdds {
                    market: number(row, "market")?,
                    at: number(row, "at")?,
                    odds: list(row, "odds")?,
                    closed_at: number_if_any(row, "closed_at")?,
                });
            }
        }
        Ok(found)
    }
}

/// Look-ups in one statement: some milliseconds of the database's time.
const PAIRS_AT_ONCE: usize = 1_000;

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

/// The same for pairs of a market and a moment, by their place among the pairs.
pub(crate) const ODDS_AT_PAIRS: Sql = Sql {
    sqlite: "
        SELECT wanted.key AS place, point.seq, point.at, point.odds, point.status
        FROM json_each($1) AS wanted
        JOIN json_each($2) AS moment ON moment.key = wanted.key
        JOIN odds AS point ON point.market = wanted.value AND (point.at, point.seq) = (
            SELECT at, seq FROM odds WHERE market = wanted.value AND at <= moment.value
            ORDER BY at DESC, seq DESC LIMIT 1)",
    postgres: "
        SELECT wanted.place - 1 AS place, found.seq, found.at, found.odds, found.status
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS wanted (market, moment, place)
        CROSS JOIN LATERAL (
            SELECT seq, at, odds, status FROM odds
            WHERE odds.market = wanted.market AND at <= wanted.moment
            ORDER BY at DESC, seq DESC LIMIT 1) AS found",
};

/// The last row of each market from when it could be traded, and the moment of the row after it. A
/// market says little once it is closed, so that row is near the end.
pub(crate) const LAST_TRADED_ODDS: Sql = Sql {
    sqlite: "
        SELECT point.market, point.at, point.odds, (
            SELECT later.at FROM odds AS later
            WHERE later.market = point.market AND (later.at, later.seq) > (point.at, point.seq)
            ORDER BY later.at, later.seq LIMIT 1) AS closed_at
        FROM json_each($1) AS wanted
        JOIN odds AS point ON point.market = wanted.value AND (point.at, point.seq) = (
            SELECT at, seq FROM odds WHERE market = wanted.value AND status IN ('open', 'halted')
            ORDER BY at DESC, seq DESC LIMIT 1)",
    postgres: "
        SELECT found.market, found.at, found.odds, later.at AS closed_at
        FROM unnest($1::bigint[]) AS wanted (market)
        CROSS JOIN LATERAL (
            SELECT market, at, seq, odds FROM odds
            WHERE odds.market = wanted.market AND status IN ('open', 'halted')
            ORDER BY at DESC, seq DESC LIMIT 1) AS found
        LEFT JOIN LATERAL (
            SELECT odds.at FROM odds
            WHERE odds.market = found.market AND (odds.at, odds.seq) > (found.at, found.seq)
            ORDER BY odds.at, odds.seq LIMIT 1) AS later ON true",
};

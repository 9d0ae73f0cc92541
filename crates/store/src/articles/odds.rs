//! What a market's odds were when an article appeared: kept once, and never changed.

use tidings_core::id::{MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{list, number, text, word};
use crate::store::Store;
use crate::words::Word;

/// A linked market's odds when an article appeared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddsSnapshot {
    /// The article's slug.
    pub article: String,
    /// Which market.
    pub market: MarketId,
    /// The command that the odds are as of.
    pub seq: Seq,
    /// When the article appeared.
    pub at: Timestamp,
    /// Millionths by outcome; none where no odds were known.
    pub odds: Vec<Option<u32>>,
    /// Where the market stood.
    pub status: Status,
}

impl Store {
    /// Keeps a snapshot, unless there is one of that article and market.
    ///
    /// # Errors
    /// When there is no such article, or the database fails.
    pub async fn save_odds_snapshot(&self, snapshot: &OddsSnapshot) -> Result<(), StoreError> {
        let odds = serde_json::to_string(&snapshot.odds).expect("numbers have a JSON form");
        let args = [
            Arg::from(&snapshot.article),
            Arg::from(snapshot.market.0),
            Arg::from(snapshot.seq.0),
            Arg::from(snapshot.at.as_micros()),
            Arg::from(&odds),
            Arg::from(Word::word(snapshot.status)),
        ];
        self.database
            .change(Part::Articles, SAVE_ODDS, &args)
            .await?;
        Ok(())
    }

    /// All snapshots, so many after an article and a market, in an order of their own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn odds_snapshots(
        &self,
        after: Option<&OddsSnapshot>,
        limit: u32,
    ) -> Result<Vec<OddsSnapshot>, StoreError> {
        let args = [
            Arg::from(after.map_or("", |last| last.article.as_str())),
            Arg::from(after.map_or(-1, |last| i64::from(last.market.0))),
            Arg::from(limit),
        ];
        let rows = self
            .database
            .read(Part::Articles, ODDS_OF_ARTICLES, &args)
            .await?;
        rows.iter().map(read_snapshot).collect()
    }

    /// An article's snapshots, by market.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn odds_snapshots_of(&self, article: &str) -> Result<Vec<OddsSnapshot>, StoreError> {
        let args = [Arg::from(article)];
        let rows = self
            .database
            .read(Part::Articles, ODDS_OF_ARTICLE, &args)
            .await?;
        rows.iter().map(read_snapshot).collect()
    }
}

fn read_snapshot(row: &Row) -> Result<OddsSnapshot, StoreError> {
    Ok(OddsSnapshot {
        article: text(row, "slug")?,
        market: number(row, "market")?,
        seq: number(row, "seq")?,
        at: number(row, "at")?,
        odds: list(row, "odds")?,
        status: word(row, "status")?,
    })
}

/// An unknown article has no id, which its column refuses.
pub(crate) const SAVE_ODDS: Sql = Sql::both(
    "
    INSERT INTO article_snapshots (article_id, market, seq, at, odds, status)
    VALUES ((SELECT id FROM articles WHERE slug = $1), $2, $3, $4, $5, $6)
    ON CONFLICT (article_id, market) DO NOTHING",
);

pub(crate) const ODDS_OF_ARTICLES: Sql = Sql::both(
    "
    SELECT a.slug, s.market, s.seq, s.at, s.odds, s.status
    FROM article_snapshots AS s JOIN articles AS a ON a.id = s.article_id
    WHERE (s.article_id, s.market) > (coalesce((SELECT id FROM articles WHERE slug = $1), -1), $2)
    ORDER BY s.article_id, s.market LIMIT $3",
);

pub(crate) const ODDS_OF_ARTICLE: Sql = Sql::both(
    "
    SELECT a.slug, s.market, s.seq, s.at, s.odds, s.status
    FROM article_snapshots AS s JOIN articles AS a ON a.id = s.article_id
    WHERE a.slug = $1 ORDER BY s.market",
);

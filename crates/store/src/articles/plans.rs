//! Links to markets that wait for the end of an embargo, and how far each has come.

use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::LinkRole;
use tidings_core::units::Timestamp;

use crate::articles::ArticleStatus;
use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, number_if_any, text, word};
use crate::store::Store;
use crate::words::Word;

/// A link that is made when its article's embargo ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The article's slug.
    pub article: String,
    /// Which market.
    pub market: MarketId,
    /// The article's part in it.
    pub role: LinkRole,
    /// Who planned it, and in whose name it is carried out.
    pub account: AccountId,
    /// A halt around the end of the embargo, if there is to be one.
    pub halt: Option<Halt>,
    /// When it was planned.
    pub made_at: Timestamp,
    /// How far it has come.
    pub state: PlanState,
}

/// How long before and after the end of an embargo a market is halted, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Before.
    pub before: u32,
    /// After.
    pub after: u32,
}

/// How far a plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanState {
    /// Nothing was done yet.
    Waiting,
    /// The market was halted by it.
    Halted,
    /// The link was made, and the market is still halted by it.
    Linked,
    /// All of it was done.
    Done,
}

/// A plan with what its article's newest version says of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePlan {
    /// The plan.
    pub plan: Plan,
    /// When the embargo ends; none when there is none any more.
    pub lifts_at: Option<Timestamp>,
    /// Whether the article may be shown.
    pub status: ArticleStatus,
}

impl Store {
    /// Keeps a plan, unless there is one of that article and market. True when it was kept.
    ///
    /// # Errors
    /// When there is no such article, or the database fails.
    pub async fn add_plan(&self, plan: &Plan) -> Result<bool, StoreError> {
        let args = [
            Arg::from(&plan.article),
            Arg::from(plan.market.0),
            Arg::from(Word::word(plan.role)),
            Arg::from(plan.account.0),
            Arg::from(plan.halt.map(|halt| i64::from(halt.before))),
            Arg::from(plan.halt.map(|halt| i64::from(halt.after))),
            Arg::from(plan.made_at.as_micros()),
            Arg::from(Word::word(plan.state)),
        ];
        let kept = self
            .database
            .change(Part::Articles, ADD_PLAN, &args)
            .await?;
        Ok(kept > 0)
    }

    /// An article's plans, by market.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plans_of(&self, article: &str) -> Result<Vec<Plan>, StoreError> {
        let args = [Arg::from(article)];
        let rows = self.database.read(Part::Articles, PLANS_OF, &args).await?;
        rows.iter().map(read_plan).collect()
    }

    /// Plans that are not done, with what is known of their articles.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plans_not_done(&self) -> Result<Vec<DuePlan>, StoreError> {
        let rows = self
            .database
            .read(Part::Articles, PLANS_NOT_DONE, &[])
            .await?;
        let read = |row| {
            Ok(DuePlan {
                plan: read_plan(row)?,
                lifts_at: number_if_any(row, "embargoed_until")?,
                status: word(row, "status")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Notes how far a plan has come, if it is still where it was. True when it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_plan(&self, plan: &Plan, to: PlanState) -> Result<bool, StoreError> {
        let args = [
            Arg::from(&plan.article),
            Arg::from(plan.market.0),
            Arg::from(Word::word(plan.state)),
            Arg::from(Word::word(to)),
        ];
        let moved = self
            .database
            .change(Part::Articles, MOVE_PLAN, &args)
            .await?;
        Ok(moved > 0)
    }

    /// Takes a plan back of which nothing was done yet. True when there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_plan(&self, article: &str, market: MarketId) -> Result<bool, StoreError> {
        let args = [Arg::from(article), Arg::from(market.0)];
        let dropped = self
            .database
            .change(Part::Articles, DROP_PLAN, &args)
            .await?;
        Ok(dropped > 0)
    }
}

fn read_plan(row: &Row) -> Result<Plan, StoreError> {
    let before: Option<u32> = number_if_any(row, "halt_before")?;
    let after: Option<u32> = number_if_any(row, "halt_after")?;
    Ok(Plan {
        article: text(row, "slug")?,
        market: number(row, "market")?,
        role: word(row, "role")?,
        account: number(row, "account")?,
        halt: before
            .zip(after)
            .map(|(before, after)| Halt { before, after }),
        made_at: number(row, "made_at")?,
        state: word(row, "state")?,
    })
}

/// An unknown article has no id, which its column refuses.
pub(crate) const ADD_PLAN: Sql = Sql::both(
    "
    INSERT INTO article_plans
        (article_id, market, role, account, halt_before, halt_after, made_at, state)
    VALUES ((SELECT id FROM articles WHERE slug = $1), $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (article_id, market) DO NOTHING",
);

pub(crate) const PLANS_OF: Sql = Sql::both(
    "
    SELECT a.slug, p.market, p.role, p.account, p.halt_before, p.halt_after, p.made_at, p.state
    FROM article_plans AS p JOIN articles AS a ON a.id = p.article_id
    WHERE a.slug = $1 ORDER BY p.market",
);

/// An embargo is kept with every version; the newest says what holds.
pub(crate) const PLANS_NOT_DONE: Sql = Sql::both(
    "
    SELECT a.slug, p.market, p.role, p.account, p.halt_before, p.halt_after, p.made_at, p.state,
           v.embargoed_until, v.status
    FROM article_plans AS p
    JOIN articles AS a ON a.id = p.article_id
    JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE p.state IN ('waiting', 'halted', 'linked')
    ORDER BY p.article_id, p.market LIMIT 500",
);

pub(crate) const MOVE_PLAN: Sql = Sql::both(
    "
    UPDATE article_plans SET state = $4
    WHERE article_id = (SELECT id FROM articles WHERE slug = $1) AND market = $2 AND state = $3",
);

pub(crate) const DROP_PLAN: Sql = Sql::both(
    "
    DELETE FROM article_plans
    WHERE article_id = (SELECT id FROM articles WHERE slug = $1) AND market = $2
      AND state = 'waiting'",
);

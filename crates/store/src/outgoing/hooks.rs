//! Where editors want to be told, and how far markets were looked at for what they are told.

use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, number_if_any, text, word, word_if_any};
use crate::store::Store;
use crate::words::Word;

/// Where an editor wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its key.
    pub id: i64,
    /// Whose it is.
    pub account: AccountId,
    /// The address that is called.
    pub url: String,
    /// Whether it is called.
    pub status: HookStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// What happened at or before this place in the journal is not told.
    pub since_seq: Seq,
    /// Since when nothing got through; none while all is well.
    pub failing_since: Option<Timestamp>,
    /// When it was disabled.
    pub ended_at: Option<Timestamp>,
}

/// Whether a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookStatus {
    /// Yes.
    Active,
    /// It did not answer for too long.
    Disabled,
    /// Its editor took it away.
    Deleted,
}

/// A market came to stand otherwise than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The command that made it so.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Where it stood before.
    pub before: Option<Status>,
}

/// How far a market was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookMark {
    /// Which market.
    pub market: MarketId,
    /// Up to which place in the journal.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
}

impl Store {
    /// Adds a hook, unless its account has one at that address that is active; gives the one that there is,
    /// and whether it is new. None when the account has `most` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_hook(
        &self,
        (account, url): (AccountId, &str),
        (at, since): (Timestamp, Seq),
        most: usize,
    ) -> Result<Option<(Hook, bool)>, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let rows = write.read(HOOKS_OF, &[Arg::from(account.0)]).await?;
        let hooks: Vec<Hook> = rows.iter().map(read_hook).collect::<Result<_, _>>()?;
        let same = |hook: &&Hook| hook.url == url && hook.status == HookStatus::Active;
        if let Some(hook) = hooks.iter().find(same) {
            write.undo().await?;
            return Ok(Some((hook.clone(), false)));
        }
        if hooks.len() >= most {
            write.undo().await?;
            return Ok(None);
        }
        let args = [
            Arg::from(account.0),
            Arg::from(url),
            Arg::from(at.as_micros()),
            Arg::from(since.0),
        ];
        let row = write.read_one(ADD_HOOK, &args).await?;
        let hook = read_hook(&row.ok_or(StoreError::Unreadable { column: "id" })?)?;
        write.commit().await?;
        Ok(Some((hook, true)))
    }

    /// An account's hooks, oldest first, without those that it took away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hooks_of(&self, account: AccountId) -> Result<Vec<Hook>, StoreError> {
        let args = [Arg::from(account.0)];
        let rows = self.database.read(Part::Articles, HOOKS_OF, &args).await?;
        rows.iter().map(read_hook).collect()
    }

    /// Every hook that is called, in the order of their keys: those after one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_hooks(&self, after: i64, most: u32) -> Result<Vec<Hook>, StoreError> {
        let args = [Arg::from(after), Arg::from(most)];
        let rows = self
            .database
            .read(Part::Articles, ACTIVE_HOOKS, &args)
            .await?;
        rows.iter().map(read_hook).collect()
    }

    /// A hook by key, whatever became of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hook(&self, id: i64) -> Result<Option<Hook>, StoreError> {
        let args = [Arg::from(id)];
        let row = self.database.read_one(Part::Articles, HOOK, &args).await?;
        row.as_ref().map(read_hook).transpose()
    }

    /// Ends a hook that is not deleted. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_hook(
        &self,
        id: i64,
        status: HookStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let args = [
            Arg::from(id),
            Arg::from(Word::word(status)),
            Arg::from(at.as_micros()),
        ];
        let changed = self.database.change(Part::Articles, END_HOOK, &args);
        Ok(changed.await? > 0)
    }

    /// Notes since when nothing gets through, or that something did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_hook(&self, id: i64, failing: Option<Timestamp>) -> Result<(), StoreError> {
        let args = [Arg::from(id), Arg::from(failing.map(Timestamp::as_micros))];
        self.database
            .change(Part::Articles, NOTE_HOOK, &args)
            .await?;
        Ok(())
    }

    /// How far markets were looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hook_marks(&self) -> Result<Vec<HookMark>, StoreError> {
        let rows = self.database.read(Part::Articles, HOOK_MARKS, &[]).await?;
        let mark = |row: &Row| {
            Ok(HookMark {
                market: number(row, "market")?,
                seq: number(row, "seq")?,
                at: number(row, "at")?,
            })
        };
        rows.iter().map(mark).collect()
    }

    /// Notes how far a market was looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_hook_mark(&self, mark: HookMark) -> Result<(), StoreError> {
        let args = [
            Arg::from(mark.market.0),
            Arg::from(mark.seq.0),
            Arg::from(mark.at.as_micros()),
        ];
        self.database
            .change(Part::Articles, MOVE_HOOK_MARK, &args)
            .await?;
        Ok(())
    }

    /// When a market came to stand otherwise than open, after a place in the journal and up to another,
    /// oldest first. Nothing from before `at` is looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn turns_of(
        &self,
        market: MarketId,
        (after, at): (Seq, Timestamp),
        until: Seq,
        most: u32,
    ) -> Result<Vec<Turn>, StoreError> {
        let args = [
            Arg::from(market.0),
            Arg::from(at.as_micros()),
            Arg::from(after.0),
            Arg::from(until.0),
            Arg::from(most),
        ];
        let rows = self.database.read(Part::Derived, TURNS, &args).await?;
        let turn = |row: &Row| {
            Ok(Turn {
                seq: number(row, "seq")?,
                at: number(row, "at")?,
                status: word(row, "status")?,
                before: word_if_any(row, "was")?,
            })
        };
        rows.iter().map(turn).collect()
    }
}

fn read_hook(row: &Row) -> Result<Hook, StoreError> {
    Ok(Hook {
        id: number(row, "id")?,
        account: number(row, "account")?,
        url: text(row, "url")?,
        status: word(row, "status")?,
        created_at: number(row, "created_at")?,
        since_seq: number(row, "since_seq")?,
        failing_since: number_if_any(row, "failing_since")?,
        ended_at: number_if_any(row, "ended_at")?,
    })
}

pub(crate) const ADD_HOOK: Sql = Sql::both(
    "
    INSERT INTO hooks (account, url, status, created_at, since_seq)
    VALUES ($1, $2, 'active', $3, $4)
    RETURNING id, account, url, status, created_at, since_seq, failing_since, ended_at",
);

pub(crate) const HOOKS_OF: Sql = Sql::both(
    "
    SELECT id, account, url, status, created_at, since_seq, failing_since, ended_at FROM hooks
    WHERE account = $1 AND status <> 'deleted' ORDER BY id",
);

pub(crate) const ACTIVE_HOOKS: Sql = Sql::both(
    "
    SELECT id, account, url, status, created_at, since_seq, failing_since, ended_at FROM hooks
    WHERE status = 'active' AND id > $1 ORDER BY id LIMIT $2",
);

pub(crate) const HOOK: Sql = Sql::both(
    "
    SELECT id, account, url, status, created_at, since_seq, failing_since, ended_at FROM hooks
    WHERE id = $1",
);

pub(crate) const END_HOOK: Sql = Sql::both(
    "
    UPDATE hooks SET status = $2, ended_at = $3 WHERE id = $1 AND status <> 'deleted'",
);

pub(crate) const NOTE_HOOK: Sql = Sql::both(
    "
    UPDATE hooks SET failing_since = $2 WHERE id = $1",
);

pub(crate) const HOOK_MARKS: Sql = Sql::both(
    "
    SELECT market, seq, at FROM hook_marks WHERE market >= 0 ORDER BY market",
);

pub(crate) const MOVE_HOOK_MARK: Sql = Sql::both(
    "
    INSERT INTO hook_marks (market, seq, at) VALUES ($1, $2, $3)
    ON CONFLICT (market) DO UPDATE SET seq = excluded.seq, at = excluded.at
    WHERE hook_marks.seq <= excluded.seq",
);

/// A row counts that stands otherwise than the one before it.
pub(crate) const TURNS: Sql = Sql::both(
    "
    SELECT turn.seq, turn.at, turn.status, turn.was FROM (
        SELECT seq, at, status, (
            SELECT earlier.status FROM odds AS earlier
            WHERE earlier.market = odds.market AND (earlier.at, earlier.seq) < (odds.at, odds.seq)
            ORDER BY earlier.at DESC, earlier.seq DESC LIMIT 1) AS was
        FROM odds
        WHERE market = $1 AND at >= $2 AND seq > $3 AND seq <= $4 AND status <> 'open') AS turn
    WHERE coalesce(turn.was, '') <> turn.status
    ORDER BY turn.at, turn.seq LIMIT $5",
);

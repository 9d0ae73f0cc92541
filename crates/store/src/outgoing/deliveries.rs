//! What hooks were, or are to be, told.

use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, text, text_if_any, word};
use crate::store::Store;
use crate::words::Word;

/// Something that a hook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its key.
    pub id: i64,
    /// Which hook.
    pub hook: i64,
    /// What happened, by one name for ever.
    pub event: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it is due.
    pub due_at: Timestamp,
    /// When it was noted.
    pub created_at: Timestamp,
    /// When it was last tried, or noted.
    pub changed_at: Timestamp,
    /// What the other side said last.
    pub reply: Option<String>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// To be tried.
    Due,
    /// The other side took it.
    Delivered,
    /// It was tried for long enough.
    Failed,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryTried {
    /// How far it has come.
    pub status: DeliveryStatus,
    /// When it is to be tried again, if it is due.
    pub due_at: Timestamp,
    /// When this try ended.
    pub at: Timestamp,
    /// What the other side said.
    pub reply: String,
}

impl Store {
    /// Notes that a hook is to be told something, unless that is noted already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_delivery(
        &self,
        hook: i64,
        (event, body): (&str, &str),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let args = [
            Arg::from(hook),
            Arg::from(event),
            Arg::from(body),
            Arg::from(at.as_micros()),
        ];
        self.database
            .change(Part::Articles, ADD_DELIVERY, &args)
            .await?;
        Ok(())
    }

    /// What is due to hooks that are called, what has waited longest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_deliveries(
        &self,
        at: Timestamp,
        most: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let args = [Arg::from(at.as_micros()), Arg::from(most)];
        let rows = self
            .database
            .read(Part::Articles, DUE_DELIVERIES, &args)
            .await?;
        rows.iter().map(read_delivery).collect()
    }

    /// What a hook was last told, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries_of(&self, hook: i64, most: u32) -> Result<Vec<Delivery>, StoreError> {
        let args = [Arg::from(hook), Arg::from(most)];
        let rows = self
            .database
            .read(Part::Articles, DELIVERIES_OF, &args)
            .await?;
        rows.iter().map(read_delivery).collect()
    }

    /// Notes how a try ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_delivery(&self, id: i64, tried: &DeliveryTried) -> Result<(), StoreError> {
        let args = [
            Arg::from(id),
            Arg::from(Word::word(tried.status)),
            Arg::from(tried.due_at.as_micros()),
            Arg::from(tried.at.as_micros()),
            Arg::from(&tried.reply),
        ];
        self.database
            .change(Part::Articles, END_DELIVERY, &args)
            .await?;
        Ok(())
    }

    /// Forgets some of the deliveries that ended before a moment, or that were due by then to hooks that
    /// are not called any more: at most `most` of each. Gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_deliveries(&self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        let args = [Arg::from(before.as_micros()), Arg::from(most)];
        let ended = self
            .database
            .change(Part::Articles, FORGET_DELIVERIES, &args);
        let ended = ended.await?;
        let stranded = self.database.change(Part::Articles, FORGET_STRANDED, &args);
        Ok(ended + stranded.await?)
    }
}

fn read_delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: number(row, "id")?,
        hook: number(row, "hook")?,
        event: text(row, "event")?,
        body: text(row, "body")?,
        status: word(row, "status")?,
        attempts: number(row, "attempts")?,
        due_at: number(row, "due_at")?,
        created_at: number(row, "created_at")?,
        changed_at: number(row, "changed_at")?,
        reply: text_if_any(row, "reply")?,
    })
}

pub(crate) const ADD_DELIVERY: Sql = Sql::both(
    "
    INSERT INTO hook_deliveries
        (hook, event, body, status, attempts, due_at, created_at, changed_at)
    VALUES ($1, $2, $3, 'due', 0, $4, $4, $4) ON CONFLICT DO NOTHING",
);

pub(crate) const DUE_DELIVERIES: Sql = Sql::both(
    "
    SELECT d.id, d.hook, d.event, d.body, d.status, d.attempts, d.due_at, d.created_at,
        d.changed_at, d.reply
    FROM hook_deliveries AS d JOIN hooks ON hooks.id = d.hook
    WHERE d.status = 'due' AND d.due_at <= $1 AND hooks.status = 'active'
    ORDER BY d.due_at, d.id LIMIT $2",
);

pub(crate) const DELIVERIES_OF: Sql = Sql::both(
    "
    SELECT id, hook, event, body, status, attempts, due_at, created_at, changed_at, reply
    FROM hook_deliveries WHERE hook = $1 ORDER BY id DESC LIMIT $2",
);

/// What has ended is due when it did, so this goes along what is ordered by when it is due.
pub(crate) const FORGET_DELIVERIES: Sql = Sql::both(
    "
    DELETE FROM hook_deliveries WHERE id IN (
        SELECT id FROM hook_deliveries
        WHERE status IN ('delivered', 'failed') AND due_at < $1 AND changed_at < $1 LIMIT $2)",
);

pub(crate) const FORGET_STRANDED: Sql = Sql::both(
    "
    DELETE FROM hook_deliveries WHERE id IN (
        SELECT d.id FROM hook_deliveries AS d
        WHERE d.status = 'due' AND d.due_at < $1 AND d.changed_at < $1
          AND EXISTS (SELECT 1 FROM hooks WHERE hooks.id = d.hook AND hooks.status <> 'active')
        LIMIT $2)",
);

pub(crate) const END_DELIVERY: Sql = Sql::both(
    "
    UPDATE hook_deliveries
    SET status = $2, attempts = attempts + 1, due_at = $3, changed_at = $4, reply = $5
    WHERE id = $1 AND status = 'due'",
);

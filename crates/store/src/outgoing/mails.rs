//! Mails to subscribers: one of each week, and one of each asking.

use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, text, text_if_any, word};
use crate::store::Store;
use crate::words::Word;

/// A mail to a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its key.
    pub id: i64,
    /// To whom.
    pub subscriber: i64,
    /// A week, or which asking.
    pub about: String,
    /// How far it has come.
    pub status: MailStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// What the other side said last.
    pub reply: Option<String>,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailStatus {
    /// To be sent.
    Due,
    /// Its text is on its way.
    Sending,
    /// The other side took it.
    Sent,
    /// The other side refuses it, or was not there for too long.
    Refused,
    /// The other side may or may not have taken it. It is not sent again.
    Unknown,
    /// Nobody wanted it any more.
    Dropped,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTried {
    /// How far it has come.
    pub status: MailStatus,
    /// When it is to be tried again, if it is due.
    pub due_at: Timestamp,
    /// When this try ended.
    pub at: Timestamp,
    /// What the other side said.
    pub reply: String,
}

impl Store {
    /// Makes a mail about a week due for everybody who had confirmed by a moment, unless there is one; counts
    /// those that are added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_mails(
        &self,
        about: &str,
        confirmed_by: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let args = [
            Arg::from(about),
            Arg::from(confirmed_by.as_micros()),
            Arg::from(at.as_micros()),
        ];
        Ok(self
            .database
            .change(Part::Articles, ADD_MAILS, &args)
            .await?)
    }

    /// Mails that are due, those that have waited longest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_mails(&self, at: Timestamp, most: u32) -> Result<Vec<Mail>, StoreError> {
        let args = [Arg::from(at.as_micros()), Arg::from(most)];
        let rows = self.database.read(Part::Articles, DUE_MAILS, &args).await?;
        rows.iter().map(read_mail).collect()
    }

    /// Notes that a mail's text is about to leave. Whether it still was due: if not, it must not be sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_mail(&self, id: i64, at: Timestamp) -> Result<bool, StoreError> {
        let args = [Arg::from(id), Arg::from(at.as_micros())];
        let changed = self.database.change(Part::Articles, BEGIN_MAIL, &args);
        Ok(changed.await? > 0)
    }

    /// Notes how a try ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_mail(&self, id: i64, tried: &MailTried) -> Result<(), StoreError> {
        let args = [
            Arg::from(id),
            Arg::from(Word::word(tried.status)),
            Arg::from(tried.due_at.as_micros()),
            Arg::from(tried.at.as_micros()),
            Arg::from(&tried.reply),
        ];
        self.database
            .change(Part::Articles, END_MAIL, &args)
            .await?;
        Ok(())
    }

    /// Notes that of mails whose text was on its way when the process ended nobody knows whether they
    /// arrived; counts them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doubt_mails(&self, at: Timestamp) -> Result<u64, StoreError> {
        let args = [Arg::from(at.as_micros())];
        Ok(self
            .database
            .change(Part::Articles, DOUBT_MAILS, &args)
            .await?)
    }

    /// How many mails about something stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mails_about(&self, about: &str) -> Result<Vec<(MailStatus, u64)>, StoreError> {
        let args = [Arg::from(about)];
        let rows = self
            .database
            .read(Part::Articles, MAILS_ABOUT, &args)
            .await?;
        let count = |row: &Row| Ok((word(row, "status")?, number(row, "mails")?));
        rows.iter().map(count).collect()
    }

    /// Forgets some of the mails of which nothing has been heard since before a moment, whatever became
    /// of them: at most `most`. Gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_mails(&self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        let args = [Arg::from(before.as_micros()), Arg::from(most)];
        Ok(self
            .database
            .change(Part::Articles, FORGET_MAILS, &args)
            .await?)
    }
}

fn read_mail(row: &Row) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: number(row, "id")?,
        subscriber: number(row, "subscriber")?,
        about: text(row, "about")?,
        status: word(row, "status")?,
        attempts: number(row, "attempts")?,
        reply: text_if_any(row, "reply")?,
    })
}

pub(crate) const ADD_MAIL: Sql = Sql::both(
    "
    INSERT INTO mails (subscriber, about, status, attempts, due_at, changed_at)
    VALUES ($1, $2, 'due', 0, $3, $3)",
);

pub(crate) const ADD_MAILS: Sql = Sql::both(
    "
    INSERT INTO mails (subscriber, about, status, attempts, due_at, changed_at)
    SELECT id, $1, 'due', 0, $3, $3 FROM subscribers
    WHERE status = 'confirmed' AND confirmed_at <= $2
    ON CONFLICT DO NOTHING",
);

pub(crate) const DUE_MAILS: Sql = Sql::both(
    "
    SELECT id, subscriber, about, status, attempts, reply FROM mails
    WHERE status = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT $2",
);

pub(crate) const BEGIN_MAIL: Sql = Sql::both(
    "
    UPDATE mails SET status = 'sending', changed_at = $2 WHERE id = $1 AND status = 'due'",
);

pub(crate) const END_MAIL: Sql = Sql::both(
    "
    UPDATE mails SET status = $2, attempts = attempts + 1, due_at = $3, changed_at = $4, reply = $5
    WHERE id = $1 AND status IN ('due', 'sending')",
);

pub(crate) const DOUBT_MAILS: Sql = Sql::both(
    "
    UPDATE mails SET status = 'unknown', attempts = attempts + 1, changed_at = $1,
        reply = 'the process ended while it was sent'
    WHERE status = 'sending'",
);

/// What is due or under way is not forgotten.
pub(crate) const FORGET_MAILS: Sql = Sql::both(
    "
    DELETE FROM mails WHERE id IN (
        SELECT id FROM mails
        WHERE status IN ('sent', 'refused', 'unknown', 'dropped') AND due_at < $1
          AND changed_at < $1 LIMIT $2)",
);

pub(crate) const MAILS_ABOUT: Sql = Sql::both(
    "
    SELECT status, count(*) AS mails FROM mails WHERE about = $1 GROUP BY status ORDER BY status",
);

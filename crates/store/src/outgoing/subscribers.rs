//! Who asked for the digest, who confirmed it, and who ended it. An address is forgotten when its
//! subscription ends, or when it was not confirmed in time.

use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::outgoing::mails::ADD_MAIL;
use crate::row::{number, text_if_any, word};
use crate::store::Store;
use crate::words::Word;

/// Somebody who asked for the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// Its key.
    pub id: i64,
    /// Where mail goes; none once the subscription has ended.
    pub address: Option<String>,
    /// How far it has come.
    pub status: SubscriberStatus,
    /// Counts how often the address was written to for its confirmation.
    pub round: u32,
    /// When it was last asked for.
    pub asked_at: Timestamp,
}

/// How far a subscription has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriberStatus {
    /// Somebody gave the address. Whose it is nobody knows yet.
    Asked,
    /// Whoever reads the address's mail wants it.
    Confirmed,
    /// Nobody wants it any more.
    Ended,
}

/// What became of an address that somebody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A mail asks for its confirmation.
    Asked,
    /// It was asked a short while ago, or is confirmed: nothing is sent.
    Known,
    /// So many addresses wait for their confirmation that nobody is asked.
    TooMany,
}

/// How often addresses are asked.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Whoever was asked later than this is not asked again.
    pub asked_before: Timestamp,
    /// Since when others that wait are counted.
    pub counted_from: Timestamp,
    /// How many of those there may be.
    pub most: u32,
}

impl Store {
    /// Notes that somebody gave an address, and that a mail is due that asks for its confirmation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_subscriber(
        &self,
        address: &str,
        at: Timestamp,
        patience: Patience,
    ) -> Result<Asking, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let args = [Arg::from(patience.counted_from.as_micros())];
        let row = write.read_one(WAITING, &args).await?;
        let waiting: u32 = row.map_or(Ok(0), |row| number(&row, "waiting"))?;
        if waiting >= patience.most {
            write.undo().await?;
            return Ok(Asking::TooMany);
        }
        let args = [
            Arg::from(address),
            Arg::from(at.as_micros()),
            Arg::from(patience.asked_before.as_micros()),
        ];
        let Some(row) = write.read_one(ASK, &args).await? else {
            write.undo().await?;
            return Ok(Asking::Known);
        };
        let (id, round) = (number::<i64>(&row, "id")?, number::<u32>(&row, "round")?);
        let about = confirmation(round);
        let args = [Arg::from(id), Arg::from(&about), Arg::from(at.as_micros())];
        write.change(ADD_MAIL, &args).await?;
        write.commit().await?;
        Ok(Asking::Asked)
    }

    /// Somebody by key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriber(&self, id: i64) -> Result<Option<Subscriber>, StoreError> {
        let args = [Arg::from(id)];
        let row = self
            .database
            .read_one(Part::Articles, SUBSCRIBER, &args)
            .await?;
        row.as_ref().map(read_subscriber).transpose()
    }

    /// Notes that whoever reads the address's mail wants the digest. Whether there was such an asking.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm_subscriber(
        &self,
        id: i64,
        round: u32,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let args = [Arg::from(id), Arg::from(round), Arg::from(at.as_micros())];
        let changed = self.database.change(Part::Articles, CONFIRM, &args);
        Ok(changed.await? > 0)
    }

    /// Ends a subscription and forgets its address. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_subscriber(&self, id: i64, at: Timestamp) -> Result<bool, StoreError> {
        let args = [Arg::from(id), Arg::from(at.as_micros())];
        let changed = self.database.change(Part::Articles, END, &args);
        Ok(changed.await? > 0)
    }

    /// Forgets addresses that nobody has confirmed since a moment; counts them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_unconfirmed(
        &self,
        before: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let args = [Arg::from(before.as_micros()), Arg::from(at.as_micros())];
        Ok(self.database.change(Part::Articles, FORGET, &args).await?)
    }
}

/// What the mail is about that asks for a confirmation.
pub fn confirmation(round: u32) -> String {
    format!("confirm-{round}")
}

fn read_subscriber(row: &Row) -> Result<Subscriber, StoreError> {
    Ok(Subscriber {
        id: number(row, "id")?,
        address: text_if_any(row, "address")?,
        status: word::<SubscriberStatus>(row, "status")?,
        round: number(row, "round")?,
        asked_at: number(row, "asked_at")?,
    })
}

impl SubscriberStatus {
    /// Its word in the tables.
    pub fn word(self) -> &'static str {
        Word::word(self)
    }
}

pub(crate) const WAITING: Sql = Sql::both(
    "
    SELECT count(*) AS waiting FROM subscribers WHERE status = 'asked' AND asked_at > $1",
);

/// A confirmed address stays so, and one that was asked lately is left in peace.
pub(crate) const ASK: Sql = Sql::both(
    "
    INSERT INTO subscribers (address, status, round, asked_at) VALUES ($1, 'asked', 1, $2)
    ON CONFLICT (address) DO UPDATE SET round = subscribers.round + 1, asked_at = excluded.asked_at
    WHERE subscribers.status = 'asked' AND subscribers.asked_at <= $3
    RETURNING id, round",
);

pub(crate) const SUBSCRIBER: Sql = Sql::both(
    "
    SELECT id, address, status, round, asked_at FROM subscribers WHERE id = $1",
);

pub(crate) const CONFIRM: Sql = Sql::both(
    "
    UPDATE subscribers SET status = 'confirmed', confirmed_at = coalesce(confirmed_at, $3)
    WHERE id = $1 AND round = $2 AND status IN ('asked', 'confirmed')",
);

pub(crate) const END: Sql = Sql::both(
    "
    UPDATE subscribers SET status = 'ended', address = NULL, ended_at = coalesce(ended_at, $2)
    WHERE id = $1",
);

pub(crate) const FORGET: Sql = Sql::both(
    "
    UPDATE subscribers SET status = 'ended', address = NULL, ended_at = $2
    WHERE status = 'asked' AND asked_at <= $1",
);

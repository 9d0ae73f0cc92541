//! Passkeys: what an authenticator keeps the secret half of, and this server the other.
//!
//! What proves that somebody has one is not looked at here; what is kept tells nobody how to.

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{bytes, number, number_if_any, text};
use crate::store::Store;

/// A passkey of somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRow {
    /// Its number. It is never used again.
    pub id: u64,
    /// Whose it is.
    pub account: AccountId,
    /// What its authenticator calls the account by.
    pub handle: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
    /// Its public key, with how often it has signed and how it is kept, as whoever checks it has written it.
    pub key: String,
    /// Since when.
    pub added_at: Timestamp,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
    /// When it signed as only a copy of it would. It opens nothing from then on.
    pub doubted_at: Option<Timestamp>,
}

/// A passkey to be.
#[derive(Clone, Copy, Debug)]
pub struct NewPasskey<'a> {
    /// Whose it is.
    pub account: AccountId,
    /// What its authenticator calls the account by.
    pub handle: &'a [u8],
    /// What its authenticator calls it by.
    pub credential: &'a [u8],
    /// What its owner calls it.
    pub name: &'a str,
    /// Its public key, and what goes with it.
    pub key: &'a str,
    /// When it is added.
    pub at: Timestamp,
}

impl Store {
    /// Adds a passkey, unless the account has `most` of them, or somebody has this one. Whether it was added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_passkey(&self, new: NewPasskey<'_>, most: u32) -> Result<bool, StoreError> {
        let args = [
            Arg::from(new.account.0),
            Arg::Bytes(Some(new.handle)),
            Arg::Bytes(Some(new.credential)),
            Arg::from(new.name),
            Arg::from(new.key),
            Arg::from(new.at.as_micros()),
            Arg::from(most),
        ];
        let added = self.database.change(Part::Articles, ADD_PASSKEY, &args);
        Ok(added.await? > 0)
    }

    /// The passkey that its authenticator calls by this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
        let args = [Arg::Bytes(Some(credential))];
        let row = self.database.read_one(Part::Articles, PASSKEY, &args);
        row.await?.as_ref().map(read_passkey).transpose()
    }

    /// An account's passkeys, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn passkeys_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<PasskeyRow>, StoreError> {
        let args = [Arg::from(account.0), Arg::from(limit)];
        let rows = self.database.read(Part::Articles, PASSKEYS_OF, &args);
        rows.await?.iter().map(read_passkey).collect()
    }

    /// Notes that somebody signed in with a passkey whose key was `before`: of two who come with the same one at
    /// once, one. Whether it was noted; not, when it was doubted, removed or used meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_passkey(
        &self,
        id: u64,
        before: &str,
        key: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let args = [
            Arg::from(id),
            Arg::from(before),
            Arg::from(key),
            Arg::from(at.as_micros()),
        ];
        let used = self.database.change(Part::Articles, USE_PASSKEY, &args);
        Ok(used.await? > 0)
    }

    /// Notes that a passkey signed as only a copy of it would.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doubt_passkey(&self, id: u64, at: Timestamp) -> Result<(), StoreError> {
        let args = [Arg::from(id), Arg::from(at.as_micros())];
        self.database
            .change(Part::Articles, DOUBT_PASSKEY, &args)
            .await?;
        Ok(())
    }

    /// Removes one of an account's passkeys. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_passkey(&self, account: AccountId, id: u64) -> Result<bool, StoreError> {
        let args = [Arg::from(account.0), Arg::from(id)];
        let removed = self.database.change(Part::Articles, REMOVE_PASSKEY, &args);
        Ok(removed.await? > 0)
    }
}

fn read_passkey(row: &Row) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        id: number(row, "id")?,
        account: number(row, "account")?,
        handle: bytes(row, "handle")?,
        name: text(row, "name")?,
        key: text(row, "key")?,
        added_at: number(row, "added_at")?,
        used_at: number_if_any(row, "used_at")?,
        doubted_at: number_if_any(row, "doubted_at")?,
    })
}

pub(crate) const ADD_PASSKEY: Sql = Sql {
    sqlite: "
        INSERT INTO passkeys (account, handle, credential, name, key, added_at)
        SELECT $1, $2, $3, $4, $5, $6
        WHERE (SELECT count(*) FROM passkeys WHERE account = $1) < $7
        ON CONFLICT (credential) DO NOTHING",
    postgres: "
        INSERT INTO passkeys (account, handle, credential, name, key, added_at)
        SELECT $1::bigint, $2::bytea, $3::bytea, $4::text, $5::text, $6::bigint
        WHERE (SELECT count(*) FROM passkeys WHERE account = $1::bigint) < $7::bigint
        ON CONFLICT (credential) DO NOTHING",
};

pub(crate) const PASSKEY: Sql = Sql::both("SELECT * FROM passkeys WHERE credential = $1");

pub(crate) const PASSKEYS_OF: Sql = Sql::both(
    "
    SELECT * FROM passkeys WHERE account = $1 ORDER BY id LIMIT $2",
);

pub(crate) const USE_PASSKEY: Sql = Sql::both(
    "
    UPDATE passkeys SET key = $3, used_at = $4 WHERE id = $1 AND key = $2 AND doubted_at IS NULL",
);

pub(crate) const DOUBT_PASSKEY: Sql = Sql::both(
    "
    UPDATE passkeys SET doubted_at = $2 WHERE id = $1 AND doubted_at IS NULL",
);

pub(crate) const REMOVE_PASSKEY: Sql =
    Sql::both("DELETE FROM passkeys WHERE account = $1 AND id = $2");

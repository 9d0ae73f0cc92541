//! Who may sign in to the console, and who is signed in: names with their passwords' hashes, links with
//! which a password is chosen once, passkeys, and sessions.
//!
//! What opens a link or a session never comes here, only its digest: a copy of the database opens nothing.
//! Whoever's password changes, or is taken away, is signed in nowhere afterwards. When somebody else changes it, or lets
//! its owner choose another one, its passkeys are gone as well: who has them may be whom it was changed for.

pub(crate) mod passkeys;

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, text, text_if_any};
use crate::store::Store;

pub use passkeys::{NewPasskey, PasskeyRow};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The account.
    pub account: AccountId,
    /// What its owner types.
    pub name: String,
    /// The password's hash; none until its owner has chosen one.
    pub hash: Option<String>,
    /// When it was last changed.
    pub set_at: Timestamp,
    /// Who changed it.
    pub set_by: AccountId,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number. It is never used again.
    pub id: u64,
    /// Who.
    pub account: AccountId,
    /// Since when.
    pub began_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub ends_at: Timestamp,
    /// Where it began.
    pub address: Option<String>,
    /// In which browser.
    pub agent: Option<String>,
}

/// A session to be.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The digest of what opens it.
    pub digest: &'a [u8; 32],
    /// Who.
    pub account: AccountId,
    /// From when on.
    pub at: Timestamp,
    /// When it ends, however much it is used.
    pub ends_at: Timestamp,
    /// Where it begins.
    pub address: Option<&'a str>,
    /// In which browser.
    pub agent: Option<&'a str>,
}

impl Store {
    /// Lets an account sign in under a name, with the hash of a password, or with the one that it has. None,
    /// when another account has the name. A password that is given ends the account's sessions and links; one that
    /// another account gives, its passkeys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_sign_in(
        &self,
        account: AccountId,
        name: &str,
        hash: Option<&str>,
        by: AccountId,
        at: Timestamp,
    ) -> Result<Option<SignIn>, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let args = [
            Arg::from(account.0),
            Arg::from(name),
            Arg::Text(hash),
            Arg::from(at.as_micros()),
            Arg::from(by.0),
        ];
        let Some(row) = write.read_one(SET_SIGN_IN, &args).await? else {
            write.undo().await?;
            return Ok(None);
        };
        if hash.is_some() {
            let ended = [Arg::from(account.0), Arg::from(at.as_micros())];
            write.change(END_LINKS, &ended).await?;
            write.change(END_SESSIONS, &ended[..1]).await?;
        }
        if hash.is_some() && by != account {
            let ended = [Arg::from(account.0)];
            write.change(END_PASSKEYS, &ended).await?;
        }
        write.commit().await?;
        read_sign_in(&row).map(Some)
    }

    /// Who signs in under a name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in_named(&self, name: &str) -> Result<Option<SignIn>, StoreError> {
        let args = [Arg::from(name)];
        let row = self.database.read_one(Part::Articles, SIGN_IN_NAMED, &args);
        row.await?.as_ref().map(read_sign_in).transpose()
    }

    /// How an account signs in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in_of(&self, account: AccountId) -> Result<Option<SignIn>, StoreError> {
        let args = [Arg::from(account.0)];
        let row = self.database.read_one(Part::Articles, SIGN_IN_OF, &args);
        row.await?.as_ref().map(read_sign_in).transpose()
    }

    /// Takes an account's sign-in away, with its links, passkeys and sessions. Whether it had one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_sign_in(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let args = [Arg::from(account.0), Arg::from(at.as_micros())];
        write.change(END_LINKS, &args).await?;
        write.change(END_PASSKEYS, &args[..1]).await?;
        write.change(END_SESSIONS, &args[..1]).await?;
        let dropped = write.change(DROP_SIGN_IN, &args[..1]).await?;
        write.commit().await?;
        Ok(dropped > 0)
    }

    /// Makes a link with which an account's password is chosen; those from before open nothing then. One
    /// that was made before is what it was. When it ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_password_link(
        &self,
        digest: &[u8; 32],
        account: AccountId,
        by: AccountId,
        at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let args = [
            Arg::from(digest),
            Arg::from(account.0),
            Arg::from(at.as_micros()),
            Arg::from(by.0),
            Arg::from(ends_at.as_micros()),
        ];
        write.change(END_OTHER_LINKS, &args[..3]).await?;
        let row = write.read_one(ADD_LINK, &args).await?;
        write.commit().await?;
        let row = row.ok_or(StoreError::Unreadable { column: "ends_at" })?;
        number(&row, "ends_at")
    }

    /// Whose password a link chooses, while it does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn password_link(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignIn>, StoreError> {
        let args = [Arg::from(digest), Arg::from(now.as_micros())];
        let row = self.database.read_one(Part::Articles, LINK_OF, &args);
        row.await?.as_ref().map(read_sign_in).transpose()
    }

    /// Sets the password that a link was made for. The link opens nothing more, the account has no passkeys, and is
    /// signed in nowhere. Whose it is; none, when the link opens nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_password_link(
        &self,
        digest: &[u8; 32],
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let args = [Arg::from(digest), Arg::from(now.as_micros())];
        let Some(row) = write.read_one(USE_LINK, &args).await? else {
            write.undo().await?;
            return Ok(None);
        };
        let account: AccountId = number(&row, "account")?;
        let args = [
            Arg::from(account.0),
            Arg::from(hash),
            Arg::from(now.as_micros()),
        ];
        write.change(CHANGE_PASSWORD, &args).await?;
        write.change(END_PASSKEYS, &args[..1]).await?;
        write.change(END_SESSIONS, &args[..1]).await?;
        write.commit().await?;
        Ok(Some(account))
    }

    /// Begins a session, and forgets those that nobody can use any more. Of an account's sessions the newest
    /// `most` stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_session(
        &self,
        session: NewSession<'_>,
        unused_since: Timestamp,
        most: u32,
    ) -> Result<Session, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let (at, account) = (
            Arg::from(session.at.as_micros()),
            Arg::from(session.account.0),
        );
        let forgotten = [at, Arg::from(unused_since.as_micros())];
        write.change(FORGET_SESSIONS, &forgotten).await?;
        let args = [
            Arg::from(session.digest),
            account,
            at,
            Arg::from(session.ends_at.as_micros()),
            Arg::Text(session.address),
            Arg::Text(session.agent),
        ];
        let row = write.read_one(BEGIN_SESSION, &args).await?;
        write
            .change(END_OLDEST_SESSIONS, &[account, Arg::from(most)])
            .await?;
        write.commit().await?;
        read_session(&row.ok_or(StoreError::Unreadable { column: "id" })?)
    }

    /// The session that something with this digest opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, digest: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let args = [Arg::from(digest)];
        let row = self.database.read_one(Part::Articles, SESSION, &args);
        row.await?.as_ref().map(read_session).transpose()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_session(&self, id: u64, at: Timestamp) -> Result<(), StoreError> {
        let args = [Arg::from(id), Arg::from(at.as_micros())];
        self.database
            .change(Part::Articles, SEE_SESSION, &args)
            .await?;
        Ok(())
    }

    /// An account's sessions, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let args = [Arg::from(account.0), Arg::from(limit)];
        let rows = self.database.read(Part::Articles, SESSIONS_OF, &args);
        rows.await?.iter().map(read_session).collect()
    }

    /// Ends one of an account's sessions. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, account: AccountId, id: u64) -> Result<bool, StoreError> {
        let args = [Arg::from(account.0), Arg::from(id)];
        let ended = self.database.change(Part::Articles, END_SESSION, &args);
        Ok(ended.await? > 0)
    }

    /// Ends all of an account's sessions; counts them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&self, account: AccountId) -> Result<u64, StoreError> {
        let args = [Arg::from(account.0)];
        let ended = self.database.change(Part::Articles, END_SESSIONS, &args);
        Ok(ended.await?)
    }
}

fn read_sign_in(row: &Row) -> Result<SignIn, StoreError> {
    Ok(SignIn {
        account: number(row, "account")?,
        name: text(row, "name")?,
        hash: text_if_any(row, "hash")?,
        set_at: number(row, "set_at")?,
        set_by: number(row, "set_by")?,
    })
}

fn read_session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: number(row, "id")?,
        account: number(row, "account")?,
        began_at: number(row, "began_at")?,
        seen_at: number(row, "seen_at")?,
        ends_at: number(row, "ends_at")?,
        address: text_if_any(row, "address")?,
        agent: text_if_any(row, "agent")?,
    })
}

/// Changes nothing when another account has the name.
pub(crate) const SET_SIGN_IN: Sql = Sql {
    sqlite: "
        INSERT INTO passwords (account, name, hash, set_at, set_by)
        SELECT $1, $2, $3, $4, $5
        WHERE NOT EXISTS (SELECT 1 FROM passwords WHERE name = $2 AND account <> $1)
        ON CONFLICT (account) DO UPDATE SET name = excluded.name,
            hash = coalesce(excluded.hash, passwords.hash), set_at = excluded.set_at,
            set_by = excluded.set_by
        RETURNING *",
    postgres: "
        INSERT INTO passwords (account, name, hash, set_at, set_by)
        SELECT $1::bigint, $2::text, $3::text, $4::bigint, $5::bigint
        WHERE NOT EXISTS (SELECT 1 FROM passwords WHERE name = $2::text AND account <> $1::bigint)
        ON CONFLICT (account) DO UPDATE SET name = excluded.name,
            hash = coalesce(excluded.hash, passwords.hash), set_at = excluded.set_at,
            set_by = excluded.set_by
        RETURNING *",
};

pub(crate) const SIGN_IN_NAMED: Sql = Sql::both("SELECT * FROM passwords WHERE name = $1");

pub(crate) const SIGN_IN_OF: Sql = Sql::both("SELECT * FROM passwords WHERE account = $1");

pub(crate) const DROP_SIGN_IN: Sql = Sql::both("DELETE FROM passwords WHERE account = $1");

pub(crate) const CHANGE_PASSWORD: Sql = Sql::both(
    "
    UPDATE passwords SET hash = $2, set_at = $3, set_by = $1 WHERE account = $1",
);

pub(crate) const ADD_LINK: Sql = Sql::both(
    "
    INSERT INTO password_links (digest, account, made_at, made_by, ends_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (digest) DO UPDATE SET made_at = password_links.made_at RETURNING ends_at",
);

pub(crate) const END_OTHER_LINKS: Sql = Sql::both(
    "
    UPDATE password_links SET ended_at = $3
    WHERE account = $2 AND digest <> $1 AND ended_at IS NULL",
);

pub(crate) const END_LINKS: Sql = Sql::both(
    "
    UPDATE password_links SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL",
);

pub(crate) const LINK_OF: Sql = Sql::both(
    "
    SELECT passwords.* FROM password_links JOIN passwords ON passwords.account = password_links.account
    WHERE digest = $1 AND ended_at IS NULL AND ends_at > $2",
);

pub(crate) const USE_LINK: Sql = Sql::both(
    "
    UPDATE password_links SET ended_at = $2
    WHERE digest = $1 AND ended_at IS NULL AND ends_at > $2 RETURNING account",
);

pub(crate) const BEGIN_SESSION: Sql = Sql::both(
    "
    INSERT INTO sessions (digest, account, began_at, seen_at, ends_at, address, agent)
    VALUES ($1, $2, $3, $3, $4, $5, $6) RETURNING *",
);

pub(crate) const FORGET_SESSIONS: Sql =
    Sql::both("DELETE FROM sessions WHERE ends_at <= $1 OR seen_at <= $2");

pub(crate) const END_OLDEST_SESSIONS: Sql = Sql::both(
    "
    DELETE FROM sessions WHERE account = $1
        AND id NOT IN (SELECT id FROM sessions WHERE account = $1 ORDER BY id DESC LIMIT $2)",
);

pub(crate) const SESSION: Sql = Sql::both("SELECT * FROM sessions WHERE digest = $1");

pub(crate) const SEE_SESSION: Sql = Sql::both("UPDATE sessions SET seen_at = $2 WHERE id = $1");

pub(crate) const SESSIONS_OF: Sql = Sql::both(
    "
    SELECT * FROM sessions WHERE account = $1 ORDER BY id DESC LIMIT $2",
);

pub(crate) const END_SESSION: Sql =
    Sql::both("DELETE FROM sessions WHERE account = $1 AND id = $2");

pub(crate) const END_SESSIONS: Sql = Sql::both("DELETE FROM sessions WHERE account = $1");

pub(crate) const END_PASSKEYS: Sql = Sql::both("DELETE FROM passkeys WHERE account = $1");

#[cfg(test)]
mod tests;

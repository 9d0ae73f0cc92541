//! Traders who agreed to be seen. Whoever takes it back is gone from here.

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, text};
use crate::store::Store;

/// A trader who agreed to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Who.
    pub account: AccountId,
    /// Under which name.
    pub name: String,
    /// Since when.
    pub agreed_at: Timestamp,
}

impl Store {
    /// Notes that a trader agrees to be seen under a name, from a moment on; or changes the name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agree(
        &self,
        account: AccountId,
        name: &str,
        at: Timestamp,
    ) -> Result<Agreed, StoreError> {
        let args = [
            Arg::from(account.0),
            Arg::from(name),
            Arg::from(at.as_micros()),
        ];
        let row = self.database.change_one(Part::Articles, AGREE, &args);
        read_agreed(
            &row.await?
                .ok_or(StoreError::Unreadable { column: "account" })?,
        )
    }

    /// Forgets that a trader agreed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disagree(&self, account: AccountId) -> Result<(), StoreError> {
        let args = [Arg::from(account.0)];
        self.database
            .change(Part::Articles, DISAGREE, &args)
            .await?;
        Ok(())
    }

    /// Traders who agreed to be seen, in the order of their accounts: those after one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreed(
        &self,
        after: Option<AccountId>,
        most: u32,
    ) -> Result<Vec<Agreed>, StoreError> {
        let args = [
            Arg::from(after.map_or(-1, |account| i64::from(account.0))),
            Arg::from(most),
        ];
        let rows = self.database.read(Part::Articles, AGREED, &args).await?;
        rows.iter().map(read_agreed).collect()
    }
}

fn read_agreed(row: &Row) -> Result<Agreed, StoreError> {
    Ok(Agreed {
        account: number(row, "account")?,
        name: text(row, "name")?,
        agreed_at: number(row, "agreed_at")?,
    })
}

pub(crate) const AGREE: Sql = Sql::both(
    "
    INSERT INTO leaderboard (account, name, agreed_at) VALUES ($1, $2, $3)
    ON CONFLICT (account) DO UPDATE SET name = excluded.name
    RETURNING account, name, agreed_at",
);

pub(crate) const DISAGREE: Sql = Sql::both(
    "
    DELETE FROM leaderboard WHERE account = $1",
);

pub(crate) const AGREED: Sql = Sql::both(
    "
    SELECT account, name, agreed_at FROM leaderboard WHERE account > $1 ORDER BY account LIMIT $2",
);

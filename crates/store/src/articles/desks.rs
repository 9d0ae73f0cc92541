//! Who works on an article: accounts that do not trade in its markets. That they do not is the
//! engine's to see to; here it is kept whom to tell it of.

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Sql};
use crate::error::StoreError;
use crate::row::number;
use crate::store::Store;

impl Store {
    /// The accounts on an article's desk, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn desk_of(&self, article: &str) -> Result<Vec<AccountId>, StoreError> {
        let args = [Arg::from(article)];
        let rows = self.database.read(Part::Articles, DESK_OF, &args).await?;
        rows.iter().map(|row| number(row, "account")).collect()
    }

    /// Makes these accounts an article's desk, and no others.
    ///
    /// # Errors
    /// When there is no such article, or the database fails.
    pub async fn set_desk(
        &self,
        article: &str,
        accounts: &[AccountId],
        by: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        write.change(EMPTY_DESK, &[Arg::from(article)]).await?;
        for account in accounts {
            let args = [
                Arg::from(article),
                Arg::from(account.0),
                Arg::from(by.0),
                Arg::from(at.as_micros()),
            ];
            write.change(LIST_ON_DESK, &args).await?;
        }
        write.commit().await?;
        Ok(())
    }
}

pub(crate) const DESK_OF: Sql = Sql::both(
    "
    SELECT account FROM article_desks
    WHERE article_id = (SELECT id FROM articles WHERE slug = $1) ORDER BY account",
);

pub(crate) const EMPTY_DESK: Sql = Sql::both(
    "
    DELETE FROM article_desks WHERE article_id = (SELECT id FROM articles WHERE slug = $1)",
);

/// An unknown article has no id, which its column refuses.
pub(crate) const LIST_ON_DESK: Sql = Sql::both(
    "
    INSERT INTO article_desks (article_id, account, listed_by, listed_at)
    VALUES ((SELECT id FROM articles WHERE slug = $1), $2, $3, $4)",
);

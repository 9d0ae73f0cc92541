//! Secrets of this installation: random bytes that are made once and then stay.

use sqlx::Row;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The secret called `name`; `fresh` becomes it if there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let keep = sqlx::query(KEEP_SECRET).bind(name).bind(fresh.as_slice());
        let row = keep.fetch_one(&self.writer).await?;
        let value: Vec<u8> = row.try_get("value")?;
        value
            .try_into()
            .map_err(|_| StoreError::Unreadable { column: "value" })
    }
}

/// The update changes nothing; without it, nothing would be returned of a row that was there.
pub(crate) const KEEP_SECRET: &str = "
    INSERT INTO settings (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = value
    RETURNING value";

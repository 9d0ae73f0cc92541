//! The store: what may be asked of the database.

use std::path::Path;

use crate::database::{Database, DatabaseKind};
use crate::error::StoreError;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
}

impl Store {
    /// Opens a SQLite file, which is made if it is not there, its directory too, and brings its
    /// tables to this version's form. `sqlite::memory:` is a database that dies with the store.
    ///
    /// `postgres://user:password@host/name` is a PostgreSQL server's database, which must be there.
    ///
    /// Beside a SQLite file, one of its own has what can be made again from it: `tidings.derived.db` beside
    /// `tidings.db`. Without it nothing is lost.
    ///
    /// # Errors
    /// When the file cannot be opened, is in use by another process, or was written by a later
    /// version.
    pub async fn open(database: &str) -> Result<Store, StoreError> {
        let database = Database::open(database).await?;
        Ok(Store { database })
    }

    /// Which kind of database it is.
    pub fn kind(&self) -> DatabaseKind {
        self.database.kind()
    }

    /// Ends every connection.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Copies what must survive into a file that is not there yet, as of one moment, while it is in
    /// use. The copy is a database that can be opened.
    ///
    /// # Errors
    /// When the file is there or cannot be written, or the database is not SQLite.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.database.backup(to).await
    }
}

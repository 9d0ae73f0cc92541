//! The store: what may be asked of the database.

use std::path::Path;
use std::sync::{Arc, RwLock};

use tokio::sync::Mutex;

use crate::database::{Database, DatabaseKind, Rest};
use crate::error::StoreError;
use crate::projection::write::ends::TableEnds;
use crate::projection::write::unwritten::Unwritten;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    /// Held while a snapshot is saved: two at once would take each other's parts for leftovers.
    pub(crate) saving: Arc<Mutex<()>>,
    /// Where the read tables end, held while a projection is written.
    pub(crate) ends: Arc<Mutex<TableEnds>>,
    /// Of them, those that the tables do not have yet: for whoever reads meanwhile.
    pub(crate) unwritten: Arc<RwLock<Unwritten>>,
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
        Ok(Store::on(database))
    }

    /// Opens a SQLite file to read what must survive, and nothing else, whether or not a server has it
    /// open: for copies. There are no read tables and no snapshots, and nothing can be written.
    ///
    /// # Errors
    /// When it is no file or cannot be read.
    pub async fn open_beside(database: &str) -> Result<Store, StoreError> {
        let database = Database::open_beside(database).await?;
        Ok(Store::on(database))
    }

    fn on(database: Database) -> Store {
        Store {
            database,
            saving: Arc::default(),
            ends: Arc::default(),
            unwritten: Arc::default(),
        }
    }

    /// Puts a copy, which lies in the same directory, in the place of a SQLite database that nobody has
    /// open. The one that was there is kept as `former`; what was derived from it is removed.
    ///
    /// # Errors
    /// When it is no file, `former` is there already, or a file cannot be renamed.
    pub fn replace(database: &str, copy: &Path, former: &Path) -> Result<(), StoreError> {
        Database::replace(database, copy, former)
    }

    /// For tests of what a power cut leaves, which cannot wait for 16 MiB: the write-ahead log of a SQLite
    /// file is begun again at so many pages of 4 KiB, in databases that this process opens from then on.
    pub fn begin_logs_again_at(pages: u64) {
        crate::database::begin_again_at(pages);
    }

    /// The same store, for whoever writes history or snapshots beside trade: `rest` is called on the writing thread each time
    /// that some hundred rows were written, or a server was given as many. Whatever a processor works at, it does not take over what
    /// waits for another one; left without work for a moment, it does.
    #[must_use]
    pub fn with_rests(mut self, rest: impl Fn() + Send + Sync + 'static) -> Store {
        self.database = self.database.with_rests(Rest::new(rest));
        self
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

//! Opening the database: one connection that writes, a few that read, and a lock on the file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlSafeStr, Sqlite, SqlitePool, Transaction};

use crate::error::StoreError;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection: SQLite has one writer at a time, and a queue here is fairer than its lock.
    pub(crate) writer: SqlitePool,
    /// Connections that cannot write; they see the last commit and never wait for the writer.
    pub(crate) readers: SqlitePool,
    /// Held while any clone lives.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Opens a SQLite file, which is made if it is not there, its directory too, and brings its
    /// tables to this version's form. `sqlite::memory:` is a database that dies with the store.
    ///
    /// # Errors
    /// When the file cannot be opened, is in use by another process, or was written by a later
    /// version.
    pub async fn open(database: &str) -> Result<Store, StoreError> {
        let store = match Location::of(database)? {
            Location::Memory => Store::in_memory().await?,
            Location::File(path) => Store::on_file(&path).await?,
        };
        migrator()
            .run(&store.writer)
            .await
            .map_err(|error| StoreError::Migrate(error.into()))?;
        Ok(store)
    }

    /// Ends every connection, which also moves the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that has the database's one lock for writing from its first statement on.
    /// Dropped without a commit, it is undone.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    async fn on_file(path: &Path) -> Result<Store, StoreError> {
        let failed = |source| StoreError::Open {
            path: path.to_owned(),
            source,
        };
        let path = prepare_file(path).map_err(|error| failed(error.into()))?;
        let lock = lock(&path)?;
        let options = options().filename(&path).create_if_missing(true);
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.map_err(|error| failed(error.into()))?;
        let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Store {
            writer,
            readers,
            _lock: Some(Arc::new(lock)),
        })
    }

    /// One connection for all: a second one would see a database of its own.
    async fn in_memory() -> Result<Store, StoreError> {
        let writer = pool(1).connect_with(options().in_memory(true)).await?;
        Ok(Store {
            readers: writer.clone(),
            writer,
            _lock: None,
        })
    }
}

/// Where a database is.
#[derive(Debug, PartialEq, Eq)]
enum Location {
    Memory,
    File(PathBuf),
}

impl Location {
    fn of(database: &str) -> Result<Location, StoreError> {
        let path = match database.strip_prefix("sqlite:") {
            Some(":memory:") => return Ok(Location::Memory),
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None => database,
        };
        // A path may hold a colon; what looks like the address of a server is no path.
        match path.is_empty() || path.contains("://") {
            true => Err(StoreError::Unsupported {
                database: database.to_owned(),
            }),
            false => Ok(Location::File(path.into())),
        }
    }
}

/// Makes the directory and an empty file where they are missing, and gives the file's one full path:
/// a lock under another name of the same file would protect nothing.
fn prepare_file(path: &Path) -> std::io::Result<PathBuf> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut how = OpenOptions::new();
    how.create(true).append(true);
    // The file holds keys' digests and people's positions: its owner's business alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)?;
    path.canonicalize()
}

/// SQLite's own locks guard single transactions; two processes that take turns would still be two
/// owners of one journal.
fn lock(path: &Path) -> Result<File, StoreError> {
    let failed = |source: std::io::Error| StoreError::Open {
        path: path.to_owned(),
        source: source.into(),
    };
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(name)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn options() -> SqliteConnectOptions {
    // A commit that was answered is on the disk.
    let synchronous = match cfg!(planted = "synchronous_off") {
        true => SqliteSynchronous::Off,
        false => SqliteSynchronous::Full,
    };
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "MEMORY")
}

/// Connections stay open for good: statements stay prepared, and an in-memory database lives.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        // After some failures SQLite undoes a transaction by itself and the driver does not notice:
        // such a connection could never begin another one.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(*version, (*name).into(), kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Embedded without the driver's macro, which would build every database's driver to do it.
const MIGRATIONS: [(i64, &str, &str); 4] = [
    (
        1,
        "journal",
        include_str!("../../../migrations/sqlite/0001_journal.sql"),
    ),
    (
        2,
        "history",
        include_str!("../../../migrations/sqlite/0002_history.sql"),
    ),
    (
        3,
        "articles",
        include_str!("../../../migrations/sqlite/0003_articles.sql"),
    ),
    (
        4,
        "sets",
        include_str!("../../../migrations/sqlite/0004_sets.sql"),
    ),
];

/// Readers at once: pages of history are read from memory in microseconds, so a few serve many.
const READERS: u32 = 4;

#[cfg(test)]
mod tests;

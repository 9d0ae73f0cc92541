//! Connections to one of the files, and how they are set.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqlitePool};
use tokio::sync::Mutex;

use crate::database::Failure;
use crate::database::migrations::migrate;
use crate::error::StoreError;

/// One database's connections.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    /// One connection: SQLite has one writer at a time, and a queue here is fairer than its lock.
    pub(super) writer: SqlitePool,
    /// Whoever writes to the main file has it, over that connection or another one ([`Direct`]), so that
    /// neither meets SQLite's lock.
    ///
    /// [`Direct`]: super::direct::Direct
    pub(super) turn: Arc<Mutex<()>>,
    /// Connections that cannot write; they see the last commit and never wait for the writer.
    pub(super) readers: SqlitePool,
}

impl Connections {
    pub(super) async fn to(
        path: &Path,
        options: SqliteConnectOptions,
    ) -> Result<Connections, StoreError> {
        let options = options.filename(path).create_if_missing(true);
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.map_err(|error| StoreError::Open {
            path: path.to_owned(),
            source: error.into(),
        })?;
        let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Connections {
            writer,
            turn: Arc::default(),
            readers,
        })
    }

    /// One connection for all: a second one would see a database of its own.
    pub(super) async fn in_memory(
        options: SqliteConnectOptions,
    ) -> Result<Connections, StoreError> {
        // By its name alone. The flag for memory would count for a backup's file, too.
        let writer = pool(1).connect_with(options.filename(":memory:")).await;
        let writer = writer.map_err(Failure::from)?;
        Ok(Connections {
            readers: writer.clone(),
            turn: Arc::default(),
            writer,
        })
    }

    pub(super) async fn migrate(
        &self,
        steps: &[(i64, &'static str, &'static str)],
    ) -> Result<(), StoreError> {
        let mut writer = self.writer.acquire().await.map_err(Failure::from)?;
        migrate(steps, &mut *writer).await
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

pub(super) fn main_options() -> SqliteConnectOptions {
    options().synchronous(SYNCHRONOUS).page_size(MAIN_PAGE)
}

/// What [`main_options`] and [`with_kept_log`] say, to a connection of [`Direct`](super::direct::Direct).
pub(super) fn main_pragmas() -> String {
    let synchronous = match SYNCHRONOUS {
        SqliteSynchronous::Off => "OFF",
        _ => "FULL",
    };
    format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = {MAIN_LOG};"
    )
}

/// A commit that was answered is on the disk.
const SYNCHRONOUS: SqliteSynchronous = match cfg!(planted = "synchronous_off") {
    true => SqliteSynchronous::Off,
    false => SqliteSynchronous::Full,
};

/// For connections that write to a file whose log is kept by [`Log`]. A log that a reader has held up is
/// cut when it is begun again.
pub(super) fn with_kept_log(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", MAIN_LOG)
}

pub(super) fn derived_options() -> SqliteConnectOptions {
    // A power cut may take the last moments' history, which the journal still has. Rows go to as many
    // places of an index as there are accounts: they stay in memory until they are many.
    options()
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", DERIVED_CACHE)
        .pragma("wal_autocheckpoint", DERIVED_LOG)
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("temp_store", "MEMORY")
}

/// Connections stay open for good: statements stay prepared, and an in-memory database lives.
pub(super) fn pool(connections: u32) -> SqlitePoolOptions {
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

/// Readers at once: pages of history are read from memory in microseconds, so a few serve many.
const READERS: u32 = 4;

/// A commit writes the page with the head, and the page that says where the group is, whole: with larger ones
/// groups of some hundred records write twice as much.
pub(super) const MAIN_PAGE: u32 = 4_096;

/// Bytes of the main file's log that stay allocated, twice what it usually has: writing over them costs
/// the file system less than making a file longer.
const MAIN_LOG: &str = "33554432";

/// Kibibytes, written as SQLite wants them: 64 MiB, the upper pages of every index of a busy year.
pub(super) const DERIVED_CACHE: &str = "-65536";

/// Pages of the log before they are moved into the file: 32 MiB.
pub(super) const DERIVED_LOG: &str = "8000";

/// How long a statement waits for SQLite's own lock, which only another program can have.
pub(super) const BUSY: Duration = Duration::from_secs(5);

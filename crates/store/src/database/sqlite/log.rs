//! The main file's write-ahead log, kept short beside trade.
//!
//! SQLite would move what is in the log into the file by itself, on the connection that writes: every so
//! many pages one commit would wait until megabytes are written and synced. Here another connection moves
//! them, which nobody waits for, and the file is synced beside, too. It never comes to the log's end while
//! the writer writes on; so when little is left, the writer's own connection moves that between two
//! commits, and the next commit begins the log from its start.
//!
//! Whoever reads for long, such as a copy in the making, keeps what was written since in the log. It
//! grows until they end, which is said in the log of the process, and then it is cut to its usual length.
//!
//! What SQLite moves without coming to the log's end counts as moved and is not synced. Once a sync of the
//! file has failed, a later one may succeed without the pages that the system dropped, and SQLite would then
//! begin the log again over their only copy. So nothing is committed after any failure here, and the
//! database stays open until the process ends: the last connection to close would move the rest and
//! take the log away. The next process moves the whole log again.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::database::sqlite::connections::{Connections, MAIN_PAGE};
use crate::database::{Arg, Failure};
use crate::error::Cause;

/// The log of a file that is written to, and who keeps it short.
#[derive(Debug)]
pub(super) struct Log {
    shared: Arc<Shared>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What the writer and the keeper tell each other.
#[derive(Debug)]
struct Shared {
    /// Pages written since the keeper last looked, about.
    written: AtomicU64,
    /// So many are worth a look.
    step: u64,
    due: Notify,
    is_ended: AtomicBool,
    failure: OnceLock<String>,
}

impl Log {
    /// Keeps the log of a file short that `main` writes to, until [`Log::close`] or until this is dropped.
    ///
    /// # Errors
    /// When the file cannot be opened once more.
    pub(super) async fn keep(
        path: &Path,
        options: &SqliteConnectOptions,
        main: &Connections,
        lock: &Arc<File>,
    ) -> Result<Log, Cause> {
        let file = Arc::new(File::open(path)?);
        let mut connection = SqliteConnection::connect_with(options).await?;
        let (page,): (i64,) = sqlx::query_as("PRAGMA page_size")
            .fetch_one(&mut connection)
            .await?;
        let page = u64::try_from(page).unwrap_or(0).max(u64::from(MAIN_PAGE));
        let of_this_size = |pages: u64| (pages * u64::from(MAIN_PAGE) / page).max(1);
        let length = of_this_size(LENGTH.load(Ordering::Relaxed));
        let shared = Arc::new(Shared {
            written: AtomicU64::new(0),
            step: length.div_ceil(STEPS),
            due: Notify::new(),
            is_ended: AtomicBool::new(false),
            failure: OnceLock::new(),
        });
        let keeper = Keeper {
            shared: Arc::clone(&shared),
            connection,
            main: main.clone(),
            file,
            lock: Arc::downgrade(lock),
            page,
            length,
            little: of_this_size(LITTLE),
            told: length * REMARKABLE,
        };
        Ok(Log {
            shared,
            keeper: Mutex::new(Some(tokio::spawn(keeper.run()))),
        })
    }

    /// Whether what is committed now could be lost.
    ///
    /// # Errors
    /// When a page could not be moved into the file: nothing may be committed any more.
    pub(super) fn is_sound(&self) -> Result<(), Failure> {
        match self.shared.failure.get() {
            None => Ok(()),
            Some(failure) => Err(Failure::Failed(
                format!("the log could not be moved into the database: {failure}").into(),
            )),
        }
    }

    /// Hears of a commit of so many pages, about.
    ///
    /// # Errors
    /// As [`Log::is_sound`]: the commit may not be answered.
    pub(super) fn grew(&self, pages: u64) -> Result<(), Failure> {
        let before = self.shared.written.fetch_add(pages, Ordering::Relaxed);
        if before < self.shared.step && before + pages >= self.shared.step {
            self.shared.due.notify_one();
        }
        self.is_sound()
    }

    /// Closes the file's connections, the last of which moves all that is left.
    pub(super) async fn close(&self) {
        self.end();
        let keeper = {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            keeper.take()
        };
        if let Some(keeper) = keeper {
            keeper.await.expect("the log's keeper does not panic");
        }
    }

    fn end(&self) {
        self.shared.is_ended.store(true, Ordering::Release);
        self.shared.due.notify_one();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.end();
    }
}

/// How many pages a statement with these arguments writes, about: what it carries, the leaf that says
/// where that is, the page with the head, and now and then one above.
pub(super) fn pages(args: &[Arg<'_>]) -> u64 {
    let bytes = args.iter().map(|arg| match arg {
        Arg::Bytes(Some(bytes)) => bytes.len(),
        Arg::Text(Some(text)) => text.len(),
        _ => 0,
    });
    3 + bytes.sum::<usize>() as u64 / u64::from(MAIN_PAGE)
}

/// Moves the log's pages.
struct Keeper {
    shared: Arc<Shared>,
    connection: SqliteConnection,
    main: Connections,
    /// The database's file, to sync it. It is closed after all connections: the system lets go of a
    /// process's locks on a file when any of its openings is closed.
    file: Arc<File>,
    lock: Weak<File>,
    /// Bytes of the file's pages: those of a file stay as they were when it was made.
    page: u64,
    /// Pages at which the log is begun again.
    length: u64,
    /// Pages that a commit may wait for.
    little: u64,
    /// A log of so many is told of next.
    told: u64,
}

impl Keeper {
    async fn run(mut self) {
        loop {
            self.shared.due.notified().await;
            if self.shared.is_ended.load(Ordering::Acquire) {
                break;
            }
            self.shared.written.store(0, Ordering::Relaxed);
            if let Err(cause) = self.shorten().await {
                return self.fail(cause);
            }
        }
        if let Err(error) = self.connection.close().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the log's connection did not close well");
        }
        self.main.close().await;
    }

    async fn shorten(&mut self) -> Result<(), Cause> {
        let little = self.shared.step.min(self.little);
        let mut now = self.move_beside().await?;
        // The writer writes on meanwhile: each round leaves less, unless somebody reads for long.
        let mut before = u64::MAX;
        while now.left() > little && now.left() < before {
            before = now.left();
            now = self.move_beside().await?;
        }
        self.tell(now);
        let is_long = now.pages >= self.length;
        if is_long && (now.left() <= little || now.pages >= self.length * LONGEST) {
            // A commit that is under way ends first, and the next one waits for this.
            let _turn = self.main.turn.lock().await;
            match self.main.writer.acquire().await {
                Ok(mut writer) => drop(Moved::by(&mut writer).await?),
                Err(sqlx::Error::PoolTimedOut) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Moves what no reader needs, and has the disk write it before a commit would have to wait for that.
    async fn move_beside(&mut self) -> Result<Moved, Cause> {
        let moved = Moved::by(&mut self.connection).await?;
        let file = Arc::clone(&self.file);
        let synced = tokio::task::spawn_blocking(move || file.sync_data());
        synced.await.expect("a sync does not panic")?;
        Ok(moved)
    }

    fn tell(&mut self, now: Moved) {
        if now.pages < self.told {
            self.told = self.length * REMARKABLE;
            return;
        }
        let megabytes = (now.pages * self.page) >> 20;
        tracing::warn!(
            megabytes,
            "the database's log is long: somebody has been reading since long ago, such as a backup"
        );
        self.told *= 2;
    }

    fn fail(self, cause: Cause) {
        tracing::error!(%cause, "the log could not be moved into the database");
        // Set once: this ends with it.
        drop(self.shared.failure.set(cause.to_string()));
        // Never closed: see above. Nor may this process open the file again, and find the log's index
        // as it is.
        std::mem::forget((self.connection, self.file, self.lock.upgrade()));
    }
}

/// How far the log was moved into its file.
#[derive(Clone, Copy, Debug)]
struct Moved {
    /// In the log.
    pages: u64,
    /// Of them, those that are in the file, too.
    done: u64,
}

impl Moved {
    async fn by(connection: &mut SqliteConnection) -> Result<Moved, sqlx::Error> {
        let moved = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)");
        // The first says whether somebody else, another program perhaps, is at it.
        let (_, pages, done): (i64, i64, i64) = moved.fetch_one(connection).await?;
        let count = |pages| u64::try_from(pages).unwrap_or(0);
        Ok(Moved {
            pages: count(pages),
            done: count(done),
        })
    }

    fn left(self) -> u64 {
        self.pages.saturating_sub(self.done)
    }
}

/// Pages of [`MAIN_PAGE`] of a log that is begun again: 16 MiB. Shorter ones are synced more often,
/// longer ones are read for longer by a start.
static LENGTH: AtomicU64 = AtomicU64::new(4_000);

/// Lets logs of databases that are opened from then on be begun again at other pages, at least one.
pub(crate) fn begin_again_at(pages: u64) {
    LENGTH.store(pages.max(1), Ordering::Relaxed);
}

/// Looks at the log until it is begun again: so each moves 4 MiB, which a disk writes in some milliseconds.
const STEPS: u64 = 4;

/// Pages that a commit may wait for: 1 MiB.
const LITTLE: u64 = 256;

/// So many times its length, the log is begun again whatever is left: a writer that is faster than this
/// has to wait for once.
const LONGEST: u64 = 8;

/// A log of so many times its length, 256 MiB, is worth a word, and so is each that is twice as long.
const REMARKABLE: u64 = 16;

#[cfg(test)]
mod tests;

//! Has the disk write what history writes while it is written.
//!
//! SQLite hands a commit's pages to the system, which keeps them, and lets the disk write them when the log is moved
//! into the file: 32 MiB in one sync of the log, and as many in one of the file. A sync of the journal that comes
//! meanwhile is answered by the disk after all of them, 10 to 30 ms later, and everyone who trades waits for it.
//! With a thread that syncs both files all the time while SQLite is at it, no sync has much left to write.
//!
//! What is written so is neither more nor less durable: SQLite syncs as it would have. A sync that fails
//! here fails there, too, since the system tells of a failure to each opening of a file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::database::sqlite::file::log_of;

/// The thread. It ends when this is dropped, which must be after the last connection to the file is
/// closed: the system lets go of a process's locks on a file when any of its openings is closed. Where that is not
/// so, because nobody closed the database, the lock on the main file still keeps other processes away.
#[derive(Debug)]
pub(super) struct Trickle {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many are at it.
    writing: u32,
    ended: bool,
}

impl Trickle {
    /// For a database that is open.
    ///
    /// # Errors
    /// When its file cannot be opened once more, or there is no room for another thread.
    pub(super) fn of(path: &Path) -> io::Result<Trickle> {
        let mut files = Files {
            database: File::open(path)?,
            log: None,
            log_path: log_of(path),
        };
        Trickle::calling(move || files.sync())
    }

    fn calling(sync: impl FnMut() + Send + 'static) -> io::Result<Trickle> {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new().name("history's disk".to_owned());
        let thread = thread.spawn({
            let shared = Arc::clone(&shared);
            move || shared.work(sync)
        })?;
        Ok(Trickle {
            shared,
            thread: Some(thread),
        })
    }

    /// Works until what this gives is dropped: while SQLite writes much.
    pub(super) fn while_writing(&self) -> Writing<'_> {
        self.shared.state().writing += 1;
        self.shared.changed.notify_one();
        Writing(&self.shared)
    }
}

impl Drop for Trickle {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic.
            drop(thread.join());
        }
    }
}

/// Somebody writes, until it is dropped.
#[derive(Debug)]
pub(super) struct Writing<'a>(&'a Shared);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.state().writing -= 1;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut sync: impl FnMut()) {
        loop {
            let idle = |state: &mut State| state.writing == 0 && !state.ended;
            let woken = self.changed.wait_while(self.state(), idle);
            if woken.unwrap_or_else(PoisonError::into_inner).ended {
                return;
            }
            std::thread::sleep(BETWEEN);
            sync();
        }
    }
}

struct Files {
    database: File,
    /// None before SQLite has made it.
    log: Option<File>,
    log_path: PathBuf,
}

impl Files {
    /// What fails here is told by SQLite's own sync.
    fn sync(&mut self) {
        if self.log.is_none() {
            self.log = File::open(&self.log_path).ok();
        }
        if let Some(log) = &self.log {
            drop(log.sync_data());
        }
        drop(self.database.sync_data());
    }
}

/// Between two syncs. SQLite hands the system less than a megabyte in a millisecond.
const BETWEEN: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    use super::{Files, Trickle, log_of};

    fn wait_until(what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn it_syncs_while_somebody_writes_and_not_else() {
        let syncs = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&syncs);
        let trickle = Trickle::calling(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let trickle = trickle.unwrap();
        let done = || syncs.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(done(), 0, "nobody writes");

        let (one, other) = (trickle.while_writing(), trickle.while_writing());
        wait_until("it begins", || done() >= 3);
        drop(one);
        let before = done();
        wait_until("the other one writes on", || done() >= before + 3);
        drop(other);
        // One is under way at most, however late its thread runs; a hundred would have their time.
        let before = done();
        std::thread::sleep(Duration::from_millis(100));
        assert!(done() <= before + 1, "nobody writes any more");

        let before = done() + 1;
        let writing = trickle.while_writing();
        wait_until("it begins again", || done() > before);
        drop(writing);
        drop(trickle);
        assert_eq!(Arc::strong_count(&syncs), 1, "its thread has ended");
    }

    #[test]
    fn a_log_that_comes_later_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        std::fs::write(&path, "pages").unwrap();
        let mut files = Files {
            database: std::fs::File::open(&path).unwrap(),
            log: None,
            log_path: log_of(&path),
        };
        files.sync();
        assert!(files.log.is_none());
        let mut log = std::fs::File::create(directory.path().join("a.db-wal")).unwrap();
        log.write_all(b"frames").unwrap();
        files.sync();
        assert!(files.log.is_some());
    }
}

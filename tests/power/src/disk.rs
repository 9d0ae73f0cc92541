//! One directory of a disk, in memory: files by name, the locks on them, and the history of all
//! that was ever done to them.
//!
//! Everything is seen at once by everybody who has the disk, as files in one process are. What of it
//! would survive is not decided here: that is for [`crate::cut`], from the history.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::wal_index::{Region, WalIndex};

/// The files of a directory, by name: what a disk starts from, and what is found after a cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Name and content.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Image {
    /// Writes it into a real directory, for whoever wants to look at it.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be written.
    pub fn write_to(&self, directory: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(directory)?;
        self.files
            .iter()
            .try_for_each(|(name, bytes)| std::fs::write(directory.join(name), bytes))
    }
}

/// A file, under whatever names it has or had. Numbers are given in the order of creation, those of
/// the image that a disk starts from in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// One thing that was done to the disk.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file was made under a name.
    Created {
        /// Its name.
        name: String,
        /// The next file's number.
        file: FileId,
    },
    /// A name was taken away; who has the file open goes on with it.
    Deleted {
        /// The name.
        name: String,
    },
    /// Bytes were written.
    Written {
        /// Where.
        file: FileId,
        /// From this byte on.
        at: usize,
        /// What.
        bytes: Arc<[u8]>,
    },
    /// A file was cut to a length.
    Truncated {
        /// Which.
        file: FileId,
        /// Its length then.
        len: usize,
    },
    /// All that had been done to a file's content was to be on the platter when this returned.
    Synced {
        /// Which.
        file: FileId,
    },
    /// A sync failed. As Linux has it, what was to be written counts as written, and is not: only
    /// whoever writes to a page again has it written.
    SyncFailed {
        /// Of which file.
        file: FileId,
    },
    /// The same as [`Event::Synced`] for the directory: the names.
    DirectorySynced,
}

/// A disk, or rather one directory of it.
#[derive(Debug)]
pub struct Disk {
    state: Mutex<State>,
    habit: Habit,
}

/// What a disk does when it is told to sync, and whether it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// It keeps no history.
    Forgetful,
    /// It keeps a history.
    Honest,
    /// It keeps a history and says that things are synced that are not: such drives exist.
    Lying(Lie),
}

/// What a lying disk never syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Anything.
    All,
    /// What is in write-ahead logs and rollback journals.
    Logs,
    /// What is in other files.
    Databases,
    /// The names of files.
    Names,
}

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<String, FileId>,
    files: Vec<File>,
    history: Vec<Event>,
    /// Which sync is to fail: of the file of a name, after so many others.
    failing: Option<(String, usize)>,
}

#[derive(Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// Who holds which lock on the file.
    locks: BTreeMap<Holder, Lock>,
    wal_index: Option<WalIndex>,
    /// Whether it is a log of changes to another file.
    is_log: bool,
    /// The directory is to be synced with the file's first sync.
    is_name_unsynced: bool,
}

/// One opening of a file: what holds locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder(u64);

impl Holder {
    /// A holder like no other.
    pub(crate) fn next() -> Holder {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Holder(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// SQLite's locks on a database file, from weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lock {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// Somebody else has a lock that forbids it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Disk {
    /// A disk with these files on it, all of them synced.
    pub fn new(image: &Image, habit: Habit) -> Arc<Disk> {
        let mut state = State::default();
        for (name, bytes) in &image.files {
            state.names.insert(name.clone(), FileId(state.files.len()));
            state.files.push(File {
                bytes: bytes.clone(),
                is_log: name.ends_with("-wal") || name.ends_with("-journal"),
                ..File::default()
            });
        }
        Arc::new(Disk {
            state: Mutex::new(state),
            habit,
        })
    }

    /// How much history there is: a moment, for whoever notes when something else happened.
    pub fn moment(&self) -> usize {
        self.state().history.len()
    }

    /// All that was done to it.
    pub fn history(&self) -> Vec<Event> {
        self.state().history.clone()
    }

    /// Lets one sync of a file fail, after so many that succeed.
    pub fn fail_sync(&self, name: &str, after: usize) {
        self.state().failing = Some((name.to_owned(), after));
    }

    /// What is there, as the running system sees it.
    pub fn image(&self) -> Image {
        self.state().image()
    }

    /// All that was done to it and what is there, of one moment: as whoever kills a process leaves it.
    pub fn at_once(&self) -> (Vec<Event>, Image) {
        let state = self.state();
        (state.history.clone(), state.image())
    }

    /// The file of a name, made where it is not there if that is allowed. A log of changes has its
    /// directory synced when it is first synced itself, as SQLite does it on Unix.
    pub(crate) fn open(&self, name: &str, may_create: bool, is_log: bool) -> Option<FileId> {
        let mut state = self.state();
        if let Some(file) = state.names.get(name) {
            return Some(*file);
        }
        if !may_create {
            return None;
        }
        let file = FileId(state.files.len());
        state.names.insert(name.to_owned(), file);
        state.files.push(File {
            is_log,
            is_name_unsynced: is_log,
            ..File::default()
        });
        let name = name.to_owned();
        self.note(&mut state, Event::Created { name, file });
        Some(file)
    }

    /// Whether there is something under a name. An empty file is nothing to SQLite.
    pub(crate) fn has(&self, name: &str) -> bool {
        let state = self.state();
        let file = state.names.get(name);
        file.is_some_and(|file| !state.files[file.0].bytes.is_empty())
    }

    /// Takes a name away, and says whether it was there.
    pub(crate) fn delete(&self, name: &str, sync_directory: bool) -> bool {
        let mut state = self.state();
        if state.names.remove(name).is_none() {
            return false;
        }
        let name = name.to_owned();
        self.note(&mut state, Event::Deleted { name });
        if sync_directory {
            self.note(&mut state, Event::DirectorySynced);
        }
        true
    }

    /// Fills as much of the buffer as there is, and says how much that was.
    pub(crate) fn read(&self, file: FileId, at: usize, into: &mut [u8]) -> usize {
        let state = self.state();
        let bytes = &state.files[file.0].bytes;
        let there = bytes.get(at..).unwrap_or(&[]);
        let length = there.len().min(into.len());
        into[..length].copy_from_slice(&there[..length]);
        length
    }

    pub(crate) fn write(&self, file: FileId, at: usize, bytes: &[u8]) {
        let mut state = self.state();
        put(&mut state.files[file.0].bytes, at, bytes);
        if self.habit != Habit::Forgetful {
            let bytes = bytes.into();
            self.note(&mut state, Event::Written { file, at, bytes });
        }
    }

    pub(crate) fn truncate(&self, file: FileId, len: usize) {
        let mut state = self.state();
        state.files[file.0].bytes.resize(len, 0);
        self.note(&mut state, Event::Truncated { file, len });
    }

    /// False when it failed.
    pub(crate) fn sync(&self, file: FileId) -> bool {
        let mut state = self.state();
        if state.fails_now(file) {
            self.note(&mut state, Event::SyncFailed { file });
            return false;
        }
        self.note(&mut state, Event::Synced { file });
        if std::mem::take(&mut state.files[file.0].is_name_unsynced) {
            self.note(&mut state, Event::DirectorySynced);
        }
        true
    }

    pub(crate) fn size(&self, file: FileId) -> usize {
        self.state().files[file.0].bytes.len()
    }

    /// Raises a lock. As on Unix, whoever waits for readers to leave keeps later ones out.
    pub(crate) fn lock(&self, file: FileId, holder: Holder, wanted: Lock) -> Result<(), Busy> {
        let mut state = self.state();
        let locks = &mut state.files[file.0].locks;
        let others = locks.iter().filter(|(other, _)| **other != holder);
        let strongest = others.map(|(_, lock)| *lock).max().unwrap_or(Lock::None);
        let own = locks.get(&holder).copied().unwrap_or(Lock::None);
        let (got, outcome) = match wanted {
            _ if wanted <= own => (own, Ok(())),
            Lock::Shared if strongest < Lock::Pending => (Lock::Shared, Ok(())),
            Lock::Reserved if strongest < Lock::Reserved => (Lock::Reserved, Ok(())),
            Lock::Pending | Lock::Exclusive if strongest == Lock::None => (wanted, Ok(())),
            Lock::Pending | Lock::Exclusive if strongest == Lock::Shared => {
                (Lock::Pending, Err(Busy))
            }
            _ => (own, Err(Busy)),
        };
        locks.insert(holder, got);
        outcome
    }

    pub(crate) fn unlock(&self, file: FileId, holder: Holder, down_to: Lock) {
        let mut state = self.state();
        let locks = &mut state.files[file.0].locks;
        match down_to {
            Lock::None => drop(locks.remove(&holder)),
            down_to => drop(locks.insert(holder, down_to)),
        }
    }

    /// Whether anybody is about to write.
    pub(crate) fn is_reserved(&self, file: FileId) -> bool {
        let state = self.state();
        let mut locks = state.files[file.0].locks.values();
        locks.any(|lock| *lock >= Lock::Reserved)
    }

    /// Works on the index of the file's write-ahead log.
    pub(crate) fn wal_index<T>(&self, file: FileId, work: impl FnOnce(&mut WalIndex) -> T) -> T {
        let mut state = self.state();
        work(state.files[file.0].wal_index.get_or_insert_default())
    }

    /// A region of the index that connections share, made where it is not there if that is asked.
    pub(crate) fn region(
        &self,
        file: FileId,
        holder: Holder,
        (ix, size): (usize, usize),
        extend: bool,
    ) -> Option<Region> {
        self.wal_index(file, |index| index.region(holder, ix, size, extend))
    }

    /// Ends a holder's part in the index; with the last one it is gone.
    pub(crate) fn leave_wal_index(&self, file: FileId, holder: Holder) {
        let mut state = self.state();
        let index = &mut state.files[file.0].wal_index;
        if index.as_mut().is_some_and(|index| index.leave(holder)) {
            *index = None;
        }
    }

    fn note(&self, state: &mut State, event: Event) {
        let is_kept = match self.habit {
            Habit::Forgetful => false,
            Habit::Honest => true,
            Habit::Lying(lie) => !state.is_lied_about(&event, lie),
        };
        if is_kept {
            state.history.push(event);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a thread that panicked left is as good as what a power cut leaves.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn image(&self) -> Image {
        let files = self.names.iter();
        Image {
            files: files
                .map(|(name, file)| (name.clone(), self.files[file.0].bytes.clone()))
                .collect(),
        }
    }

    fn fails_now(&mut self, file: FileId) -> bool {
        let Some((name, after)) = &mut self.failing else {
            return false;
        };
        if self.names.get(name) != Some(&file) {
            return false;
        }
        let fails = *after == 0;
        match fails {
            true => self.failing = None,
            false => *after -= 1,
        }
        fails
    }

    fn is_lied_about(&self, event: &Event, lie: Lie) -> bool {
        match event {
            Event::Synced { file } => match lie {
                Lie::All => true,
                Lie::Logs => self.files[file.0].is_log,
                Lie::Databases => !self.files[file.0].is_log,
                Lie::Names => false,
            },
            Event::DirectorySynced => matches!(lie, Lie::All | Lie::Names),
            _ => false,
        }
    }
}

/// Writes into a file's content; what lies between its end and the place is zeros.
pub(crate) fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

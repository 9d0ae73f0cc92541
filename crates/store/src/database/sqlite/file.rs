//! The files of a SQLite database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Makes the directory and an empty file where they are missing, and gives the file's one full path:
/// a lock under another name of the same file would protect nothing.
pub(super) fn prepare(path: &Path) -> Result<PathBuf> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    private().create(true).append(true).open(path)?;
    path.canonicalize()
}

/// An empty file for a backup. One that is there is somebody's.
pub(super) fn prepare_backup(path: &Path) -> Result<()> {
    private().create_new(true).write(true).open(path).map(drop)
}

/// The files hold keys' digests and people's positions: their owner's business alone.
fn private() -> OpenOptions {
    let mut how = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// The file for what can be made again: `tidings.derived.db` beside `tidings.db`.
pub(super) fn derived_beside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".derived");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A database's write-ahead log.
pub(super) fn log_of(path: &Path) -> PathBuf {
    with_suffix(path, "-wal")
}

/// Marks a database as damaged. False when it is marked already, or cannot be.
pub(super) fn mark(path: &Path) -> bool {
    let mut how = private();
    let marked = how.create_new(true).write(true);
    marked.open(with_suffix(path, DAMAGED)).is_ok()
}

pub(super) fn is_marked(path: &Path) -> bool {
    with_suffix(path, DAMAGED).exists()
}

/// An empty file beside a database that was found to be damaged.
const DAMAGED: &str = "-damaged";

/// Removes a database with its logs, and last what says that it is damaged.
pub(super) fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", DAMAGED] {
        match std::fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Puts a copy in the place of a database that nobody has open, and gives that another name.
pub(super) fn replace(path: &Path, copy: &Path, former: &Path) -> Result<()> {
    // Some file systems replace what is there without a word.
    if former.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    // Derived tables are made again from the copy. What is in a write-ahead log belongs to its file.
    remove(&derived_beside(path))?;
    rename_if_there(&with_suffix(path, "-wal"), &with_suffix(former, "-wal"))?;
    remove(&with_suffix(path, "-shm"))?;
    rename_if_there(path, former)?;
    std::fs::rename(copy, path)?;
    sync(path)
}

fn rename_if_there(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// SQLite's own locks guard single transactions; two processes that take turns would still be two
/// owners of one journal.
pub(super) fn lock(path: &Path) -> std::result::Result<File, StoreError> {
    let failed = |source: Error| StoreError::Open {
        path: path.to_owned(),
        source: source.into(),
    };
    let mut how = OpenOptions::new();
    how.create(true).append(true);
    let file = how.open(with_suffix(path, ".lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Writes what is in a database's log over itself, and brings it to the disk, and the database, too.
///
/// A sync that fails ends its process, but what it should have written stays in the system's memory, and
/// counts as written there: the next process finds a commit that is on no disk. SQLite would take it
/// for one that is, and put the next commits behind it; their syncs would write their own pages alone, and
/// a power cut would leave a gap that ends the log before what was answered. A page that is written
/// is synced, whatever the system thought of it before. A disk that still fails is told here.
pub(super) fn write_log_again(path: &Path) -> Result<()> {
    let log = with_suffix(path, "-wal");
    let mut log = match OpenOptions::new().read(true).write(true).open(log) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        let length = log.read(&mut piece)?;
        if length == 0 {
            break;
        }
        log.seek(SeekFrom::Start(at))?;
        log.write_all(&piece[..length])?;
        at += length as u64;
    }
    log.sync_all()?;
    sync(path)
}

/// A log is a few megabytes when it is moved in time, and has no bound when it is not.
const PIECE: usize = 1024 * 1024;

/// Brings a finished file to the disk, and its name, too.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path)?.sync_all()?;
    #[cfg(unix)]
    if let Some(directory) = path.canonicalize()?.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests;

//! What a server keeps beside its database: who it is, and the last record that it answered.
//!
//! The database cannot tell that it has forgotten something: a copy from last night is whole, and so is
//! a standby that was promoted before it had everything. The directory remembers for it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tidings_core::id::Seq;
use tidings_store::{Instance, Mark};

/// Why a directory cannot be a server's home.
#[derive(Debug, Error)]
pub enum HomeError {
    /// Another process lives in it.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// Which directory.
        path: PathBuf,
    },
    /// It cannot be read or written.
    #[error("{} cannot be used", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A directory that one process at a time lives in. Clones share it; it is free when the last one goes.
#[derive(Clone, Debug)]
pub struct Home {
    instance: Instance,
    witness: Arc<File>,
    witness_path: Arc<Path>,
    _lock: Arc<File>,
}

impl Home {
    /// Moves in. The directory is made if it is not there.
    ///
    /// # Errors
    /// When another process lives in it, or it cannot be written.
    pub fn open(directory: &Path) -> Result<Home, HomeError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| HomeError::Io { path, source }
        };
        fs::create_dir_all(directory).map_err(at(directory))?;
        let path = directory.join("lock");
        let lock = private(&path).map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = directory.to_owned();
                return Err(HomeError::InUse { path });
            }
            Err(TryLockError::Error(source)) => return Err(at(&path)(source)),
        }
        let path = directory.join("instance");
        let instance = instance(&path).map_err(at(&path))?;
        let path = directory.join("witness");
        let witness = private(&path).map_err(at(&path))?;
        Ok(Home {
            instance,
            witness: Arc::new(witness),
            witness_path: path.into(),
            _lock: Arc::new(lock),
        })
    }

    /// Who lives here: the same after every restart.
    pub fn instance(&self) -> Instance {
        self.instance
    }

    /// The last record that was answered, as far as anything is remembered.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn witness(&self) -> Result<Option<Mark>, HomeError> {
        let mut bytes = [0; WITNESS];
        match self.witness.read_exact_at(&mut bytes, 0) {
            Ok(()) => Ok(read(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(source) => Err(self.witness_error(source)),
        }
    }

    /// The last record that was answered by whoever lives in a directory, which stays theirs.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn witness_in(directory: &Path) -> Result<Option<Mark>, HomeError> {
        let path = directory.join("witness");
        match fs::read(&path) {
            Ok(bytes) => Ok(bytes.first_chunk().and_then(read)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(HomeError::Io { path, source }),
        }
    }

    /// Remembers the last record that is about to be answered. It survives the process, and is not
    /// synced: after a power cut an older one stands there, which is as true.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&self, mark: Mark) -> Result<(), HomeError> {
        let written = self.witness.write_all_at(&written(mark), 0);
        written.map_err(|source| self.witness_error(source))
    }

    fn witness_error(&self, source: io::Error) -> HomeError {
        let path = self.witness_path.to_path_buf();
        HomeError::Io { path, source }
    }
}

/// Place, hash, and the first bytes of a hash of both: a torn or foreign file is no witness.
const WITNESS: usize = 8 + 32 + 8;

fn written(mark: Mark) -> [u8; WITNESS] {
    let mut bytes = [0; WITNESS];
    bytes[..8].copy_from_slice(&mark.seq.0.to_le_bytes());
    bytes[8..40].copy_from_slice(&mark.hash);
    let check = blake3::hash(&bytes[..40]);
    bytes[40..].copy_from_slice(&check.as_bytes()[..8]);
    bytes
}

fn read(bytes: &[u8; WITNESS]) -> Option<Mark> {
    let (seq, rest) = bytes.split_first_chunk()?;
    let (hash, _) = rest.split_first_chunk()?;
    let mark = Mark {
        seq: Seq(u64::from_le_bytes(*seq)),
        hash: *hash,
    };
    (written(mark) == *bytes).then_some(mark)
}

/// The instance's name, which is made at the first start. Names are random: two directories have the
/// same one only when one is a copy of the other.
fn instance(path: &Path) -> io::Result<Instance> {
    let mut name = [0; 16];
    match File::open(path) {
        Ok(file) => file.read_exact_at(&mut name, 0)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            getrandom::fill(&mut name).map_err(io::Error::other)?;
            // Whole or not at all: a name that was cut off would be another one.
            let part = path.with_extension("part");
            let mut file = private(&part)?;
            file.set_len(0)?;
            file.write_all(&name)?;
            file.sync_all()?;
            fs::rename(part, path)?;
        }
        Err(error) => return Err(error),
    }
    Ok(Instance(name))
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_has_one_lodger_with_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let name = home.instance();
        let second = Home::open(folder.path());
        assert!(matches!(second, Err(HomeError::InUse { .. })));
        drop(home);
        assert_eq!(Home::open(folder.path()).unwrap().instance(), name);
    }

    #[test]
    fn the_last_witness_is_remembered_and_a_damaged_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert_eq!(home.witness().unwrap(), None);
        for seq in [7, 8] {
            let mark = Mark {
                seq: Seq(seq),
                hash: [9; 32],
            };
            home.remember(mark).unwrap();
            assert_eq!(home.witness().unwrap(), Some(mark));
        }
        for byte in 0..WITNESS {
            let path = folder.path().join("witness");
            let whole = fs::read(&path).unwrap();
            let mut damaged = whole.clone();
            damaged[byte] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(home.witness().unwrap(), None);
            fs::write(&path, whole).unwrap();
        }
    }
}

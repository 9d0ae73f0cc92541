//! A derived file that is not what SQLite wrote: it is marked, and made again by the next start.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use crate::database::Failure;
use crate::database::sqlite::file;
use crate::error::StoreError;

/// Hears of every failure of a part of the database.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// The file, if it can be made again.
    path: Option<Arc<Path>>,
}

impl Watch {
    /// Over a file that can be made again.
    pub(super) fn over(path: &Path) -> Watch {
        let path = Some(path.into());
        Watch { path }
    }

    /// What the failure of a statement means. Trade does not need what can be made again: whoever reads it
    /// is told of a failure, and whoever writes it tries again, until the next start.
    pub(super) fn failure<E: Told>(&self, error: E) -> Failure {
        if let Some(path) = &self.path
            && error.is_damage()
            && file::mark(path)
        {
            let (error, path) = (&error as &dyn Error, path.display());
            tracing::error!(error, %path, "the file is damaged: the next start makes history again");
        }
        error.into()
    }
}

/// Whether an error goes back to a damaged file.
pub(super) fn is_told_by(error: &StoreError) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let driver = error
            .downcast_ref::<sqlx::Error>()
            .is_some_and(Told::is_damage);
        let bulk = error
            .downcast_ref::<rusqlite::Error>()
            .is_some_and(Told::is_damage);
        if driver || bulk {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What SQLite tells, over whichever connection.
pub(super) trait Told: Error + Into<Failure> + 'static {
    /// Its number for what went wrong.
    fn code(&self) -> Option<u32>;

    /// Whether it goes back to a damaged file.
    fn is_damage(&self) -> bool {
        // The lower byte is what it is, the others are the details.
        self.code()
            .is_some_and(|code| [CORRUPT, NOT_A_DATABASE].contains(&(code & 0xff)))
    }
}

impl Told for sqlx::Error {
    fn code(&self) -> Option<u32> {
        let code = self.as_database_error().and_then(|error| error.code());
        code.and_then(|code| code.parse().ok())
    }
}

impl Told for rusqlite::Error {
    fn code(&self) -> Option<u32> {
        let error = self.sqlite_error()?;
        error.extended_code.try_into().ok()
    }
}

/// `SQLITE_CORRUPT`.
const CORRUPT: u32 = 11;
/// `SQLITE_NOTADB`.
const NOT_A_DATABASE: u32 = 26;

#[cfg(test)]
mod tests;

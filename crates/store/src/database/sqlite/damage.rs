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
    pub(super) fn failure(&self, error: sqlx::Error) -> Failure {
        if let Some(path) = &self.path
            && is_damage(&error)
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
        if error.downcast_ref().is_some_and(is_damage) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<u32> = code.and_then(|code| code.parse().ok());
    // The lower byte is what it is, the others are the details.
    code.is_some_and(|code| [CORRUPT, NOT_A_DATABASE].contains(&(code & 0xff)))
}

/// `SQLITE_CORRUPT`.
const CORRUPT: u32 = 11;
/// `SQLITE_NOTADB`.
const NOT_A_DATABASE: u32 = 26;

#[cfg(test)]
mod tests;

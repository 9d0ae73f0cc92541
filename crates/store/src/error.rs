//! The world failing: a disk, a file, a database. Never an answer to a client, who learns only that
//! something went wrong; the sources below are for the log.

use std::path::PathBuf;

use tidings_core::id::Seq;

use crate::journal::JournalError;

/// What went wrong below, for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database's name is none that this store understands.
    #[error("\"{database}\" is not a database that can be opened: give the path of a file")]
    Unsupported {
        /// The name as given.
        database: String,
    },
    /// The file cannot be made or opened.
    #[error("the database {} cannot be opened", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Cause,
    },
    /// Another process has the file.
    #[error("the database {} is in use by another process", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The server does not write to the disk what it says it has written.
    #[error(
        "the database server runs with {setting} = off, and would lose what was answered when the power fails: turn it on"
    )]
    Forgetful {
        /// The server's setting.
        setting: &'static str,
    },
    /// The tables are a later version's.
    #[error("the database was written by a later version")]
    Later,
    /// The tables are from before the first release, whose databases no version reads.
    #[error(
        "the database was written by a development version, and cannot be read: start with another"
    )]
    Unreleased,
    /// The tables cannot be brought to this version's form.
    #[error("the database cannot be brought to this version's form")]
    Migrate(#[source] Cause),
    /// A backup cannot be made.
    #[error("the backup {} cannot be made", path.display())]
    Backup {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Cause,
    },
    /// A copy cannot be put in the place of a database.
    #[error("the database {} cannot be replaced", path.display())]
    Replace {
        /// The database's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The database is no file, and what was asked for is done with files.
    #[error("the database is no file")]
    NoFile,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Cause),
    /// The journal is not as it was written.
    #[error("the journal is not as it was written")]
    Corrupt(#[from] JournalError),
    /// A row holds what this version cannot read.
    #[error("a row's {column} cannot be read")]
    Unreadable {
        /// Which column.
        column: &'static str,
    },
    /// Records to project do not follow those that were projected.
    #[error("records from {first} were to be projected after {projected}")]
    OutOfOrder {
        /// How far the history goes.
        projected: Seq,
        /// The first record given.
        first: Seq,
    },
    /// Another article has that address or body.
    #[error("the article {slug} has this address or body")]
    ArticleTaken {
        /// The other article.
        slug: String,
    },
}

//! Where a database is.

use std::path::PathBuf;

use crate::error::StoreError;

/// Where a database is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Location {
    Memory,
    File(PathBuf),
    /// A PostgreSQL server's address.
    Server(String),
}

impl Location {
    pub(super) fn of(database: &str) -> Result<Location, StoreError> {
        if database.starts_with("postgres://") || database.starts_with("postgresql://") {
            return Ok(Location::Server(database.to_owned()));
        }
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

#[cfg(test)]
mod tests;

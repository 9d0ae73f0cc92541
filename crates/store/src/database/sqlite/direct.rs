//! Connections of rusqlite's: a statement is carried out by the thread that asks for it, which waits for the
//! disk. The driver under the readers hands it to a thread of its own, and two threads have to wake up
//! before there is an answer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::database::sqlite::connections::BUSY;
use crate::database::{Arg, Failure};

/// A connection for single statements, to a file that others write to as well: whoever has the file's turn.
/// Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    /// None once it is closed.
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Direct {
    /// To a file that the driver has opened, with pragmas.
    pub(super) fn to(path: &Path, pragmas: &str) -> Result<Direct, rusqlite::Error> {
        let connection = open(path, pragmas)?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        Ok(Direct { connection })
    }

    /// Carries out one statement as a transaction of its own; counts the rows that it changed. Blocks.
    pub(super) fn change(&self, sql: &str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = connection.as_ref() else {
            return Err(Failure::Failed("the database is closed".into()));
        };
        let changed = bound(connection, sql, args)?.raw_execute()?;
        Ok(changed as u64)
    }

    pub(super) fn close(&self) {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        drop(connection.take());
    }
}

/// To a file that the driver has opened: its journal's mode is in the file.
pub(super) fn open(path: &Path, pragmas: &str) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;")?;
    connection.execute_batch(pragmas)?;
    Ok(connection)
}

/// A statement, prepared once, with its arguments.
pub(super) fn bound<'c>(
    connection: &'c Connection,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<CachedStatement<'c>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    for place in 1..=statement.parameter_count() {
        // To SQLite `$2` is a name, which it counts where it first meets it.
        let name = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$'));
        let number: usize = name.and_then(|name| name.parse().ok()).expect("a number");
        statement.raw_bind_parameter(place, args[number - 1])?;
    }
    Ok(statement)
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Arg::Int(number) => number.map_or(ValueRef::Null, ValueRef::Integer),
            Arg::Text(text) => text.map_or(ValueRef::Null, ValueRef::from),
            Arg::Bytes(bytes) => bytes.map_or(ValueRef::Null, ValueRef::from),
            Arg::Ints(numbers) => {
                return Ok(serde_json::Value::from(numbers).to_string().into());
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Direct;
    use crate::database::Failure;
    use crate::database::sqlite::connections::main_pragmas;

    /// What a commit over it may rely on is what it says of itself.
    #[test]
    fn commits_reach_the_disk_and_nobody_moves_the_log_meanwhile() {
        let directory = tempfile::tempdir().unwrap();
        let direct = Direct::to(&directory.path().join("a.db"), &main_pragmas()).unwrap();
        let connection = direct.connection.lock().unwrap();
        let connection = connection.as_ref().unwrap();
        for (pragma, expected) in [
            ("synchronous", 2),
            ("wal_autocheckpoint", 0),
            ("foreign_keys", 1),
            ("journal_size_limit", 33_554_432),
        ] {
            let is: i64 = connection
                .pragma_query_value(None, pragma, |row| row.get(0))
                .unwrap();
            assert_eq!(is, expected, "{pragma}");
        }
    }

    #[test]
    fn a_closed_one_changes_nothing_and_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let direct = Direct::to(&directory.path().join("a.db"), &main_pragmas()).unwrap();
        let make = "CREATE TABLE things (thing TEXT)";
        direct.change(make, &[]).unwrap();
        let add = "INSERT INTO things VALUES ($1)";
        assert_eq!(direct.change(add, &["one".into()]).unwrap(), 1);
        direct.close();
        let refused = direct.change(add, &["two".into()]);
        assert!(matches!(refused, Err(Failure::Failed(_))), "{refused:?}");
    }
}

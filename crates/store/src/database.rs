//! The database under the store: one way to talk to it, whichever kind it is.
//! In: statements of this crate, with arguments. Out: rows. Nothing above sees a driver's types.
//!
//! What must survive is kept apart from what can be made again: on SQLite in two files, so that history
//! never waits for the journal's lock, nor the journal for history.

mod argument;
mod copy;
mod failure;
#[cfg(test)]
mod inspect;
mod location;
mod migrations;
mod postgres;
mod rest;
mod row;
mod rows;
mod sqlite;

use std::path::Path;

use crate::error::StoreError;

pub(crate) use argument::Arg;
pub(crate) use failure::Failure;
pub(crate) use rest::Rest;
pub(crate) use row::Row;
pub(crate) use rows::Rows;
pub(crate) use sqlite::begin_again_at;

use location::Location;
use postgres::{Postgres, PostgresWrite};
use sqlite::{Sqlite, SqliteWrite};

/// Which database a store is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatabaseKind {
    /// Two files of this process alone.
    Sqlite,
    /// A server that other processes may use, too.
    Postgres,
}

/// A part of the database, with connections of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The journal and whose it is. What was committed is on the disk.
    Journal,
    /// The articles, which cannot be made again either.
    Articles,
    /// Read tables and snapshots, which can.
    Derived,
}

/// A statement, in the words of either database. Arguments are `$1`, `$2`, … in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl Sql {
    /// A statement that both understand.
    pub(crate) const fn both(text: &'static str) -> Sql {
        Sql {
            sqlite: text,
            postgres: text,
        }
    }
}

/// A statement that adds rows to a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addition {
    pub(crate) insert: Sql,
    /// The same on PostgreSQL for many rows, as a copy.
    pub(crate) copy: &'static str,
}

/// A statement that changes rows or, where they are not there, adds them. The first column is the table's key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replacement {
    pub(crate) upsert: Sql,
    /// Of keys, those that PostgreSQL's table has.
    pub(crate) known: &'static str,
    /// Adds rows that it has not, as a copy.
    pub(crate) copy: &'static str,
}

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    pub(crate) async fn open(database: &str) -> Result<Database, StoreError> {
        match Location::of(database)? {
            Location::Memory => Sqlite::in_memory().await.map(Database::Sqlite),
            Location::File(path) => Sqlite::on_file(&path).await.map(Database::Sqlite),
            Location::Server(address) => Postgres::connect(&address).await.map(Database::Postgres),
        }
    }

    pub(crate) async fn open_beside(database: &str) -> Result<Database, StoreError> {
        if let Location::File(path) = Location::of(database)? {
            return Sqlite::beside(&path).await.map(Database::Sqlite);
        }
        Err(StoreError::NoFile)
    }

    /// Puts a copy in the place of a database that nobody has open, and gives that another name.
    pub(crate) fn replace(database: &str, copy: &Path, former: &Path) -> Result<(), StoreError> {
        if let Location::File(path) = Location::of(database)? {
            return sqlite::replace(&path, copy, former);
        }
        Err(StoreError::NoFile)
    }

    pub(crate) fn kind(&self) -> DatabaseKind {
        match self {
            Database::Sqlite(_) => DatabaseKind::Sqlite,
            Database::Postgres(_) => DatabaseKind::Postgres,
        }
    }

    /// See [`Store::with_rests`](crate::Store::with_rests).
    pub(crate) fn with_rests(mut self, rest: Rest) -> Database {
        match &mut self {
            Database::Sqlite(sqlite) => sqlite.rest_between_rows(rest),
            Database::Postgres(postgres) => postgres.rest_between_rows(rest),
        }
        self
    }

    /// Lets the thread that works at [`Part::Derived`] rest, where it has something to leave to others.
    pub(crate) fn rest(&self) {
        match self {
            Database::Sqlite(sqlite) => sqlite.rest(),
            Database::Postgres(postgres) => postgres.rest(),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Database::Sqlite(sqlite) => sqlite.close().await,
            Database::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Closes the connection over which a part is written, if it is one that can be made again.
    pub(crate) async fn let_go(&self, part: Part) {
        match self {
            Database::Sqlite(_) => {}
            Database::Postgres(postgres) => postgres.let_go(part).await,
        }
    }

    /// Reads what was committed.
    pub(crate) async fn read(
        &self,
        part: Part,
        sql: Sql,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        match self {
            Database::Sqlite(sqlite) => sqlite.read(part, sql.sqlite, args).await,
            Database::Postgres(postgres) => postgres.read(sql.postgres, args).await,
        }
    }

    /// Reads one row at most.
    pub(crate) async fn read_one(
        &self,
        part: Part,
        sql: Sql,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let rows = self.read(part, sql, args).await?;
        Ok(rows.into_iter().next())
    }

    /// Carries out one statement as a transaction of its own; counts the rows that it changed.
    pub(crate) async fn change(
        &self,
        part: Part,
        sql: Sql,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        match self {
            Database::Sqlite(sqlite) => sqlite.change(part, sql.sqlite, args).await,
            Database::Postgres(postgres) => postgres.change(part, sql.postgres, args).await,
        }
    }

    /// As [`Database::change`] of [`Part::Journal`]. Where the database is a file, the calling thread waits for
    /// the disk.
    pub(crate) async fn change_here(&self, sql: Sql, args: &[Arg<'_>]) -> Result<u64, Failure> {
        match self {
            Database::Sqlite(sqlite) => sqlite.change_here(sql.sqlite, args).await,
            Database::Postgres(_) => self.change(Part::Journal, sql, args).await,
        }
    }

    /// Carries out one statement as a transaction of its own; gives the row that it returns.
    pub(crate) async fn change_one(
        &self,
        part: Part,
        sql: Sql,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        match self {
            Database::Sqlite(sqlite) => sqlite.change_one(part, sql.sqlite, args).await,
            Database::Postgres(postgres) => postgres.change_one(part, sql.postgres, args).await,
        }
    }

    /// Begins a transaction that writes. Dropped without a commit, it is undone.
    pub(crate) async fn begin(&self, part: Part) -> Result<Write, Failure> {
        match self {
            Database::Sqlite(sqlite) => sqlite.begin(part).await.map(Write::Sqlite),
            Database::Postgres(postgres) => postgres.begin(part).await.map(Write::Postgres),
        }
    }

    /// Copies what must survive into a file, as of one moment.
    pub(crate) async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.backup(to).await,
            // Its own tools do that, on the machine where the data is.
            Database::Postgres(_) => Err(StoreError::Backup {
                path: to.to_owned(),
                source: "the database is a server: use its own tools".into(),
            }),
        }
    }
}

/// A transaction that writes.
#[derive(Debug)]
pub(crate) enum Write {
    Sqlite(SqliteWrite),
    Postgres(PostgresWrite),
}

impl Write {
    /// Reads one row at most, as this transaction sees it.
    pub(crate) async fn read_one(
        &mut self,
        sql: Sql,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        match self {
            Write::Sqlite(write) => write.read_one(sql.sqlite, args).await,
            Write::Postgres(write) => write.read_one(sql.postgres, args).await,
        }
    }

    /// Reads rows, as this transaction sees them.
    pub(crate) async fn read(&mut self, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, Failure> {
        match self {
            Write::Sqlite(write) => write.read(sql.sqlite, args).await,
            Write::Postgres(write) => write.read(sql.postgres, args).await,
        }
    }

    /// Counts the rows that a statement changed.
    pub(crate) async fn change(&mut self, sql: Sql, args: &[Arg<'_>]) -> Result<u64, Failure> {
        match self {
            Write::Sqlite(write) => write.change(sql.sqlite, args).await,
            Write::Postgres(write) => write.change(sql.postgres, args).await,
        }
    }

    /// Adds any number of rows at once.
    pub(crate) async fn add_all(
        &mut self,
        addition: Addition,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        match self {
            Write::Postgres(write) if rows.count() >= write.copied_from() => {
                write.copy_all(addition.copy, rows).await
            }
            _ => self.change_all(addition.insert, rows).await,
        }
    }

    /// Changes or adds any number of rows at once. PostgreSQL is asked which of many are there: to copy the others costs
    /// it half of what it costs to try.
    pub(crate) async fn put_all(
        &mut self,
        replacement: Replacement,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        match self {
            Write::Postgres(write) if rows.count() >= write.copied_from() => {
                let known = write.known(replacement.known, rows).await?;
                let (there, new) = rows.split(|key| known.contains(&key));
                if new.count() > 0 {
                    write.copy_all(replacement.copy, &new).await?;
                }
                self.change_all(replacement.upsert, &there).await
            }
            _ => self.change_all(replacement.upsert, rows).await,
        }
    }

    /// Carries out a statement for any number of rows at once.
    pub(crate) async fn change_all(&mut self, sql: Sql, rows: &Rows<'_>) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Write::Sqlite(write) => write.change_all(sql.sqlite, rows).await,
            Write::Postgres(write) => write.change_all(sql.postgres, rows).await,
        }
    }

    /// Makes it so.
    pub(crate) async fn commit(self) -> Result<(), Failure> {
        match self {
            Write::Sqlite(write) => write.commit().await,
            Write::Postgres(write) => write.commit().await,
        }
    }

    /// Ends a transaction that changed nothing after all.
    pub(crate) async fn undo(self) -> Result<(), Failure> {
        match self {
            Write::Sqlite(write) => write.undo().await,
            Write::Postgres(write) => write.undo().await,
        }
    }
}

#[cfg(test)]
mod tests;

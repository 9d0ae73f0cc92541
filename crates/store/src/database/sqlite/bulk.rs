//! The connection that history is written over: see [`direct`]. The driver would keep each of a statement's
//! values for its own thread, which was half of what history cost (`examples/bulk.rs` measures it).
//!
//! It writes only while it has the turn of the file's other writer, so that neither meets SQLite's lock.

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection};
use sqlx::SqlitePool;
use sqlx::pool::PoolConnection;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::database::rows::Column;
use crate::database::sqlite::connections::{DERIVED_CACHE, DERIVED_LOG};
use crate::database::sqlite::damage::Watch;
use crate::database::sqlite::direct;
use crate::database::sqlite::trickle::Trickle;
use crate::database::sqlite::write::{AT_ONCE, for_rows};
use crate::database::{Arg, Failure, Rest, Row, Rows};
use crate::error::Cause;

/// History's connection to the derived file. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Bulk {
    /// None once it is closed.
    connection: Arc<Mutex<Option<Connection>>>,
    trickle: Arc<Trickle>,
    rest: Rest,
}

impl Bulk {
    /// To a file that the driver has opened.
    pub(super) fn to(path: &Path) -> Result<Bulk, Cause> {
        let pragmas = format!(
            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = {DERIVED_CACHE};
             PRAGMA wal_autocheckpoint = {DERIVED_LOG};"
        );
        let connection = direct::open(path, &pragmas)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let connection = Arc::new(Mutex::new(Some(connection)));
        let trickle = Arc::new(Trickle::of(path)?);
        Ok(Bulk {
            connection,
            trickle,
            rest: Rest::none(),
        })
    }

    /// After each statement of many rows, the thread that writes them rests.
    pub(super) fn rest_between_rows(&mut self, rest: Rest) {
        self.rest = rest;
    }

    pub(super) fn rest(&self) {
        self.rest.take();
    }

    /// Begins a transaction in the turn of the file's writer.
    pub(super) async fn begin(
        &self,
        writer: &SqlitePool,
        watch: Watch,
    ) -> Result<BulkWrite, Failure> {
        let turn = writer
            .acquire()
            .await
            .map_err(|error| watch.failure(error))?;
        let write = BulkWrite {
            connection: Arc::clone(&self.connection).lock_owned().await,
            trickle: Arc::clone(&self.trickle),
            rest: self.rest.clone(),
            watch,
            ended: false,
            _turn: turn,
        };
        write.tell("BEGIN IMMEDIATE")?;
        Ok(write)
    }

    /// What has the disk write what is written over other connections, too.
    pub(super) fn trickle(&self) -> &Trickle {
        &self.trickle
    }

    /// Ends it. The pool whose turns it takes is closed before.
    pub(super) async fn close(&self) {
        drop(self.connection.lock().await.take());
    }
}

/// A transaction over it. Dropped without a commit, it is undone.
#[derive(Debug)]
pub(crate) struct BulkWrite {
    // In the order in which they are let go: the other writer waits for the turn.
    connection: OwnedMutexGuard<Option<Connection>>,
    trickle: Arc<Trickle>,
    rest: Rest,
    watch: Watch,
    ended: bool,
    _turn: PoolConnection<sqlx::Sqlite>,
}

impl BulkWrite {
    pub(super) fn read(&self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, Failure> {
        self.heard(self.rows(sql, args))
    }

    pub(super) fn change(&self, sql: &str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        let changed = self
            .bound(sql, args)
            .and_then(|mut bound| bound.raw_execute());
        self.heard(changed).map(|rows| rows as u64)
    }

    pub(super) fn change_all(&self, sql: &str, rows: &Rows<'_>) -> Result<(), Failure> {
        self.heard(self.write(sql, rows))
    }

    pub(super) fn commit(mut self) -> Result<(), Failure> {
        // What fails here is undone by the drop.
        let written = self.trickle.while_writing();
        self.tell("COMMIT")?;
        drop(written);
        self.ended = true;
        Ok(())
    }

    pub(super) fn undo(mut self) -> Result<(), Failure> {
        self.ended = true;
        self.tell("ROLLBACK")
    }

    fn tell(&self, sql: &str) -> Result<(), Failure> {
        self.change(sql, &[]).map(drop)
    }

    fn rows(&self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, rusqlite::Error> {
        let mut statement = self.bound(sql, args)?;
        let columns: Arc<[String]> = statement
            .column_names()
            .iter()
            .map(|&name| name.into())
            .collect();
        let mut rows = statement.raw_query();
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns.len()).map(|ix| row.get(ix));
            let values = values.collect::<Result<_, _>>()?;
            let columns = Arc::clone(&columns);
            read.push(Row::Bulk(BulkRow { columns, values }));
        }
        Ok(read)
    }

    fn write(&self, sql: &str, rows: &Rows<'_>) -> Result<(), rusqlite::Error> {
        let columns = rows.columns();
        let mut done = 0;
        for size in AT_ONCE {
            if rows.count() - done < size {
                continue;
            }
            let mut statement = self.prepared(&for_rows(sql, columns.len(), size))?;
            while rows.count() - done >= size {
                let cells = (done..done + size)
                    .flat_map(|row| columns.iter().map(move |column| (column, row)));
                for (place, (column, row)) in (1..).zip(cells) {
                    match column {
                        Column::Ints(ints) => statement.raw_bind_parameter(place, ints[row])?,
                        Column::Bools(bools) => statement.raw_bind_parameter(place, bools[row])?,
                        Column::Texts(texts) => statement.raw_bind_parameter(place, texts[row])?,
                    }
                }
                statement.raw_execute()?;
                done += size;
                if size == AT_ONCE[0] {
                    self.rest.take();
                }
            }
        }
        Ok(())
    }

    fn bound(&self, sql: &str, args: &[Arg<'_>]) -> Result<CachedStatement<'_>, rusqlite::Error> {
        direct::bound(self.connection(), sql, args)
    }

    fn prepared(&self, sql: &str) -> Result<CachedStatement<'_>, rusqlite::Error> {
        self.connection().prepare_cached(sql)
    }

    fn connection(&self) -> &Connection {
        let connection = self.connection.as_ref();
        connection.expect("it is closed after the pool that the turn is of")
    }

    fn heard<T>(&self, result: Result<T, rusqlite::Error>) -> Result<T, Failure> {
        result.map_err(|error| self.watch.failure(error))
    }
}

impl Drop for BulkWrite {
    fn drop(&mut self) {
        // Some failures have undone it already, and it says so.
        if !self.ended
            && let Err(error) = self.tell("ROLLBACK")
        {
            tracing::debug!(?error, "a transaction that was given up");
        }
    }
}

/// A row that was read over it.
#[derive(Debug)]
pub(crate) struct BulkRow {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl BulkRow {
    /// A column's value; none where there is no such column.
    pub(in crate::database) fn get(&self, column: &str) -> Option<&Value> {
        let ix = self.columns.iter().position(|name| name == column)?;
        self.values.get(ix)
    }
}

/// More than there are: those of a projection in each size, and a few.
const STATEMENTS: usize = 64;

//! A transaction that writes to one of the files.

use std::sync::Arc;

use sqlx::Transaction;
use tokio::sync::OwnedMutexGuard;

use crate::database::rows::Column;
use crate::database::sqlite::bulk::BulkWrite;
use crate::database::sqlite::damage::Watch;
use crate::database::sqlite::log::{self, Log};
use crate::database::sqlite::query;
use crate::database::{Arg, Failure, Row, Rows};

/// A transaction that writes to one of the files.
#[derive(Debug)]
pub(crate) enum SqliteWrite {
    /// Over the connection that writes to the file.
    Driver(DriverWrite),
    /// Over history's own.
    Bulk(BulkWrite),
}

impl SqliteWrite {
    pub(in crate::database) async fn read_one(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let rows = self.read(sql, args).await?;
        Ok(rows.into_iter().next())
    }

    pub(in crate::database) async fn read(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        match self {
            SqliteWrite::Driver(write) => write.read(sql, args).await,
            SqliteWrite::Bulk(write) => write.read(sql, args),
        }
    }

    pub(in crate::database) async fn change(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        match self {
            SqliteWrite::Driver(write) => write.change(sql, args).await,
            SqliteWrite::Bulk(write) => write.change(sql, args),
        }
    }

    pub(in crate::database) async fn change_all(
        &mut self,
        sql: &'static str,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        match self {
            SqliteWrite::Driver(write) => write.change_all(sql, rows).await,
            SqliteWrite::Bulk(write) => write.change_all(sql, rows),
        }
    }

    pub(in crate::database) async fn commit(self) -> Result<(), Failure> {
        match self {
            SqliteWrite::Driver(write) => write.commit().await,
            SqliteWrite::Bulk(write) => write.commit(),
        }
    }

    pub(in crate::database) async fn undo(self) -> Result<(), Failure> {
        match self {
            SqliteWrite::Driver(write) => write.undo().await,
            SqliteWrite::Bulk(write) => write.undo(),
        }
    }
}

/// A transaction over the driver's connection.
#[derive(Debug)]
pub(crate) struct DriverWrite {
    pub(super) transaction: Transaction<'static, sqlx::Sqlite>,
    /// The log that it goes to, if that has to be kept, and how much of it that is.
    pub(super) log: Option<Arc<Log>>,
    pub(super) pages: u64,
    pub(super) watch: Watch,
    /// Of the main file. Let go after the transaction.
    pub(super) _turn: Option<OwnedMutexGuard<()>>,
}

impl DriverWrite {
    async fn read(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Row>, Failure> {
        let rows = query(sql, args).fetch_all(&mut *self.transaction).await;
        let rows = rows.map_err(|error| self.watch.failure(error))?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    async fn change(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        let done = query(sql, args).execute(&mut *self.transaction).await;
        let done = done.map_err(|error| self.watch.failure(error))?;
        self.pages += log::pages(args);
        Ok(done.rows_affected())
    }

    async fn change_all(&mut self, sql: &'static str, rows: &Rows<'_>) -> Result<(), Failure> {
        let mut done = 0;
        for size in AT_ONCE {
            if rows.count() - done < size {
                continue;
            }
            let text = for_rows(sql, rows.columns().len(), size);
            while rows.count() - done >= size {
                let mut insert = sqlx::query(sqlx::AssertSqlSafe(text.as_str()));
                for row in done..done + size {
                    for column in rows.columns() {
                        insert = match column {
                            Column::Ints(ints) => insert.bind(ints[row]),
                            Column::Bools(bools) => insert.bind(bools[row]),
                            Column::Texts(texts) => insert.bind(texts[row]),
                        };
                    }
                }
                let written = insert.execute(&mut *self.transaction).await;
                written.map_err(|error| self.watch.failure(error))?;
                done += size;
            }
        }
        Ok(())
    }

    async fn commit(self) -> Result<(), Failure> {
        let committed = self.transaction.commit().await;
        committed.map_err(|error| self.watch.failure(error))?;
        self.log.as_ref().map_or(Ok(()), |log| log.grew(self.pages))
    }

    async fn undo(self) -> Result<(), Failure> {
        Ok(self.transaction.rollback().await?)
    }
}

/// A statement for so many rows at once: `$rows` stands for them.
pub(in crate::database) fn for_rows(sql: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    sql.replace("$rows", &vec![row; rows].join(", "))
}

/// Rows in one statement, as many at once as there are: each of these is prepared once for each table. SQLite
/// takes 32,766 values at most.
pub(super) const AT_ONCE: [usize; 5] = [256, 64, 16, 4, 1];

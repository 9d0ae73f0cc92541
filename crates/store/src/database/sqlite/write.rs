//! A transaction that writes to one of the files.

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Transaction};

use crate::database::rows::Column;
use crate::database::sqlite::damage::Watch;
use crate::database::sqlite::log::{self, Log};
use crate::database::sqlite::query;
use crate::database::{Arg, Failure, Row, Rows};

/// A transaction that writes to one of the files.
#[derive(Debug)]
pub(crate) struct SqliteWrite {
    pub(super) transaction: Transaction<'static, sqlx::Sqlite>,
    /// The log that it goes to, if that has to be kept, and how much of it that is.
    pub(super) log: Option<Arc<Log>>,
    pub(super) pages: u64,
    pub(super) watch: Watch,
}

impl SqliteWrite {
    pub(in crate::database) async fn read_one(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let row = query(sql, args)
            .fetch_optional(&mut *self.transaction)
            .await;
        let row = row.map_err(|error| self.watch.failure(error))?;
        Ok(row.map(Row::Sqlite))
    }

    pub(in crate::database) async fn read(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let rows = query(sql, args).fetch_all(&mut *self.transaction).await;
        let rows = rows.map_err(|error| self.watch.failure(error))?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    pub(in crate::database) async fn change(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let done = query(sql, args).execute(&mut *self.transaction).await;
        let done = done.map_err(|error| self.watch.failure(error))?;
        self.pages += log::pages(args);
        Ok(done.rows_affected())
    }

    pub(in crate::database) async fn change_all(
        &mut self,
        sql: &'static str,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        let mut done = 0;
        for size in AT_ONCE {
            if rows.count() - done < size {
                continue;
            }
            let text = for_rows(sql, rows.columns().len(), size);
            let mut next = values(rows, done..done + size).map_err(Failure::Failed)?;
            while rows.count() - done >= size {
                let insert = sqlx::query_with(sqlx::AssertSqlSafe(text.as_str()), next);
                let mut written = pin!(insert.execute(&mut *self.transaction));
                // The first poll hands it to the connection's thread, which works while the next values
                // are gathered.
                let at_once = poll_fn(|cx| Poll::Ready(written.as_mut().poll(cx))).await;
                done += size;
                let some = if rows.count() - done >= size { size } else { 0 };
                next = values(rows, done..done + some).map_err(Failure::Failed)?;
                let written = match at_once {
                    Poll::Ready(written) => written,
                    Poll::Pending => written.await,
                };
                written.map_err(|error| self.watch.failure(error))?;
            }
        }
        Ok(())
    }

    pub(in crate::database) async fn commit(self) -> Result<(), Failure> {
        let committed = self.transaction.commit().await;
        committed.map_err(|error| self.watch.failure(error))?;
        self.log.map_or(Ok(()), |log| log.grew(self.pages))
    }

    pub(in crate::database) async fn undo(self) -> Result<(), Failure> {
        Ok(self.transaction.rollback().await?)
    }
}

/// The values of some rows, for a statement of [`for_rows`]. Thousands of them: a query that they are bound to
/// one by one would be moved for each.
fn values(rows: &Rows<'_>, some: Range<usize>) -> Result<SqliteArguments, BoxDynError> {
    let mut values = SqliteArguments::default();
    values.reserve(some.len() * rows.columns().len(), 0);
    for row in some {
        for column in rows.columns() {
            match column {
                Column::Ints(ints) => values.add(ints[row])?,
                Column::Bools(bools) => values.add(bools[row])?,
                Column::Texts(texts) => values.add(texts[row])?,
            }
        }
    }
    Ok(values)
}

/// A statement for so many rows at once: `$rows` stands for them.
pub(in crate::database) fn for_rows(sql: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    sql.replace("$rows", &vec![row; rows].join(", "))
}

/// Rows in one statement, as many at once as there are: each of these is prepared once for each table,
/// and a call to the driver costs as much as some rows. SQLite takes 32,766 values at most.
const AT_ONCE: [usize; 5] = [256, 64, 16, 4, 1];

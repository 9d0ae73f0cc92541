//! SQLite: two files, one connection that writes to each and a few that read, and a lock.
//!
//! In the main file is what must survive; a commit that was answered is on the disk. The derived file
//! beside it can be made again, and is when it was made by another version.

mod file;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection, SqlitePool, Transaction};

use crate::database::migrations::{SQLITE_DERIVED, SQLITE_MAIN, migrate};
use crate::database::rows::Column;
use crate::database::{Arg, Failure, Part, Row, Rows};
use crate::error::StoreError;

/// Puts a copy in the place of a database that nobody has open, and gives that another name.
pub(super) fn replace(path: &Path, copy: &Path, former: &Path) -> Result<(), StoreError> {
    let failed = |source: std::io::Error| StoreError::Replace {
        path: path.to_owned(),
        source: source.into(),
    };
    // As everywhere, the file itself and not a link to it.
    let path = file::prepare(path).map_err(failed)?;
    file::replace(&path, copy, former).map_err(failed)
}

/// Two SQLite databases. Clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    main: Connections,
    derived: Connections,
    /// Held while any clone lives.
    _lock: Option<Arc<std::fs::File>>,
}

/// One database's connections.
#[derive(Clone, Debug)]
struct Connections {
    /// One connection: SQLite has one writer at a time, and a queue here is fairer than its lock.
    writer: SqlitePool,
    /// Connections that cannot write; they see the last commit and never wait for the writer.
    readers: SqlitePool,
}

impl Sqlite {
    pub(super) async fn on_file(path: &Path) -> Result<Sqlite, StoreError> {
        let failed = |source: std::io::Error| StoreError::Open {
            path: path.to_owned(),
            source: source.into(),
        };
        let path = file::prepare(path).map_err(failed)?;
        let lock = file::lock(&path)?;
        // Before SQLite reads the log, and while nobody else can.
        file::write_log_again(&path).map_err(failed)?;
        let main = Connections::to(&path, main_options()).await?;
        main.migrate(SQLITE_MAIN).await?;
        let derived = Sqlite::derived(&file::derived_beside(&path)).await?;
        Ok(Sqlite {
            main,
            derived,
            _lock: Some(Arc::new(lock)),
        })
    }

    /// What must survive, to be read alone, whoever else has the file open. There is nothing derived.
    pub(super) async fn beside(path: &Path) -> Result<Sqlite, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(Duration::from_secs(5));
        let writer = pool(1).connect_with(options).await;
        let writer = writer.map_err(|error| StoreError::Open {
            path: path.to_owned(),
            source: error.into(),
        })?;
        let derived = Connections::in_memory(derived_options()).await?;
        derived.migrate(SQLITE_DERIVED).await?;
        Ok(Sqlite {
            main: Connections {
                readers: writer.clone(),
                writer,
            },
            derived,
            _lock: None,
        })
    }

    pub(super) async fn in_memory() -> Result<Sqlite, StoreError> {
        let (main, derived) = (main_options(), derived_options());
        let (main, derived) = (
            Connections::in_memory(main),
            Connections::in_memory(derived),
        );
        let (main, derived) = (main.await?, derived.await?);
        main.migrate(SQLITE_MAIN).await?;
        derived.migrate(SQLITE_DERIVED).await?;
        Ok(Sqlite {
            main,
            derived,
            _lock: None,
        })
    }

    /// Nothing in the derived file is worth a migration between versions: it is made again.
    async fn derived(path: &Path) -> Result<Connections, StoreError> {
        let failed = |source: std::io::Error| StoreError::Open {
            path: path.to_owned(),
            source: source.into(),
        };
        file::prepare(path).map_err(failed)?;
        let derived = Connections::to(path, derived_options()).await?;
        match derived.migrate(SQLITE_DERIVED).await {
            Ok(()) => Ok(derived),
            Err(StoreError::Later | StoreError::Unreleased) => {
                derived.close().await;
                file::remove(path).map_err(failed)?;
                file::prepare(path).map_err(failed)?;
                let derived = Connections::to(path, derived_options()).await?;
                derived.migrate(SQLITE_DERIVED).await?;
                Ok(derived)
            }
            Err(error) => Err(error),
        }
    }

    fn part(&self, part: Part) -> &Connections {
        match part {
            Part::Journal | Part::Articles => &self.main,
            Part::Derived => &self.derived,
        }
    }

    #[cfg(test)]
    pub(super) fn writer(&self, part: Part) -> &SqlitePool {
        &self.part(part).writer
    }

    /// Ends every connection, which also moves the write-ahead logs into the files.
    pub(super) async fn close(&self) {
        self.derived.close().await;
        self.main.close().await;
    }

    pub(super) async fn read(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let rows = query(sql, args).fetch_all(&self.part(part).readers).await?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    pub(super) async fn change(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let done = query(sql, args).execute(&self.part(part).writer).await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn change_one(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let writer = &self.part(part).writer;
        let row = query(sql, args).fetch_optional(writer).await?;
        Ok(row.map(Row::Sqlite))
    }

    /// A transaction that has the file's one lock for writing from its first statement on.
    pub(super) async fn begin(&self, part: Part) -> Result<SqliteWrite, Failure> {
        let transaction = self.part(part).writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(SqliteWrite { transaction })
    }

    /// On a connection of its own, so that neither a reader nor the writer waits for it.
    pub(super) async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let failed = |source: crate::error::Cause| StoreError::Backup {
            path: to.to_owned(),
            source,
        };
        let name = to
            .to_str()
            .ok_or_else(|| failed("its name is no text".into()))?;
        file::prepare_backup(to).map_err(|error| failed(error.into()))?;
        let copy = query("VACUUM INTO $1", &[Arg::from(name)]);
        match self._lock {
            // Another connection to a database in memory would see one of its own; and one that only
            // reads has nobody who waits for it.
            None => copy.execute(&self.main.writer).await,
            Some(_) => {
                let options = self.main.writer.connect_options();
                let connection = SqliteConnection::connect_with(&options).await;
                let mut connection = connection.map_err(|error| failed(error.into()))?;
                copy.execute(&mut connection).await
            }
        }
        .map_err(|error| {
            // An empty file would be in the way of another attempt.
            drop(file::remove(to));
            failed(error.into())
        })?;
        file::sync(to).map_err(|error| failed(error.into()))
    }
}

impl Connections {
    async fn to(path: &Path, options: SqliteConnectOptions) -> Result<Connections, StoreError> {
        let options = options.filename(path).create_if_missing(true);
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.map_err(|error| StoreError::Open {
            path: path.to_owned(),
            source: error.into(),
        })?;
        let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Connections { writer, readers })
    }

    /// One connection for all: a second one would see a database of its own.
    async fn in_memory(options: SqliteConnectOptions) -> Result<Connections, StoreError> {
        // By its name alone. The flag for memory would count for a backup's file, too.
        let writer = pool(1).connect_with(options.filename(":memory:")).await;
        let writer = writer.map_err(Failure::from)?;
        Ok(Connections {
            readers: writer.clone(),
            writer,
        })
    }

    async fn migrate(&self, steps: &[(i64, &'static str, &'static str)]) -> Result<(), StoreError> {
        let mut writer = self.writer.acquire().await.map_err(Failure::from)?;
        migrate(steps, &mut *writer).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A transaction that writes to one of the files.
#[derive(Debug)]
pub(crate) struct SqliteWrite {
    transaction: Transaction<'static, sqlx::Sqlite>,
}

impl SqliteWrite {
    pub(super) async fn read_one(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let row = query(sql, args)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(row.map(Row::Sqlite))
    }

    pub(super) async fn read(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let rows = query(sql, args).fetch_all(&mut *self.transaction).await?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    pub(super) async fn change(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let done = query(sql, args).execute(&mut *self.transaction).await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn change_all(
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
            while rows.count() - done >= size {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(text.as_str()));
                for row in done..done + size {
                    for column in rows.columns() {
                        query = match column {
                            Column::Ints(values) => query.bind(values[row]),
                            Column::Bools(values) => query.bind(values[row]),
                            Column::Texts(values) => query.bind(values[row]),
                        };
                    }
                }
                query.execute(&mut *self.transaction).await?;
                done += size;
            }
        }
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), Failure> {
        Ok(self.transaction.commit().await?)
    }

    pub(super) async fn undo(self) -> Result<(), Failure> {
        Ok(self.transaction.rollback().await?)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some(RAISED) => Failure::NotOwner,
            _ => Failure::Failed(error.into()),
        }
    }
}

fn query<'q>(sql: &'static str, args: &[Arg<'q>]) -> Query<'q, sqlx::Sqlite, SqliteArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Int(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
        Arg::Ints(numbers) => query.bind(serde_json::Value::from(numbers).to_string()),
    })
}

/// A statement for so many rows at once: `$rows` stands for them.
pub(super) fn for_rows(sql: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    sql.replace("$rows", &vec![row; rows].join(", "))
}

fn main_options() -> SqliteConnectOptions {
    // A commit that was answered is on the disk.
    let synchronous = match cfg!(planted = "synchronous_off") {
        true => SqliteSynchronous::Off,
        false => SqliteSynchronous::Full,
    };
    options().synchronous(synchronous).page_size(MAIN_PAGE)
}

fn derived_options() -> SqliteConnectOptions {
    // A power cut may take the last moments' history, which the journal still has. Rows go to as many
    // places of an index as there are accounts: they stay in memory until they are many.
    options()
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", DERIVED_CACHE)
        .pragma("wal_autocheckpoint", DERIVED_LOG)
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "MEMORY")
}

/// Connections stay open for good: statements stay prepared, and an in-memory database lives.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        // After some failures SQLite undoes a transaction by itself and the driver does not notice:
        // such a connection could never begin another one.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
}

/// Rows in one statement, as many at once as there are: each of these is prepared once for each table,
/// and a call to the driver costs as much as some rows. SQLite takes 32,766 values at most.
const AT_ONCE: [usize; 5] = [256, 64, 16, 4, 1];

/// Readers at once: pages of history are read from memory in microseconds, so a few serve many.
const READERS: u32 = 4;

/// Groups under load are some 100 to 300 KB: a few large pages each, rather than many small ones.
const MAIN_PAGE: u32 = 16_384;

/// Kibibytes, written as SQLite wants them: 64 MiB, the upper pages of every index of a busy year.
const DERIVED_CACHE: &str = "-65536";

/// Pages of the log before they are moved into the file: 32 MiB.
const DERIVED_LOG: &str = "8000";

/// `SQLITE_CONSTRAINT_TRIGGER`: the one trigger's word for a journal that ends elsewhere.
const RAISED: &str = "1811";

#[cfg(test)]
mod tests;

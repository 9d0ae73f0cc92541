//! SQLite: two files, one connection that writes to each and a few that read, and a lock.
//!
//! In the main file is what must survive; a commit that was answered is on the disk. The derived file
//! beside it can be made again, and is when it was made by another version.

mod bulk;
mod connections;
mod damage;
mod direct;
mod file;
mod log;
mod trickle;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
#[cfg(test)]
use sqlx::SqlitePool;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection};
use tokio::sync::OwnedMutexGuard;

use crate::database::migrations::{SQLITE_DERIVED, SQLITE_MAIN};
use crate::database::{Arg, Failure, Part, Rest, Row};
use crate::error::StoreError;

use bulk::Bulk;
pub(crate) use bulk::BulkRow;
use connections::{Connections, derived_options, main_options, main_pragmas, pool, with_kept_log};
use damage::Watch;
use direct::Direct;
use log::Log;
pub(crate) use log::begin_again_at;
use trickle::Trickle;
use write::DriverWrite;
pub(crate) use write::SqliteWrite;
#[cfg(test)]
pub(super) use write::for_rows;

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
    /// Over the derived file, where it is on a disk.
    bulk: Option<Bulk>,
    /// Over the main file, where it is on a disk.
    direct: Option<Direct>,
    /// Of the main file, where it is written to a disk.
    log: Option<Arc<Log>>,
    /// Over the derived file, where it is on a disk.
    watch: Watch,
    /// Held while any clone lives.
    _lock: Option<Arc<std::fs::File>>,
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
        let options = main_options().filename(&path);
        let main = Connections::to(&path, with_kept_log(options.clone())).await?;
        main.migrate(SQLITE_MAIN).await?;
        let beside = file::derived_beside(&path);
        let derived = Sqlite::derived(&beside).await?;
        let bulk = Bulk::to(&beside).map_err(|source| StoreError::Open {
            path: beside.clone(),
            source,
        })?;
        let direct = Direct::to(&path, &main_pragmas()).map_err(|source| StoreError::Open {
            path: path.clone(),
            source: source.into(),
        })?;
        let lock = Arc::new(lock);
        let log = Log::keep(&path, &options, &main, &lock).await;
        let log = log.map_err(|source| StoreError::Open { path, source })?;
        Ok(Sqlite {
            main,
            derived,
            bulk: Some(bulk),
            direct: Some(direct),
            log: Some(Arc::new(log)),
            watch: Watch::over(&beside),
            _lock: Some(lock),
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
                turn: Arc::default(),
                writer,
            },
            derived,
            bulk: None,
            direct: None,
            log: None,
            watch: Watch::default(),
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
            bulk: None,
            direct: None,
            log: None,
            watch: Watch::default(),
            _lock: None,
        })
    }

    /// Nothing in the derived file is worth a migration between versions, or a repair: it is made again.
    async fn derived(path: &Path) -> Result<Connections, StoreError> {
        let failed = |source: std::io::Error| StoreError::Open {
            path: path.to_owned(),
            source: source.into(),
        };
        file::prepare(path).map_err(failed)?;
        let opened = match file::is_marked(path) {
            false => Sqlite::derived_as_it_is(path).await,
            true => Err(StoreError::Open {
                path: path.to_owned(),
                source: "it was found to be damaged".into(),
            }),
        };
        let error = match opened {
            Ok(derived) => return Ok(derived),
            Err(error @ (StoreError::Later | StoreError::Unreleased)) => error,
            Err(error) if file::is_marked(path) || damage::is_told_by(&error) => error,
            Err(error) => return Err(error),
        };
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, path = %path.display(), "history is made again from the journal");
        file::remove(path).map_err(failed)?;
        file::prepare(path).map_err(failed)?;
        Sqlite::derived_as_it_is(path).await
    }

    async fn derived_as_it_is(path: &Path) -> Result<Connections, StoreError> {
        let derived = Connections::to(path, derived_options()).await?;
        match derived.migrate(SQLITE_DERIVED).await {
            Ok(()) => Ok(derived),
            Err(error) => {
                derived.close().await;
                Err(error)
            }
        }
    }

    fn part(&self, part: Part) -> &Connections {
        match part {
            Part::Journal | Part::Articles => &self.main,
            Part::Derived => &self.derived,
        }
    }

    /// History's thread rests between its rows, where it has a connection of its own.
    pub(super) fn rest_between_rows(&mut self, rest: Rest) {
        if let Some(bulk) = &mut self.bulk {
            bulk.rest_between_rows(rest);
        }
    }

    pub(super) fn rest(&self) {
        if let Some(bulk) = &self.bulk {
            bulk.rest();
        }
    }

    #[cfg(test)]
    pub(super) fn writer(&self, part: Part) -> &SqlitePool {
        &self.part(part).writer
    }

    /// The log that a part's commits go to, if it has to be kept.
    fn log(&self, part: Part) -> Option<&Arc<Log>> {
        match part {
            Part::Journal | Part::Articles => self.log.as_ref(),
            Part::Derived => None,
        }
    }

    /// The main file's turn. History's connection takes the writer itself, for longer.
    async fn turn(&self, part: Part) -> Option<OwnedMutexGuard<()>> {
        match part {
            Part::Journal | Part::Articles => Some(Arc::clone(&self.main.turn).lock_owned().await),
            Part::Derived => None,
        }
    }

    fn trickle(&self, part: Part) -> Option<&Trickle> {
        match part {
            Part::Journal | Part::Articles => None,
            Part::Derived => self.bulk.as_ref().map(Bulk::trickle),
        }
    }

    fn watch(&self, part: Part) -> Watch {
        match part {
            Part::Journal | Part::Articles => Watch::default(),
            Part::Derived => self.watch.clone(),
        }
    }

    fn failure(&self, part: Part, error: sqlx::Error) -> Failure {
        self.watch(part).failure(error)
    }

    /// Ends every connection, which also moves the write-ahead logs into the files.
    pub(super) async fn close(&self) {
        self.derived.close().await;
        if let Some(bulk) = &self.bulk {
            bulk.close().await;
        }
        if let Some(direct) = &self.direct {
            direct.close();
        }
        if let Some(log) = &self.log {
            log.close().await;
        }
        self.main.close().await;
    }

    pub(super) async fn read(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let rows = query(sql, args).fetch_all(&self.part(part).readers).await;
        let rows = rows.map_err(|error| self.failure(part, error))?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    pub(super) async fn change(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let log = self.log(part);
        log.map_or(Ok(()), |log| log.is_sound())?;
        let _turn = self.turn(part).await;
        let _written = self.trickle(part).map(Trickle::while_writing);
        let done = query(sql, args).execute(&self.part(part).writer).await;
        let done = done.map_err(|error| self.failure(part, error))?;
        log.map_or(Ok(()), |log| log.grew(log::pages(args)))?;
        Ok(done.rows_affected())
    }

    /// As [`Sqlite::change`] of the main file, on the calling thread, which waits for the disk.
    pub(super) async fn change_here(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let (Some(direct), Some(log)) = (&self.direct, &self.log) else {
            return self.change(Part::Journal, sql, args).await;
        };
        log.is_sound()?;
        let _turn = self.turn(Part::Journal).await;
        let changed = direct.change(sql, args)?;
        log.grew(log::pages(args))?;
        Ok(changed)
    }

    pub(super) async fn change_one(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let (writer, log) = (&self.part(part).writer, self.log(part));
        log.map_or(Ok(()), |log| log.is_sound())?;
        let _turn = self.turn(part).await;
        let row = query(sql, args).fetch_optional(writer).await;
        let row = row.map_err(|error| self.failure(part, error))?;
        log.map_or(Ok(()), |log| log.grew(log::pages(args)))?;
        Ok(row.map(Row::Sqlite))
    }

    /// A transaction that has the file's one lock for writing from its first statement on.
    pub(super) async fn begin(&self, part: Part) -> Result<SqliteWrite, Failure> {
        if let (Part::Derived, Some(bulk)) = (part, &self.bulk) {
            let write = bulk.begin(&self.derived.writer, self.watch(part)).await;
            return write.map(SqliteWrite::Bulk);
        }
        let log = self.log(part).cloned();
        log.as_ref().map_or(Ok(()), |log| log.is_sound())?;
        let turn = self.turn(part).await;
        let transaction = self.part(part).writer.begin_with("BEGIN IMMEDIATE").await;
        Ok(SqliteWrite::Driver(DriverWrite {
            _turn: turn,
            transaction: transaction.map_err(|error| self.failure(part, error))?,
            log,
            pages: 0,
            watch: self.watch(part),
        }))
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

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.and_then(|code| code.parse().ok()) {
            Some(RAISED) => Failure::NotOwner,
            _ => Failure::Failed(error.into()),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        match error.sqlite_error() {
            Some(told) if told.extended_code == RAISED => Failure::NotOwner,
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

/// `SQLITE_CONSTRAINT_TRIGGER`: the one trigger's word for a journal that ends elsewhere.
const RAISED: i32 = 1811;

#[cfg(test)]
mod tests;

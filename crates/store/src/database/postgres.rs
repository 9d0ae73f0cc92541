//! PostgreSQL: a server that others may use, too, across connections that can break at any moment.
//!
//! Whatever goes wrong with a connection that writes, it is thrown away and the next statement makes
//! another one: nobody can tell in which state the old one is. What became of the statement is not
//! known then, which is what [`Failure::Interrupted`] says.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{
    PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgQueryResult,
};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, Postgres as Driver};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::database::copy::Parts;
use crate::database::migrations::{POSTGRES, migrate};
use crate::database::rows::Column;
use crate::database::{Arg, Failure, Part, Rest, Row, Rows};
use crate::error::StoreError;

/// A PostgreSQL database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    journal: Line,
    articles: Line,
    derived: Line,
    /// What was committed, for any number at once.
    readers: PgPool,
}

impl Postgres {
    pub(super) async fn connect(address: &str) -> Result<Postgres, StoreError> {
        let unsupported = |_| StoreError::Unsupported {
            database: address.to_owned(),
        };
        let options = PgConnectOptions::from_str(address).map_err(unsupported)?;
        let options = options
            .application_name("tidings")
            .disable_statement_logging();
        // Said aloud: a server or a database may have been set otherwise for what it has beside.
        let writes = options.clone().options(WRITES);
        let journal = Line::new(writes.clone());
        // Waited for, too: a killed server that forgot the last rows would show a history with a hole,
        // and nobody would know before the next group.
        // A server that is halted in the middle of a transaction would keep the tables from the one that
        // takes over: after as long as a lease, its connection is cut.
        let derived = Line::new(
            writes
                .clone()
                .options([("idle_in_transaction_session_timeout", "5000")]),
        );
        let mut first = within(CONNECT, PgConnection::connect_with(&options)).await?;
        refuse_to_lose(&mut first).await?;
        migrate(POSTGRES, &mut first).await?;
        first.close().await.map_err(Failure::from)?;
        let readers = PgPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(CONNECT)
            .connect_lazy_with(options.options(READS));
        Ok(Postgres {
            journal,
            articles: Line::new(writes),
            derived,
            readers,
        })
    }

    /// After each part of what is written into the read tables, the thread that sends it rests.
    pub(super) fn rest_between_rows(&mut self, rest: Rest) {
        self.derived.rest = rest;
    }

    pub(super) fn rest(&self) {
        self.derived.rest.take();
    }

    fn line(&self, part: Part) -> &Line {
        match part {
            Part::Journal => &self.journal,
            Part::Articles => &self.articles,
            Part::Derived => &self.derived,
        }
    }

    #[cfg(test)]
    pub(super) fn pool(&self) -> &PgPool {
        &self.readers
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        for line in [&self.journal, &self.articles, &self.derived] {
            line.hang_up().await;
        }
    }

    pub(super) async fn let_go(&self, part: Part) {
        self.line(part).hang_up().await;
    }

    pub(super) async fn read(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let rows = within(READ, query(sql, args).fetch_all(&self.readers)).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    pub(super) async fn change(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let mut call = self.line(part).call().await?;
        let done = call.execute(query(sql, args)).await?;
        call.keep();
        Ok(done.rows_affected())
    }

    pub(super) async fn change_one(
        &self,
        part: Part,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        let mut call = self.line(part).call().await?;
        let row = call.fetch_one(query(sql, args)).await?;
        call.keep();
        Ok(row)
    }

    pub(super) async fn begin(&self, part: Part) -> Result<PostgresWrite, Failure> {
        let line = self.line(part);
        let mut call = line.call().await?;
        let was_idle = call.was_idle;
        match call.execute(sqlx::query("BEGIN")).await {
            // Nothing was begun on a connection that died while nobody used it: nothing is in doubt.
            Err(_) if was_idle => {
                drop(call);
                let mut call = line.call().await?;
                call.execute(sqlx::query("BEGIN")).await?;
                Ok(PostgresWrite { call })
            }
            begun => begun.map(|_| PostgresWrite { call }),
        }
    }
}

/// A server that does not write to the disk what it says it has written can lose everything.
async fn refuse_to_lose(connection: &mut PgConnection) -> Result<(), StoreError> {
    for setting in ["fsync", "full_page_writes"] {
        let asked = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
        let value: String = within(READ, asked.fetch_one(&mut *connection)).await?;
        if value == "off" {
            return Err(StoreError::Forgetful { setting });
        }
    }
    Ok(())
}

/// One connection that writes, made when it is needed.
#[derive(Clone, Debug)]
struct Line {
    options: Arc<PgConnectOptions>,
    is_local: bool,
    rest: Rest,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

impl Line {
    fn new(options: PgConnectOptions) -> Line {
        let is_local = options.get_socket().is_some() || options.get_host().starts_with('/');
        Line {
            is_local,
            options: Arc::new(options),
            rest: Rest::none(),
            connection: Arc::default(),
        }
    }

    /// The connection, taken out of its place: it comes back when all went well.
    async fn call(&self) -> Result<Call, Failure> {
        let mut place = Arc::clone(&self.connection).lock_owned().await;
        let idle = place.take();
        let was_idle = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            None => within(CONNECT, PgConnection::connect_with(&self.options)).await?,
        };
        Ok(Call {
            connection,
            is_local: self.is_local,
            portions: match self.rest.is_any() {
                true => Portions::BESIDE_TRADE,
                false => Portions::ALONE,
            },
            rest: self.rest.clone(),
            was_idle,
            place,
        })
    }

    async fn hang_up(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // The server notices an end that was not said, too.
            drop(within(CONNECT, connection.close()).await);
        }
    }
}

/// A connection in use. Dropped without [`Call::keep`], it is closed, and the server undoes what was
/// not committed.
#[derive(Debug)]
struct Call {
    connection: PgConnection,
    is_local: bool,
    portions: Portions,
    rest: Rest,
    /// It was made for an earlier call, and may have died since.
    was_idle: bool,
    place: OwnedMutexGuard<Option<PgConnection>>,
}

impl Call {
    async fn execute(
        &mut self,
        query: Query<'_, Driver, PgArguments>,
    ) -> Result<PgQueryResult, Failure> {
        within(WRITE, query.execute(&mut self.connection)).await
    }

    async fn fetch_one(
        &mut self,
        query: Query<'_, Driver, PgArguments>,
    ) -> Result<Option<Row>, Failure> {
        let row = within(WRITE, query.fetch_optional(&mut self.connection)).await?;
        Ok(row.map(Row::Postgres))
    }

    async fn fetch_all(
        &mut self,
        query: Query<'_, Driver, PgArguments>,
    ) -> Result<Vec<Row>, Failure> {
        let rows = within(WRITE, query.fetch_all(&mut self.connection)).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    /// Puts the connection back for the next call.
    fn keep(self) {
        let Call {
            connection,
            mut place,
            ..
        } = self;
        *place = Some(connection);
    }
}

/// A transaction that writes.
#[derive(Debug)]
pub(crate) struct PostgresWrite {
    call: Call,
}

impl PostgresWrite {
    pub(super) async fn read_one(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, Failure> {
        self.call.fetch_one(query(sql, args)).await
    }

    pub(super) async fn read(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Failure> {
        self.call.fetch_all(query(sql, args)).await
    }

    pub(super) async fn change(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, Failure> {
        let done = self.call.execute(query(sql, args)).await?;
        Ok(done.rows_affected())
    }

    /// How many rows at least go as a copy.
    pub(super) fn copied_from(&self) -> usize {
        match self.call.is_local {
            true => COPIED_FROM,
            false => COPIED_FAR_FROM,
        }
    }

    /// The rows as they are. Before each rest the server has come to the end of some parts, or it would go on with what waits
    /// for it meanwhile.
    pub(super) async fn copy_all(
        &mut self,
        sql: &'static str,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        let Call {
            connection,
            rest,
            is_local,
            portions,
            ..
        } = &mut self.call;
        let parts = match is_local {
            true => portions.parts_of_a_copy,
            false => usize::MAX,
        };
        let copied = async {
            let (mut parts, mut part) = (Parts::of(rows, parts), Vec::new());
            while parts.go_on() {
                let mut copy = connection.copy_in_raw(sql).await?;
                while parts.next(&mut part) {
                    copy.send(part.as_slice()).await?;
                    rest.take();
                }
                copy.send(part.as_slice()).await?;
                copy.finish().await?;
                rest.take();
            }
            Ok(())
        };
        within(WRITE, copied).await
    }

    /// Of the rows' keys, which are their first column, those that a table has.
    pub(super) async fn known(
        &mut self,
        sql: &'static str,
        rows: &Rows<'_>,
    ) -> Result<HashSet<i64>, Failure> {
        let keys: Vec<i64> = rows.keys().collect();
        let mut known = HashSet::new();
        for part in keys.chunks(self.call.portions.keys) {
            let asked = sqlx::query_scalar(sql).bind(part);
            let found: Vec<i64> = within(WRITE, asked.fetch_all(&mut self.call.connection)).await?;
            known.extend(found);
            self.call.rest.take();
        }
        Ok(known)
    }

    /// A column is an argument, and the statement takes the rows apart.
    pub(super) async fn change_all(
        &mut self,
        sql: &'static str,
        rows: &Rows<'_>,
    ) -> Result<(), Failure> {
        let at_once = self.call.portions.rows;
        for start in (0..rows.count()).step_by(at_once) {
            let part = start..rows.count().min(start + at_once);
            let columns = rows.columns().iter();
            let query = columns.fold(sqlx::query(sql), |query, column| match column {
                Column::Ints(values) => query.bind(&values[part.clone()]),
                Column::Bools(values) => query.bind(&values[part.clone()]),
                Column::Texts(values) => query.bind(&values[part.clone()]),
            });
            self.call.execute(query).await?;
            self.call.rest.take();
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), Failure> {
        self.call.execute(sqlx::query("COMMIT")).await?;
        self.call.keep();
        Ok(())
    }

    pub(super) async fn undo(mut self) -> Result<(), Failure> {
        self.call.execute(sqlx::query("ROLLBACK")).await?;
        self.call.keep();
        Ok(())
    }
}

fn query<'q>(sql: &'static str, args: &[Arg<'q>]) -> Query<'q, Driver, PgArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Int(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
        Arg::Ints(numbers) => query.bind(numbers),
    })
}

/// What the server says, if it says it in time.
async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(time, work).await {
        Ok(done) => done.map_err(interrupted),
        Err(_) => Err(Failure::Interrupted(
            format!("the database did not answer within {time:?}").into(),
        )),
    }
}

/// Whatever an error says, the caller asks again what is there: a server that reports a failure may
/// have been interrupted itself, and asking costs little.
fn interrupted(error: sqlx::Error) -> Failure {
    Failure::Interrupted(error.into())
}

/// For every connection that writes. A commit that was answered is on the disk. And the server asks after a
/// client that is silent, and lets go of its locks within a minute when there is none: a machine that loses
/// its power says no goodbye, and a server asks after hours by default.
const WRITES: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// For every connection that reads. A plan that was made for a small table is kept until the server has counted it again, which
/// may be a minute; until then the next four groups of a journal of 30,000 took 3 ms, because all that follow were sorted.
const READS: [(&str, &str); 1] = [("plan_cache_mode", "force_custom_plan")];

/// Rows from which on the server gets a copy, over its socket. A row of it costs a third to a half of what it does in
/// an insert of arrays, and the copy a round trip.
const COPIED_FROM: usize = 64;
/// The same over TCP. There the copy's end is a small message behind another one, which the driver's connection holds
/// back until the first has been acknowledged: for some 40 ms, in which thousands of rows are inserted. Tests have fewer
/// rows.
const COPIED_FAR_FROM: usize = if cfg!(test) { COPIED_FROM } else { 4_096 };

/// How much a server is given to do at once.
#[derive(Clone, Copy, Debug)]
struct Portions {
    /// Parts after which a copy ends and another begins, over a server's socket. Over TCP all parts are one.
    parts_of_a_copy: usize,
    /// Rows that a statement of arrays changes.
    rows: usize,
    /// Keys that a statement looks for.
    keys: usize,
}

impl Portions {
    /// Each keeps a server for less than a millisecond, and a copy for one. Whoever waits for the processor that it has waits as
    /// long, and beside that a round trip more is little. Tests have fewer.
    const BESIDE_TRADE: Portions = Portions {
        parts_of_a_copy: 2,
        rows: if cfg!(test) { 7 } else { 128 },
        keys: if cfg!(test) { 50 } else { 512 },
    };
    /// For whoever takes no rests, because there is no trade or history is far behind: after each answer it waits for its own turn,
    /// and on a busy machine that is most of the time.
    const ALONE: Portions = Portions {
        parts_of_a_copy: usize::MAX,
        rows: if cfg!(test) { 13 } else { 2_048 },
        keys: if cfg!(test) { 90 } else { 8_192 },
    };
}

/// Connections that read.
const READERS: u32 = 8;
/// A server that takes longer to greet is not there.
const CONNECT: Duration = Duration::from_secs(3);
/// Writes take milliseconds, and a sync of a busy disk may take a second. Callers wait for it.
const WRITE: Duration = Duration::from_secs(10);
/// A page of history takes milliseconds, and a page of the journal a tenth of a second.
const READ: Duration = Duration::from_secs(20);

//! History that was held up under a steady load: how long it takes to be where it should be.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tidings_exchange::Exchange;

use crate::crowd::{Answer, Crowd, Pace, per_mille};
use crate::{Bench, MARKETS, RATE, TRADERS, start, stop};

/// History is where it should be while it is less far behind than this.
const SHOULD: Duration = Duration::from_secs(1);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(20);

impl Bench<'_> {
    /// Keeps history from writing for some seconds, and then lets it go, while trade goes on.
    pub(crate) async fn behind(&self, name: &str, database: &str) {
        let size = |seconds, short| self.asked.size(Duration::from_secs(seconds), short);
        let short = Duration::from_millis(100);
        let (before, held, after) = (size(8, short), size(4, short), size(28, short));
        let exchange = start(database, Some(10_000)).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(TRADERS, 50), MARKETS).await;
        let (watched, database) = (exchange.clone(), database.to_owned());
        let watch = tokio::spawn(async move {
            let started = Instant::now();
            tokio::time::sleep(before).await;
            let hold = Hold::take(&database).await;
            tokio::time::sleep(held).await;
            hold.let_go().await;
            let (let_go, records) = (started.elapsed(), watched.lag().records);
            let took = until_there(&watched, after).await;
            (let_go, records, took)
        });
        let told = crowd
            .trade(before + held + after, Pace::PerSecond(RATE))
            .await;
        let (let_go, records, took) = watch.await.expect("watching");
        let took = took.unwrap_or(after);
        let (from, to) = (let_go.as_micros(), (let_go + took).as_micros());
        let (meanwhile, _) = told.split(|answer: &Answer| (from..=to).contains(&answer.at.into()));
        println!(
            "{name}: history, held for {held:.0?} at {RATE} commands/s, was {records} records behind, and {took:.1?} later less than {SHOULD:?}{}; answers meanwhile p50 {} us, p99 {} us; {told}",
            if took == after { " NOT YET" } else { "" },
            per_mille(&meanwhile, 500),
            per_mille(&meanwhile, 990),
        );
        stop(exchange).await;
    }
}

/// How long it takes until history is where it should be; none when it does not get there in time.
async fn until_there(exchange: &Exchange, time: Duration) -> Option<Duration> {
    let started = Instant::now();
    while started.elapsed() < time {
        if exchange.lag().time.is_some_and(|lag| lag < SHOULD) {
            return Some(started.elapsed());
        }
        tokio::time::sleep(LOOK).await;
    }
    None
}

/// A lock that whoever writes history waits for.
enum Hold {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Hold {
    async fn take(database: &str) -> Hold {
        if database.starts_with("postgres") {
            let mut server = PgConnection::connect(database).await.expect("a server");
            let lock = "BEGIN; SELECT * FROM projected FOR UPDATE";
            server.execute(lock).await.expect("a lock");
            return Hold::Postgres(server);
        }
        let file = Path::new(database).with_extension("derived.db");
        let file = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(Duration::from_secs(30));
        let mut file = file.connect().await.expect("a file");
        file.execute("BEGIN IMMEDIATE").await.expect("a lock");
        Hold::Sqlite(file)
    }

    async fn let_go(self) {
        match self {
            Hold::Sqlite(mut file) => file.execute("ROLLBACK").await.map(drop),
            Hold::Postgres(mut server) => server.execute("ROLLBACK").await.map(drop),
        }
        .expect("a lock to let go of");
    }
}

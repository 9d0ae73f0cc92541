//! What the machine and its databases can do at best: the limits that the exchange is held against.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection, SqliteConnection};
use tidings_benches::measure::{Latencies, median};

/// One order as a row, in bytes: about what the journal has for each.
const ORDER: usize = 200;

/// The time of one write of a page and its sync, in microseconds: the median of many.
pub(crate) fn one_sync(folder: &Path, times: usize) -> f64 {
    let mut file = File::create(folder.join("sync")).expect("a file");
    let page = [7; 4_096];
    let times = Latencies::of(0..times, |_| {
        file.write_all(&page).expect("a page is written");
        file.sync_data().expect("and synced");
    });
    times.per_mille(500) as f64 / 1_000.0
}

/// Orders a second, each a row and a transaction of its own, on one connection of SQLite.
pub(crate) async fn sqlite_one_by_one(folder: &Path, time: Duration) -> f64 {
    let file = folder.join("one-by-one.db");
    let mut to = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .expect("a database");
    for setting in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    ] {
        sqlx::query(setting).execute(&mut to).await.expect(setting);
    }
    let body = [7_u8; ORDER];
    let started = Instant::now();
    let mut id = 0_i64;
    while started.elapsed() < time {
        id += 1;
        let insert = sqlx::query("INSERT INTO orders (id, body) VALUES (?1, ?2)");
        let insert = insert.bind(id).bind(&body[..]);
        insert.execute(&mut to).await.expect("an order");
    }
    id as f64 / started.elapsed().as_secs_f64()
}

/// Rows a second, a thousand in a transaction, on one connection of SQLite.
pub(crate) async fn sqlite_bulk(folder: &Path, time: Duration) -> f64 {
    let file = folder.join("bulk.db");
    let mut to = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .expect("a database");
    for setting in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    ] {
        sqlx::query(setting).execute(&mut to).await.expect(setting);
    }
    let (started, mut rows) = (Instant::now(), 0_i64);
    while started.elapsed() < time {
        let insert =
            "WITH RECURSIVE n (i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
            INSERT INTO orders (id, body) SELECT i, ?3 FROM n";
        let insert = sqlx::query(insert).bind(rows + 1).bind(rows + BULK);
        insert
            .bind(&[7_u8; ORDER][..])
            .execute(&mut to)
            .await
            .expect("rows");
        rows += BULK;
    }
    rows as f64 / started.elapsed().as_secs_f64()
}

/// Rows in a transaction of the bulk inserts.
const BULK: i64 = 1_000;

/// The same as [`sqlite_one_by_one`] on PostgreSQL.
pub(crate) async fn postgres_one_by_one(database: &str, time: Duration) -> f64 {
    let mut to = PgConnection::connect(database).await.expect("a database");
    table(&mut to).await;
    let body = [7_u8; ORDER];
    let started = Instant::now();
    let mut id = 0_i64;
    while started.elapsed() < time {
        id += 1;
        let insert = sqlx::query("INSERT INTO limit_orders (id, body) VALUES ($1, $2)");
        let insert = insert.bind(id).bind(&body[..]);
        insert.execute(&mut to).await.expect("an order");
    }
    id as f64 / started.elapsed().as_secs_f64()
}

/// The same as [`sqlite_bulk`] on PostgreSQL.
pub(crate) async fn postgres_bulk(database: &str, time: Duration) -> f64 {
    let mut to = PgConnection::connect(database).await.expect("a database");
    table(&mut to).await;
    let (started, mut rows) = (Instant::now(), 0_i64);
    while started.elapsed() < time {
        let insert =
            "INSERT INTO limit_orders (id, body) SELECT i, $3 FROM generate_series($1, $2) AS i";
        let insert = sqlx::query(insert).bind(rows + 1).bind(rows + BULK);
        insert
            .bind(&[7_u8; ORDER][..])
            .execute(&mut to)
            .await
            .expect("rows");
        rows += BULK;
    }
    rows as f64 / started.elapsed().as_secs_f64()
}

/// A round trip to PostgreSQL and back, in microseconds: the median of many.
pub(crate) async fn round_trip(database: &str, times: usize) -> f64 {
    let mut to = PgConnection::connect(database).await.expect("a database");
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        sqlx::query("SELECT 1")
            .execute(&mut to)
            .await
            .expect("an answer");
        taken.push(started.elapsed());
    }
    median(taken.iter().map(|time| time.as_nanos() as f64)) / 1_000.0
}

async fn table(to: &mut PgConnection) {
    for statement in [
        "DROP TABLE IF EXISTS limit_orders",
        "CREATE TABLE limit_orders (id BIGINT PRIMARY KEY, body BYTEA NOT NULL)",
    ] {
        sqlx::query(statement)
            .execute(&mut *to)
            .await
            .expect(statement);
    }
}

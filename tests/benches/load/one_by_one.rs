//! What a server does that makes each order a transaction of its own, at best: nothing but that, on one connection,
//! on the same disk or in the same database.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection, SqliteConnection};

/// One order as a row, in bytes: about what the journal has for each.
const ORDER: usize = 200;

/// Orders a second.
pub(crate) async fn rate(database: Option<&str>, folder: &Path, time: Duration) -> f64 {
    match database {
        Some(database) => postgres(database, time).await,
        None => sqlite(folder, time).await,
    }
}

async fn sqlite(folder: &Path, time: Duration) -> f64 {
    let file = folder.with_file_name("one-by-one.db");
    let mut to = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .expect("a database");
    for setting in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE one_by_one (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    ] {
        sqlx::query(setting).execute(&mut to).await.expect(setting);
    }
    let (started, mut id) = (Instant::now(), 0_i64);
    while started.elapsed() < time {
        id += 1;
        let insert = sqlx::query("INSERT INTO one_by_one (id, body) VALUES (?1, ?2)");
        let insert = insert.bind(id).bind(&[7_u8; ORDER][..]);
        insert.execute(&mut to).await.expect("an order");
    }
    id as f64 / started.elapsed().as_secs_f64()
}

async fn postgres(database: &str, time: Duration) -> f64 {
    let mut to = PgConnection::connect(database).await.expect("a database");
    let table = "CREATE TABLE one_by_one (id BIGINT PRIMARY KEY, body BYTEA NOT NULL)";
    sqlx::query(table).execute(&mut to).await.expect(table);
    let (started, mut id) = (Instant::now(), 0_i64);
    while started.elapsed() < time {
        id += 1;
        let insert = sqlx::query("INSERT INTO one_by_one (id, body) VALUES ($1, $2)");
        let insert = insert.bind(id).bind(&[7_u8; ORDER][..]);
        insert.execute(&mut to).await.expect("an order");
    }
    let rate = id as f64 / started.elapsed().as_secs_f64();
    let gone = "DROP TABLE one_by_one";
    sqlx::query(gone).execute(&mut to).await.expect(gone);
    rate
}

//! Bytes on the disk for each record, table by table, with all logs moved into the files.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::Bench;
use crate::crowd::{Crowd, Pace};
use crate::{MARKETS, TRADERS, start, stop};

impl Bench<'_> {
    /// What some trade leaves on the disk.
    pub(crate) async fn room(&self, name: &str, database: &str) {
        let exchange = start(database, None).await;
        let traders = self.asked.size(TRADERS, 50);
        drop(Crowd::gather(&exchange, traders, MARKETS).await);
        stop(exchange).await;
        let before = Room::of(name, database).await;

        let exchange = start(database, None).await;
        let from = exchange.committed().seq.0;
        let crowd = Crowd::gather(&exchange, traders, MARKETS).await;
        let time = self
            .asked
            .size(Duration::from_secs(4), Duration::from_millis(100));
        crowd.trade(time, Pace::Free).await;
        let records = exchange.committed().seq.0 - from;
        drop(crowd);
        stop(exchange).await;
        let after = Room::of(name, database).await;

        let each = |bytes: u64| bytes as f64 / records as f64;
        println!(
            "{name}: {:.0} bytes on the disk for each of {records} records, {:.0} of them the journal",
            each(after.all.saturating_sub(before.all)),
            each(after.grown_since(&before, "journal")),
        );
        for table in after.tables.keys() {
            let bytes = each(after.grown_since(&before, table));
            if bytes >= 0.5 {
                println!("{name}:   {table} {bytes:.0}");
            }
        }
    }
}

/// How many bytes a database takes.
struct Room {
    all: u64,
    /// By table, with its indexes.
    tables: BTreeMap<String, u64>,
}

impl Room {
    /// Of a database that nobody has open.
    async fn of(name: &str, database: &str) -> Room {
        match name {
            "sqlite" => {
                let main = Path::new(database);
                let derived = main.with_extension("derived.db");
                let mut room = Room::of_file(main).await;
                let beside = Room::of_file(&derived).await;
                room.all += beside.all;
                room.tables.extend(beside.tables);
                room
            }
            _ => Room::of_server(database).await,
        }
    }

    async fn of_file(file: &Path) -> Room {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut from = SqliteConnection::connect_with(&options)
            .await
            .expect("a database");
        let tables = "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat AS d
            JOIN sqlite_schema AS s ON s.name = d.name WHERE d.aggregate = TRUE GROUP BY s.tbl_name";
        let tables: Vec<(String, i64)> = sqlx::query_as(tables)
            .fetch_all(&mut from)
            .await
            .expect("sizes");
        from.close().await.expect("closed");
        let size = |suffix: &str| {
            let file = format!("{}{suffix}", file.display());
            std::fs::metadata(file).map_or(0, |file| file.len())
        };
        Room {
            all: size("") + size("-wal"),
            tables: counted(tables),
        }
    }

    async fn of_server(database: &str) -> Room {
        let mut from = PgConnection::connect(database).await.expect("a database");
        let tables = "SELECT relname::text, pg_total_relation_size(oid) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
        let tables: Vec<(String, i64)> = sqlx::query_as(tables)
            .fetch_all(&mut from)
            .await
            .expect("sizes");
        let tables = counted(tables);
        Room {
            all: tables.values().sum(),
            tables,
        }
    }

    fn grown_since(&self, before: &Room, table: &str) -> u64 {
        let then = before.tables.get(table).copied().unwrap_or(0);
        let now = self.tables.get(table).copied().unwrap_or(0);
        now.saturating_sub(then)
    }
}

fn counted(tables: Vec<(String, i64)>) -> BTreeMap<String, u64> {
    let count = |(table, bytes): (String, i64)| (table, u64::try_from(bytes).unwrap_or(0));
    tables.into_iter().map(count).collect()
}

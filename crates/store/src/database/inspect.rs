//! For tests: what the database makes of a statement, and statements that are no constants.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Executor, Row as _, SqlSafeStr, SqlStr, raw_sql};

use crate::database::sqlite::for_rows;
use crate::database::{Database, Part, Row, Sql};

impl Database {
    /// Whether a statement can be prepared.
    pub(crate) async fn prepare(&self, part: Part, sql: Sql) {
        match self {
            Database::Sqlite(sqlite) => {
                let prepared = sqlite.writer(part).prepare(of_some_rows(sql)).await;
                prepared.unwrap_or_else(|error| panic!("{error}: {}", sql.sqlite));
            }
            Database::Postgres(postgres) => {
                let prepared = postgres.pool().prepare(sql.postgres.into_sql_str()).await;
                prepared.unwrap_or_else(|error| panic!("{error}: {}", sql.postgres));
            }
        }
    }

    /// How the database would carry a statement out, step by step.
    ///
    /// In tables as empty as a test's PostgreSQL reads from the start to the end, and sorts what it
    /// finds: told not to, it does so only where it has no other way.
    pub(crate) async fn plan(&self, part: Part, sql: Sql) -> Vec<String> {
        match self {
            Database::Sqlite(sqlite) => {
                let explain =
                    AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", of_some_rows(sql).as_str()));
                let rows = sqlx::query(explain).fetch_all(sqlite.writer(part));
                let rows = rows.await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
            }
            Database::Postgres(postgres) => {
                let explain = AssertSqlSafe(format!(
                    "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;
                     SET LOCAL plan_cache_mode = force_generic_plan;
                     PREPARE planned AS {}; EXPLAIN (COSTS OFF) EXECUTE planned{};
                     DEALLOCATE planned; ROLLBACK",
                    sql.postgres,
                    nulls(sql.postgres),
                ));
                let rows = raw_sql(explain).fetch_all(postgres.pool()).await;
                let rows = rows.unwrap_or_else(|error| panic!("{error}: {}", sql.postgres));
                rows.iter().map(|row: &PgRow| row.get(0)).collect()
            }
        }
    }

    /// Carries out any statement.
    pub(crate) async fn run(&self, part: Part, sql: impl Into<String>) -> Vec<Row> {
        let sql = AssertSqlSafe(sql.into());
        match self {
            Database::Sqlite(sqlite) => {
                let rows = sqlx::query(sql).fetch_all(sqlite.writer(part)).await;
                rows.unwrap().into_iter().map(Row::Sqlite).collect()
            }
            Database::Postgres(postgres) => {
                let rows = sqlx::query(sql).fetch_all(postgres.pool()).await;
                rows.unwrap().into_iter().map(Row::Postgres).collect()
            }
        }
    }
}

/// An argument for each placeholder.
fn nulls(sql: &str) -> String {
    let count = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
    match count {
        0 => String::new(),
        _ => format!("({})", vec!["NULL"; count].join(", ")),
    }
}

/// A statement as SQLite gets it; with two rows, where it takes rows.
fn of_some_rows(sql: Sql) -> SqlStr {
    let columns = sql.sqlite.split("VALUES").next().unwrap_or_default();
    let columns = 1 + columns.matches(',').count();
    AssertSqlSafe(for_rows(sql.sqlite, columns, 2)).into_sql_str()
}

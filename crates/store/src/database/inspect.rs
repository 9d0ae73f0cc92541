//! For tests: what the database makes of a statement, and statements that are no constants.

use sqlx::{AssertSqlSafe, Executor, Row as _, SqlSafeStr};

use crate::database::{Database, Part, Row, Sql};

impl Database {
    /// Whether a statement can be prepared.
    pub(crate) async fn prepare(&self, part: Part, sql: Sql) {
        match self {
            Database::Sqlite(sqlite) => {
                let prepared = sqlite.writer(part).prepare(sql.sqlite.into_sql_str()).await;
                prepared.unwrap_or_else(|error| panic!("{error}: {}", sql.sqlite));
            }
        }
    }

    /// How the database would carry a statement out, step by step.
    pub(crate) async fn plan(&self, part: Part, sql: Sql) -> Vec<String> {
        match self {
            Database::Sqlite(sqlite) => {
                let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.sqlite));
                let rows = sqlx::query(explain).fetch_all(sqlite.writer(part));
                let rows = rows.await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
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
        }
    }
}

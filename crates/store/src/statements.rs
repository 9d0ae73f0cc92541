//! Every statement of the store, so that one test can prepare them all, and another can look at how
//! the database would carry them out.

use sqlx::{Executor, Row, SqlSafeStr};

use crate::articles::read::{ARTICLE, ARTICLE_BY_ID, ARTICLE_BY_URL, ARTICLE_VERSIONS, ARTICLES};
use crate::articles::snapshots::{SAVE_SNAPSHOT, SNAPSHOTS_OF};
use crate::articles::{ADD_ARTICLE, ADD_VERSION, CORRECT_ARTICLE, IDENTITY, OTHER, TWIN};
use crate::history::fills::{FILLS_OF, FILLS_OF_IN, TRADES_OF};
use crate::history::ledger::LEDGER_OF;
use crate::history::odds::{ODDS_AT, ODDS_AT_EACH, ODDS_FROM};
use crate::history::orders::{ORDER, ORDERS_OF, ORDERS_OF_IN};
use crate::journal::rows::{ADVANCE, CLAIM, GROUPS, HEAD, INSERT_GROUP};
use crate::projection::write::{
    ADD_FILLS, ADD_LEDGER, ADD_ODDS, ADD_ORDERS, ADVANCE as ADVANCE_PROJECTED, CHANGE_ORDERS,
    EMPTY, PROJECTED,
};
use crate::store::Store;

#[tokio::test]
async fn every_statement_prepares() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let all = LOOKUPS.iter().chain(LISTS).chain(CHANGES).chain(&EMPTY);
    for statement in all {
        let prepared = (&store.writer).prepare(statement.into_sql_str()).await;
        prepared.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}

#[tokio::test]
async fn no_read_walks_through_a_whole_table() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    for statement in LOOKUPS.iter().chain(LISTS) {
        for step in plan(&store, statement).await {
            let walks = step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
            assert!(!walks, "{step}: {statement}");
        }
    }
}

#[tokio::test]
async fn changes_find_their_rows_by_key() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    for step in plan(&store, CHANGE_ORDERS).await {
        assert!(!step.starts_with("SCAN orders"), "{step}");
    }
    for step in plan(&store, ADD_LEDGER).await {
        assert!(!step.starts_with("SCAN before"), "{step}");
    }
}

#[tokio::test]
async fn no_list_is_sorted_after_it_was_read() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    for statement in LISTS {
        for step in plan(&store, statement).await {
            assert!(!step.contains("TEMP B-TREE"), "{step}: {statement}");
        }
    }
}

#[test]
fn no_statement_is_missing_here() {
    let sources = [
        include_str!("articles.rs"),
        include_str!("articles/read.rs"),
        include_str!("articles/snapshots.rs"),
        include_str!("history/fills.rs"),
        include_str!("history/ledger.rs"),
        include_str!("history/odds.rs"),
        include_str!("history/orders.rs"),
        include_str!("journal/rows.rs"),
        include_str!("projection/write.rs"),
    ];
    let constants: usize = sources
        .map(|source| source.matches(": &str = ").count())
        .iter()
        .sum();
    assert_eq!(constants, LOOKUPS.len() + LISTS.len() + CHANGES.len());
}

async fn plan(store: &Store, statement: &str) -> Vec<String> {
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(&store.writer).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

/// These find a few rows by a key.
const LOOKUPS: &[&str] = &[
    HEAD,
    PROJECTED,
    ORDER,
    ODDS_AT,
    ODDS_AT_EACH,
    IDENTITY,
    OTHER,
    TWIN,
    ARTICLE,
    ARTICLE_BY_ID,
    ARTICLE_BY_URL,
];

/// These are read from their start to their limit and no further.
const LISTS: &[&str] = &[
    GROUPS,
    ORDERS_OF,
    ORDERS_OF_IN,
    FILLS_OF,
    FILLS_OF_IN,
    TRADES_OF,
    LEDGER_OF,
    ODDS_FROM,
    ARTICLES,
    ARTICLE_VERSIONS,
    SNAPSHOTS_OF,
];

const CHANGES: &[&str] = &[
    CLAIM,
    ADVANCE,
    INSERT_GROUP,
    ADVANCE_PROJECTED,
    ADD_ORDERS,
    CHANGE_ORDERS,
    ADD_FILLS,
    ADD_LEDGER,
    ADD_ODDS,
    ADD_ARTICLE,
    ADD_VERSION,
    CORRECT_ARTICLE,
    SAVE_SNAPSHOT,
];

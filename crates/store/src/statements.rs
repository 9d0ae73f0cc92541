//! Every statement of the store, so that one test can prepare them all, and another can look at how
//! the database would carry them out.

use crate::articles::desks::{DESK_OF, EMPTY_DESK, LIST_ON_DESK};
use crate::articles::followed::{FOLLOW, FOLLOWED};
use crate::articles::odds::{ODDS_OF_ARTICLE, ODDS_OF_ARTICLES, SAVE_ODDS};
use crate::articles::plans::{ADD_PLAN, DROP_PLAN, MOVE_PLAN, PLANS_NOT_DONE, PLANS_OF};
use crate::articles::read::{
    ALL_ARTICLES, ARTICLE, ARTICLE_BY_ID, ARTICLE_BY_URL, ARTICLE_VERSION, ARTICLE_VERSIONS,
    ARTICLES,
};
use crate::articles::search::{
    ADD_LABEL, ARTICLES_FOUND, DROP_LABELS, INDEX_TERMS, NOT_INDEXED, NOTE_INDEXED, UNINDEXED,
};
use crate::articles::{ADD_ARTICLE, ADD_VERSION, CORRECT_ARTICLE, IDENTITY, OTHER, TWIN};
use crate::console::passkeys::{
    ADD_PASSKEY, DOUBT_PASSKEY, PASSKEY, PASSKEYS_OF, REMOVE_PASSKEY, USE_PASSKEY,
};
use crate::console::{
    ADD_LINK, BEGIN_SESSION, CHANGE_PASSWORD, DROP_SIGN_IN, END_LINKS, END_OLDEST_SESSIONS,
    END_OTHER_LINKS, END_PASSKEYS, END_SESSION, END_SESSIONS, FORGET_SESSIONS, LINK_OF,
    SEE_SESSION, SESSION, SESSIONS_OF, SET_SIGN_IN, SIGN_IN_NAMED, SIGN_IN_OF, USE_LINK,
};
use crate::database::{Part, Sql};
use crate::feeds::{
    ADD_FEED, DROP_FEED, FEED_AT, FEEDS, NOTE_CONTENT, NOTE_NOTHING, NOTE_SAME, TAKE_FEED,
};
use crate::history::candles::CANDLES;
use crate::history::digest;
use crate::history::fills::{FILLS_OF, FILLS_OF_IN, SIDES_SINCE, TRADES_OF};
use crate::history::ledger::{LEDGER_OF, LEDGER_OF_IN};
use crate::history::odds::{LAST_TRADED_ODDS, ODDS_AT, ODDS_AT_EACH, ODDS_AT_PAIRS, ODDS_FROM};
use crate::history::orders::{ORDER, ORDERS_OF, ORDERS_OF_IN};
use crate::history::stretch::{
    FIRST_ENTRY_AT, FIRST_FILL_AT, FIRST_ORDER_AT, LAST_ENTRY_BEFORE, LAST_FILL_BEFORE,
    LAST_ORDER_BEFORE, LATER_ENTRY, LATER_FILL, LATER_ORDER, NEWER_ENTRIES, NEWER_FILLS,
    NEWER_FILLS_IN, NEWER_ORDERS, NEWER_ORDERS_IN,
};
use crate::history::sums::{MONEY, SHARES};
use crate::journal::link::LINK;
use crate::journal::rows::{
    ADOPT, APPEND, CLAIM, GROUPS, HEAD, RECLAIM, RELEASE, REMAINING, RENEW,
};
use crate::outgoing::deliveries::{
    ADD_DELIVERY, DELIVERIES_OF, DUE_DELIVERIES, END_DELIVERY, FORGET_DELIVERIES, FORGET_STRANDED,
};
use crate::outgoing::digests::{DIGEST, DIGESTS, KEEP_DIGEST};
use crate::outgoing::hooks::{
    ACTIVE_HOOKS, ADD_HOOK, END_HOOK, HOOK, HOOK_MARKS, HOOKS_OF, MOVE_HOOK_MARK, NOTE_HOOK, TURNS,
};
use crate::outgoing::leaderboard::{AGREE, AGREED, DISAGREE};
use crate::outgoing::mails::{
    ADD_MAIL, ADD_MAILS, BEGIN_MAIL, DOUBT_MAILS, DUE_MAILS, END_MAIL, FORGET_MAILS, MAILS_ABOUT,
};
use crate::outgoing::subscribers::{ASK, CONFIRM, END, FORGET, SUBSCRIBER, WAITING};
use crate::projection::write::sql::{
    ADD_FILLS, ADD_LEDGER, ADD_ODDS, ADD_ORDER_STATES, ADD_ORDERS, ADVANCE, CHANGE_ORDER_STATES,
    EMPTY, ENDS_WRITTEN, HOLD, LAST_KEYS, LAST_ROWS, LAST_ROWS_IN_MARKET, LATER_ENTRIES,
    LATER_FILLS, LATER_ORDERS, MOVE_CANDLES, MOVE_LAST_ROWS, MOVE_LAST_ROWS_IN_MARKET, PROJECTED,
    RESTART, WRITE_ENDS,
};
use crate::snapshots::{
    DROP_LEFT_PARTS, DROP_PART, DROP_SNAPSHOT, SAVE_PART, SAVE_SNAPSHOT, SNAPSHOT_PART, SNAPSHOTS,
};
use crate::testing::stores;

#[tokio::test]
async fn every_statement_prepares_on_both_databases() {
    for store in stores().await {
        let listed = LOOKUPS.iter().chain(LISTS).chain(CHANGES).copied();
        for (part, statement) in listed.chain(digest::statements()) {
            store.database.prepare(part, statement).await;
        }
        for statement in EMPTY {
            store.database.prepare(Part::Derived, statement).await;
        }
    }
}

#[tokio::test]
async fn no_read_walks_through_a_whole_table() {
    for store in stores().await {
        let listed = LOOKUPS.iter().chain(LISTS).copied();
        for (part, statement) in listed.chain(digest::statements()) {
            for step in store.database.plan(part, statement).await {
                let walks = step.starts_with("SCAN")
                    && !step.contains("VIRTUAL TABLE")
                    && step != "SCAN CONSTANT ROW"
                    // The steps along a list, of which there are as many as rows are wanted, and those of
                    // a table that is halved.
                    && !["SCAN page", "SCAN search"].contains(&step.as_str());
                let walks = walks || step.contains("Seq Scan");
                assert!(!walks, "{step}: {statement:?}");
            }
        }
    }
}

#[tokio::test]
async fn changes_find_their_rows_by_key() {
    for store in stores().await {
        for statement in [CHANGE_ORDER_STATES.upsert, MOVE_CANDLES] {
            for step in store.database.plan(Part::Derived, statement).await {
                for table in ["state", "order_states", "before"] {
                    assert!(!step.starts_with(&format!("SCAN {table}")), "{step}");
                }
                assert!(!step.contains("Seq Scan"), "{step}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_forgotten_is_found_without_looking_at_what_is_kept() {
    for store in stores().await {
        for statement in [FORGET_MAILS, FORGET_DELIVERIES, FORGET_STRANDED] {
            for step in store.database.plan(Part::Articles, statement).await {
                assert!(!step.starts_with("SCAN"), "{step}");
                assert!(!step.contains("Seq Scan"), "{step}");
            }
        }
    }
}

#[tokio::test]
async fn no_list_is_sorted_after_it_was_read() {
    for store in stores().await {
        for (part, statement) in LISTS {
            for step in store.database.plan(*part, *statement).await {
                assert!(!step.contains("TEMP B-TREE"), "{step}: {statement:?}");
                // What PostgreSQL reads to the end anyway is short, and it may sort that.
                let cut = statement.postgres.contains("LIMIT");
                assert!(!cut || !step.contains("Sort"), "{step}: {statement:?}");
            }
        }
    }
}

#[test]
fn no_statement_is_missing_here() {
    let sources = [
        include_str!("articles.rs"),
        include_str!("articles/desks.rs"),
        include_str!("articles/followed.rs"),
        include_str!("articles/odds.rs"),
        include_str!("articles/plans.rs"),
        include_str!("articles/read.rs"),
        include_str!("articles/search.rs"),
        include_str!("console.rs"),
        include_str!("console/passkeys.rs"),
        include_str!("feeds.rs"),
        include_str!("history/candles.rs"),
        include_str!("history/fills.rs"),
        include_str!("history/ledger.rs"),
        include_str!("history/odds.rs"),
        include_str!("history/orders.rs"),
        include_str!("history/stretch.rs"),
        include_str!("history/sums.rs"),
        include_str!("journal/link.rs"),
        include_str!("journal/rows.rs"),
        include_str!("outgoing/deliveries.rs"),
        include_str!("outgoing/digests.rs"),
        include_str!("outgoing/hooks.rs"),
        include_str!("outgoing/leaderboard.rs"),
        include_str!("outgoing/mails.rs"),
        include_str!("outgoing/subscribers.rs"),
        include_str!("projection/write/sql.rs"),
        include_str!("snapshots.rs"),
    ];
    let constants: usize = sources
        .map(|source| source.matches(": Sql =").count() + source.matches(": Addition =").count())
        .iter()
        .sum();
    assert_eq!(constants, LOOKUPS.len() + LISTS.len() + CHANGES.len());
}

/// These find a few rows by a key.
const LOOKUPS: &[(Part, Sql)] = &[
    (Part::Journal, HEAD),
    (Part::Journal, REMAINING),
    (Part::Journal, LINK),
    (Part::Derived, PROJECTED),
    (Part::Derived, LAST_KEYS),
    (Part::Derived, ENDS_WRITTEN),
    (Part::Derived, LATER_ORDERS),
    (Part::Derived, LATER_FILLS),
    (Part::Derived, LATER_ENTRIES),
    (Part::Derived, LATER_ORDER),
    (Part::Derived, LATER_FILL),
    (Part::Derived, LATER_ENTRY),
    (Part::Derived, LAST_ROWS),
    (Part::Derived, LAST_ROWS_IN_MARKET),
    (Part::Derived, SNAPSHOT_PART),
    (Part::Derived, ORDER),
    (Part::Derived, ODDS_AT),
    (Part::Derived, ODDS_AT_EACH),
    (Part::Derived, ODDS_AT_PAIRS),
    (Part::Derived, LAST_TRADED_ODDS),
    (Part::Derived, FIRST_ORDER_AT),
    (Part::Derived, FIRST_FILL_AT),
    (Part::Derived, FIRST_ENTRY_AT),
    (Part::Derived, LAST_ORDER_BEFORE),
    (Part::Derived, LAST_FILL_BEFORE),
    (Part::Derived, LAST_ENTRY_BEFORE),
    (Part::Derived, NEWER_ORDERS),
    (Part::Derived, NEWER_ORDERS_IN),
    (Part::Derived, NEWER_FILLS),
    (Part::Derived, NEWER_FILLS_IN),
    (Part::Derived, NEWER_ENTRIES),
    (Part::Derived, MONEY),
    (Part::Derived, SHARES),
    (Part::Articles, IDENTITY),
    (Part::Articles, OTHER),
    (Part::Articles, TWIN),
    (Part::Articles, ARTICLE),
    (Part::Articles, ARTICLE_BY_ID),
    (Part::Articles, ARTICLE_BY_URL),
    (Part::Articles, ARTICLE_VERSION),
    (Part::Articles, FOLLOWED),
    (Part::Articles, DIGEST),
    (Part::Articles, SUBSCRIBER),
    (Part::Articles, WAITING),
    (Part::Articles, MAILS_ABOUT),
    (Part::Articles, HOOK),
    // The database chooses whether it goes by the words or by the time, and sorts what rare words find.
    (Part::Articles, ARTICLES_FOUND),
    (Part::Articles, NOT_INDEXED),
    (Part::Articles, UNINDEXED),
    (Part::Articles, PLANS_OF),
    (Part::Articles, DESK_OF),
    (Part::Articles, PLANS_NOT_DONE),
    (Part::Articles, FEED_AT),
    (Part::Articles, SIGN_IN_NAMED),
    (Part::Articles, SIGN_IN_OF),
    (Part::Articles, LINK_OF),
    (Part::Articles, SESSION),
    (Part::Articles, PASSKEY),
];

/// These are read from their start to their limit and no further.
const LISTS: &[(Part, Sql)] = &[
    (Part::Journal, GROUPS),
    (Part::Derived, SNAPSHOTS),
    (Part::Derived, ORDERS_OF),
    (Part::Derived, ORDERS_OF_IN),
    (Part::Derived, FILLS_OF),
    (Part::Derived, FILLS_OF_IN),
    (Part::Derived, SIDES_SINCE),
    (Part::Derived, TRADES_OF),
    (Part::Derived, LEDGER_OF),
    (Part::Derived, LEDGER_OF_IN),
    (Part::Derived, ODDS_FROM),
    (Part::Derived, CANDLES),
    (Part::Articles, ARTICLES),
    (Part::Articles, ALL_ARTICLES),
    (Part::Articles, ARTICLE_VERSIONS),
    (Part::Articles, ODDS_OF_ARTICLE),
    (Part::Articles, ODDS_OF_ARTICLES),
    (Part::Articles, DIGESTS),
    (Part::Articles, DUE_MAILS),
    (Part::Articles, HOOKS_OF),
    (Part::Articles, ACTIVE_HOOKS),
    (Part::Articles, HOOK_MARKS),
    (Part::Articles, DUE_DELIVERIES),
    (Part::Articles, DELIVERIES_OF),
    (Part::Articles, AGREED),
    (Part::Derived, TURNS),
    (Part::Articles, FEEDS),
    (Part::Articles, SESSIONS_OF),
    (Part::Articles, PASSKEYS_OF),
];

const CHANGES: &[(Part, Sql)] = &[
    (Part::Journal, CLAIM),
    (Part::Journal, RENEW),
    (Part::Journal, RELEASE),
    (Part::Journal, RECLAIM),
    (Part::Journal, APPEND),
    (Part::Journal, ADOPT),
    (Part::Derived, ADVANCE),
    (Part::Derived, RESTART),
    (Part::Derived, HOLD),
    (Part::Derived, WRITE_ENDS),
    (Part::Derived, ADD_ORDERS.insert),
    (Part::Derived, ADD_ORDER_STATES.insert),
    (Part::Derived, CHANGE_ORDER_STATES.upsert),
    (Part::Derived, ADD_FILLS.insert),
    (Part::Derived, ADD_LEDGER.insert),
    (Part::Derived, ADD_ODDS.insert),
    (Part::Derived, MOVE_CANDLES),
    (Part::Derived, MOVE_LAST_ROWS),
    (Part::Derived, MOVE_LAST_ROWS_IN_MARKET),
    (Part::Derived, SAVE_SNAPSHOT),
    (Part::Derived, SAVE_PART),
    (Part::Derived, DROP_SNAPSHOT),
    (Part::Derived, DROP_PART),
    (Part::Derived, DROP_LEFT_PARTS),
    (Part::Articles, ADD_ARTICLE),
    (Part::Articles, ADD_VERSION),
    (Part::Articles, CORRECT_ARTICLE),
    (Part::Articles, FOLLOW),
    (Part::Articles, SAVE_ODDS),
    (Part::Articles, KEEP_DIGEST),
    (Part::Articles, ASK),
    (Part::Articles, CONFIRM),
    (Part::Articles, END),
    (Part::Articles, FORGET),
    (Part::Articles, ADD_MAIL),
    (Part::Articles, ADD_MAILS),
    (Part::Articles, BEGIN_MAIL),
    (Part::Articles, END_MAIL),
    (Part::Articles, DOUBT_MAILS),
    (Part::Articles, FORGET_MAILS),
    (Part::Articles, FORGET_DELIVERIES),
    (Part::Articles, FORGET_STRANDED),
    (Part::Articles, ADD_HOOK),
    (Part::Articles, END_HOOK),
    (Part::Articles, NOTE_HOOK),
    (Part::Articles, MOVE_HOOK_MARK),
    (Part::Articles, ADD_DELIVERY),
    (Part::Articles, END_DELIVERY),
    (Part::Articles, AGREE),
    (Part::Articles, DISAGREE),
    (Part::Articles, INDEX_TERMS),
    (Part::Articles, NOTE_INDEXED),
    (Part::Articles, DROP_LABELS),
    (Part::Articles, ADD_LABEL),
    (Part::Articles, EMPTY_DESK),
    (Part::Articles, LIST_ON_DESK),
    (Part::Articles, ADD_PLAN),
    (Part::Articles, MOVE_PLAN),
    (Part::Articles, DROP_PLAN),
    (Part::Articles, ADD_FEED),
    (Part::Articles, TAKE_FEED),
    (Part::Articles, DROP_FEED),
    (Part::Articles, NOTE_SAME),
    (Part::Articles, NOTE_CONTENT),
    (Part::Articles, NOTE_NOTHING),
    (Part::Articles, SET_SIGN_IN),
    (Part::Articles, DROP_SIGN_IN),
    (Part::Articles, CHANGE_PASSWORD),
    (Part::Articles, ADD_LINK),
    (Part::Articles, END_OTHER_LINKS),
    (Part::Articles, END_LINKS),
    (Part::Articles, USE_LINK),
    (Part::Articles, BEGIN_SESSION),
    (Part::Articles, FORGET_SESSIONS),
    (Part::Articles, END_OLDEST_SESSIONS),
    (Part::Articles, SEE_SESSION),
    (Part::Articles, END_SESSION),
    (Part::Articles, END_SESSIONS),
    (Part::Articles, ADD_PASSKEY),
    (Part::Articles, USE_PASSKEY),
    (Part::Articles, DOUBT_PASSKEY),
    (Part::Articles, REMOVE_PASSKEY),
    (Part::Articles, END_PASSKEYS),
];

//! What both databases do alike, and what PostgreSQL does in its own way.

use std::time::Duration;

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use super::*;
use crate::journal::Claim;
use crate::store::Store;
use crate::testing::proxy::Proxy;
use crate::testing::{LEASE, ME, claim, on_postgres, server, stores};

#[tokio::test]
async fn a_write_that_was_given_up_leaves_no_trace() {
    for store in stores().await {
        let mut write = store.database.begin(Part::Derived).await.unwrap();
        let change = Sql::both("UPDATE projected SET last_seq = 9");
        assert_eq!(write.change(change, &[]).await.unwrap(), 1);
        drop(write);
        assert_eq!(store.projected().await.unwrap().seq.0, 0);
        store.unproject().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_is_told_what_has_to_reach_the_disk() {
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let store = Store::open(&address).await.unwrap();
    // Whatever somebody thought good for their other tables.
    let name = address.rsplit('/').next().unwrap();
    let name = name.split('?').next().unwrap();
    let looser = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    store.database.run(Part::Journal, looser).await;
    let store = Store::open(&address).await.unwrap();
    for (part, expected) in [
        (Part::Journal, "on"),
        (Part::Articles, "on"),
        (Part::Derived, "on"),
    ] {
        let show = Sql::both("SHOW synchronous_commit");
        let row = store.database.change_one(part, show, &[]).await.unwrap();
        let row = row.unwrap();
        assert_eq!(row.text("synchronous_commit").unwrap(), Some(expected));
    }
}

#[tokio::test]
async fn a_server_asks_after_clients_that_are_silent() {
    let Some(store) = on_postgres().await else {
        return;
    };
    for part in [Part::Journal, Part::Articles, Part::Derived] {
        for (setting, expected) in [
            ("SHOW tcp_keepalives_idle", "30"),
            ("SHOW tcp_keepalives_interval", "10"),
            ("SHOW tcp_keepalives_count", "3"),
        ] {
            let row = store.database.change_one(part, Sql::both(setting), &[]);
            let row = row.await.unwrap().unwrap();
            let column = setting.strip_prefix("SHOW ").unwrap();
            assert_eq!(row.text(column).unwrap(), Some(expected), "{part:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_would_lose_what_was_answered_is_refused() {
    if server().is_none() {
        return;
    }
    let cluster = tidings_cluster::Cluster::own().unwrap();
    let address = cluster.database().unwrap();
    let store = Store::open(&address).await.unwrap();
    for setting in ["fsync", "full_page_writes"] {
        store
            .database
            .run(Part::Journal, format!("ALTER SYSTEM SET {setting} = off"))
            .await;
        store
            .database
            .run(Part::Journal, "SELECT pg_reload_conf()")
            .await;
        // The server takes its settings in when it gets to it.
        let refused = async {
            loop {
                match Store::open(&address).await {
                    Err(StoreError::Forgetful { setting }) => return setting,
                    opened => drop(opened.unwrap()),
                }
            }
        };
        let refused = tokio::time::timeout(Duration::from_secs(20), refused).await;
        assert_eq!(refused.expect("it is refused"), setting);
        store
            .database
            .run(Part::Journal, format!("ALTER SYSTEM SET {setting} = on"))
            .await;
    }
}

#[tokio::test]
async fn a_server_without_that_database_or_none_at_all_says_so() {
    let opened = Store::open("postgres://postgres@127.0.0.1:1/none").await;
    assert!(matches!(opened, Err(StoreError::Database(_))), "{opened:?}");
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let opened = Store::open(&address.replace("tidings_test_", "none_")).await;
    assert!(matches!(opened, Err(StoreError::Database(_))), "{opened:?}");
}

#[tokio::test]
async fn a_servers_tables_of_another_version_are_left_alone() {
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let store = Store::open(&address).await.unwrap();
    let changed = "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1";
    store.database.run(Part::Journal, changed).await;
    let opened = Store::open(&address).await;
    assert!(matches!(opened, Err(StoreError::Unreleased)), "{opened:?}");
    let later = "UPDATE _sqlx_migrations SET version = 999 WHERE version = 4";
    store.database.run(Part::Journal, later).await;
    let opened = Store::open(&address).await;
    assert!(matches!(opened, Err(StoreError::Later)), "{opened:?}");
}

#[tokio::test]
async fn two_that_open_an_empty_database_at_once_both_find_it_whole() {
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let (one, other) = tokio::join!(Store::open(&address), Store::open(&address));
    let head = claim(&one.unwrap()).await;
    assert_eq!(other.unwrap().head().await.unwrap(), head);
}

#[tokio::test]
async fn what_is_read_or_written_after_a_cut_finds_another_connection() {
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let proxy = Proxy::to(&address);
    let store = Store::open(proxy.address()).await.unwrap();
    claim(&store).await;
    store.head().await.unwrap();
    proxy.cut();
    // A reader is asked whether it is there before it is used.
    assert_eq!(store.head().await.unwrap().epoch, 1);
    // The writer is not: what it was to do is in doubt, and the next call has another.
    assert!(store.claim(ME, LEASE).await.is_err());
    let Claim::Granted(head) = store.claim(ME, LEASE).await.unwrap() else {
        panic!("it is the same instance");
    };
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test]
async fn a_transaction_that_was_not_begun_yet_finds_another_connection() {
    let Some(address) = server().map(|server| server.database().unwrap()) else {
        return;
    };
    let proxy = Proxy::to(&address);
    let store = Store::open(proxy.address()).await.unwrap();
    for part in [Part::Journal, Part::Articles, Part::Derived] {
        let write = store.database.begin(part).await.unwrap();
        write.commit().await.unwrap();
    }
    proxy.cut();
    for part in [Part::Journal, Part::Articles, Part::Derived] {
        let write = store.database.begin(part).await.unwrap();
        write.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_is_not_backed_up_from_here() {
    let Some(store) = on_postgres().await else {
        return;
    };
    let copied = store.backup(Path::new("copy.db")).await;
    assert!(
        matches!(copied, Err(StoreError::Backup { .. })),
        "{copied:?}"
    );
}

/// A database from before articles followed feeds has a later migration without that one.
#[tokio::test]
async fn a_database_of_a_former_version_gets_what_it_has_not() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tidings.db");
    let served = server().map(|server| server.database().unwrap());
    let addresses = [Some(file.to_str().unwrap().to_owned()), served];
    for address in addresses.into_iter().flatten() {
        let store = Store::open(&address).await.unwrap();
        let at = Timestamp::from_micros(1);
        let url = "https://paper.example/feed.xml";
        let (feed, _) = store.add_feed(url, AccountId(3), at).await.unwrap();
        for back in [
            "DROP TABLE article_feeds",
            "ALTER TABLE feeds DROP COLUMN versions",
            "ALTER TABLE feeds DROP COLUMN held",
            "DELETE FROM _sqlx_migrations WHERE version = 6",
        ] {
            store.database.run(Part::Articles, back).await;
        }
        store.close().await;
        drop(store);
        let store = Store::open(&address).await.unwrap();
        assert_eq!(store.feeds(9).await.unwrap(), [feed]);
        assert_eq!(store.followed("none").await.unwrap(), None);
    }
}

/// A server keeps a plan until it has counted the table again. One for a journal of a few groups sorts all that follow a place,
/// be they thirty thousand.
#[tokio::test]
async fn what_is_read_is_planned_for_what_is_there() {
    for store in stores().await {
        if store.kind() == DatabaseKind::Postgres {
            let asked = "SELECT current_setting('plan_cache_mode') AS mode";
            let said = store.database.run(Part::Journal, asked).await;
            let mode = crate::row::text(&said[0], "mode").unwrap();
            assert_eq!(mode, "force_custom_plan");
        }
    }
}

//! `tidings verify` on journals that hold, and on one in which a single bit was changed.

mod support;

use std::path::Path;

use sqlx::{ConnectOptions, Connection};
use support::{Server, database, output, tidings, words};

#[test]
fn a_journal_that_holds_gets_its_page() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let verified = output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, errors) = words(&verified);
    assert_eq!(verified.status.code(), Some(0), "{page}{errors}");
    for words in [
        "10 records",
        "9 applied, 1 refused",
        "3 and the exchange's own 2",
        "1: 1 open",
        "open orders    1",
        "world -6000 = 0",
        "rain-on-friday: holds ",
        "state hash",
        "requests hash",
        "✓ all money sums to 0",
    ] {
        assert!(page.contains(words), "{words:?} in\n{page}");
    }
    assert!(!page.contains('✗'), "{page}");
}

#[test]
fn verifying_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let hash = || {
        let (page, _) = words(&output(
            tidings(&["verify", "--data"]).arg(directory.path()),
        ));
        let line = page
            .lines()
            .find(|line| line.contains("chain head"))
            .map(str::to_owned);
        line.expect("a chain head")
    };
    assert_eq!(hash(), hash());
}

#[test]
fn one_changed_bit_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = database(directory.path());
    let mut bytes = std::fs::read(&path).expect("the file");
    // The trader's name, as the journal has it.
    let name = b"Heliotrope";
    let places: Vec<usize> = bytes
        .windows(name.len())
        .enumerate()
        .filter_map(|(place, window)| (window == name).then_some(place))
        .collect();
    assert_eq!(places.len(), 1, "the name is in the journal alone");
    bytes[places[0]] ^= 1;
    std::fs::write(&path, bytes).expect("written");

    let verified = output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, errors) = words(&verified);
    assert_eq!(verified.status.code(), Some(1));
    assert!(page.contains('✗'), "{page}");
    assert!(
        errors.starts_with("tidings: the database does not hold: "),
        "{errors}"
    );
    assert!(
        errors.contains("was changed after it was written"),
        "{errors}"
    );

    let served = output(
        tidings(&["serve", "--no-demo", "--listen", "127.0.0.1:0", "--data"]).arg(directory.path()),
    );
    assert_eq!(served.status.code(), Some(1));
    let (_, errors) = words(&served);
    assert!(
        errors.contains("tidings: the exchange cannot start: the journal is damaged"),
        "{errors}"
    );
}

/// Changes something in the file of what can be made again.
fn tamper(directory: &Path, statement: &'static str) {
    run(async {
        let file = directory.join("tidings.derived.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let mut connection = options.connect().await.expect("the derived file");
        let changed = sqlx::query(statement).execute(&mut connection).await;
        assert!(changed.expect("changed").rows_affected() > 0, "{statement}");
        connection.close().await.expect("closed");
    });
}

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(work);
}

#[test]
fn a_changed_row_of_history_is_found_and_made_again() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let tool = |args: &[&str]| output(tidings(args).arg("--data").arg(directory.path()));
    assert_eq!(tool(&["rebuild"]).status.code(), Some(0));
    assert_eq!(tool(&["verify", "--deep"]).status.code(), Some(0));
    for (table, statement) in [
        ("orders", "UPDATE orders SET placed_at = placed_at + 1"),
        (
            "order_states",
            "UPDATE order_states SET remaining = remaining + 1",
        ),
        (
            "ledger",
            "UPDATE ledger SET balance = balance + 1 WHERE key = 1",
        ),
        (
            "odds",
            "DELETE FROM odds WHERE seq = (SELECT max(seq) FROM odds)",
        ),
    ] {
        tamper(directory.path(), statement);
        assert_eq!(
            tool(&["verify"]).status.code(),
            Some(0),
            "the journal holds"
        );
        let found = tool(&["verify", "--deep"]);
        let (page, errors) = words(&found);
        assert!(page.contains("✗ every row of the read tables"), "{page}");
        assert!(
            errors.contains(&format!("the read table {table} is not")),
            "{errors}"
        );
        assert_eq!(tool(&["rebuild"]).status.code(), Some(0));
        assert_eq!(tool(&["verify", "--deep"]).status.code(), Some(0));
    }
}

#[test]
fn changed_odds_of_an_article_are_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = database(directory.path());
    let tool = |args: &[&str]| output(tidings(args).arg("--data").arg(directory.path()));
    assert_eq!(tool(&["rebuild"]).status.code(), Some(0));
    // An article that appeared at the moment of some odds, and what was kept of them.
    run(async {
        let open = async |file: &Path| {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            options.connect().await.expect("a file of the database")
        };
        let mut derived = open(&directory.path().join("tidings.derived.db")).await;
        let odds = "SELECT market, seq, at, odds, status FROM odds ORDER BY seq LIMIT 1";
        let (market, seq, at, odds, status): (i64, i64, i64, String, String) = sqlx::query_as(odds)
            .fetch_one(&mut derived)
            .await
            .expect("odds");
        derived.close().await.expect("closed");
        let mut main = open(&path).await;
        let article = "INSERT INTO articles (id, slug, version, body_hash, rank, first_seen_at)
                       VALUES (1, 'leaders-meet', 1, zeroblob(32), 1, 1)";
        let added = sqlx::query(article).execute(&mut main).await;
        added.expect("an article");
        let kept = "INSERT INTO article_snapshots (article_id, market, seq, at, odds, status)
                    VALUES (1, $1, $2, $3, $4, $5)";
        let kept = sqlx::query(kept)
            .bind(market)
            .bind(seq)
            .bind(at)
            .bind(odds)
            .bind(status);
        kept.execute(&mut main).await.expect("its odds");
        main.close().await.expect("closed");
    });
    let holds = tool(&["verify", "--deep"]);
    assert_eq!(holds.status.code(), Some(0), "{}", words(&holds).1);
    run(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut main = options.connect().await.expect("the database");
        let changed = "UPDATE article_snapshots SET odds = '[500001,499999]'";
        let changed = sqlx::query(changed).execute(&mut main).await;
        changed.expect("changed");
        main.close().await.expect("closed");
    });
    let (page, errors) = words(&tool(&["verify", "--deep"]));
    assert!(page.contains("✗ every row of the read tables"), "{page}");
    assert!(
        errors.contains("when the article leaders-meet appeared"),
        "{errors}"
    );
}

#[test]
fn a_changed_snapshot_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = database(directory.path());
    run(async {
        let store = tidings_store::Store::open(path.to_str().expect("a plain path")).await;
        let store = store.expect("a store");
        let made = tidings_exchange::make_snapshot(&store).await;
        made.expect("a snapshot");
        store.close().await;
    });
    let verify = || output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, _) = words(&verify());
    assert!(
        page.contains("✓ every snapshot is the state at its place"),
        "{page}"
    );
    tamper(
        directory.path(),
        "UPDATE snapshot_parts SET bytes = substr(bytes, 2)",
    );
    let (page, errors) = words(&verify());
    assert!(
        page.contains("✗ every snapshot is the state at its place"),
        "{page}"
    );
    assert!(errors.contains("without it nothing is lost"), "{errors}");
}

#[test]
fn a_database_in_use_cannot_be_verified() {
    let directory = tempfile::tempdir().expect("a directory");
    let _server = Server::start(directory.path(), &["--no-demo"]);
    let refused = output(tidings(&["verify", "--data"]).arg(directory.path()));
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        words(&refused).1.contains("is in use by another process"),
        "{refused:?}"
    );
}

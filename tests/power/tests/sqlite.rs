//! SQLite alone on the disk: that it works there as on any other, and that it keeps there what it
//! promises in its manual, no less and no more.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor, Row};
use tempfile::TempDir;
use tidings_power::disk::{Disk, Habit};
use tidings_power::{Cut, Image, Platter, vfs};
use tidings_tests::seed::{Random, seed};

/// A connection to the database in a directory.
async fn connect(directory: &Path) -> SqliteConnection {
    let address = format!("sqlite:{}", directory.join("plain.db").display());
    let options = SqliteConnectOptions::from_str(&address).unwrap();
    let options = options.create_if_missing(true);
    let options = options.busy_timeout(Duration::ZERO);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn number(connection: &mut SqliteConnection, query: &'static str) -> i64 {
    connection.fetch_one(query).await.unwrap().get(0)
}

#[tokio::test]
async fn several_connections_share_a_database() {
    vfs::install();
    let directory = TempDir::new().unwrap();
    let disk = Disk::new(&Image::default(), Habit::Honest);
    let _mounted = vfs::mount(directory.path(), &disk);
    let mut one = connect(directory.path()).await;
    one.execute("PRAGMA journal_mode = WAL").await.unwrap();
    one.execute("CREATE TABLE t (n INTEGER)").await.unwrap();
    let mut two = connect(directory.path()).await;

    one.execute("BEGIN IMMEDIATE").await.unwrap();
    one.execute("INSERT INTO t VALUES (1)").await.unwrap();
    let busy = two.execute("BEGIN IMMEDIATE").await.unwrap_err();
    assert!(busy.to_string().contains("locked"), "{busy}");
    assert_eq!(number(&mut two, "SELECT count(*) FROM t").await, 0);
    two.execute("BEGIN").await.unwrap();
    assert_eq!(number(&mut two, "SELECT count(*) FROM t").await, 0);
    one.execute("COMMIT").await.unwrap();
    assert_eq!(
        number(&mut two, "SELECT count(*) FROM t").await,
        0,
        "a reader sees one state until it ends"
    );
    two.execute("COMMIT").await.unwrap();
    assert_eq!(number(&mut two, "SELECT count(*) FROM t").await, 1);

    two.close().await.unwrap();
    let on_disk: Vec<String> = disk.image().files.into_keys().collect();
    assert_eq!(on_disk, ["plain.db", "plain.db-wal"]);
    one.close().await.unwrap();
    let on_disk: Vec<String> = disk.image().files.into_keys().collect();
    assert_eq!(on_disk, ["plain.db"], "the last one takes the log away");
    assert!(
        std::fs::read_dir(directory.path())
            .unwrap()
            .next()
            .is_none(),
        "the real disk has nothing"
    );
}

#[tokio::test]
async fn what_was_committed_survives_where_the_manual_says_so() {
    assert_eq!(cuts("WAL", "FULL").await, Outcome::Kept);
    assert_eq!(cuts("DELETE", "EXTRA").await, Outcome::Kept);
    assert_eq!(cuts("TRUNCATE", "FULL").await, Outcome::Kept);
}

#[tokio::test]
async fn what_was_committed_can_go_where_the_manual_says_that_too() {
    // A log that is not synced with each commit, and one whose end is a name taken away.
    assert_eq!(cuts("WAL", "NORMAL").await, Outcome::Lost);
    assert_eq!(cuts("DELETE", "FULL").await, Outcome::Lost);
}

#[tokio::test]
async fn without_any_sync_a_database_breaks() {
    assert_eq!(cuts("WAL", "OFF").await, Outcome::Broken);
    assert_eq!(cuts("DELETE", "OFF").await, Outcome::Broken);
}

/// The worst that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Every commit is there.
    Kept,
    /// The database is as after some earlier commit.
    Lost,
    /// It cannot be read, or is in a state that it never was in.
    Broken,
}

/// Rows whose sum stays the same are changed in transactions; then the power is cut at every moment.
async fn cuts(journal_mode: &str, synchronous: &str) -> Outcome {
    vfs::install();
    let mut random = Random::of(seed(&format!("sqlite, {journal_mode} {synchronous}")));
    let directory = TempDir::new().unwrap();
    let disk = Disk::new(&Image::default(), Habit::Honest);
    let commits = work(
        directory.path(),
        &disk,
        journal_mode,
        synchronous,
        &mut random,
    )
    .await;
    let mut platter = Platter::of(&Image::default());
    let mut worst = Outcome::Kept;
    for (moment, event) in (1..).zip(&disk.history()) {
        platter.follow(event);
        let done = commits.partition_point(|when| *when <= moment);
        for cut in Cut::ALL {
            let image = platter.image(*cut, &mut random);
            worst = worst.max(judge(directory.path(), &image, done).await);
        }
    }
    worst
}

/// Makes a hundred rows and moves between them. Gives the moments after each commit.
async fn work(
    directory: &Path,
    disk: &Arc<Disk>,
    journal_mode: &str,
    synchronous: &str,
    random: &mut Random,
) -> Vec<usize> {
    let _mounted = vfs::mount(directory, disk);
    let mut connection = connect(directory).await;
    let mut say = async |words: String| {
        let said = sqlx::raw_sql(sqlx::AssertSqlSafe(words))
            .execute(&mut connection)
            .await;
        said.unwrap();
        disk.moment()
    };
    say(format!("PRAGMA journal_mode = {journal_mode}")).await;
    say(format!("PRAGMA synchronous = {synchronous}")).await;
    say("PRAGMA wal_autocheckpoint = 30".to_owned()).await;
    let rows = "WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < 100)
        INSERT INTO t SELECT n, 100, hex(zeroblob(100)) FROM i";
    let make = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, padding TEXT)";
    let step = "CREATE TABLE step (n INTEGER)";
    let first = format!("BEGIN; {make}; {step}; {rows}; INSERT INTO step VALUES (1); COMMIT");
    let mut commits = vec![say(first).await];
    for _ in 0..25 {
        let (from, to) = (1 + random.below(100), 1 + random.below(100));
        let moved = format!(
            "BEGIN; UPDATE t SET n = n - 1 WHERE id = {from}; UPDATE t SET n = n + 1 WHERE id = {to};
             UPDATE step SET n = n + 1; COMMIT"
        );
        commits.push(say(moved).await);
    }
    connection.close().await.unwrap();
    commits
}

async fn judge(directory: &Path, image: &Image, done: usize) -> Outcome {
    let disk = Disk::new(image, Habit::Forgetful);
    let _mounted = vfs::mount(directory, &disk);
    let mut connection = connect(directory).await;
    let found = found(&mut connection).await;
    // A database that is broken may not even close.
    drop(connection.close().await);
    match found {
        Ok(Some(step)) if step >= done => Outcome::Kept,
        Ok(None) if done == 0 => Outcome::Kept,
        Ok(_) => Outcome::Lost,
        Err(_) => Outcome::Broken,
    }
}

/// How many transactions are there; none when there is no table.
async fn found(connection: &mut SqliteConnection) -> Result<Option<usize>, sqlx::Error> {
    let whole: String = connection
        .fetch_one("PRAGMA integrity_check")
        .await?
        .try_get(0)?;
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
    let tables: i64 = connection.fetch_one(tables).await?.try_get(0)?;
    let broken = |what: String| Err(sqlx::Error::Protocol(what));
    match (whole.as_str(), tables) {
        ("ok", 0) => return Ok(None),
        ("ok", 2) => {}
        _ => return broken(whole),
    }
    let counted = "SELECT (SELECT n FROM step), sum(n), count(*) FROM t";
    let row = connection.fetch_one(counted).await?;
    let (step, sum, count): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    match (sum, count) {
        (10_000, 100) => Ok(usize::try_from(step).ok()),
        _ => broken(format!("{count} rows with {sum}")),
    }
}

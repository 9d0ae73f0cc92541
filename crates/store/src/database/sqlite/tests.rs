use super::*;
use crate::database::{Database, Sql};
use crate::journal::{Claim, Instance};
use crate::store::Store;

pub(super) const ME: Instance = Instance([1; 16]);
pub(super) const LEASE: Duration = Duration::from_secs(10);

pub(super) fn file(directory: &tempfile::TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_is_made_with_its_directory_and_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "a/b/tidings.db");
    let store = Store::open(&path).await.unwrap();
    let Claim::Granted(head) = store.claim(ME, LEASE).await.unwrap() else {
        panic!("a file has no other owner");
    };
    store.close().await;
    drop(store);

    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test]
async fn a_file_has_one_user_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let first = Store::open(&path).await.unwrap();
    let second = Store::open(&path).await;
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{second:?}"
    );
    // A clone is the same user, and holds the lock as long as it lives.
    let clone = first.clone();
    first.close().await;
    drop(first);
    assert!(matches!(
        Store::open(&path).await,
        Err(StoreError::InUse { .. })
    ));
    drop(clone);
    Store::open(&path).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn another_name_of_the_file_is_the_same_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let _first = Store::open(&path).await.unwrap();
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let second = Store::open(link.to_str().unwrap()).await;
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{second:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    let derived = file(&directory, "tidings.derived.db");
    let logs = [format!("{path}-wal"), format!("{derived}-wal")];
    for name in [path, derived].into_iter().chain(logs) {
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let not_a_database = file(&directory, "letter.txt");
    std::fs::write(
        &not_a_database,
        "Dear reader, this is not a database. ".repeat(100),
    )
    .unwrap();
    for path in [directory.path().to_str().unwrap(), &not_a_database] {
        let opened = Store::open(path).await;
        assert!(matches!(opened, Err(StoreError::Open { .. })), "{opened:?}");
    }
}

#[tokio::test]
async fn a_later_versions_tables_are_left_alone() {
    let opened = with_migration(999).await;
    assert!(matches!(opened, Err(StoreError::Later)), "{opened:?}");
}

#[tokio::test]
async fn tables_from_before_the_first_release_are_refused_in_plain_words() {
    let opened = with_migration(2).await;
    assert!(matches!(opened, Err(StoreError::Unreleased)), "{opened:?}");
}

/// Opens a database in which a migration was run that the main file does not have.
async fn with_migration(number: i64) -> Result<Store, StoreError> {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    run(&store, Part::Journal, FOREIGN, &[Arg::from(number)]).await;
    store.close().await;
    drop(store);
    Store::open(&path).await
}

const FOREIGN: &str = "INSERT INTO _sqlx_migrations
    (version, description, success, checksum, execution_time) VALUES ($1, 'other', 1, x'', 0)";

#[tokio::test]
async fn a_derived_file_of_another_version_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    run(&store, Part::Derived, FOREIGN, &[Arg::from(999_i64)]).await;
    run(
        &store,
        Part::Derived,
        "UPDATE projected SET last_seq = 9",
        &[],
    )
    .await;
    store.close().await;
    drop(store);
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.projected().await.unwrap().seq.0, 0);
}

#[tokio::test]
async fn without_the_derived_file_nothing_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    let head = store.head().await.unwrap();
    store.close().await;
    drop(store);
    std::fs::remove_file(file(&directory, "tidings.derived.db")).unwrap();
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(store.projected().await.unwrap().seq.0, 0);
}

#[test]
fn the_derived_file_is_beside_its_database() {
    for (main, derived) in [
        ("/srv/tidings.db", "/srv/tidings.derived.db"),
        ("/srv/tidings", "/srv/tidings.derived"),
        ("/srv/a.b.sqlite", "/srv/a.b.derived.sqlite"),
    ] {
        assert_eq!(file::derived_beside(Path::new(main)), Path::new(derived));
    }
}

#[tokio::test]
async fn commits_reach_the_disk_and_sqlite_is_recent_enough() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let Database::Sqlite(sqlite) = &store.database else {
        panic!("a file is SQLite");
    };
    let number = async |pool, sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    };
    let (main, derived) = (&sqlite.main.writer, &sqlite.derived.writer);
    assert_eq!(number(main, "PRAGMA synchronous").await, 2);
    assert_eq!(number(derived, "PRAGMA synchronous").await, 1);
    assert_eq!(number(main, "PRAGMA page_size").await, 4_096);
    assert_eq!(number(main, "PRAGMA foreign_keys").await, 1);
    let text = async |pool, sql: &'static str| -> String {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    };
    for pool in [main, derived] {
        assert_eq!(text(pool, "PRAGMA journal_mode").await, "wal");
    }
    // Versions before it can corrupt a write-ahead log.
    let version = text(main, "SELECT sqlite_version()").await;
    let parts: Vec<u32> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(parts >= vec![3, 51, 3], "{version}");
}

#[tokio::test]
async fn readers_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let write = Sql::both("UPDATE projected SET last_seq = 9");
    let written = store.database.read(Part::Derived, write, &[]).await;
    assert!(written.is_err());
}

#[tokio::test]
async fn history_and_the_journal_do_not_wait_for_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let history = store.database.begin(Part::Derived).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    history.undo().await.unwrap();
    let journal = store.database.begin(Part::Journal).await.unwrap();
    store.unproject().await.unwrap();
    journal.undo().await.unwrap();
}

/// They have connections of their own to one file, and neither meets SQLite's lock, which would be an error.
#[tokio::test]
async fn history_and_snapshots_take_turns() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let history = store.database.begin(Part::Derived).await.unwrap();
    let beside = store.clone();
    let other = tokio::spawn(async move {
        let change = Sql::both("UPDATE projected SET last_seq = 7");
        beside.database.change(Part::Derived, change, &[]).await
    });
    // Longer than SQLite waits for its lock.
    tokio::time::sleep(super::connections::BUSY + std::time::Duration::from_millis(200)).await;
    assert!(!other.is_finished());
    history.commit().await.unwrap();
    assert_eq!(other.await.unwrap().unwrap(), 1);
    assert_eq!(store.projected().await.unwrap().seq.0, 7);
}

#[tokio::test]
async fn history_that_lost_its_transaction_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    for ends in [false, true] {
        let mut write = store.database.begin(Part::Derived).await.unwrap();
        let change = Sql::both("UPDATE projected SET last_seq = 9");
        write.change(change, &[]).await.unwrap();
        // As SQLite itself does on a full disk.
        write.change(Sql::both("ROLLBACK"), &[]).await.unwrap();
        if ends {
            assert!(write.commit().await.is_err(), "nothing was committed");
        }
        assert_eq!(store.projected().await.unwrap().seq.0, 0);
    }
    store.unproject().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_lost_its_transaction_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let mut write = store.database.begin(Part::Journal).await.unwrap();
    // As SQLite itself does on a full disk, without the driver's knowledge.
    write.change(Sql::both("ROLLBACK"), &[]).await.unwrap();
    drop(write);
    let write = store.database.begin(Part::Journal).await.unwrap();
    write.commit().await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_a_database_with_all_that_must_survive() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    let copy = directory.path().join("copy.db");
    // In the middle of somebody's write, of which the copy has nothing.
    let mut write = store.database.begin(Part::Journal).await.unwrap();
    let change = Sql::both("UPDATE partitions SET epoch = 9");
    write.change(change, &[]).await.unwrap();
    store.backup(&copy).await.unwrap();
    write.undo().await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let opened = Store::open(copy.to_str().unwrap()).await.unwrap();
    assert_eq!(opened.head().await.unwrap(), store.head().await.unwrap());
    assert_eq!(opened.head().await.unwrap().epoch, 1);

    let again = store.backup(&copy).await;
    assert!(matches!(again, Err(StoreError::Backup { .. })), "{again:?}");
}

#[tokio::test]
async fn memory_can_be_backed_up_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    let copy = file(&directory, "copy.db");
    store.backup(Path::new(&copy)).await.unwrap();
    let opened = Store::open(&copy).await.unwrap();
    assert_eq!(opened.head().await.unwrap().epoch, 1);
}

pub(super) async fn run(store: &Store, part: Part, sql: &'static str, args: &[Arg<'_>]) {
    store
        .database
        .change(part, Sql::both(sql), args)
        .await
        .unwrap();
}

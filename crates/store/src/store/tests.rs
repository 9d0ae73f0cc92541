use super::*;

fn file(directory: &tempfile::TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_database_is_a_file_or_memory() {
    let file = |path: &str| Location::File(path.into());
    assert_eq!(Location::of("sqlite::memory:").unwrap(), Location::Memory);
    assert_eq!(
        Location::of("data/tidings.db").unwrap(),
        file("data/tidings.db")
    );
    assert_eq!(
        Location::of("sqlite:tidings.db").unwrap(),
        file("tidings.db")
    );
    assert_eq!(
        Location::of("sqlite:///srv/tidings.db").unwrap(),
        file("/srv/tidings.db")
    );
    for unknown in [
        "",
        "sqlite:",
        "postgres://localhost/tidings",
        "mysql://localhost",
    ] {
        assert!(
            matches!(Location::of(unknown), Err(StoreError::Unsupported { .. })),
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn a_file_is_made_with_its_directory_and_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "a/b/tidings.db");
    let store = Store::open(&path).await.unwrap();
    let head = store.claim().await.unwrap();
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
    store.claim().await.unwrap();
    for name in [path.clone(), format!("{path}-wal")] {
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
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    let later = "INSERT INTO _sqlx_migrations
        (version, description, success, checksum, execution_time) VALUES (999, 'later', 1, x'', 0)";
    sqlx::query(later).execute(&store.writer).await.unwrap();
    store.close().await;
    drop(store);
    assert!(matches!(
        Store::open(&path).await,
        Err(StoreError::Migrate(_))
    ));
}

#[tokio::test]
async fn commits_reach_the_disk_and_sqlite_is_recent_enough() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let pragma = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&store.writer);
    assert_eq!(pragma("PRAGMA synchronous").await.unwrap(), 2);
    assert_eq!(pragma("PRAGMA foreign_keys").await.unwrap(), 1);
    let text = |sql: &'static str| sqlx::query_scalar::<_, String>(sql).fetch_one(&store.writer);
    assert_eq!(text("PRAGMA journal_mode").await.unwrap(), "wal");
    // Versions before it can corrupt a write-ahead log.
    let version = text("SELECT sqlite_version()").await.unwrap();
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
    let write = sqlx::query("UPDATE projected SET last_seq = 9")
        .execute(&store.readers)
        .await;
    assert!(write.is_err());
}

#[tokio::test]
async fn a_write_that_was_given_up_leaves_no_trace() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let mut write = store.write().await.unwrap();
    sqlx::query("UPDATE projected SET last_seq = 9")
        .execute(&mut *write)
        .await
        .unwrap();
    drop(write);
    assert_eq!(store.projected().await.unwrap().0, 0);
    store.claim().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_lost_its_transaction_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&file(&directory, "tidings.db")).await.unwrap();
    let mut write = store.write().await.unwrap();
    // As SQLite itself does on a full disk, without the driver's knowledge.
    sqlx::query("ROLLBACK").execute(&mut *write).await.unwrap();
    drop(write);
    store.write().await.unwrap().commit().await.unwrap();
    store.claim().await.unwrap();
}

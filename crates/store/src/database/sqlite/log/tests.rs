use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tidings_core::id::Seq;
use tidings_core::units::Timestamp;

use crate::database::sqlite::tests::{LEASE, ME, file};
use crate::journal::{Claim, Head, StoredGroup};
use crate::store::Store;

/// A group of a megabyte, which is some 70 pages of the log.
async fn append_megabyte(store: &Store, head: &mut Head) {
    let mut group = StoredGroup {
        first: Seq(head.last_seq.0 + 1),
        last: Seq(head.last_seq.0 + 1),
        epoch: head.epoch,
        prev_hash: head.last_hash,
        hash: [0; 32],
        state_hash: None,
        at: Timestamp::from_micros(0),
        blob: vec![7; 1 << 20],
    };
    group.hash[..8].copy_from_slice(&group.last.0.to_le_bytes());
    store.append(&group, LEASE).await.unwrap();
    *head = group.head();
}

fn log_megabytes(path: &str) -> u64 {
    std::fs::metadata(format!("{path}-wal")).unwrap().len() >> 20
}

/// The thread that appends waits for the disk; the log is kept by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short_however_much_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    let Claim::Granted(mut head) = store.claim(ME, LEASE).await.unwrap() else {
        panic!("a file has no other owner");
    };
    let mut longest = 0;
    for _ in 0..200 {
        append_megabyte(&store, &mut head).await;
        longest = longest.max(log_megabytes(&path));
    }
    // Begun again at 16, and at eight times that if the disk is so slow.
    assert!((4..=130).contains(&longest), "{longest} MiB");
    store.close().await;
    drop(store);
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_a_reader_held_up_is_cut_when_it_ends() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    let Claim::Granted(mut head) = store.claim(ME, LEASE).await.unwrap() else {
        panic!("a file has no other owner");
    };
    append_megabyte(&store, &mut head).await;
    let mut reader = SqliteConnection::connect(&format!("sqlite://{path}"))
        .await
        .unwrap();
    let count = async |reader: &mut SqliteConnection| -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM journal");
        count.fetch_one(reader).await.unwrap()
    };
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    assert_eq!(count(&mut reader).await, 1);
    for _ in 0..150 {
        append_megabyte(&store, &mut head).await;
    }
    let held = log_megabytes(&path);
    assert!(held >= 150, "{held} MiB");
    assert_eq!(count(&mut reader).await, 1, "it reads what it began with");
    sqlx::query("COMMIT").execute(&mut reader).await.unwrap();
    assert_eq!(count(&mut reader).await, 151);
    reader.close().await.unwrap();
    let mut groups = 0;
    while log_megabytes(&path) > 40 {
        append_megabyte(&store, &mut head).await;
        groups += 1;
        assert!(groups < 1_000, "the log is cut when it is begun again");
    }
}

use std::time::Duration;

use super::*;
use crate::journal::Instance;
use crate::store::Store;

#[test]
fn a_log_that_is_written_again_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tidings.db");
    std::fs::write(&path, "a database").unwrap();
    write_log_again(&path).unwrap();
    let log = with_suffix(&path, "-wal");
    assert!(!log.exists(), "without a log there is nothing to write");
    // Of several pieces, the last of them shorter.
    let long: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
    for bytes in [b"".as_slice(), b"a log", &long] {
        std::fs::write(&log, bytes).unwrap();
        write_log_again(&path).unwrap();
        assert!(std::fs::read(&log).unwrap() == bytes);
        assert_eq!(std::fs::read(&path).unwrap(), b"a database");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_in_its_log_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let (path, left) = (
        directory.path().join("tidings.db"),
        directory.path().join("left.db"),
    );
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    let (me, lease) = (Instance([1; 16]), Duration::from_secs(10));
    store.claim(me, lease).await.unwrap();
    // Nothing was moved into the file yet, and nobody closes it.
    for suffix in ["", "-wal"] {
        std::fs::copy(with_suffix(&path, suffix), with_suffix(&left, suffix)).unwrap();
    }
    let opened = Store::open(left.to_str().unwrap()).await.unwrap();
    assert_eq!(opened.head().await.unwrap(), store.head().await.unwrap());
    assert_eq!(opened.head().await.unwrap().epoch, 1);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tidings.db");
    std::fs::create_dir(with_suffix(&path, "-wal")).unwrap();
    let opened = Store::open(path.to_str().unwrap()).await;
    assert!(matches!(opened, Err(StoreError::Open { .. })), "{opened:?}");
}

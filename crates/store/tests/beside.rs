//! Copies of a database that a server has open, and a copy that takes a database's place.

use std::path::Path;
use std::time::Duration;

use tidings_store::{Claim, Head, Instance, Store};

async fn claim(store: &Store) -> Head {
    let claimed = store
        .claim(Instance([1; 16]), Duration::from_secs(10))
        .await;
    match claimed.expect("an answer") {
        Claim::Granted(head) => head,
        Claim::Held { .. } => panic!("a file has no other owner"),
    }
}

#[tokio::test]
async fn a_copy_is_made_beside_a_server_and_takes_its_place() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (path, copy, former) = (file("tidings.db"), file("copy.db"), file("former.db"));
    let server = Store::open(&path).await.expect("a store");
    let then = claim(&server).await;
    let beside = Store::open_beside(&path).await.expect("the same, to read");
    beside.backup(Path::new(&copy)).await.expect("a copy");
    assert_eq!(beside.head().await.expect("a head"), then);
    let claimed = beside.claim(Instance([1; 16]), Duration::ZERO).await;
    assert!(claimed.is_err(), "it only reads: {claimed:?}");
    beside.close().await;
    let later = claim(&server).await;
    server.close().await;
    drop(server);

    Store::replace(&path, Path::new(&copy), Path::new(&former)).expect("replaced");
    assert!(!Path::new(&file("tidings.derived.db")).exists());
    let restored = Store::open(&path).await.expect("the copy");
    assert_eq!(restored.head().await.expect("a head"), then);
    let former = Store::open_beside(&former).await.expect("the former one");
    assert_eq!(former.head().await.expect("a head"), later);
}

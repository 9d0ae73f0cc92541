use crate::database::sqlite::tests::{LEASE, ME, file, run};
use crate::database::{Failure, Part, Sql};
use crate::store::Store;

#[tokio::test]
async fn a_derived_file_that_is_none_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let store = Store::open(&path).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    store.close().await;
    drop(store);
    let garbage = "Somebody's letter. ".repeat(10_000);
    std::fs::write(file(&directory, "tidings.derived.db"), garbage).unwrap();
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap().epoch, 1);
    assert_eq!(store.projected().await.unwrap().seq.0, 0);
    assert_eq!(store.snapshots().await.unwrap(), []);
}

/// Nobody reads all of it at a start: the damage is found when it is met, and the start after that makes the
/// file again.
#[tokio::test]
async fn a_derived_file_that_is_damaged_within_is_made_again_by_the_next_start() {
    for writes in [false, true] {
        made_again_when_met_by(writes).await;
    }
}

/// Met by a reader or by history's own connection.
async fn made_again_when_met_by(writer: bool) {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "tidings.db");
    let derived = file(&directory, "tidings.derived.db");
    let store = Store::open(&path).await.unwrap();
    store.claim(ME, LEASE).await.unwrap();
    run(
        &store,
        Part::Derived,
        "CREATE TABLE filler (n INTEGER)",
        &[],
    )
    .await;
    run(&store, Part::Derived, FILL, &[]).await;
    store.close().await;
    drop(store);
    let mut bytes = std::fs::read(&derived).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xa5);
    std::fs::write(&derived, bytes).unwrap();

    let store = Store::open(&path).await.unwrap();
    let sum = Sql::both("SELECT sum(n) AS sum FROM filler");
    let read = match writer {
        false => store.database.read(Part::Derived, sum, &[]).await,
        true => {
            let mut write = store.database.begin(Part::Derived).await.unwrap();
            write.read(sum, &[]).await
        }
    };
    assert!(matches!(read, Err(Failure::Failed(_))), "{read:?}");
    // What must survive is in the other file, and goes on.
    store.claim(ME, LEASE).await.unwrap();
    store.close().await;
    drop(store);

    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head().await.unwrap().epoch, 2);
    assert!(store.database.read(Part::Derived, sum, &[]).await.is_err());
    assert_eq!(store.projected().await.unwrap().seq.0, 0);
    store.close().await;
    drop(store);
    // Once: a table that is not there is no damage.
    let store = Store::open(&path).await.unwrap();
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
    assert_eq!(store.projected().await.unwrap().seq.0, 9);
}

const FILL: &str =
    "WITH RECURSIVE i (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < 100000)
    INSERT INTO filler SELECT n FROM i";

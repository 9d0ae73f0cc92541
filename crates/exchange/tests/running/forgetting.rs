//! A database that has forgotten what was answered is noticed.

use std::fs;
use std::path::Path;

use tidings_exchange::{Exchange, Home, Options, StartError};

use crate::world::*;

async fn start_at(home: &Path, database: &Path) -> Result<Exchange, StartError> {
    let options = Options {
        home: Some(Home::open(home).unwrap()),
        ..Options::default()
    };
    Exchange::start(open(database).await, options).await
}

/// Every file of a database that is closed.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_of_the_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [home, data, copied] = ["home", "data", "copied"].map(|name| folder.path().join(name));
    fs::create_dir(&data).unwrap();
    let exchange = start_at(&home, &data).await.unwrap();
    furnish(&exchange, None).await;
    stop(exchange).await;
    copy(&data, &copied);

    let exchange = start_at(&home, &data).await.unwrap();
    let last = give(&exchange, ANN, buy(4_000, 10)).await;
    stop(exchange).await;
    let refused = start_at(&home, &copied).await.err().unwrap();
    let StartError::Forgotten { answered, end } = refused else {
        panic!("{refused}");
    };
    assert_eq!((answered, end.0), (last.stamp.seq, last.stamp.seq.0 - 1));

    // The one that has everything still serves, and so does the copy to somebody who saw no more.
    stop(start_at(&home, &data).await.unwrap()).await;
    let elsewhere = folder.path().join("elsewhere");
    stop(start_at(&elsewhere, &copied).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_history_of_the_same_length_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [home, data, other] = ["home", "data", "other"].map(|name| folder.path().join(name));
    fs::create_dir(&data).unwrap();
    let exchange = start_at(&home, &data).await.unwrap();
    furnish(&exchange, None).await;
    stop(exchange).await;
    copy(&data, &other);
    let exchange = start_at(&home, &data).await.unwrap();
    give(&exchange, ANN, buy(4_000, 10)).await;
    stop(exchange).await;

    // Somebody else's order stands where ours was answered.
    let elsewhere = folder.path().join("elsewhere");
    let exchange = start_at(&elsewhere, &other).await.unwrap();
    give(&exchange, ANN, buy(4_000, 11)).await;
    stop(exchange).await;
    let refused = start_at(&home, &other).await.err().unwrap();
    assert!(matches!(refused, StartError::Forgotten { .. }), "{refused}");
}

//! History that is behind the journal: whoever says what it has to have is not answered without that.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::world::{World, summit};

/// Keeps history where it is for as long as it lives: the projector writes no row meanwhile, as when
/// the disk of the read tables is slow.
async fn hold(world: &World) -> SqliteConnection {
    let file = SqliteConnectOptions::new().filename(world.derived());
    let mut other = file.connect().await.expect("the file of history");
    let locked = other.execute("BEGIN IMMEDIATE").await;
    locked.expect("nobody else writes at the moment");
    other
}

#[tokio::test]
async fn a_read_of_history_that_lacks_its_min_seq_is_refused() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let bid = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                     "amount": "10"});
    let before = world.order(&ann, bid.clone()).await["seq"].clone();
    let exchange = world.app.exchange();
    let wait = Duration::from_secs(5);
    assert!(
        exchange
            .projected_past(exchange.committed().seq, wait)
            .await
    );

    let holder = hold(&world).await;
    let placed = world.order(&ann, bid).await;
    let (seq, order) = (&placed["seq"], placed["order"]["id"].as_str());
    let of_order = format!("/v1/orders/{}", order.expect("an id"));
    let lists = [
        "/v1/account/orders".to_owned(),
        "/v1/account/fills".to_owned(),
        "/v1/account/ledger".to_owned(),
        "/v1/account/statement".to_owned(),
        format!("/v1/markets/{slug}/trades"),
        format!("/v1/markets/{slug}/candles?interval=1h"),
        format!("/v1/markets/{slug}/odds?points=200"),
        format!("/v1/markets/{slug}/odds?at=2025-11-01T00:00:00Z"),
        of_order,
    ];
    let with = |path: &str, seq: &serde_json::Value| {
        let mark = if path.contains('?') { '&' } else { '?' };
        format!("{path}{mark}min_seq={seq}")
    };
    let ask = async |path: String| world.get(&path).key(&ann.key).await;
    // All at once: each of them waits.
    let refused = lists.iter().map(|path| ask(with(path, seq)));
    for (path, answer) in lists.iter().zip(join_all(refused).await) {
        let problem = answer.problem(409, "not_yet");
        assert_eq!(
            (&problem["seq"], &problem["retry"]),
            (&before, &json!("safe")),
            "{path}"
        );
    }
    // What it has is there for whoever is content with it, and what is not history does not lag.
    let orders = ask(with(&lists[0], &before)).await.ok();
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
    let orders = ask(lists[0].clone()).await.ok();
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
    for live in [
        "/v1/account",
        "/v1/account/orders?status=open",
        &format!("/v1/markets/{slug}/odds"),
        &format!("/v1/markets/{slug}/book"),
    ] {
        ask(with(live, seq)).await.ok();
    }

    holder.close().await.expect("it lets go");
    let seen = exchange.committed().seq;
    assert!(exchange.projected_past(seen, 3 * wait).await);
    for path in &lists {
        ask(with(path, seq)).await.ok();
    }
    let orders = ask(with(&lists[0], seq)).await.ok();
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(2));
}

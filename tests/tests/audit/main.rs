//! The tools of whoever has to know what happened: reading the journal, the exchange as it stood, heads
//! that were noted. Each is used as a person would, with the real binary on a real server's data, on
//! a file and on PostgreSQL.

mod keeping;
mod reading;

use serde_json::{Value, json};
use tidings_tests::ground::Ground;
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;

pub(crate) const MARKET: &str = "jpkr-joint-statement";

pub(crate) fn bid(price: &str, quantity: &str) -> Value {
    json!({"market": MARKET, "outcome": "yes", "side": "buy", "type": "limit",
           "price": price, "quantity": quantity})
}

/// A server on which somebody has traded, and somebody has been refused.
pub(crate) async fn traded(ground: Ground) -> (Server, Newsroom, Person) {
    let server = Server::start_upon(ground).await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "100").await;
    let place = async |order: &Value| ann.client.post("/v1/orders", order).await;
    place(&bid("0.2", "10")).await.is(201);
    place(&bid("0.4", "5")).await.is(201);
    place(&bid("0.9", "5000"))
        .await
        .refused("insufficient_funds");
    (server, room, ann)
}

//! The client crate against the real server: what it promises, on a network that breaks its promises.

mod bad_network;
mod batch;
mod feed;
mod history;
mod line;
mod operations;
mod questions;
mod quickstart;
mod streams;
mod surface;

use tidings_client::types::{NewOrder, Side};
use tidings_client::{Client, Decimal};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;

const MARKET: &str = "jpkr-joint-statement";

/// A server with an open market, and somebody with money.
async fn with_ann(server: &Server) -> (Newsroom, Person) {
    let room = Newsroom::open(server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(server, "Ann", "100000").await;
    (room, ann)
}

/// The client crate's client at an address, with somebody's key.
fn client(base: &str, of: &Person) -> Client {
    Client::new(base)
        .expect("an address")
        .with_key(of.client.key())
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// A bid that rests.
fn bid(quantity: &str) -> NewOrder {
    NewOrder::limit(MARKET, "yes", Side::Buy, decimal("0.1"), decimal(quantity))
}

/// An order that fills at once, with the maker.
fn buy(quantity: &str) -> NewOrder {
    NewOrder::market(MARKET, "yes", Side::Buy, decimal(quantity))
}

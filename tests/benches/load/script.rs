//! What is asked: traders with a key each, a few markets, and their requests as bytes, written down before the clock
//! starts.
//!
//! A client's orders come in twos. The first bids and waits on the book, the second sells what somebody has bid for,
//! at once or not at all. So half of the orders rest, half fill, and the books stay as they are.

use serde_json::{Value, json};
use tidings_tests::Server;
use tidings_tests::newsroom::{Newsroom, Person, joint_statement, with};

use crate::line::Line;

/// Markets, every second one with a maker.
const MARKETS: usize = 8;
/// Orders of a batch, and of a frame.
pub(crate) const MANY_ORDERS: usize = 100;
/// What the answer to an accepted order of a batch has.
pub(crate) const ACCEPTED: &[u8] = b"\"status\":201";

/// What is asked for over HTTP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Orders,
    Batches,
    Odds,
    /// Odds that the client has: it is told so.
    KnownOdds,
}

/// Requests, one after the other and then again from the first, and what their answers have to be.
pub(crate) struct Script {
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) status: u16,
    /// How many accepted orders of a batch each answer tells.
    pub(crate) accepted: usize,
}

/// Who asks, and about what.
pub(crate) struct World {
    traders: Vec<Person>,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Orders, Kind::Batches, Kind::Odds, Kind::KnownOdds];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Orders => "orders, one a request",
            Kind::Batches => "orders, 100 a request",
            Kind::Odds => "odds",
            Kind::KnownOdds => "odds, known",
        }
    }

    /// Orders, or odds, of a request.
    pub(crate) fn each(self) -> usize {
        match self {
            Kind::Batches => MANY_ORDERS,
            Kind::Orders | Kind::Odds | Kind::KnownOdds => 1,
        }
    }
}

impl World {
    pub(crate) async fn open(server: &Server, traders: usize) -> World {
        let room = Newsroom::open(server).await;
        for place in 0..MARKETS {
            room.open_market(&market(place)).await;
        }
        let mut opened = Vec::with_capacity(traders);
        for trader in 0..traders {
            let name = format!("trader {trader}");
            opened.push(room.trader(server, &name, "10000000").await);
        }
        World { traders: opened }
    }

    /// The key of a trader.
    pub(crate) fn key(&self, client: usize) -> &str {
        self.traders[client].client.key()
    }

    /// What a client asks a server for.
    pub(crate) async fn script(&self, kind: Kind, address: &str, client: usize) -> Script {
        let post = |path: &str, body: &Value| {
            let (key, body) = (self.key(client), body.to_string());
            format!(
                "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        let odds = format!(
            "GET /v1/markets/{}/odds HTTP/1.1\r\nHost: {address}\r\n",
            slug(client)
        );
        match kind {
            Kind::Orders => Script {
                requests: orders(client)
                    .map(|order| post("/v1/orders", &order))
                    .into(),
                status: 201,
                accepted: 0,
            },
            Kind::Batches => Script {
                requests: orders(client)
                    .map(|order| json!({"orders": vec![order; MANY_ORDERS]}))
                    .map(|batch| post("/v1/orders/batch", &batch))
                    .into(),
                status: 200,
                accepted: MANY_ORDERS,
            },
            Kind::Odds => Script {
                requests: vec![format!("{odds}\r\n").into_bytes()],
                status: 200,
                accepted: 0,
            },
            Kind::KnownOdds => {
                let mut line = Line::to(address).await;
                let answer = line.ask(format!("{odds}\r\n").as_bytes()).await;
                let tag = answer.header("etag").expect("odds have a tag").to_owned();
                Script {
                    requests: vec![format!("{odds}If-None-Match: {tag}\r\n\r\n").into_bytes()],
                    status: 304,
                    accepted: 0,
                }
            }
        }
    }
}

/// The two orders of a client.
pub(crate) fn orders(client: usize) -> [Value; 2] {
    let order = |contract: &str, time_in_force: &str| {
        json!({"market": slug(client), "outcome": "yes", "contract": contract, "side": "buy", "type": "limit",
               "price": "0.50", "quantity": "1", "time_in_force": time_in_force,
               "self_trade": "cancel_oldest"})
    };
    [order("yes", "gtc"), order("no", "ioc")]
}

fn slug(client: usize) -> String {
    format!("load-{}", client % MARKETS)
}

/// The market in a place: with even odds, without a fee.
pub(crate) fn market(place: usize) -> Value {
    let fields = json!({
        "slug": slug(place),
        "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.50"},
                     {"key": "no", "name": "No", "prior": "0.50"}],
        "liquidity": place.is_multiple_of(2).then_some("1000"),
        "taker_fee": "0",
    });
    with(joint_statement(), &fields)
}

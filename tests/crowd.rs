//! Many clients at once who write down what they sent and what they were told: after a crash their
//! notes are held against what the server knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tidings_core::units::{Lots, Price};
use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::newsroom::{Newsroom, Person, with};
use crate::seed::Random;
use crate::server::Server;

/// Traders who place and cancel orders in one market, each one after the other.
pub struct Crowd {
    market: String,
    traders: Vec<Trader>,
}

struct Trader {
    person: Person,
    random: Random,
    notes: Vec<Note>,
    open: Vec<String>,
}

/// A command, and what was said to it.
struct Note {
    key: String,
    asked: Asked,
    told: Option<Told>,
}

#[derive(Clone)]
enum Asked {
    Place(Value),
    Cancel(String),
}

#[derive(Clone, PartialEq, Eq)]
struct Told {
    status: u16,
    text: String,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Commands that were answered before the server went away.
    pub answered: usize,
    /// Commands whose answer never came.
    pub unknown: usize,
    /// Orders that the server has.
    pub orders: usize,
}

impl Crowd {
    /// Opens an account with money for each of `size` traders.
    pub async fn gather(
        server: &Server,
        room: &Newsroom,
        market: &str,
        size: usize,
        seed: u64,
    ) -> Crowd {
        let mut traders = Vec::new();
        for ix in 0..size {
            let person = room.trader(server, &format!("Trader {ix}"), "5000").await;
            let random = Random::of(seed.wrapping_add(ix as u64 * 7_919));
            traders.push(Trader {
                person,
                random,
                notes: Vec::new(),
                open: Vec::new(),
            });
        }
        Crowd {
            market: market.to_owned(),
            traders,
        }
    }

    /// Lets everybody trade for a while, then kills the server in the middle of it.
    pub async fn trade_and_kill(&mut self, server: &mut Server, after: Duration) {
        let kill = async |server: &mut Server| {
            tokio::time::sleep(after).await;
            server.kill();
        };
        self.trade_during(server, kill).await;
    }

    /// Lets everybody trade while something else happens, until that is over or the server has gone.
    pub async fn trade_during<T>(
        &mut self,
        server: &mut Server,
        happens: impl AsyncFnOnce(&mut Server) -> T,
    ) -> T {
        let stop = Arc::new(AtomicBool::new(false));
        let mut busy = JoinSet::new();
        for (ix, mut trader) in std::mem::take(&mut self.traders).into_iter().enumerate() {
            trader.person = trader.person.at(server);
            let (stop, market) = (Arc::clone(&stop), self.market.clone());
            busy.spawn(async move {
                while !stop.load(Ordering::Relaxed) && trader.act(&market).await {}
                (ix, trader)
            });
        }
        let happened = happens(server).await;
        stop.store(true, Ordering::Relaxed);
        let mut back: Vec<(usize, Trader)> = busy.join_all().await;
        back.sort_by_key(|(ix, _)| *ix);
        self.traders = back.into_iter().map(|(_, trader)| trader).collect();
        happened
    }

    /// Sends everything again under the same keys, and holds what the server knows against the
    /// notes: nothing that was answered is lost or told otherwise, nothing is there twice, and
    /// nothing is there that nobody asked for.
    ///
    /// # Panics
    /// When that is not so.
    pub async fn compare(&mut self, server: &Server) -> Tally {
        let mut tally = Tally::default();
        let mut checks = JoinSet::new();
        for (ix, mut trader) in std::mem::take(&mut self.traders).into_iter().enumerate() {
            trader.person = trader.person.at(server);
            checks.spawn(async move {
                let counted = trader.compare().await;
                (ix, trader, counted)
            });
        }
        let mut back = checks.join_all().await;
        back.sort_by_key(|(ix, ..)| *ix);
        for (_, trader, counted) in back {
            tally.answered += counted.answered;
            tally.unknown += counted.unknown;
            tally.orders += counted.orders;
            self.traders.push(trader);
        }
        tally
    }

    /// Everybody in it.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.traders.iter().map(|trader| &trader.person)
    }

    /// Cancels what rests, so that all money and shares are free.
    pub async fn cancel_all(&self) {
        for trader in &self.traders {
            trader.person.client.delete("/v1/orders").await.is(200);
        }
    }
}

impl Trader {
    /// Places or cancels one order. False when no answer came: the server has gone.
    async fn act(&mut self, market: &str) -> bool {
        let key = format!("{}-{}", self.person.id, self.notes.len());
        let asked = match self.open.is_empty() || self.random.below(4) > 0 {
            true => Asked::Place(self.order(market, &key)),
            false => {
                let ix = self.random.below(self.open.len() as u64);
                Asked::Cancel(
                    self.open
                        .swap_remove(usize::try_from(ix).expect("an index")),
                )
            }
        };
        let told = asked.send(&self.person.client, &key).await;
        let is_there = told.is_some();
        if let (Asked::Place(_), Some(told)) = (&asked, &told) {
            assert!(
                [201, 409].contains(&told.status),
                "{}: {}",
                told.status,
                told.text
            );
            let answer: Value = serde_json::from_str(&told.text).expect("JSON");
            if answer["order"]["status"] == "open" {
                self.open
                    .push(answer["order"]["id"].as_str().expect("an id").to_owned());
            }
        }
        self.notes.push(Note { key, asked, told });
        is_there
    }

    fn order(&mut self, market: &str, name: &str) -> Value {
        let contract = *self.random.pick(&["yes", "no"]);
        let side = *self.random.pick(&["buy", "buy", "sell"]);
        // As the server writes them: what was sent is compared with what is there.
        let cents = u16::try_from(5 + self.random.below(90)).expect("a price");
        let price = Price::new(cents * 100).expect("a price").to_string();
        let lots = i64::try_from(1 + self.random.below(900)).expect("a quantity");
        let quantity = Lots::new(lots).to_string();
        let terms = match self.random.below(5) {
            0 => json!({"type": "market", "quantity": quantity}),
            1 if side == "buy" => json!({"type": "market", "amount": quantity}),
            2 => json!({"type": "limit", "price": price, "quantity": quantity,
                        "time_in_force": "ioc"}),
            _ => json!({"type": "limit", "price": price, "quantity": quantity}),
        };
        let order = json!({
            "market": market, "outcome": "yes", "contract": contract, "side": side,
            "client_order_id": name,
        });
        with(order, &terms)
    }

    async fn compare(&mut self) -> Tally {
        let mut tally = Tally::default();
        let client = self.person.client.clone();
        for note in &mut self.notes {
            let again = note.asked.send(&client, &note.key).await;
            let again = again.unwrap_or_else(|| panic!("{}: no answer to a retry", note.key));
            match &note.told {
                Some(told) => {
                    tally.answered += 1;
                    assert!(
                        *told == again,
                        "{}: told {} {}\nthen {} {}",
                        note.key,
                        told.status,
                        told.text,
                        again.status,
                        again.text
                    );
                }
                None => tally.unknown += 1,
            }
            note.told = Some(again);
        }
        let there = self.orders().await;
        let mut placed = 0;
        self.open.clear();
        for note in &self.notes {
            let (Asked::Place(asked), Some(told)) = (&note.asked, &note.told) else {
                continue;
            };
            let found = there.get(&note.key);
            assert_eq!(
                found.is_some(),
                told.status == 201,
                "{}: {}",
                note.key,
                told.text
            );
            let Some(order) = found else { continue };
            placed += 1;
            for field in ["contract", "side", "price", "type"] {
                assert_eq!(
                    order[field], asked[field],
                    "{}: {field} of {order}",
                    note.key
                );
            }
            if asked["quantity"].is_string() {
                assert_eq!(
                    order["quantity"], asked["quantity"],
                    "{}: {order}",
                    note.key
                );
            }
            if order["status"] == "open" {
                self.open
                    .push(order["id"].as_str().expect("an id").to_owned());
            }
        }
        assert_eq!(
            there.len(),
            placed,
            "{} has orders that nobody asked for",
            self.person.id
        );
        tally.orders = placed;
        tally
    }

    /// All orders that the server knows of, by their names.
    async fn orders(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let mut path = "/v1/account/orders?status=all&limit=200".to_owned();
        loop {
            let page = self.person.client.see(&path).await;
            for order in page["data"].as_array().expect("a list") {
                let name = order["client_order_id"]
                    .as_str()
                    .expect("a name")
                    .to_owned();
                let twin = found.insert(name, order.clone());
                assert!(twin.is_none(), "two orders of one name: {order}");
            }
            let Some(cursor) = page["next_cursor"].as_str() else {
                return found;
            };
            path = format!("/v1/account/orders?status=all&limit=200&cursor={cursor}");
        }
    }
}

impl Asked {
    /// Sends it; none when no answer came, or one that says that the outcome is unknown.
    async fn send(&self, client: &Client, key: &str) -> Option<Told> {
        let answer: Result<Answer, _> = match self {
            Asked::Place(order) => client.post_once("/v1/orders", key, order).await,
            Asked::Cancel(order) => {
                let path = format!("/v1/orders/{order}");
                let request = client.request(reqwest::Method::DELETE, &path);
                Client::send(request.header("idempotency-key", key)).await
            }
        };
        let answer = answer.ok()?;
        assert_ne!(answer.status, 500, "{}", answer.text);
        (answer.status != 503).then_some(Told {
            status: answer.status,
            text: answer.text,
        })
    }
}

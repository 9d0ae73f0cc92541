//! Many clients at once who write down what they sent and what they were told: after a crash their
//! notes are held against what the server knows. The notes are in the test's process, not in the
//! server's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_core::units::{Lots, Price};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::newsroom::{Newsroom, Person, with};
use crate::seed::Random;
use crate::server::Server;

/// Answers of earlier checks that each trader asks for once more in a check of what came since.
const OLDER: usize = 2;
/// How long history may take to have what was answered.
const HISTORY: Duration = Duration::from_secs(30);
/// Between two questions of a client that was told to ask again.
const AGAIN: Duration = Duration::from_millis(20);

/// Traders who place and cancel orders in one market, each one after the other.
pub struct Crowd {
    market: String,
    traders: Vec<Trader>,
}

struct Trader {
    person: Person,
    random: Random,
    /// The index of a note is the end of its key.
    notes: Vec<Note>,
    /// How many of the notes were compared before.
    compared: usize,
    open: Vec<String>,
    /// The last place in the journal that it was told of.
    seq: u64,
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

/// What comparisons found. What was answered and is lost, or is there twice, is not counted: it ends
/// the test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Commands that were answered before the server went away.
    pub answered: usize,
    /// Commands whose answer never came.
    pub unknown: usize,
    /// How many of these had been carried out all the same.
    pub carried_out: usize,
    /// Orders that were looked at in the server's lists.
    pub orders: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.answered += more.answered;
        self.unknown += more.unknown;
        self.carried_out += more.carried_out;
        self.orders += more.orders;
    }
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
                compared: 0,
                open: Vec::new(),
                seq: 0,
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
        self.go_to(server);
        self.trade_while(Duration::MAX, happens(server)).await
    }

    /// Takes everybody to a server: another one, or another start.
    pub fn go_to(&mut self, server: &Server) {
        for trader in &mut self.traders {
            trader.person = trader.person.at(server);
        }
    }

    /// Lets everybody trade while something happens. Whoever is not answered stops; answers that have
    /// not come `patience` after it are not waited for.
    pub async fn trade_while<T>(
        &mut self,
        patience: Duration,
        meanwhile: impl Future<Output = T>,
    ) -> T {
        let (stop, stopped) = watch::channel(false);
        let mut busy = JoinSet::new();
        for (ix, mut trader) in std::mem::take(&mut self.traders).into_iter().enumerate() {
            let (mut stopped, market) = (stopped.clone(), self.market.clone());
            busy.spawn(async move {
                while !*stopped.borrow() && trader.act(&market, &mut stopped, patience).await {}
                (ix, trader)
            });
        }
        let outcome = meanwhile.await;
        stop.send_replace(true);
        self.traders = in_order(busy.join_all().await);
        outcome
    }

    /// Holds what was asked since the last comparison against what the server knows: what was answered
    /// is answered with the same bytes, what was not is asked again and gets an answer, and the
    /// orders of that time are there once, with the same terms. Some older answers, too.
    ///
    /// # Panics
    /// When that is not so.
    pub async fn compare_recent(&mut self, server: &Server) -> Tally {
        self.compare_each(server, false).await
    }

    /// The same with everything that was ever asked: nothing that was answered is lost or told
    /// otherwise, nothing is there twice, and nothing is there that nobody asked for.
    ///
    /// # Panics
    /// When that is not so.
    pub async fn compare(&mut self, server: &Server) -> Tally {
        self.compare_each(server, true).await
    }

    async fn compare_each(&mut self, server: &Server, all: bool) -> Tally {
        self.go_to(server);
        let mut checks = JoinSet::new();
        for (ix, mut trader) in std::mem::take(&mut self.traders).into_iter().enumerate() {
            checks.spawn(async move {
                let tally = match all {
                    true => trader.compare().await,
                    false => trader.compare_recent().await,
                };
                (ix, (trader, tally))
            });
        }
        let mut tally = Tally::default();
        for (trader, counted) in in_order(checks.join_all().await) {
            tally += counted;
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

fn in_order<T>(mut back: Vec<(usize, T)>) -> Vec<T> {
    back.sort_by_key(|(ix, _)| *ix);
    back.into_iter().map(|(_, one)| one).collect()
}

impl Trader {
    /// Places or cancels one order. False when no answer came: the server has gone.
    async fn act(
        &mut self,
        market: &str,
        stopped: &mut watch::Receiver<bool>,
        patience: Duration,
    ) -> bool {
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
        let client = self.person.client.clone();
        let leave = async {
            // Whoever stops everybody is there until all have stopped.
            drop(stopped.wait_for(|stopped| *stopped).await);
            tokio::time::sleep(patience).await;
        };
        let told = tokio::select! {
            told = asked.send(&client, &key) => told,
            () = leave => None,
        };
        if let Some(told) = &told {
            self.hear(&asked, told);
        }
        let is_there = told.is_some();
        self.notes.push(Note { key, asked, told });
        is_there
    }

    /// Takes in what an answer says.
    fn hear(&mut self, asked: &Asked, told: &Told) {
        let answer: Value = serde_json::from_str(&told.text).expect("JSON");
        self.seq = self.seq.max(answer["seq"].as_u64().unwrap_or(0));
        let Asked::Place(_) = asked else { return };
        assert!(
            [201, 409].contains(&told.status),
            "{}: {}",
            told.status,
            told.text
        );
        if answer["order"]["status"] == "open" {
            self.open
                .push(answer["order"]["id"].as_str().expect("an id").to_owned());
        }
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

    async fn compare_recent(&mut self) -> Tally {
        let recent = self.compared..self.notes.len();
        let older: Vec<usize> = match self.compared {
            0 => Vec::new(),
            old => (0..OLDER)
                .map(|_| usize::try_from(self.random.below(old as u64)).expect("an index"))
                .collect(),
        };
        let tally = self.ask_again(recent.clone()).await;
        for ix in older {
            self.ask_again(ix..ix + 1).await;
        }
        self.compared = self.notes.len();
        let orders = self.look_up(recent).await;
        Tally { orders, ..tally }
    }

    async fn compare(&mut self) -> Tally {
        let tally = self.ask_again(0..self.notes.len()).await;
        self.compared = self.notes.len();
        let orders = self.look_up(0..self.notes.len()).await;
        Tally { orders, ..tally }
    }

    /// Sends what was sent once more under the same keys. What was answered gets the same bytes.
    async fn ask_again(&mut self, which: Range<usize>) -> Tally {
        let mut tally = Tally::default();
        let client = self.person.client.clone();
        for ix in which {
            let Note { key, asked, told } = &self.notes[ix];
            let became = match told {
                Some(_) => None,
                None => Some(self.read(&format!("/v1/requests/{key}")).await),
            };
            let again = asked.send_until_told(&client, key).await;
            match told {
                Some(told) => {
                    tally.answered += 1;
                    assert!(
                        *told == again,
                        "{key}: told {} {}\nthen {} {}",
                        told.status,
                        told.text,
                        again.status,
                        again.text
                    );
                }
                None => tally.unknown += 1,
            }
            if let Some(became) = became.filter(|became| became["status"] != "unknown") {
                tally.carried_out += 1;
                let same = (became["http_status"].clone(), became["answer"].clone());
                let answer: Value = serde_json::from_str(&again.text).expect("JSON");
                assert_eq!(same, (json!(again.status), answer), "{key}");
            }
            if told.is_none() {
                let asked = asked.clone();
                self.hear(&asked, &again);
                self.notes[ix].told = Some(again);
            }
        }
        tally
    }

    /// Finds the orders of some notes in the server's list, newest first: each once, as it was asked
    /// for, and no other one. Gives how many orders it has seen.
    async fn look_up(&self, which: Range<usize>) -> usize {
        let is_everything = which.start == 0;
        let placed = |note: &&Note| {
            let told = note.told.as_ref().map(|told| told.status);
            matches!(note.asked, Asked::Place(_)) && told == Some(201)
        };
        let wanted = self.notes[which].iter().filter(placed);
        let mut missing: BTreeSet<&str> = wanted.map(|note| note.key.as_str()).collect();
        let mut seen = BTreeMap::new();
        let mut cursor = String::new();
        while is_everything || !missing.is_empty() {
            let page = self.page(&cursor).await;
            for order in page["data"].as_array().expect("a list") {
                let name = order["client_order_id"].as_str().expect("a name");
                let twin = seen.insert(name.to_owned(), order.clone());
                assert!(twin.is_none(), "two orders of one name: {order} {twin:?}");
                let note = self.note(name).filter(placed);
                let note = note.unwrap_or_else(|| panic!("nobody was told of {order}"));
                note.is_of(order);
                missing.remove(name);
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert!(
            missing.is_empty(),
            "{} orders were answered and are not there: {missing:?}",
            missing.len()
        );
        seen.len()
    }

    fn note(&self, key: &str) -> Option<&Note> {
        let (_, ix) = key.rsplit_once('-')?;
        let note = self.notes.get(ix.parse::<usize>().ok()?)?;
        (note.key == key).then_some(note)
    }

    /// A page of orders, once history has what was answered.
    async fn page(&self, cursor: &str) -> Value {
        let seq = self.seq;
        self.read(&format!(
            "/v1/account/orders?status=all&limit=200&min_seq={seq}{cursor}"
        ))
        .await
    }

    /// Reads as a client does: when it is told that it is too early, or that a machine under load did not
    /// get to it, it asks again.
    async fn read(&self, path: &str) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.person.client.get(path).await;
            let is_late = answer.status != 200 && started.elapsed() < HISTORY;
            if !is_late {
                return answer.is(200);
            }
            let problem = answer.problem();
            assert!(
                ["not_yet", "unavailable"]
                    .iter()
                    .any(|code| problem["code"] == *code),
                "{path}: {problem}"
            );
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Note {
    /// Checks that an order has the terms that were asked for.
    fn is_of(&self, order: &Value) {
        let Asked::Place(asked) = &self.asked else {
            panic!("{}: not an order", self.key)
        };
        for field in ["contract", "side", "price", "type"] {
            assert_eq!(
                order[field], asked[field],
                "{}: {field} of {order}",
                self.key
            );
        }
        if asked["quantity"].is_string() {
            assert_eq!(
                order["quantity"], asked["quantity"],
                "{}: {order}",
                self.key
            );
        }
    }
}

impl Asked {
    /// Sends it until somebody says what became of it.
    async fn send_until_told(&self, client: &Client, key: &str) -> Told {
        let started = Instant::now();
        loop {
            if let Some(told) = self.send(client, key).await {
                return told;
            }
            assert!(started.elapsed() < HISTORY, "{key}: no answer to any retry");
            tokio::time::sleep(AGAIN).await;
        }
    }

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

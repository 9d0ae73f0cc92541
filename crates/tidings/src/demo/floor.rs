//! The trading floor: looks at the markets, asks one trader at a time what they want, and sends it.
//! One request after the other, some two actions a second: a server hardly notices.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_news::sample;

use super::cast::{Cast, Part};
use super::client::{CallError, Client};
use super::random::Random;
use super::stall::Stall;
use super::strategy::{Held, How, Want, Wish};

/// Where the random numbers start: every demonstration is of the same making.
const SEED: u64 = 0x7469_6469_6e67_7321;
/// Actions of the first minute's burst, so that charts have a line to show.
const BURST: usize = 320;
/// The pause between two of them.
const BURST_PAUSE: Duration = Duration::from_millis(8);
/// The time that passes for opinions between two of them.
const BURST_SECONDS: f64 = 9.0;
/// The pause between two actions otherwise, in seconds.
const CALM: (f64, f64) = (0.2, 0.8);
/// The pause after a call that may go through later.
const TROUBLE: Duration = Duration::from_secs(2);
/// Actions between two looks at the articles.
const ACTIONS_PER_LOOK: usize = 30;
/// Below this much money a trader's orders become smaller with it, so that it never runs out.
const COMFORT: f64 = 20_000.0;
/// The smallest order, in shares.
const SMALLEST: f64 = 0.05;

/// The floor with everyone on it.
pub(super) struct Floor {
    client: Client,
    traders: Vec<Trader>,
    stalls: Vec<Stall>,
    /// The stalls whose markets are open, by place.
    open: Vec<usize>,
    /// Articles that everyone has read; none before the first look.
    read: Option<Vec<String>>,
    random: Random,
}

struct Trader {
    part: Part,
    key: String,
}

/// What an account has to trade with.
struct Means {
    cash: f64,
    held: Held,
}

impl Floor {
    pub(super) fn new(client: Client, cast: Cast) -> Floor {
        let is_trader = |part: &Part| Part::TRADERS.contains(part);
        let members = cast
            .members
            .into_iter()
            .filter(|member| is_trader(&member.part));
        Floor {
            client,
            traders: members
                .map(|member| Trader {
                    part: member.part,
                    key: member.key,
                })
                .collect(),
            stalls: sample::newsroom().markets.iter().map(Stall::new).collect(),
            open: Vec::new(),
            read: None,
            // Another day, other luck; but never another way.
            random: Random::new(SEED ^ cast.started.unsigned_abs()),
        }
    }

    /// Trades quickly for a while, as if the articles had come out one after the other.
    pub(super) async fn open_with_a_burst(&mut self) {
        if let Err(error) = self.quote_everywhere().await {
            tracing::debug!(%error, "the sample's books are empty at first");
        }
        let articles = sample::newsroom().articles;
        let each = BURST / (articles.len() + 1);
        for action in 0..BURST {
            if action % each == each - 1
                && let Some(article) = articles.get(action / each)
            {
                self.hear(&article.slug);
            }
            if let Err(error) = self.act(BURST_SECONDS).await {
                tracing::debug!(%error, "the sample's burst paused");
                tokio::time::sleep(TROUBLE).await;
            }
            tokio::time::sleep(BURST_PAUSE).await;
        }
    }

    /// Trades on and on. It comes back when there is nothing to trade or nobody to do it.
    pub(super) async fn run(&mut self) {
        if let Err(error) = self.clear_up().await {
            tracing::debug!(%error, "the sample's old orders stay");
        }
        for action in 0_usize.. {
            let pause = self.random.between(CALM.0, CALM.1);
            tokio::time::sleep(Duration::from_secs_f64(pause)).await;
            let mut done = self.act(pause).await;
            if done.is_ok() && action % ACTIONS_PER_LOOK == 0 {
                done = self.read_the_news().await;
            }
            match done {
                Ok(()) if self.open.is_empty() || self.traders.is_empty() => return,
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(%error, "the sample's traders wait");
                    tokio::time::sleep(TROUBLE).await;
                }
            }
        }
    }

    /// Cancels what an earlier start left resting, and begins anew.
    async fn clear_up(&mut self) -> Result<(), CallError> {
        for trader in &self.traders {
            self.client.with(&trader.key).delete("/v1/orders").await?;
        }
        self.quote_everywhere().await
    }

    /// Quotes in every market, so that no book is empty.
    async fn quote_everywhere(&mut self) -> Result<(), CallError> {
        self.look().await?;
        let Some(maker) = self
            .traders
            .iter()
            .position(|trader| trader.part == Part::Maker)
        else {
            return Ok(());
        };
        for stall in self.open.clone() {
            let held = vec![0.0; self.stalls[stall].outcomes.len()];
            if let Some(wish) = self.stalls[stall].wish(Part::Maker, &held, &mut self.random) {
                self.send(maker, stall, &wish, COMFORT).await?;
            }
        }
        Ok(())
    }

    /// One trader does one thing, `seconds` after the last one.
    async fn act(&mut self, seconds: f64) -> Result<(), CallError> {
        self.look().await?;
        for stall in &mut self.stalls {
            stall.pass(seconds, &mut self.random);
        }
        let Some((trader, stall)) = self.who_and_where() else {
            return Ok(());
        };
        let means = self.means(trader, stall).await?;
        let part = self.traders[trader].part;
        let Some(wish) = self.stalls[stall].wish(part, &means.held, &mut self.random) else {
            return Ok(());
        };
        match self.send(trader, stall, &wish, means.cash).await {
            Err(error) if error.is_unauthorized() => {
                // Its key was revoked: it goes home.
                self.traders.remove(trader);
                Ok(())
            }
            Err(error) if error.may_pass() => Err(error),
            Err(error) if error.code() == "insufficient_funds" => {
                // What rests holds the money.
                self.client
                    .with(&self.traders[trader].key)
                    .delete("/v1/orders")
                    .await
                    .map(drop)
            }
            // A guess that the exchange refuses is part of the game.
            Err(error) => {
                tracing::trace!(%error, "a sample trader was refused");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Whose turn it is, and where. News draws the reader.
    fn who_and_where(&mut self) -> Option<(usize, usize)> {
        if self.open.is_empty() || self.traders.is_empty() {
            return None;
        }
        // The first markets are the most prominent: the better of two draws favours them.
        let draw = self
            .random
            .place(self.open.len())
            .min(self.random.place(self.open.len()));
        let stall = self.open[draw];
        let trader = self.random.place(self.traders.len());
        let hurried = self
            .open
            .iter()
            .copied()
            .find(|&stall| self.stalls[stall].hurry > 0);
        let reader = self
            .traders
            .iter()
            .position(|trader| trader.part == Part::Reader);
        match (hurried, reader) {
            (Some(stall), Some(reader)) if self.random.chance(0.5) => {
                self.stalls[stall].hurry -= 1;
                Some((reader, stall))
            }
            _ => Some((trader, stall)),
        }
    }

    /// Takes in the odds of the sample's open markets.
    async fn look(&mut self) -> Result<(), CallError> {
        let page = self.client.get("/v1/markets?status=open&limit=200").await?;
        let markets = page["data"].as_array().map_or(&[][..], Vec::as_slice);
        self.open.clear();
        for (ix, stall) in self.stalls.iter_mut().enumerate() {
            let slug = stall.slug.as_str();
            let Some(market) = markets.iter().find(|market| market["slug"] == slug) else {
                continue;
            };
            let odds = |outcome: &String| odds_of(market, outcome);
            let shown: Vec<Option<f64>> = stall.outcomes.iter().map(odds).collect();
            stall.see(&shown);
            self.open.push(ix);
        }
        Ok(())
    }

    /// Looks for articles that nobody has read.
    async fn read_the_news(&mut self) -> Result<(), CallError> {
        let page = self.client.get("/v1/articles?limit=50").await?;
        let articles = page["data"].as_array().map_or(&[][..], Vec::as_slice);
        let slugs: Vec<String> = articles
            .iter()
            .filter_map(|article| Some(article["slug"].as_str()?.to_owned()))
            .collect();
        let Some(read) = self.read.replace(slugs.clone()) else {
            return Ok(());
        };
        for slug in slugs.iter().filter(|slug| !read.contains(slug)) {
            let linked = self
                .client
                .get(&format!("/v1/markets?article={slug}&limit=200"))
                .await?;
            let linked = linked["data"].as_array().map_or(&[][..], Vec::as_slice);
            let is_linked = |stall: &Stall| linked.iter().any(|m| m["slug"] == stall.slug.as_str());
            self.stalls
                .iter_mut()
                .filter(|stall| is_linked(stall))
                .for_each(|s| s.hear(slug));
        }
        Ok(())
    }

    fn hear(&mut self, article: &str) {
        let linked = |stall: &&mut Stall| stall.articles.iter().any(|linked| linked == article);
        self.stalls
            .iter_mut()
            .filter(linked)
            .for_each(|stall| stall.hear(article));
    }

    async fn means(&self, trader: usize, stall: usize) -> Result<Means, CallError> {
        let stall = &self.stalls[stall];
        let account = self
            .client
            .with(&self.traders[trader].key)
            .get("/v1/account")
            .await?;
        let positions = account["positions"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let free = |outcome: &String| {
            let here = positions.iter().find(|position| {
                position["market"] == stall.slug.as_str() && position["outcome"] == outcome.as_str()
            });
            here.and_then(|position| number(&position["shares"]["free"]))
                .unwrap_or(0.0)
        };
        Ok(Means {
            cash: number(&account["cash"]["available"]).unwrap_or(0.0),
            held: stall.outcomes.iter().map(free).collect(),
        })
    }

    async fn send(
        &self,
        trader: usize,
        stall: usize,
        wish: &Wish,
        cash: f64,
    ) -> Result<(), CallError> {
        let trader = self.client.with(&self.traders[trader].key);
        let stall = &self.stalls[stall];
        let scale = (cash / COMFORT).clamp(0.001, 1.0);
        let place = async |want: &Want| {
            let body = order(stall, want, scale);
            trader.post("/v1/orders", &body).await.map(drop)
        };
        let levels = match wish {
            Wish::Order(want) => return place(want).await,
            Wish::Quote(levels) => levels,
        };
        let old = format!("/v1/orders?market={}", stall.slug);
        trader.delete(&old).await?;
        for level in levels {
            match place(level).await {
                // The odds moved past it; the others may still stand.
                Err(error) if error.code() == "post_only_would_take" => {}
                placed => placed?,
            }
        }
        Ok(())
    }
}

/// The body of an order.
fn order(stall: &Stall, want: &Want, scale: f64) -> Value {
    let mut order = json!({
        "market": stall.slug,
        "outcome": stall.outcomes[want.outcome],
        "contract": want.contract.word(),
        "side": "buy",
    });
    let shares_text = |shares: f64| format!("{:.2}", (shares * scale).max(SMALLEST));
    let price = |cents: u32| format!("{:.2}", f64::from(cents) / 100.0);
    let fields = match want.how {
        How::Spend { amount } => json!({
            "type": "market", "amount": shares_text(amount), "time_in_force": "ioc",
        }),
        How::Take { cents, shares } => json!({
            "type": "limit", "price": price(cents), "quantity": shares_text(shares),
            "time_in_force": "ioc",
        }),
        // What is sold is held already: however poor, a trader may sell it.
        How::SellFor { cents, shares } => json!({
            "side": "sell", "type": "limit", "price": price(cents),
            "quantity": format!("{shares:.2}"), "time_in_force": "ioc",
        }),
        How::Sell { shares } => json!({
            "side": "sell", "type": "market", "quantity": format!("{shares:.2}"),
            "time_in_force": "ioc",
        }),
        How::Rest {
            cents,
            shares,
            minutes,
        } => {
            json!({
                "type": "limit", "price": price(cents), "quantity": shares_text(shares),
                "time_in_force": "gtd", "expires_at": in_minutes(minutes), "post_only": true,
            })
        }
    };
    if let (Some(order), Value::Object(fields)) = (order.as_object_mut(), fields) {
        order.extend(fields);
    }
    order
}

fn in_minutes(minutes: u32) -> String {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now + 60 * i64::from(minutes))
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

fn odds_of(market: &Value, key: &str) -> Option<f64> {
    let outcomes = market["outcomes"].as_array()?;
    number(&outcomes.iter().find(|outcome| outcome["key"] == key)?["odds"])
}

/// A decimal string as a number to guess with.
fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

//! The trading floor: looks at the markets, asks one trader at a time what they want, and sends it.
//! One request after the other, some two actions a second: a server hardly notices.

use std::time::Duration;

use tidings_client::types::{
    ArticleFilter, Market, MarketFilter, MarketStatus, NewOrder, Side, TimeInForce,
};
use tidings_client::{Client, Decimal, Error};
use tidings_news::sample;

use super::cast::{Cast, Part};
use super::random::Random;
use super::stall::Stall;
use super::strategy::{Contract, Held, How, Want, Wish};

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
    client: Client,
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
            traders: members
                .map(|member| Trader {
                    part: member.part,
                    client: client.with_key(member.key),
                })
                .collect(),
            client,
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
    async fn clear_up(&mut self) -> Result<(), Error> {
        for trader in &self.traders {
            trader.client.cancel_all(None).await.done()?;
        }
        self.quote_everywhere().await
    }

    /// Quotes in every market, so that no book is empty.
    async fn quote_everywhere(&mut self) -> Result<(), Error> {
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
    async fn act(&mut self, seconds: f64) -> Result<(), Error> {
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
            Err(error) if error.status() == Some(401) => {
                // Its key was revoked: it goes home.
                self.traders.remove(trader);
                Ok(())
            }
            Err(error) if error.may_pass() => Err(error),
            Err(error) if error.code() == "insufficient_funds" => {
                // What rests holds the money.
                let cancelled = self.traders[trader].client.cancel_all(None).await;
                cancelled.done().map(drop)
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
    async fn look(&mut self) -> Result<(), Error> {
        let open = MarketFilter {
            status: Some(MarketStatus::Open),
            ..MarketFilter::default()
        };
        let markets = self.client.markets(&open).page().await?.data;
        self.open.clear();
        for (ix, stall) in self.stalls.iter_mut().enumerate() {
            let Some(market) = markets.iter().find(|market| market.slug == stall.slug) else {
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
    async fn read_the_news(&mut self) -> Result<(), Error> {
        let articles = self.client.articles(&ArticleFilter::default());
        let articles = articles.pages_of(50).page().await?.data;
        let slugs: Vec<String> = articles.into_iter().map(|article| article.slug).collect();
        let Some(read) = self.read.replace(slugs.clone()) else {
            return Ok(());
        };
        for slug in slugs.iter().filter(|slug| !read.contains(slug)) {
            let of_it = MarketFilter {
                article: Some(slug.clone()),
                ..MarketFilter::default()
            };
            let linked = self.client.markets(&of_it).page().await?.data;
            let is_linked = |stall: &Stall| linked.iter().any(|market| market.slug == stall.slug);
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

    async fn means(&self, trader: usize, stall: usize) -> Result<Means, Error> {
        let stall = &self.stalls[stall];
        let account = self.traders[trader].client.account().await?;
        let free = |outcome: &String| {
            let here = account
                .positions
                .iter()
                .find(|position| position.market == stall.slug && position.outcome == *outcome);
            here.map_or(0.0, |position| number(position.shares.free))
        };
        Ok(Means {
            cash: number(account.cash.available),
            held: stall.outcomes.iter().map(free).collect(),
        })
    }

    async fn send(&self, trader: usize, stall: usize, wish: &Wish, cash: f64) -> Result<(), Error> {
        let trader = &self.traders[trader].client;
        let stall = &self.stalls[stall];
        let scale = (cash / COMFORT).clamp(0.001, 1.0);
        let place = async |want: &Want| {
            let placed = trader.place(&order(stall, want, scale)).await;
            placed.done().map(drop)
        };
        let levels = match wish {
            Wish::Order(want) => return place(want).await,
            Wish::Quote(levels) => levels,
        };
        trader.cancel_all(Some(&stall.slug)).await.done()?;
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

/// The order that a trader wants.
fn order(stall: &Stall, want: &Want, scale: f64) -> NewOrder {
    let (market, outcome) = (stall.slug.as_str(), stall.outcomes[want.outcome].as_str());
    let scaled = |shares: f64| hundredths((shares * scale).max(SMALLEST));
    let limit = |side, cents: u32, shares| {
        NewOrder::limit(market, outcome, side, Decimal::new(cents.into(), 2), shares)
    };
    let order = match want.how {
        How::Spend { amount } => NewOrder::spend(market, outcome, scaled(amount)),
        How::Take { cents, shares } => {
            limit(Side::Buy, cents, scaled(shares)).waiting(TimeInForce::Ioc)
        }
        // What is sold is held already: however poor, a trader may sell it.
        How::SellFor { cents, shares } => {
            limit(Side::Sell, cents, hundredths(shares)).waiting(TimeInForce::Ioc)
        }
        How::Sell { shares } => NewOrder::market(market, outcome, Side::Sell, hundredths(shares)),
        How::Rest {
            cents,
            shares,
            minutes,
        } => limit(Side::Buy, cents, scaled(shares))
            .until(in_minutes(minutes))
            .post_only(),
    };
    match want.contract {
        Contract::Yes => order,
        Contract::No => order.on_no(),
    }
}

fn in_minutes(minutes: u32) -> jiff::Timestamp {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now + 60 * i64::from(minutes)).unwrap_or(jiff::Timestamp::MAX)
}

/// Shares or money as the exchange takes them.
fn hundredths(amount: f64) -> Decimal {
    Decimal::try_from(amount).map_or(Decimal::ZERO, |amount| amount.round_dp(2))
}

fn odds_of(market: &Market, key: &str) -> Option<f64> {
    let outcome = market.outcomes.iter().find(|outcome| outcome.key == key)?;
    outcome.odds.map(number)
}

/// An exact number as one to guess with.
fn number(exact: Decimal) -> f64 {
    exact.try_into().unwrap_or(0.0)
}

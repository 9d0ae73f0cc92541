//! Many traders, each a task that asks for one thing after the other and waits for each answer.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tidings_benches::random::Random;
use tidings_benches::world;
use tidings_core::access::Role;
use tidings_core::book::BookSide;
use tidings_core::command::{Command, OpenAccount, Request, TimeInForce, Transfer};
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, OrderId, Seq};
use tidings_core::units::{Lots, Micros};
use tidings_exchange::Exchange;
use tokio::task::JoinSet;

/// Traders that a database gets when the first part gathers them there.
const MOST: u32 = 6_000;

/// Traders with money, and open markets.
pub(crate) struct Crowd {
    exchange: Exchange,
    traders: u32,
    markets: u32,
}

/// How fast a crowd asks.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Each asks again as soon as it is answered.
    Free,
    /// All together so many a second, if they are answered in time.
    PerSecond(u32),
}

/// How long a crowd trades.
#[derive(Clone)]
pub(crate) enum Until {
    /// A moment.
    Time(Instant),
    /// Each trader has asked so often.
    Each(u32),
    /// Somebody says so. Nobody notes how long answers took: that would be most of the memory.
    Told(Arc<AtomicBool>),
}

/// What the answers said, and how long each took.
#[derive(Default)]
pub(crate) struct Told {
    done: u64,
    refused: u64,
    fills: u64,
    answers: Vec<Answer>,
}

/// An answer's time, in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    /// When it came, since the crowd began to trade.
    pub(crate) at: u32,
    /// How long it took.
    pub(crate) took: u32,
}

impl Crowd {
    /// Opens accounts and markets, every second one with a maker.
    pub(crate) async fn gather(exchange: &Exchange, traders: u32, markets: u32) -> Crowd {
        let open = |name: String, role| {
            let grant = None;
            Command::OpenAccount(OpenAccount { name, role, grant })
        };
        let give = async |actor, command| {
            let record = exchange.submit(Request::new(actor, command)).await;
            assert_eq!(record.expect("an answer").refusal, None);
        };
        if exchange.committed().seq > Seq(0) {
            // A former part has gathered a crowd here: there are at least as many.
            return Crowd {
                exchange: exchange.clone(),
                traders,
                markets: u32::try_from(exchange.markets().len()).expect("markets"),
            };
        }
        let (asked_traders, asked_markets) = (traders, markets);
        let (traders, markets) = (traders.max(MOST), markets.max(20));
        give(AccountId::WORLD, open("admin".to_owned(), Role::Admin)).await;
        give(
            AccountId::ADMIN,
            open("operator".to_owned(), Role::Operator),
        )
        .await;
        let deposit = |account, units: i64| {
            let amount = Micros::new(units * 1_000_000);
            Command::Deposit(Transfer { account, amount })
        };
        give(AccountId::ADMIN, deposit(world::OPERATOR, 1_000_000_000)).await;
        let mut opening = JoinSet::new();
        for trader in 0..traders {
            let exchange = exchange.clone();
            let command = open(format!("trader {trader}"), Role::Trader);
            opening.spawn(async move {
                exchange
                    .submit(Request::new(AccountId::ADMIN, command))
                    .await
                    .expect("an account");
            });
        }
        opening.join_all().await;
        let mut paying = JoinSet::new();
        for trader in 0..traders {
            let exchange = exchange.clone();
            let command = deposit(world::trader_at(trader), 100_000);
            paying.spawn(async move {
                exchange
                    .submit(Request::new(AccountId::ADMIN, command))
                    .await
                    .expect("money");
            });
        }
        paying.join_all().await;
        for market in 0..markets {
            let liquidity = (market % 2 == 0).then(|| Lots::new(100_000));
            for command in world::market(market, world::Terms::binary(liquidity)) {
                give(world::OPERATOR, command).await;
            }
        }
        Crowd {
            exchange: exchange.clone(),
            traders: asked_traders,
            markets: asked_markets,
        }
    }

    /// Lets every trader trade for a while.
    pub(crate) async fn trade(&self, time: Duration, pace: Pace) -> Told {
        self.trade_until(Until::Time(Instant::now() + time), pace, usize::MAX)
            .await
    }

    /// Room for what a trader notes of each answer. All of them ask about as often, so that they
    /// would need more room in the same moment: fifty megabytes of new memory, for which the machine stood still for 0.2 s.
    fn notes(&self, until: &Until, between: Option<Duration>) -> Vec<Answer> {
        match (until, between) {
            (Until::Time(end), Some(between)) => {
                let time = end.saturating_duration_since(Instant::now());
                Vec::with_capacity(time.div_duration_f64(between) as usize + 16)
            }
            (Until::Each(most), _) => Vec::with_capacity(*most as usize),
            _ => Vec::new(),
        }
    }

    /// Lets every trader trade, with at most so many open orders.
    pub(crate) async fn trade_until(&self, until: Until, pace: Pace, most_open: usize) -> Told {
        let started = Instant::now();
        let between = match pace {
            Pace::Free => None,
            Pace::PerSecond(rate) => Some(Duration::from_secs(1) * self.traders / rate),
        };
        let mut busy = JoinSet::new();
        for place in 0..self.traders {
            let trader = Trader {
                account: world::trader_at(place),
                random: Random::new(u64::from(place) + 1),
                markets: self.markets,
                open: VecDeque::new(),
                most_open,
                told: Told {
                    answers: self.notes(&until, between),
                    ..Told::default()
                },
            };
            busy.spawn(trader.trade(self.exchange.clone(), started, until.clone(), between));
        }
        let mut all = Told::default();
        while let Some(told) = busy.join_next().await {
            let told = told.expect("a trader");
            all.done += told.done;
            all.refused += told.refused;
            all.fills += told.fills;
            all.answers.extend(told.answers);
        }
        all.answers.sort_unstable_by_key(|answer| answer.took);
        all
    }
}

struct Trader {
    account: AccountId,
    random: Random,
    markets: u32,
    open: VecDeque<OrderId>,
    most_open: usize,
    told: Told,
}

impl Trader {
    async fn trade(
        mut self,
        exchange: Exchange,
        started: Instant,
        until: Until,
        between: Option<Duration>,
    ) -> Told {
        let mut next = Instant::now();
        if let Some(between) = between {
            // Not all at once.
            next += between * self.random.below(1_000) / 1_000;
        }
        let mut asked_before = 0;
        while !until.is_over(asked_before) {
            asked_before += 1;
            if let Some(between) = between {
                tokio::time::sleep_until(next.into()).await;
                next += between;
            }
            let command = self.command();
            let asked = Instant::now();
            let record = exchange.submit(Request::new(self.account, command)).await;
            if !matches!(until, Until::Told(_)) {
                let micros = |time: Duration| u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
                self.told.answers.push(Answer {
                    at: micros(started.elapsed()),
                    took: micros(asked.elapsed()),
                });
            }
            self.note(&record.expect("an answer"));
        }
        self.told
    }

    /// The mixture of the book's flow: six in ten wait, a third cancel, the rest take.
    fn command(&mut self) -> Command {
        let roll = self.random.below(1_000);
        if (roll < 344 || self.open.len() >= self.most_open)
            && let Some(order) = self.open.pop_front()
        {
            return Command::Cancel { order };
        }
        let market = self.random.below(self.markets);
        let bid = self.random.below(2) == 0;
        let side = if bid { BookSide::Bid } else { BookSide::Ask };
        let lots = 1 + i64::from(self.random.below(100));
        let takes = roll >= 949;
        let away = 1 + u16::try_from(self.random.below(1_500)).expect("ticks");
        let price = match (bid, takes) {
            (true, false) => 5_000 - away,
            (false, false) => 5_000 + away,
            (true, true) => 5_100,
            (false, true) => 4_900,
        };
        let mut order = world::order(market, 0, side, price, lots);
        if takes {
            order.time_in_force = TimeInForce::Ioc;
        }
        Command::Place(order)
    }

    fn note(&mut self, record: &Arc<Record>) {
        match record.refusal {
            None => self.told.done += 1,
            Some(_) => self.told.refused += 1,
        }
        for event in &record.events {
            match event {
                Event::OrderRested { order, .. } => self.open.push_back(*order),
                Event::BookFill(_) | Event::MakerFill { .. } => self.told.fills += 1,
                _ => {}
            }
        }
    }
}

impl Until {
    fn is_over(&self, asked: u32) -> bool {
        match self {
            Until::Time(end) => Instant::now() >= *end,
            Until::Each(most) => asked >= *most,
            Until::Told(over) => over.load(Ordering::Relaxed),
        }
    }
}

impl Told {
    /// In microseconds, what so many of a thousand answers did not take longer than.
    pub(crate) fn per_mille(&self, part: usize) -> u32 {
        per_mille(&self.answers, part)
    }

    /// The answers for which this is so, and the others; each from the fastest to the slowest.
    pub(crate) fn split(&self, is_so: impl Fn(&Answer) -> bool) -> (Vec<Answer>, Vec<Answer>) {
        self.answers.iter().partition(|answer| is_so(answer))
    }
}

/// Of answers from the fastest to the slowest, what so many of a thousand did not take longer than; 0 of
/// none.
pub(crate) fn per_mille(answers: &[Answer], part: usize) -> u32 {
    let place = (answers.len() * part / 1_000).min(answers.len().saturating_sub(1));
    answers.get(place).map_or(0, |answer| answer.took)
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} done, {} refused, {} fills; answers p50 {} us, p99 {} us, p99.9 {} us, longest {} us",
            self.done,
            self.refused,
            self.fills,
            self.per_mille(500),
            self.per_mille(990),
            self.per_mille(999),
            self.per_mille(1_000),
        )
    }
}

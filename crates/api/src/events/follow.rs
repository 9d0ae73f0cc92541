//! One reader's task: waits for markets to change, and sends what the reader has not seen.
//!
//! A market's view wakes it; then it waits until the command behind that view is wholly published,
//! and takes the trades up to there. So each id stands for everything up to its place.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, pending, select_all};
use tidings_core::id::{MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::view::MarketView;
use tidings_exchange::{Exchange, TradeEvent};
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use super::frame::{HEARTBEAT, frame};
use super::sink::{Ended, Sink};
use crate::app::App;
use crate::wire::odds::{LiveJson, PhaseJson};
use crate::wire::trade::TradeJson;

/// A market's odds are sent at most this often: readers cannot read faster.
const ODDS_PERIOD: Duration = Duration::from_secs(1);
/// Proxies close connections on which nothing moves for half a minute.
const HEARTBEAT_PERIOD: Duration = Duration::from_secs(15);
/// The rest of a group is published microseconds after its views; this only bounds the wait.
const PUBLISHING: Duration = Duration::from_secs(1);
/// Trades of a market that are kept for readers who come back; fewer means that all are there.
const KEPT_TRADES: usize = 256;

/// What one reader follows.
pub(super) struct Follow {
    exchange: Exchange,
    markets: Vec<Market>,
    /// Trades that were taken but whose command is not wholly published.
    early: Vec<Trade>,
    heartbeat: Interval,
}

struct Market {
    view: watch::Receiver<Arc<MarketView>>,
    trades: broadcast::Receiver<Arc<TradeEvent>>,
    status: Status,
    /// What the view was as of when it was last looked at.
    noted: Option<Seq>,
    /// What the odds were as of when they were last sent.
    sent: Option<Seq>,
    /// When the odds may be sent again.
    next_odds: Instant,
    /// Whether the view has changed since the odds were sent.
    stale: bool,
    /// Whether trades were missed since the reader was last told the whole picture.
    lagged: bool,
}

struct Trade {
    market: usize,
    event: Arc<TradeEvent>,
}

impl Follow {
    /// Listens to markets from here on.
    pub(super) fn start(app: &App, markets: &[MarketId]) -> Follow {
        let exchange = app.exchange().clone();
        let listen = |id: &MarketId| Market::listen(&exchange, *id);
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT_PERIOD, HEARTBEAT_PERIOD);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Follow {
            markets: markets.iter().filter_map(listen).collect(),
            early: Vec::new(),
            heartbeat,
            exchange,
        }
    }

    /// Sends until the reader goes away. `last` is the id of the last event
    /// that the reader has, if it was here before.
    pub(super) async fn run(mut self, last: Option<&str>, sink: Sink) -> Result<(), Ended> {
        self.welcome(last, &sink).await?;
        loop {
            let wake = self.next_odds();
            tokio::select! {
                () = sink.closed() => return Err(Ended),
                () = changed(&mut self.markets) => {}
                () = until(wake) => {}
                _ = self.heartbeat.tick() => sink.send(HEARTBEAT).await?,
            }
            self.catch_up(&sink).await?;
        }
    }

    /// The first events: the whole picture, and what a returning reader missed.
    async fn welcome(&mut self, last: Option<&str>, sink: &Sink) -> Result<(), Ended> {
        let published = self.whole().await;
        self.take_trades();
        self.early.retain(|trade| trade.event.seq > published);
        let missed = match last {
            None => Some(Vec::new()),
            Some(last) => self
                .seen(last, published)
                .and_then(|seen| self.since(seen, published)),
        };
        let event = if missed.is_some() { "odds" } else { "reset" };
        let missed = missed.unwrap_or_default();
        // Until the missed trades are sent, the reader has no more than it came with.
        let id = self.id(published);
        let first = if missed.is_empty() {
            Some(id.as_str())
        } else {
            last
        };
        for market in &mut self.markets {
            let view = market.picture();
            sink.send(frame(first, event, &LiveJson::of(&view))).await?;
        }
        self.send_trades(missed, sink).await
    }

    /// The place up to which a returning reader has everything, if its id is one of ours.
    fn seen(&self, last: &str, published: Seq) -> Option<Seq> {
        let (epoch, seq) = last.split_once(':')?;
        let seq = Seq(seq.parse().ok()?);
        (epoch.parse() == Ok(self.exchange.epoch()) && seq <= published).then_some(seq)
    }

    /// The trades after `seen`, if all of them are still kept.
    fn since(&self, seen: Seq, published: Seq) -> Option<Vec<Trade>> {
        let mut missed = Vec::new();
        for (ix, market) in self.markets.iter().enumerate() {
            let kept = self.exchange.recent_trades(market.view.borrow().id);
            let all_kept = kept.len() < KEPT_TRADES;
            if !all_kept && kept.first().is_some_and(|oldest| oldest.seq > seen) {
                return None;
            }
            let after = kept
                .into_iter()
                .filter(|trade| trade.seq > seen && trade.seq <= published);
            missed.extend(after.map(|event| Trade { market: ix, event }));
        }
        Some(missed)
    }

    /// Sends what has happened since the last time.
    async fn catch_up(&mut self, sink: &Sink) -> Result<(), Ended> {
        let published = self.whole().await;
        self.take_trades();
        let whole = |trade: &Trade| trade.event.seq <= published;
        let (mut trades, early): (Vec<Trade>, _) =
            std::mem::take(&mut self.early).into_iter().partition(whole);
        self.early = early;
        // A reader that missed trades is told so, and gets none of those around the gap.
        trades.retain(|trade| !self.markets[trade.market].lagged);
        self.send_trades(trades, sink).await?;
        let id = self.id(published);
        for market in &mut self.markets {
            market.report(&id, sink).await?;
        }
        Ok(())
    }

    /// Looks at every market, and waits until what it shows is wholly published: up to the place
    /// that is returned, every trade is in the channels, or was there before they were listened to.
    async fn whole(&mut self) -> Seq {
        let newest = self.markets.iter_mut().filter_map(Market::look).max();
        if let Some(newest) = newest {
            self.exchange.committed_past(newest, PUBLISHING).await;
        }
        self.exchange.committed().seq
    }

    /// Takes what waits in the channels.
    fn take_trades(&mut self) {
        for (ix, market) in self.markets.iter_mut().enumerate() {
            loop {
                match market.trades.try_recv() {
                    Ok(event) => self.early.push(Trade { market: ix, event }),
                    Err(TryRecvError::Lagged(_)) => market.lagged = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
        }
    }

    /// Sends trades in the order in which they happened. The id comes with the last of a command's.
    async fn send_trades(&self, mut trades: Vec<Trade>, sink: &Sink) -> Result<(), Ended> {
        trades.sort_by_key(|trade| (trade.event.seq, trade.event.part));
        for (ix, trade) in trades.iter().enumerate() {
            let seq = trade.event.seq;
            let is_last = trades.get(ix + 1).is_none_or(|next| next.event.seq != seq);
            let id = is_last.then(|| self.id(seq));
            let view = Arc::clone(&self.markets[trade.market].view.borrow());
            let json = TradeJson::live(&trade.event, &view);
            sink.send(frame(id.as_deref(), "trade", &json)).await?;
        }
        Ok(())
    }

    fn id(&self, seq: Seq) -> String {
        format!("{}:{}", self.exchange.epoch(), seq)
    }

    /// When odds that were held back may be sent.
    fn next_odds(&self) -> Option<Instant> {
        self.markets
            .iter()
            .filter(|market| market.stale)
            .map(|market| market.next_odds)
            .min()
    }
}

impl Market {
    /// Trades are listened to first: one that came before has its view published by then.
    fn listen(exchange: &Exchange, id: MarketId) -> Option<Market> {
        let trades = exchange.trades(id)?;
        let view = exchange.watch(id)?;
        let status = view.borrow().phase.status();
        Some(Market {
            view,
            trades,
            status,
            noted: None,
            sent: None,
            next_odds: Instant::now(),
            stale: false,
            lagged: false,
        })
    }

    /// The market as it stands; the reader knows it from here on. It may be newer than what was
    /// looked at, which is then still to be looked at for its trades.
    fn picture(&mut self) -> Arc<MarketView> {
        let view = Arc::clone(&self.view.borrow());
        self.status = view.phase.status();
        self.sent = Some(view.as_of.seq);
        self.stale = false;
        self.lagged = false;
        self.next_odds = Instant::now() + ODDS_PERIOD;
        view
    }

    /// Notes that the view has changed, and says what it is as of.
    fn look(&mut self) -> Option<Seq> {
        let newest = Some(self.view.borrow_and_update().as_of.seq);
        if newest == self.noted {
            return None;
        }
        self.noted = newest;
        self.stale |= newest > self.sent;
        newest
    }

    /// Tells the reader of a gap or a change of phase at once, and of odds when they are due.
    async fn report(&mut self, id: &str, sink: &Sink) -> Result<(), Ended> {
        if self.lagged {
            let view = self.picture();
            return sink
                .send(frame(Some(id), "reset", &LiveJson::of(&view)))
                .await;
        }
        let view = Arc::clone(&self.view.borrow());
        if view.phase.status() != self.status {
            self.status = view.phase.status();
            sink.send(frame(Some(id), "market", &PhaseJson::of(&view)))
                .await?;
        }
        if self.stale && Instant::now() >= self.next_odds {
            let view = self.picture();
            sink.send(frame(Some(id), "odds", &LiveJson::of(&view)))
                .await?;
        }
        Ok(())
    }
}

/// Waits until one of the markets' views changes.
async fn changed(markets: &mut [Market]) {
    let changes: Vec<BoxFuture<'_, ()>> = markets
        .iter_mut()
        .map(|market| {
            async move {
                if market.view.changed().await.is_err() {
                    // Markets are published for as long as the exchange lives.
                    pending::<()>().await;
                }
            }
            .boxed()
        })
        .collect();
    match changes.is_empty() {
        true => pending().await,
        false => drop(select_all(changes).await),
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

//! What everyone may see of the committed state, published after each commit and read without
//! asking the writer. A reader that falls behind misses nothing that matters: views are whole states,
//! and trades say when some were missed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use tidings_core::Engine;
use tidings_core::access::{Key, Role};
use tidings_core::book::BookSide;
use tidings_core::command::Stamp;
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId, Outcome, Seq};
use tidings_core::units::{Lots, Price, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::Incoming;
use tokio::sync::{broadcast, watch};

/// Trades kept per market for readers that come back.
const RECENT_TRADES: usize = 256;

/// A trade, as everyone may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeEvent {
    /// Where.
    pub market: MarketId,
    /// The command that made it.
    pub seq: Seq,
    /// Its place among the trades of that command, from 0.
    pub part: u32,
    /// When.
    pub at: Timestamp,
    /// On which outcome's book or curve.
    pub outcome: Outcome,
    /// The price of Yes on it; the average in sets and along the maker's curve.
    pub price: Price,
    /// Lots traded.
    pub lots: Lots,
    /// Who the incoming order traded with.
    pub source: Source,
    /// The incoming order's side; of an implied trade, the side that its resting order met.
    pub side: BookSide,
}

/// Who an incoming order traded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A resting order.
    Book,
    /// The best orders of all other outcomes, by minting or merging complete sets.
    Set,
    /// The automated maker.
    Maker,
    /// Not with it: a resting order that filled on another book, or without an incoming order.
    Implied,
}

/// A key, as the door needs it.
#[derive(Clone, Copy, Debug)]
pub struct KeyView {
    /// Whose it is.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// Its place among the account's keys.
    pub number: u32,
    /// What it opens, and until when.
    pub key: Key,
}

/// One market's channels.
struct Channel {
    view: watch::Sender<Arc<MarketView>>,
    trades: broadcast::Sender<Arc<TradeEvent>>,
    recent: Mutex<VecDeque<Arc<TradeEvent>>>,
}

/// The published state.
pub(crate) struct Live {
    markets: RwLock<Vec<Arc<Channel>>>,
    slugs: RwLock<HashMap<String, MarketId>>,
    keys: RwLock<HashMap<[u8; 32], KeyView>>,
    committed: watch::Sender<Stamp>,
    projected: watch::Sender<Seq>,
}

impl Live {
    /// The picture of a recovered state.
    pub(crate) fn of(engine: &Engine, projected: Seq) -> Live {
        let live = Live {
            markets: RwLock::default(),
            slugs: RwLock::default(),
            keys: RwLock::default(),
            committed: watch::Sender::new(engine.last()),
            projected: watch::Sender::new(projected),
        };
        for market in engine.markets() {
            live.publish_market(engine, market.id);
        }
        for ix in 0..engine.accounts().len() {
            live.publish_keys(engine, AccountId(u32::try_from(ix).unwrap_or(u32::MAX)));
        }
        live
    }

    /// Shows what a committed group changed.
    pub(crate) fn publish(&self, engine: &Engine, records: &[Arc<Record>]) {
        let touched = touched(records);
        // A market that the group made has no channel for its trades before it is shown.
        for market in touched
            .iter()
            .filter(|market| self.channel(**market).is_none())
        {
            self.publish_market(engine, *market);
        }
        // Then trades: whoever sees odds of a command can see the trades that made them.
        for record in records {
            self.publish_trades(record);
            for event in &record.events {
                if let Event::KeyIssued { account, .. } | Event::KeyRevoked { account, .. } = event
                {
                    self.publish_keys(engine, *account);
                }
            }
        }
        for market in touched {
            self.publish_market(engine, market);
        }
        self.committed.send_replace(engine.last());
    }

    fn publish_market(&self, engine: &Engine, id: MarketId) {
        let Some(view) = engine.market_view(id).map(Arc::new) else {
            return;
        };
        if let Some(channel) = self.channel(id) {
            channel.view.send_replace(view);
            return;
        }
        let slug = view.spec.slug.clone();
        let channel = Channel {
            view: watch::Sender::new(view),
            trades: broadcast::Sender::new(RECENT_TRADES),
            recent: Mutex::default(),
        };
        write(&self.markets, |markets| markets.push(Arc::new(channel)));
        write(&self.slugs, |slugs| slugs.insert(slug, id));
    }

    fn publish_trades(&self, record: &Record) {
        for trade in trades_of(record) {
            let Some(channel) = self.channel(trade.market) else {
                continue;
            };
            let trade = Arc::new(trade);
            let mut recent = channel
                .recent
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            recent.push_back(Arc::clone(&trade));
            if recent.len() > RECENT_TRADES {
                recent.pop_front();
            }
            drop(recent);
            // Nobody listens: nobody misses it.
            drop(channel.trades.send(trade));
        }
    }

    fn publish_keys(&self, engine: &Engine, account: AccountId) {
        let Some(owner) = engine.account(account) else {
            return;
        };
        let views = owner.keys.iter().enumerate().map(|(ix, key)| {
            let number = u32::try_from(ix).unwrap_or(u32::MAX);
            (
                key.grant.digest,
                KeyView {
                    account,
                    role: owner.role,
                    number,
                    key: *key,
                },
            )
        });
        write(&self.keys, |keys| keys.extend(views));
    }

    pub(crate) fn set_projected(&self, seq: Seq) {
        self.projected.send_replace(seq);
    }

    pub(crate) fn key(&self, digest: &[u8; 32]) -> Option<KeyView> {
        read(&self.keys).get(digest).copied()
    }

    fn channel(&self, id: MarketId) -> Option<Arc<Channel>> {
        read(&self.markets).get(id.0 as usize).cloned()
    }

    pub(crate) fn market_id(&self, slug: &str) -> Option<MarketId> {
        read(&self.slugs).get(slug).copied()
    }

    pub(crate) fn market(&self, id: MarketId) -> Option<Arc<MarketView>> {
        self.channel(id)
            .map(|channel| Arc::clone(&channel.view.borrow()))
    }

    pub(crate) fn markets(&self) -> Vec<Arc<MarketView>> {
        let channels = read(&self.markets);
        channels
            .iter()
            .map(|channel| Arc::clone(&channel.view.borrow()))
            .collect()
    }

    pub(crate) fn watch(&self, id: MarketId) -> Option<watch::Receiver<Arc<MarketView>>> {
        self.channel(id).map(|channel| channel.view.subscribe())
    }

    pub(crate) fn trades(&self, id: MarketId) -> Option<broadcast::Receiver<Arc<TradeEvent>>> {
        self.channel(id).map(|channel| channel.trades.subscribe())
    }

    pub(crate) fn recent_trades(&self, id: MarketId) -> Vec<Arc<TradeEvent>> {
        let Some(channel) = self.channel(id) else {
            return Vec::new();
        };
        let recent = channel
            .recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        recent.iter().cloned().collect()
    }

    pub(crate) fn committed(&self) -> watch::Receiver<Stamp> {
        self.committed.subscribe()
    }

    pub(crate) fn projected(&self) -> watch::Receiver<Seq> {
        self.projected.subscribe()
    }
}

/// The markets whose picture a group changed, each once, lowest first.
pub(crate) fn touched(records: &[Arc<Record>]) -> Vec<MarketId> {
    let events = records.iter().flat_map(|record| &record.events);
    let mut markets: Vec<MarketId> = events.filter_map(Event::market).collect();
    markets.sort_unstable();
    markets.dedup();
    markets
}

/// The trades in a record, in the order in which history has them: implied ones first, then what the
/// incoming order took.
fn trades_of(record: &Record) -> Vec<TradeEvent> {
    let mut trades: Vec<TradeEvent> = Vec::new();
    let incoming = Incoming::of(record);
    for event in &record.events {
        let (market, outcome, price, lots, source, side) = match *event {
            Event::BookFill(fill) => (
                fill.market,
                fill.outcome,
                fill.price,
                fill.lots,
                if incoming.took(&fill) {
                    Source::Book
                } else {
                    Source::Implied
                },
                fill.side,
            ),
            Event::SetFill {
                market,
                outcome,
                side,
                lots,
                amount,
                ..
            } => {
                let price = Price::average(amount, lots);
                (market, outcome, price, lots, Source::Set, side)
            }
            Event::MakerFill {
                market,
                outcome,
                lots,
                amount,
                ..
            } => {
                let bought = lots > Lots::ZERO;
                let side = if bought { BookSide::Bid } else { BookSide::Ask };
                let (lots, amount) = if bought {
                    (lots, amount)
                } else {
                    (-lots, -amount)
                };
                (
                    market,
                    outcome,
                    Price::average(amount, lots),
                    lots,
                    Source::Maker,
                    side,
                )
            }
            _ => continue,
        };
        let Stamp { seq, at } = record.stamp;
        trades.push(TradeEvent {
            market,
            seq,
            part: 0,
            at,
            outcome,
            price,
            lots,
            source,
            side,
        });
    }
    trades.sort_by_key(|trade| trade.source != Source::Implied);
    for (trade, part) in trades.iter_mut().zip(0..) {
        trade.part = part;
    }
    trades
}

/// A lock held by a thread that panicked still guards whole values here: each write is one insert.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T, R>(lock: &RwLock<T>, change: impl FnOnce(&mut T) -> R) -> R {
    change(&mut lock.write().unwrap_or_else(PoisonError::into_inner))
}

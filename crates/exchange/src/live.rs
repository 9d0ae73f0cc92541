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
use tidings_core::state::USUAL_ALLOWANCE;
use tidings_core::units::{Lots, Price, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::{Head, Incoming};
use tokio::sync::{broadcast, watch};

use crate::silence::Line;

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
#[derive(Clone, Debug)]
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
    keys: RwLock<HashMap<[u8; 32], Arc<KeyView>>>,
    /// Of accounts that may ask for more or less than everyone: so many per cent.
    allowances: RwLock<HashMap<AccountId, u16>>,
    /// Counts the groups that changed keys.
    key_changes: watch::Sender<u64>,
    committed: watch::Sender<Committed>,
    projected: watch::Sender<Projected>,
    line: Line,
}

/// The end of what is in the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committed {
    /// The last command.
    pub(crate) last: Stamp,
    /// The journal's end.
    pub(crate) head: Head,
    /// The moment of the first command after all that history had when it last had everything: it is behind by no
    /// more than what has passed since, however long nobody traded before.
    pub(crate) behind_since: Timestamp,
}

/// How far history goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projected {
    /// The last command that it has.
    pub(crate) seq: Seq,
    /// That command's moment; none when it is not known.
    pub(crate) at: Option<Timestamp>,
}

/// What a state shows of what a group changed. Taken before anything else is applied.
pub(crate) struct Picture {
    /// The moment of the group's first command.
    first: Timestamp,
    /// Of the group's last command.
    last: Stamp,
    markets: Vec<Arc<MarketView>>,
    trades: Vec<TradeEvent>,
    keys: Vec<([u8; 32], Arc<KeyView>)>,
    allowances: Vec<(AccountId, u16)>,
}

impl Picture {
    /// Of what `records`, the last ones applied, changed, and of the markets that they touched.
    pub(crate) fn of(engine: &Engine, records: &[Arc<Record>], touched: &[MarketId]) -> Picture {
        let events = records.iter().flat_map(|record| &record.events);
        let (mut keys, mut allowances) = (Vec::new(), Vec::new());
        for event in events {
            match *event {
                Event::KeyIssued { account, key }
                | Event::KeyRevoked { account, key }
                | Event::KeyRotated { account, key, .. } => {
                    keys.extend(key_of(engine, account, key));
                }
                Event::AllowanceSet { account, percent } => allowances.push((account, percent)),
                _ => {}
            }
        }
        let view = |id| engine.market_view(id).map(Arc::new);
        let last = engine.last();
        Picture {
            first: records.first().map_or(last.at, |record| record.stamp.at),
            last,
            markets: touched.iter().copied().filter_map(view).collect(),
            trades: records
                .iter()
                .flat_map(|record| trades_of(record))
                .collect(),
            keys,
            allowances,
        }
    }
}

/// One of an account's keys as the door needs it.
fn key_of(engine: &Engine, account: AccountId, number: u32) -> Option<([u8; 32], Arc<KeyView>)> {
    let owner = engine.account(account)?;
    let key = owner.keys.get(number as usize)?.clone();
    let digest = key.grant.digest;
    let view = KeyView {
        account,
        role: owner.role,
        number,
        key,
    };
    Some((digest, Arc::new(view)))
}

impl Live {
    /// The picture of a recovered state.
    pub(crate) fn of(engine: &Engine, head: Head, projected: Projected) -> Live {
        let last = engine.last();
        let live = Live {
            markets: RwLock::default(),
            slugs: RwLock::default(),
            keys: RwLock::default(),
            allowances: RwLock::default(),
            key_changes: watch::Sender::new(0),
            committed: watch::Sender::new(Committed {
                last,
                head,
                behind_since: Timestamp::from_micros(0),
            }),
            projected: watch::Sender::new(projected),
            line: Line::default(),
        };
        for market in engine.markets() {
            if let Some(view) = engine.market_view(market.id) {
                live.publish_market(Arc::new(view));
            }
        }
        for (account, owner) in (0..).map(AccountId).zip(engine.accounts()) {
            let numbers = (0..).take(owner.keys.len());
            let keys = numbers.filter_map(|number| key_of(engine, account, number));
            write(&live.keys, |known| known.extend(keys));
            if let Some(allowance) = &owner.allowance {
                write(&live.allowances, |known| {
                    known.insert(account, allowance.percent)
                });
            }
        }
        live
    }

    /// Shows what a committed group changed.
    pub(crate) fn publish(&self, picture: Picture, head: Head) {
        // A market that the group made has no channel for its trades before it is shown.
        let (known, made): (Vec<_>, Vec<_>) = picture
            .markets
            .into_iter()
            .partition(|view| self.channel(view.id).is_some());
        for view in made {
            self.publish_market(view);
        }
        // Then trades: whoever sees odds of a command can see the trades that made them.
        for trade in picture.trades {
            self.publish_trade(trade);
        }
        if !picture.allowances.is_empty() {
            write(&self.allowances, |known| known.extend(picture.allowances));
        }
        if !picture.keys.is_empty() {
            write(&self.keys, |keys| keys.extend(picture.keys));
            self.key_changes.send_modify(|changes| *changes += 1);
        }
        for view in known {
            self.publish_market(view);
        }
        let projected = self.projected.borrow().seq;
        self.committed.send_modify(|committed| {
            if projected >= committed.last.seq {
                committed.behind_since = picture.first;
            }
            committed.last = picture.last;
            committed.head = head;
        });
    }

    fn publish_market(&self, view: Arc<MarketView>) {
        if let Some(channel) = self.channel(view.id) {
            channel.view.send_replace(view);
            return;
        }
        let (id, slug) = (view.id, view.spec.slug.clone());
        let channel = Channel {
            view: watch::Sender::new(view),
            trades: broadcast::Sender::new(RECENT_TRADES),
            recent: Mutex::default(),
        };
        write(&self.markets, |markets| markets.push(Arc::new(channel)));
        write(&self.slugs, |slugs| slugs.insert(slug, id));
    }

    fn publish_trade(&self, trade: TradeEvent) {
        let Some(channel) = self.channel(trade.market) else {
            return;
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

    /// Since when the journal owes an answer.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// History has lost what came after `seq`. When that was is not known.
    pub(crate) fn lose_projected(&self, seq: Seq) {
        self.projected.send_replace(Projected { seq, at: None });
    }

    pub(crate) fn set_projected(&self, seq: Seq, at: Timestamp) {
        let at = Some(at);
        self.projected.send_replace(Projected { seq, at });
    }

    pub(crate) fn key(&self, digest: &[u8; 32]) -> Option<Arc<KeyView>> {
        read(&self.keys).get(digest).cloned()
    }

    pub(crate) fn allowance(&self, account: AccountId) -> u16 {
        let own = read(&self.allowances).get(&account).copied();
        own.unwrap_or(USUAL_ALLOWANCE)
    }

    pub(crate) fn key_changes(&self) -> watch::Receiver<u64> {
        self.key_changes.subscribe()
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

    pub(crate) fn committed(&self) -> watch::Receiver<Committed> {
        self.committed.subscribe()
    }

    pub(crate) fn projected(&self) -> watch::Receiver<Projected> {
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

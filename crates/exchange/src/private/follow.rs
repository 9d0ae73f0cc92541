//! The accounts that are followed, on the writer's thread: each record as what it changes for them.
//!
//! One look at each event finds whom it names; what an incoming order did is its actor's. So a settlement
//! with a hundred thousand holders costs a look-up for each, however many of them listen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Engine;
use tidings_core::command::{Command, Contract, Side, Size};
use tidings_core::event::{BookFill, CloseReason, Event, Record};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::ledger::{Cash, Holding};
use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::OrderView;
use tidings_store::{FillRow, FillSource, Incoming};

use super::{AccountChange, Balance, Feed, Heard, KEPT_FOR, OrderState, Unpublished};

/// Every account that somebody listens to, or did a moment ago.
#[derive(Default)]
pub(crate) struct Followed {
    accounts: HashMap<AccountId, Account>,
    /// Those that the record at hand touched.
    touched: Vec<AccountId>,
    unpublished: Unpublished,
    /// When those without readers were last looked for.
    swept: Option<Instant>,
}

/// One account, as the last record that was applied left it.
struct Account {
    feed: Arc<Feed>,
    orders: BTreeMap<OrderId, OrderState>,
    cash: Cash,
    holdings: HashMap<MarketId, Vec<Holding>>,
    /// Since when nobody listens.
    alone_since: Option<Instant>,
    change: Change,
}

/// What the record at hand changes for an account.
#[derive(Default)]
struct Change {
    is_touched: bool,
    orders: Vec<OrderId>,
    fills: Vec<FillRow>,
    markets: Vec<MarketId>,
}

impl Followed {
    /// An account as it stands, followed from here on. To be asked between two groups: what is applied is
    /// committed then. None when there is no such account.
    pub(crate) fn listen(&mut self, engine: &Engine, id: AccountId) -> Option<Heard> {
        let account = engine.account_view(id)?;
        self.sweep(Instant::now());
        let followed = self
            .accounts
            .entry(id)
            .or_insert_with(|| Account::as_it_stands(engine, id));
        followed.alone_since = None;
        Some(Heard {
            as_of: engine.last(),
            account,
            orders: followed.orders.values().map(|order| order.view.clone()).collect(),
            listener: followed.feed.listener(),
        })
    }

    /// Notes what a record, which was just applied, changed.
    #[inline]
    pub(crate) fn note(&mut self, engine: &Engine, record: &Record) {
        if self.accounts.is_empty() {
            return;
        }
        self.note_for_those(engine, record);
    }

    fn note_for_those(&mut self, engine: &Engine, record: &Record) {
        let now = Instant::now();
        if self.swept.is_none_or(|swept| now.duration_since(swept) > SWEEP) {
            self.sweep(now);
        }
        self.note_named(record);
        self.note_actor(record);
        let Followed {
            accounts,
            touched,
            unpublished,
            ..
        } = self;
        for id in touched.drain(..) {
            let Some(account) = accounts.get_mut(&id) else {
                continue;
            };
            if let Some(change) = account.finish(engine, id, record) {
                unpublished.0.push((Arc::clone(&account.feed), Arc::new(change)));
            }
        }
    }

    /// What happened to accounts, whoever asked for it.
    fn note_named(&mut self, record: &Record) {
        for event in &record.events {
            let Some(account) = named(event) else {
                continue;
            };
            if let Some(account) = touch(&mut self.accounts, &mut self.touched, account) {
                account.add(record, event);
            }
        }
    }

    /// What the incoming order of the actor did.
    fn note_actor(&mut self, record: &Record) {
        let acts = record.events.iter().any(|event| is_of_actor(event));
        if !acts {
            return;
        }
        let actor = record.request.actor;
        if let Some(account) = touch(&mut self.accounts, &mut self.touched, actor) {
            account.add_own(record);
        }
    }

    /// What was noted since it was last asked.
    pub(crate) fn take(&mut self) -> Unpublished {
        std::mem::take(&mut self.unpublished)
    }

    /// Forgets accounts to which nobody has listened for a while.
    fn sweep(&mut self, now: Instant) {
        self.swept = Some(now);
        self.accounts.retain(|_, account| {
            // One is the account's own; a change on its way to be published has another, for a moment.
            if Arc::strong_count(&account.feed) > 1 {
                account.alone_since = None;
                return true;
            }
            let since = *account.alone_since.get_or_insert(now);
            now.duration_since(since) <= KEPT_FOR
        });
    }
}

/// Between two looks for accounts without readers.
const SWEEP: Duration = Duration::from_secs(1);

fn touch<'a>(
    accounts: &'a mut HashMap<AccountId, Account>,
    touched: &mut Vec<AccountId>,
    id: AccountId,
) -> Option<&'a mut Account> {
    let account = accounts.get_mut(&id)?;
    if !account.change.is_touched {
        account.change.is_touched = true;
        touched.push(id);
    }
    Some(account)
}

/// Whose money, shares or orders an event is about, where it says so.
fn named(event: &Event) -> Option<AccountId> {
    match *event {
        Event::Deposited { account, .. }
        | Event::Withdrawn { account, .. }
        | Event::OrderClosed { account, .. }
        | Event::SetsMerged { account, .. }
        | Event::PaidOut { account, .. }
        | Event::Refunded { account, .. }
        | Event::SponsorReturned { account, .. } => Some(account),
        Event::MarketCreated { sponsor, .. } | Event::LiquidityAdded { sponsor, .. } => {
            Some(sponsor)
        }
        Event::BookFill(fill) => Some(fill.account),
        _ => None,
    }
}

/// Whether an event is about an order that its record's actor placed or changed.
fn is_of_actor(event: &Event) -> bool {
    matches!(
        event,
        Event::OrderAccepted { .. } | Event::OrderAmended { .. }
    )
}

impl Account {
    fn as_it_stands(engine: &Engine, id: AccountId) -> Account {
        let views = engine.orders().of(id).map(|order| order.id);
        let views = views.filter_map(|order| engine.order_view(order));
        let orders = views.map(|view| {
            let open = OrderState {
                view,
                cancelled: Lots::ZERO,
                reason: None,
            };
            (open.view.id, open)
        });
        let positions = engine.ledger().positions_of(id);
        Account {
            feed: Arc::new(Feed::starting_after(engine.last().seq)),
            orders: orders.collect(),
            cash: engine.ledger().cash(id),
            holdings: positions
                .map(|position| (position.market, position.holdings.to_vec()))
                .collect(),
            alone_since: None,
            change: Change::default(),
        }
    }

    /// Adds what an event that names the account did.
    fn add(&mut self, record: &Record, event: &Event) {
        self.change.markets.extend(event.market());
        match *event {
            Event::BookFill(fill) => self.add_resting_fill(record, &fill),
            Event::OrderClosed {
                order,
                reason,
                cancelled,
                ..
            } => self.close(order, reason, cancelled),
            _ => {}
        }
    }

    fn add_resting_fill(&mut self, record: &Record, fill: &BookFill) {
        let Some(order) = self.changed(fill.maker) else {
            return;
        };
        order.fill(fill.lots, fill.cash, Micros::ZERO);
        order.wait(fill.left);
        let row = Row {
            source: FillSource::Book,
            outcome: fill.outcome,
            lots: fill.lots,
            price: Some(fill.price),
            amount: fill.lots.at(fill.price),
        };
        let row = row.of(record, &order.view, false);
        self.change.fills.push(row);
    }

    fn close(&mut self, order: OrderId, reason: CloseReason, cancelled: Lots) {
        // An order that ends in the command that placed it is told with that command's other events.
        if let Some(order) = self.changed(order) {
            order.wait(Lots::ZERO);
            order.cancelled = cancelled;
            order.reason = Some(reason);
        }
    }

    /// Adds what the account's own command did: its order, and what that took.
    fn add_own(&mut self, record: &Record) {
        let incoming = Incoming::of(record);
        let mut taken = Vec::new();
        let mut own = None;
        for event in &record.events {
            match *event {
                Event::OrderAccepted { order, market, .. } => {
                    own = Some(order);
                    self.change.markets.push(market);
                    self.accept(record, order);
                }
                Event::OrderAmended {
                    order,
                    remaining,
                    limit,
                    market,
                } => {
                    own = Some(order);
                    self.change.markets.push(market);
                    if let Some(order) = self.changed(order) {
                        order.view.terms.limit = Some(limit);
                        order.wait(remaining);
                    }
                }
                Event::OrderRested {
                    order, remaining, ..
                } => {
                    if let Some(order) = self.changed(order) {
                        order.wait(remaining);
                    }
                }
                Event::OrderTook(took) => {
                    if let Some(order) = self.changed(took.order) {
                        order.fill(took.lots, took.cash, took.fee);
                        order.wait(Lots::ZERO.max(order.view.remaining - took.lots));
                        let view = &order.view;
                        let rows = taken.drain(..).map(|row: Row| row.of(record, view, true));
                        let mut rows: Vec<FillRow> = rows.collect();
                        if let Some(last) = rows.last_mut() {
                            last.fee = took.fee;
                        }
                        self.change.fills.extend(rows);
                    }
                }
                Event::OrderClosed {
                    order,
                    reason,
                    cancelled,
                    ..
                } if own == Some(order) => self.close(order, reason, cancelled),
                _ => taken.extend(Row::taken(incoming, event)),
            }
        }
    }

    fn accept(&mut self, record: &Record, id: OrderId) {
        let Command::Place(terms) = &record.request.command else {
            return;
        };
        let remaining = match terms.size {
            Size::Quantity(lots) => lots,
            // An amount buys what it buys at once.
            Size::Spend(_) => Lots::ZERO,
        };
        let mut order = OrderState {
            view: OrderView {
                id,
                terms: terms.clone(),
                filled: Lots::ZERO,
                remaining: Lots::ZERO,
                amount: Micros::ZERO,
                fee: Micros::ZERO,
                reserved: Micros::ZERO,
                placed_at: record.stamp.at,
            },
            cancelled: Lots::ZERO,
            reason: None,
        };
        order.wait(remaining);
        self.orders.insert(id, order);
        self.change.orders.push(id);
    }

    /// One of the account's orders, which the record changes.
    fn changed(&mut self, id: OrderId) -> Option<&mut OrderState> {
        let order = self.orders.get_mut(&id)?;
        self.change.orders.push(id);
        Some(order)
    }

    /// What the record changed, if anything. What ended is forgotten.
    fn finish(&mut self, engine: &Engine, id: AccountId, record: &Record) -> Option<AccountChange> {
        let Change {
            mut orders,
            fills,
            mut markets,
            ..
        } = std::mem::take(&mut self.change);
        orders.sort_unstable();
        orders.dedup();
        let orders = orders.into_iter().filter_map(|id| {
            let state = self.orders.get(&id)?.clone();
            if state.reason.is_some() {
                self.orders.remove(&id);
            }
            Some(state)
        });
        let orders: Vec<OrderState> = orders.collect();
        markets.sort_unstable();
        markets.dedup();
        let balance = self.balance(engine, id, &markets);
        if orders.is_empty() && fills.is_empty() && balance.is_none() {
            return None;
        }
        Some(AccountChange {
            seq: record.stamp.seq,
            at: record.stamp.at,
            orders,
            fills,
            balance,
        })
    }

    /// The account's money, and its shares that changed in some markets; none when all is as it was.
    fn balance(&mut self, engine: &Engine, id: AccountId, markets: &[MarketId]) -> Option<Balance> {
        let cash = engine.ledger().cash(id);
        let mut holdings = Vec::new();
        for market in markets {
            let Some(position) = engine.ledger().position(id, *market) else {
                continue;
            };
            let known = self.holdings.entry(*market).or_default();
            known.resize(position.holdings.len(), NOTHING);
            for ((before, now), outcome) in known.iter_mut().zip(&position.holdings).zip(0..) {
                if before != now {
                    *before = *now;
                    holdings.push((*market, Outcome(outcome), *now));
                }
            }
        }
        let same = cash == self.cash && holdings.is_empty();
        self.cash = cash;
        (!same).then_some(Balance { cash, holdings })
    }
}

/// No share of an outcome.
const NOTHING: Holding = Holding {
    free: Lots::ZERO,
    reserved: Lots::ZERO,
    cost: Micros::ZERO,
};

impl OrderState {
    fn fill(&mut self, lots: Lots, cash: Micros, fee: Micros) {
        self.view.filled += lots;
        self.view.amount += match self.view.terms.side {
            Side::Buy => -cash,
            Side::Sell => cash,
        };
        self.view.fee += fee;
    }

    /// So many lots wait from here on, and hold money if they are to be bought.
    fn wait(&mut self, remaining: Lots) {
        self.view.remaining = remaining;
        self.view.reserved = match (self.view.terms.side, self.view.terms.limit) {
            (Side::Buy, Some(limit)) => remaining.at(limit),
            (Side::Buy, None) | (Side::Sell, _) => Micros::ZERO,
        };
    }
}

/// A fill in the terms of its book: money and price are for Yes on the book's outcome.
struct Row {
    source: FillSource,
    outcome: Outcome,
    lots: Lots,
    price: Option<Price>,
    amount: Micros,
}

impl Row {
    /// What an incoming order took, if the event is about that.
    fn taken(incoming: Incoming, event: &Event) -> Option<Row> {
        match *event {
            Event::BookFill(fill) if incoming.took(&fill) => Some(Row {
                source: FillSource::Book,
                outcome: fill.outcome,
                lots: fill.lots,
                price: Some(fill.price),
                amount: fill.lots.at(fill.price),
            }),
            Event::MakerFill {
                outcome,
                lots,
                amount,
                ..
            } => {
                // Told from the maker's side, which sells to a bid and buys from an ask.
                let sold = lots > Lots::ZERO;
                Some(Row {
                    source: FillSource::Maker,
                    outcome,
                    lots: if sold { lots } else { -lots },
                    price: None,
                    amount: if sold { amount } else { -amount },
                })
            }
            Event::SetFill {
                outcome,
                lots,
                amount,
                ..
            } => Some(Row {
                source: FillSource::Set,
                outcome,
                lots,
                price: None,
                amount,
            }),
            _ => None,
        }
    }

    /// The same in the terms of an order's contract.
    fn of(self, record: &Record, order: &OrderView, is_taker: bool) -> FillRow {
        let terms = &order.terms;
        let yes = (terms.contract == Contract::Yes) == (terms.outcome == self.outcome);
        FillRow {
            key: 0,
            seq: record.stamp.seq,
            at: record.stamp.at,
            order: order.id,
            market: terms.market,
            outcome: terms.outcome,
            contract: terms.contract,
            side: terms.side,
            source: self.source,
            price: self.price.map(|price| if yes { price } else { price.complement() }),
            lots: self.lots,
            amount: if yes {
                self.amount
            } else {
                self.lots.as_sets() - self.amount
            },
            fee: Micros::ZERO,
            is_taker,
        }
    }
}

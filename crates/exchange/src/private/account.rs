//! One account that is followed: its orders, money and shares as the last record that was applied left them,
//! and what the record at hand changes of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use tidings_core::Engine;
use tidings_core::command::{Command, Contract, Side, Size};
use tidings_core::event::{BookFill, CloseReason, Event, Record};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::ledger::{Cash, Holding};
use tidings_core::state::Frozen;
use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::OrderView;
use tidings_store::{FillRow, FillSource, Incoming};

use super::ends::{self, EndBecame, EndStep};
use super::{AccountChange, Balance, Feed, OrderState};

/// One account, as the last record that was applied left it.
pub(super) struct Account {
    pub(super) feed: Arc<Feed>,
    pub(super) orders: BTreeMap<OrderId, OrderState>,
    cash: Cash,
    holdings: HashMap<MarketId, Vec<Holding>>,
    frozen: Option<Frozen>,
    /// What is proposed of markets' ends, as far as it was told.
    proposed: BTreeSet<ends::Subject>,
    /// Since when nobody listens.
    pub(super) alone_since: Option<Instant>,
    pub(super) change: Change,
}

/// What the record at hand changes for an account.
#[derive(Default)]
pub(super) struct Change {
    pub(super) is_touched: bool,
    orders: Vec<OrderId>,
    fills: Vec<FillRow>,
    markets: Vec<MarketId>,
    ends: Vec<EndStep>,
}

impl Account {
    pub(super) fn as_it_stands(engine: &Engine, id: AccountId) -> Account {
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
            frozen: frozen(engine, id),
            proposed: ends::standing(engine, id)
                .iter()
                .map(EndStep::subject)
                .collect(),
            alone_since: None,
            change: Change::default(),
        }
    }

    /// Adds what an event that names the account did.
    pub(super) fn add(&mut self, record: &Record, event: &Event) {
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

    /// Says that a market's shares are gone. Gives whether the account had any position there.
    pub(super) fn lose(&mut self, market: MarketId) -> bool {
        let held = self.holdings.contains_key(&market);
        if held {
            self.change.markets.push(market);
        }
        held
    }

    /// Says what was said of a market's end. Gives whether that is the account's business: what comes of a proposal
    /// is, if the proposal was, whatever the account holds by then.
    pub(super) fn hear(&mut self, engine: &Engine, id: AccountId, step: &EndStep) -> bool {
        let (subject, mut step) = (step.subject(), step.clone());
        match step.stands() {
            true if !ends::concerns(engine, id, &step) => return false,
            true => {
                let is_first = self.proposed.insert(subject);
                if step.became == EndBecame::Proposed && !is_first {
                    step.became = EndBecame::Replaced;
                }
            }
            false if !self.proposed.remove(&subject) => return false,
            false => {}
        }
        self.change.ends.push(step);
        true
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
    pub(super) fn add_own(&mut self, record: &Record) {
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
    pub(super) fn finish(
        &mut self,
        engine: &Engine,
        id: AccountId,
        record: &Record,
    ) -> Option<AccountChange> {
        let Change {
            mut orders,
            fills,
            mut markets,
            ends,
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
        if orders.is_empty() && fills.is_empty() && balance.is_none() && ends.is_empty() {
            return None;
        }
        Some(AccountChange {
            seq: record.stamp.seq,
            at: record.stamp.at,
            orders,
            fills,
            balance,
            ends,
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
        let frozen = frozen(engine, id);
        let same = cash == self.cash && holdings.is_empty() && frozen == self.frozen;
        self.cash = cash;
        self.frozen.clone_from(&frozen);
        (!same).then_some(Balance {
            cash,
            holdings,
            frozen,
        })
    }
}

fn frozen(engine: &Engine, id: AccountId) -> Option<Frozen> {
    engine.account(id)?.frozen.as_deref().cloned()
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
            price: self
                .price
                .map(|price| if yes { price } else { price.complement() }),
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

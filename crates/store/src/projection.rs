//! Records as changes to the read tables.
//! In: records, in the order of the journal, and odds as they were after some of them. Out: rows to
//! add and orders to change. Pure: knows neither what the tables hold nor how they are written.

pub(crate) mod candles;
pub(crate) mod lists;
mod order;
pub(crate) mod write;

use std::borrow::Borrow;
use std::collections::BTreeMap;

use tidings_core::command::Command;
use tidings_core::event::{BookFill, Event, OrderTook, Posting, Purse, Record};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::Status;
use tidings_core::units::{Lots, Micros, Timestamp};

use crate::history::fills::FillSource;
use crate::incoming::Incoming;
use crate::journal::Head;
use candles::Candles;
use lists::{Links, Lists};
use order::{OrderChange, Placed};

/// A market's odds and standing as they were after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddsPoint {
    /// Which market.
    pub market: MarketId,
    /// The command.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// Millionths by outcome; none where no odds are known.
    pub odds: Vec<Option<u32>>,
    /// Where the market stood.
    pub status: Status,
}

/// A place in the journal, with proof of which journal: how far the read tables go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The last record; 0 before the first.
    pub seq: Seq,
    /// The hash of the group that ends with it; zeros before the first.
    pub hash: [u8; 32],
}

impl Mark {
    /// Before the first record.
    pub const START: Mark = Mark {
        seq: Seq(0),
        hash: [0; 32],
    };
}

impl From<Head> for Mark {
    fn from(head: Head) -> Mark {
        Mark {
            seq: head.last_seq,
            hash: head.last_hash,
        }
    }
}

/// What records change in the read tables.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// The first and the last record.
    span: Option<(Seq, Seq)>,
    orders: BTreeMap<OrderId, OrderChange>,
    fills: Vec<Fill>,
    ledger: Vec<Entry>,
    odds: Vec<OddsPoint>,
    /// Those of minutes.
    minutes: Candles,
    /// Where the accounts' lists end so far.
    lists: Lists,
}

impl Projection {
    /// What `records`, which follow each other in the journal, and `odds` of the same stretch change.
    pub fn new<R: Borrow<Record>>(records: &[R], odds: &[OddsPoint]) -> Projection {
        let mut projection = Projection::default();
        projection.extend(records, odds.to_vec());
        projection
    }

    /// The same with whole groups that come next in the journal, and the odds after them.
    ///
    /// # Panics
    /// When the records are not the next.
    pub fn extend<R: Borrow<Record>>(&mut self, records: &[R], odds: Vec<OddsPoint>) {
        let before = self.fills.len();
        for record in records {
            self.add(record.borrow());
        }
        candles::draw(&mut self.minutes, &odds, &self.fills[before..]);
        self.odds.extend(odds);
    }

    /// How many records it is of.
    pub fn records(&self) -> usize {
        let count = self.span.map_or(0, |(first, last)| last.0 - first.0 + 1);
        usize::try_from(count).expect("what they change is in memory")
    }

    /// Whether it is of none.
    pub fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// The last record's place; none without records.
    pub fn last(&self) -> Option<Seq> {
        self.span.map(|(_, last)| last)
    }

    fn add(&mut self, record: &Record) {
        let seq = record.stamp.seq;
        let first = match self.span {
            None => seq,
            Some((first, last)) => {
                assert_eq!(seq.0, last.0 + 1, "records are projected in order");
                first
            }
        };
        self.span = Some((first, seq));
        // The incoming order's fills so far; whose they are is told at their end.
        let mut taken = Vec::new();
        let incoming = Incoming::of(record);
        for event in &record.events {
            self.add_event(record, incoming, event, &mut taken);
            for posting in event.postings() {
                self.add_posting(record, posting);
            }
        }
    }

    fn add_event(
        &mut self,
        record: &Record,
        incoming: Incoming,
        event: &Event,
        taken: &mut Vec<Fill>,
    ) {
        let seq = record.stamp.seq;
        match *event {
            Event::OrderAccepted { order, account, .. } => {
                let Command::Place(terms) = &record.request.command else {
                    panic!("order {order} was accepted by a command that places none");
                };
                let links = self.lists.add_order(account, terms.market, order);
                let change = self.change(order, seq);
                let placed = Placed::new(account, terms, record.stamp);
                change.remaining = Some(placed.quantity);
                change.placed = Some(placed);
                change.links = links;
            }
            Event::BookFill(fill) => {
                let met = incoming.took(&fill);
                let side = self.add_book_fill(record, fill, met);
                taken.extend(met.then_some(side));
            }
            Event::MakerFill {
                taker,
                market,
                outcome,
                lots,
                amount,
            } => {
                // Told from the maker's side, which sells to a bid and buys from an ask.
                let sold = if lots > Lots::ZERO { 1 } else { -1 };
                let lots = Lots::new(lots.get() * sold);
                taken.push(Fill {
                    source: FillSource::Maker,
                    yes_amount: amount.get() * sold,
                    ..Fill::taken(record, (taker, market, outcome), lots)
                });
            }
            Event::SetFill {
                taker,
                market,
                outcome,
                lots,
                amount,
                ..
            } => taken.push(Fill {
                source: FillSource::Set,
                yes_amount: amount.get(),
                ..Fill::taken(record, (taker, market, outcome), lots)
            }),
            Event::OrderTook(took) => self.add_taken(seq, took, taken),
            Event::OrderRested {
                order, remaining, ..
            } => {
                self.change(order, seq).remaining = Some(remaining.get());
            }
            Event::OrderAmended {
                order,
                remaining,
                limit,
                ..
            } => {
                let change = self.change(order, seq);
                change.remaining = Some(remaining.get());
                change.amended_limit = Some(limit.ticks());
            }
            Event::OrderClosed {
                order,
                reason,
                cancelled,
                ..
            } => {
                self.change(order, seq).close(reason, cancelled);
            }
            // These change money, which their postings tell, or nothing that is listed.
            Event::LiquidityAdded { .. }
            | Event::MarketRevised { .. }
            | Event::AccountOpened { .. }
            | Event::KeyIssued { .. }
            | Event::KeyRevoked { .. }
            | Event::KeyRotated { .. }
            | Event::SwitchSet { .. }
            | Event::SwitchFired { .. }
            | Event::ManyHalted { .. }
            | Event::ManyResumed { .. }
            | Event::AccountFrozen { .. }
            | Event::AccountUnfrozen { .. }
            | Event::AllowanceSet { .. }
            | Event::DepositProposed { .. }
            | Event::ThresholdProposed { .. }
            | Event::ThresholdSet { .. }
            | Event::FundsConfirmed { .. }
            | Event::FundsDropped { .. }
            | Event::Deposited { .. }
            | Event::Withdrawn { .. }
            | Event::MarketCreated { .. }
            | Event::PhaseChanged { .. }
            | Event::BandLeft { .. }
            | Event::ClosedEarly { .. }
            | Event::Clarified { .. }
            | Event::ArticleLinked { .. }
            | Event::KeptOut { .. }
            | Event::EndRemembered { .. }
            | Event::EndForgotten { .. }
            | Event::CorrectionProposed { .. }
            | Event::Amended { .. }
            | Event::CorrectionMade { .. }
            | Event::MarketReviewed { .. }
            | Event::SetsMerged { .. }
            | Event::PaidOut { .. }
            | Event::Refunded { .. }
            | Event::SponsorReturned { .. } => {}
        }
    }

    /// The resting order's row and progress; the incoming order's row, which is its own if they met.
    fn add_book_fill(&mut self, record: &Record, fill: BookFill, met: bool) -> Fill {
        let side = Fill {
            yes_price: Some(fill.price.ticks()),
            yes_amount: fill.lots.at(fill.price).get(),
            ..Fill::taken(record, (fill.taker, fill.market, fill.outcome), fill.lots)
        };
        self.add_fill(Fill {
            order_id: fill.maker.0,
            account: fill.account.0,
            is_taker: false,
            source: if met {
                FillSource::Book
            } else {
                FillSource::Implied
            },
            ..side
        });
        let change = self.change(fill.maker, record.stamp.seq);
        change.fill(fill.lots, fill.cash, Micros::ZERO);
        change.remaining = Some(fill.left.get());
        side
    }

    /// The incoming order's rows. The fee is owed for all of them, and stands with the last.
    fn add_taken(&mut self, seq: Seq, took: OrderTook, taken: &mut Vec<Fill>) {
        self.change(took.order, seq)
            .fill(took.lots, took.cash, took.fee);
        if let Some(last) = taken.last_mut() {
            last.fee = took.fee.get();
        }
        for fill in taken.drain(..) {
            self.add_fill(Fill {
                account: took.account.0,
                ..fill
            });
        }
    }

    fn add_fill(&mut self, fill: Fill) {
        let place = (fill.account, fill.market);
        let links = self.lists.add_fill(place, self.fills.len());
        self.fills.push(Fill { links, ..fill });
    }

    fn add_posting(&mut self, record: &Record, posting: Posting) {
        let Purse::Account(account) = posting.purse else {
            return;
        };
        if account == AccountId::WORLD {
            return;
        }
        let (previous, running) = self
            .lists
            .add_entry(account, self.ledger.len(), posting.amount);
        self.ledger.push(Entry {
            account: account.0,
            seq: record.stamp.seq.0,
            at: record.stamp.at.as_micros(),
            kind: posting.kind.word(),
            market: posting.market.map(|market| market.0),
            amount: posting.amount.get(),
            running: running.get(),
            previous,
        });
    }

    fn change(&mut self, order: OrderId, seq: Seq) -> &mut OrderChange {
        let change = self
            .orders
            .entry(order)
            .or_insert_with(|| OrderChange::none(order));
        change.updated_seq = seq.0;
        change
    }
}

/// One side's row of a fill.
#[derive(Clone, Copy, Debug)]
struct Fill {
    order_id: u64,
    account: u32,
    market: u32,
    outcome: u16,
    seq: u64,
    at: i64,
    is_taker: bool,
    lots: i64,
    source: FillSource,
    yes_price: Option<u16>,
    yes_amount: i64,
    fee: i64,
    links: Links,
}

impl Fill {
    /// The incoming side of a fill; its price, money and source are for the caller to give.
    fn taken(record: &Record, place: (OrderId, MarketId, Outcome), lots: Lots) -> Fill {
        let (order, market, outcome) = place;
        Fill {
            order_id: order.0,
            account: record.request.actor.0,
            market: market.0,
            outcome: outcome.0,
            seq: record.stamp.seq.0,
            at: record.stamp.at.as_micros(),
            is_taker: true,
            lots: lots.get(),
            source: FillSource::Book,
            yes_price: None,
            yes_amount: 0,
            fee: 0,
            links: Links::default(),
        }
    }
}

/// A row of an account's ledger.
#[derive(Clone, Copy, Debug)]
struct Entry {
    account: u32,
    seq: u64,
    at: i64,
    kind: &'static str,
    market: Option<u32>,
    amount: i64,
    /// The account's money less what it was before this stretch of the journal.
    running: i64,
    /// The account's entry before it, by its place in this stretch.
    previous: Option<i64>,
}

#[cfg(test)]
mod tests;

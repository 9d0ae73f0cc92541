//! A book simple enough to be right: sorted prices, a queue at each.
//! In: orders as bids and asks. Out: trades. It is what the engine and its peers are held against, and
//! it knows before a command is given whether the command would meet its own account's order.

use std::collections::{BTreeMap, VecDeque};

use tidings_core::book::BookSide;

use crate::flow::Step;

/// An order that took from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The resting order.
    pub maker: u64,
    /// The incoming order.
    pub taker: u64,
    /// The resting order's price, in ticks.
    pub price: u16,
    /// How much.
    pub lots: u32,
}

/// Trades in their order, as numbers that two books can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tape {
    /// How many there were.
    pub trades: u64,
    /// Lots traded.
    pub volume: u64,
    /// FNV-1a over maker, taker, price and lots of each.
    pub hash: u64,
}

impl Default for Tape {
    fn default() -> Tape {
        Tape {
            trades: 0,
            volume: 0,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Tape {
    /// Notes the next trade.
    pub fn note(&mut self, trade: Trade) {
        self.trades += 1;
        self.volume += u64::from(trade.lots);
        let (price, lots) = (u64::from(trade.price), u64::from(trade.lots));
        for byte in [trade.maker, trade.taker, price, lots]
            .into_iter()
            .flat_map(u64::to_le_bytes)
        {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: u64,
    account: u32,
    lots: u32,
}

/// The orders of a side by price. Bids are filed under minus their price, so that the best is first.
type Queues = BTreeMap<i32, VecDeque<Waiting>>;

/// One market's orders.
#[derive(Clone, Debug, Default)]
pub struct Book {
    bids: Queues,
    asks: Queues,
}

impl Book {
    /// Carries out a step and says what traded.
    pub fn apply(&mut self, step: &Step, mut traded: impl FnMut(Trade)) {
        match *step {
            Step::Place(order) => {
                let mut left = order.lots;
                let limit = filed_under(order.side.opposite(), order.price);
                let queues = self.side(order.side.opposite());
                while let Some(mut best) = queues.first_entry() {
                    if left == 0 || *best.key() > limit {
                        break;
                    }
                    let price = u16::try_from(best.key().unsigned_abs()).expect("a price");
                    let first = best.get_mut().front_mut().expect("no empty queue is kept");
                    let lots = left.min(first.lots);
                    left -= lots;
                    first.lots -= lots;
                    traded(Trade {
                        maker: first.id,
                        taker: order.id,
                        price,
                        lots,
                    });
                    if first.lots == 0 {
                        best.get_mut().pop_front();
                    }
                    if best.get().is_empty() {
                        best.remove();
                    }
                }
                if left > 0 && order.rests {
                    let key = filed_under(order.side, order.price);
                    let waiting = Waiting {
                        id: order.id,
                        account: order.account,
                        lots: left,
                    };
                    let queue = self.side(order.side).entry(key).or_default();
                    queue.push_back(waiting);
                }
            }
            Step::Cancel(order) => {
                let key = filed_under(order.side, order.price);
                let queues = self.side(order.side);
                let queue = queues.get_mut(&key).expect("a price with orders");
                queue.retain(|waiting| waiting.id != order.id);
                if queue.is_empty() {
                    queues.remove(&key);
                }
            }
        }
    }

    /// Whether an order would reach one of its own account's.
    pub fn would_meet_own(&self, account: u32, side: BookSide, price: u16, lots: u32) -> bool {
        let limit = filed_under(side.opposite(), price);
        let queues = match side {
            BookSide::Bid => &self.asks,
            BookSide::Ask => &self.bids,
        };
        let mut left = lots;
        for waiting in queues.range(..=limit).flat_map(|(_, queue)| queue) {
            if left == 0 || waiting.account == account {
                return left > 0;
            }
            left = left.saturating_sub(waiting.lots);
        }
        false
    }

    fn side(&mut self, side: BookSide) -> &mut Queues {
        match side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.asks,
        }
    }
}

fn filed_under(side: BookSide, price: u16) -> i32 {
    match side {
        BookSide::Bid => -i32::from(price),
        BookSide::Ask => i32::from(price),
    }
}

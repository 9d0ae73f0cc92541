//! `limitbook`: decimals in B-trees of queues. It numbers each book's orders itself, from 0 on, and
//! has no `ioc`: such an order is a limit order whose rest is cancelled, both on the clock.
//!
//! It does not lower a resting order that fills in part, which then fills again: its trades differ from
//! the first such fill on, and later some cancels find nothing. (`RUST_BACKTRACE` makes its errors slow.)

use ::limitbook::{Fill, OrderBook, OrderSide};
use hashbrown::HashMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tidings_benches::flow::{Shape, Step};
use tidings_benches::naive::{Tape, Trade};
use tidings_core::book::BookSide;

use crate::peer::{Counters, Peer};

/// Its order books.
pub(crate) struct Limitbook(Vec<OrderBook>);

/// A market's command.
pub(crate) struct Command {
    market: usize,
    /// The flow's id of the order.
    id: u64,
    asked: Asked,
}

enum Asked {
    Place {
        side: OrderSide,
        price: Decimal,
        quantity: Decimal,
        rests: bool,
    },
    Cancel(u64),
}

impl Peer for Limitbook {
    const NAME: &'static str = "limitbook 0.1";
    type Command = Command;
    type Answer = Vec<Fill>;

    fn empty(shape: &Shape) -> Limitbook {
        let book = |_| OrderBook::new(Decimal::ONE).expect("a tick of one");
        Limitbook((0..shape.markets).map(book).collect())
    }

    fn translate<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Command> {
        let mut counters = Counters::default();
        let mut own_ids = HashMap::new();
        let translate = |step: &Step| {
            let (Step::Place(order) | Step::Cancel(order)) = step;
            let asked = match step {
                Step::Place(order) => {
                    own_ids.insert(order.id, counters.next(order.market));
                    Asked::Place {
                        side: match order.side {
                            BookSide::Bid => OrderSide::Buy,
                            BookSide::Ask => OrderSide::Sell,
                        },
                        price: Decimal::from(order.price),
                        quantity: Decimal::from(order.lots),
                        rests: order.rests,
                    }
                }
                Step::Cancel(order) => Asked::Cancel(own_ids[&order.id]),
            };
            Command {
                market: order.market as usize,
                id: order.id,
                asked,
            }
        };
        steps.map(translate).collect()
    }

    fn apply(&mut self, command: &Command) -> Vec<Fill> {
        let book = &mut self.0[command.market];
        match command.asked {
            Asked::Place {
                side,
                price,
                quantity,
                rests,
            } => {
                let (id, fills) = book
                    .add_limit_order(side, price, quantity)
                    .expect("an order");
                let filled = || fills.iter().map(|fill| fill.quantity).sum::<Decimal>();
                if !rests && filled() < quantity {
                    book.cancel_limit_order(id).expect("a rest");
                }
                fills
            }
            Asked::Cancel(id) => {
                let _gone_or_not_there = book.cancel_limit_order(id);
                Vec::new()
            }
        }
    }

    fn note(_: &Command, _: Vec<Fill>, _: &mut Tape) {
        unreachable!("its own tape translates the ids back");
    }

    fn tape(shape: &Shape, commands: &[Command], from: usize) -> Tape {
        let mut peer = Limitbook::empty(shape);
        let mut counters = Counters::default();
        let mut ids = HashMap::new();
        let mut tape = Tape::default();
        for (ix, command) in commands.iter().enumerate() {
            if let Asked::Place { .. } = command.asked {
                let own = counters.next(u32::try_from(command.market).expect("a market"));
                ids.insert((command.market, own), command.id);
            }
            let fills = peer.apply(command);
            for fill in fills.iter().filter(|_| ix >= from) {
                tape.note(Trade {
                    maker: ids[&(command.market, fill.maker_order_id)],
                    taker: command.id,
                    price: fill.price.to_u16().expect("a price"),
                    lots: fill.quantity.to_u32().expect("a few lots"),
                });
            }
        }
        tape
    }
}

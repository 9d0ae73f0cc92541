//! `lobster`: levels in two B-trees, a vector of orders at each.
//! It has no `ioc`: such an order is a limit order whose rest is cancelled, both on the clock.

use ::lobster::{FillMetadata, OrderBook, OrderEvent, OrderType, Side};
use tidings_benches::flow::{Placed, Shape, Step};
use tidings_benches::naive::{Tape, Trade};
use tidings_core::book::BookSide;

use crate::peer::Peer;

/// Its order books.
pub(crate) struct Lobster(Vec<OrderBook>);

/// A market's command, with the cancel that follows what may not rest.
pub(crate) struct Command {
    market: usize,
    order: OrderType,
    rest: Option<OrderType>,
}

/// Orders that it expects at a price: its default.
const QUEUE: usize = 10;

impl Peer for Lobster {
    const NAME: &'static str = "lobster 0.7";
    type Command = Command;
    type Answer = OrderEvent;

    fn empty(shape: &Shape) -> Lobster {
        let orders = (2 * shape.resting / shape.markets) as usize;
        let book = |_| OrderBook::new(orders, QUEUE, false);
        Lobster((0..shape.markets).map(book).collect())
    }

    fn translate<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Command> {
        steps.map(command).collect()
    }

    fn apply(&mut self, command: &Command) -> OrderEvent {
        let book = &mut self.0[command.market];
        let event = book.execute(command.order);
        if let (Some(rest), OrderEvent::Placed { .. } | OrderEvent::PartiallyFilled { .. }) =
            (command.rest, &event)
        {
            book.execute(rest);
        }
        event
    }

    fn note(_: &Command, answer: OrderEvent, tape: &mut Tape) {
        if let OrderEvent::PartiallyFilled { fills, .. } | OrderEvent::Filled { fills, .. } = answer
        {
            fills.iter().for_each(|fill| tape.note(trade(fill)));
        }
    }
}

fn command(step: &Step) -> Command {
    let (Step::Place(placed) | Step::Cancel(placed)) = step;
    let cancel = OrderType::Cancel {
        id: u128::from(placed.id),
    };
    let (order, rest) = match step {
        Step::Place(order) => (limit(order), (!order.rests).then_some(cancel)),
        Step::Cancel(_) => (cancel, None),
    };
    Command {
        market: placed.market as usize,
        order,
        rest,
    }
}

fn limit(order: &Placed) -> OrderType {
    OrderType::Limit {
        id: u128::from(order.id),
        side: match order.side {
            BookSide::Bid => Side::Bid,
            BookSide::Ask => Side::Ask,
        },
        qty: u64::from(order.lots),
        price: u64::from(order.price),
    }
}

fn trade(fill: &FillMetadata) -> Trade {
    Trade {
        maker: u64::try_from(fill.order_2).expect("one of our ids"),
        taker: u64::try_from(fill.order_1).expect("one of our ids"),
        price: u16::try_from(fill.price).expect("a price"),
        lots: u32::try_from(fill.qty).expect("a few lots"),
    }
}

//! `orderbook-rs`: a concurrent book on skip lists and atomics, from one thread here. An `ioc` order
//! whose rest is cancelled is an error to it, and only its listener learns what was traded before:
//! the listener is there when trades are noted and not when time is told.

use std::sync::{Arc, Mutex};

use ::orderbook_rs::{OrderBook, OrderBookError, TradeResult};
use pricelevel::{Id, OrderType, Side, TimeInForce};
use tidings_benches::flow::{Placed, Shape, Step};
use tidings_benches::naive::{Tape, Trade};
use tidings_core::book::BookSide;

use crate::peer::Peer;

/// Its order books.
pub(crate) struct OrderbookRs(Vec<OrderBook<()>>);

/// A market's command.
pub(crate) struct Command {
    market: usize,
    asked: Asked,
}

enum Asked {
    Place {
        id: Id,
        price: u128,
        quantity: u64,
        side: Side,
        lasts: TimeInForce,
    },
    Cancel(Id),
}

/// What it says became of a command.
pub(crate) enum Answer {
    Placed(Result<(Arc<OrderType<()>>, Option<TradeResult>), OrderBookError>),
    Cancelled(Result<Option<Arc<OrderType<()>>>, OrderBookError>),
}

impl Peer for OrderbookRs {
    const NAME: &'static str = "orderbook-rs 0.15";
    type Command = Command;
    type Answer = Answer;

    fn empty(shape: &Shape) -> OrderbookRs {
        let book = |market: u32| OrderBook::new(&format!("market-{market}"));
        OrderbookRs((0..shape.markets).map(book).collect())
    }

    fn translate<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Command> {
        steps.map(command).collect()
    }

    fn apply(&mut self, command: &Command) -> Answer {
        let book = &self.0[command.market];
        match command.asked {
            Asked::Place {
                id,
                price,
                quantity,
                side,
                lasts,
            } => Answer::Placed(
                book.add_limit_order_with_result(id, price, quantity, side, lasts, None),
            ),
            Asked::Cancel(id) => Answer::Cancelled(book.cancel_order(id)),
        }
    }

    fn note(_: &Command, _: Answer, _: &mut Tape) {
        unreachable!("its tape listens instead");
    }

    fn tape(shape: &Shape, commands: &[Command], from: usize) -> Tape {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listening = |market: u32| {
            let heard = Arc::clone(&heard);
            let listener = move |result: &TradeResult| {
                let trades = result.match_result.trades().as_vec().iter();
                heard.lock().expect("one thread").extend(trades.map(trade));
            };
            OrderBook::with_trade_listener(&format!("market-{market}"), Arc::new(listener))
        };
        let mut peer = OrderbookRs((0..shape.markets).map(listening).collect());
        let mut tape = Tape::default();
        for (ix, command) in commands.iter().enumerate() {
            match peer.apply(command) {
                Answer::Placed(Ok(_) | Err(OrderBookError::InsufficientLiquidity { .. })) => {}
                Answer::Cancelled(Ok(Some(_))) => {}
                Answer::Placed(Err(error)) | Answer::Cancelled(Err(error)) => panic!("{error}"),
                Answer::Cancelled(Ok(None)) => panic!("an order that rests is not there"),
            }
            for trade in heard.lock().expect("one thread").drain(..) {
                if ix >= from {
                    tape.note(trade);
                }
            }
        }
        tape
    }
}

fn command(step: &Step) -> Command {
    let (Step::Place(order) | Step::Cancel(order)) = step;
    let asked = match step {
        Step::Place(order) => place(order),
        Step::Cancel(order) => Asked::Cancel(Id::sequential(order.id)),
    };
    Command {
        market: order.market as usize,
        asked,
    }
}

fn place(order: &Placed) -> Asked {
    Asked::Place {
        id: Id::sequential(order.id),
        price: u128::from(order.price),
        quantity: u64::from(order.lots),
        side: match order.side {
            BookSide::Bid => Side::Buy,
            BookSide::Ask => Side::Sell,
        },
        lasts: match order.rests {
            true => TimeInForce::Gtc,
            false => TimeInForce::Ioc,
        },
    }
}

fn trade(trade: &pricelevel::Trade) -> Trade {
    let id = |id: Id| match id {
        Id::Sequential(id) => id,
        other => panic!("{other:?} is none of our ids"),
    };
    Trade {
        maker: id(trade.maker_order_id()),
        taker: id(trade.taker_order_id()),
        price: u16::try_from(trade.price().as_u128()).expect("a price"),
        lots: u32::try_from(trade.quantity().as_u64()).expect("a few lots"),
    }
}

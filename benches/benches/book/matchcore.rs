//! `matchcore`: a deterministic matching engine. An order's id is the place of its command in its
//! book's sequence; the translation counts them.
//!
//! A limit order that can trade at once trades on past its limit until it is filled or the other side is
//! empty, so its trades differ from ours, and later some cancels find nothing.

use ::matchcore::{
    CancelCmd, Command as Asked, CommandKind, CommandMeta, CommandOutcome, CommandReport,
    LimitOrder, NewOrder, OrderBook, OrderFlags, OrderId, OrderKind, Price, Quantity,
    QuantityPolicy, SequenceNumber, Side, SubmitCmd, TimeInForce, Timestamp,
};
use hashbrown::HashMap;
use tidings_benches::flow::{Placed, Shape, Step};
use tidings_benches::naive::{Tape, Trade};
use tidings_core::book::BookSide;

use crate::peer::{Counters, Peer};

/// Its order books.
pub(crate) struct Matchcore(Vec<OrderBook>);

/// A market's command. Orders that trade are told by the place of their command in their book, which is
/// translated back when trades are noted.
pub(crate) struct Command {
    market: usize,
    asked: Asked,
    id: u64,
}

impl Peer for Matchcore {
    const NAME: &'static str = "matchcore 0.4";
    type Command = Command;
    type Answer = CommandOutcome;

    fn empty(shape: &Shape) -> Matchcore {
        Matchcore((0..shape.markets).map(|_| OrderBook::new("")).collect())
    }

    fn translate<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Command> {
        let mut counters = Counters::default();
        let mut places = HashMap::new();
        let translate = |step: &Step| {
            let (Step::Place(order) | Step::Cancel(order)) = step;
            let place = counters.next(order.market);
            let kind = match step {
                Step::Place(order) => {
                    places.insert(order.id, place);
                    CommandKind::Submit(SubmitCmd {
                        order: NewOrder::Limit(limit(order)),
                    })
                }
                Step::Cancel(order) => CommandKind::Cancel(CancelCmd {
                    order_id: OrderId(places[&order.id]),
                    order_kind: OrderKind::Limit,
                }),
            };
            let meta = CommandMeta {
                sequence_number: SequenceNumber(place),
                timestamp: Timestamp(1),
            };
            Command {
                market: order.market as usize,
                asked: Asked { meta, kind },
                id: order.id,
            }
        };
        steps.map(translate).collect()
    }

    fn apply(&mut self, command: &Command) -> CommandOutcome {
        self.0[command.market].execute(&command.asked)
    }

    fn note(_: &Command, _: CommandOutcome, _: &mut Tape) {
        unreachable!("its own tape translates the ids back");
    }

    fn tape(shape: &Shape, commands: &[Command], from: usize) -> Tape {
        let mut peer = Matchcore::empty(shape);
        let mut ids = HashMap::new();
        let mut tape = Tape::default();
        for (ix, command) in commands.iter().enumerate() {
            let place = command.asked.meta.sequence_number.0;
            ids.entry((command.market, place)).or_insert(command.id);
            let answer = peer.apply(command);
            let CommandOutcome::Applied(CommandReport::Submit(effects)) = &answer else {
                continue;
            };
            let Some(result) = effects.target_order().match_result() else {
                continue;
            };
            for trade in result.trades().iter().filter(|_| ix >= from) {
                tape.note(Trade {
                    maker: ids[&(command.market, trade.maker_order_id().0)],
                    taker: command.id,
                    price: u16::try_from(trade.price().0).expect("a price"),
                    lots: u32::try_from(trade.quantity().0).expect("a few lots"),
                });
            }
        }
        tape
    }
}

fn limit(order: &Placed) -> LimitOrder {
    let side = match order.side {
        BookSide::Bid => Side::Buy,
        BookSide::Ask => Side::Sell,
    };
    let lasts = match order.rests {
        true => TimeInForce::Gtc,
        false => TimeInForce::Ioc,
    };
    LimitOrder::new(
        Price(u64::from(order.price)),
        QuantityPolicy::Standard {
            quantity: Quantity(u64::from(order.lots)),
        },
        OrderFlags::new(side, false, lasts),
    )
}

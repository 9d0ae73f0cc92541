//! The flow of commands that books are measured with: 60.5 % limit orders near a drifting middle,
//! 34.4 % cancels of a random live order, 5.1 % marketable `ioc` orders, from a seed.
//!
//! In: a shape. Out: a state as deep as it stays, and what is asked of it, both in the engine's terms
//! and in those of any order book: bids and asks for Yes.
//!
//! The book stays as deep as it is because the marketable orders eat what the cancels leave: 5 orders
//! each, more when the book is deeper than it should be, less when it is not.

use tidings_core::book::BookSide;
use tidings_core::command::{Command, PlaceOrder, Request, Stamp, TimeInForce};
use tidings_core::event::Event;
use tidings_core::id::OrderId;
use tidings_core::units::Lots;
use tidings_core::{Answer, Engine};

use crate::live::Live;
use crate::naive::{Book, Tape, Trade};
use crate::random::Random;
use crate::world::{self, Terms, exchange, next_stamp, trader_at};

/// What a flow looks like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many traders take turns.
    pub traders: u32,
    /// How many markets they trade in.
    pub markets: u32,
    /// How many orders rest, over all markets.
    pub resting: u32,
    /// Prices are multiples of this many ticks: 100 gives 1 to 99, 1 gives 1 to 9999.
    pub grid: u16,
    /// Whether a maker stands between the orders, and how deep it is.
    pub liquidity: Option<Lots>,
    /// How many commands are measured.
    pub commands: usize,
}

/// A command as any order book understands it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// An order comes in.
    Place(Placed),
    /// An order that rests, or what is left of it, is taken back.
    Cancel(Placed),
}

/// An order, as a bid or an ask for Yes.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Its place in the order of acceptance, from 1 on over all markets.
    pub id: u64,
    /// Where.
    pub market: u32,
    /// Which trader's, from 0 on.
    pub account: u32,
    /// Which way.
    pub side: BookSide,
    /// Its limit in ticks.
    pub price: u16,
    /// How much.
    pub lots: u32,
    /// Whether what does not fill at once waits.
    pub rests: bool,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An order rests, all of it.
    Inserted,
    /// An order was taken back.
    Cancelled,
    /// An order traded with others.
    Matched,
    /// An order traded with the maker and with no other.
    MakerSold,
    /// Something else: it met its own account's order, or others' and the maker.
    Other,
}

/// A state, and what is asked of it.
pub struct Flow {
    /// What it looks like.
    pub shape: Shape,
    /// What filled the book, for a peer to begin with.
    pub filling: Vec<Step>,
    /// The exchange as deep as it stays.
    pub start: Engine,
    /// What is measured.
    pub steps: Vec<Step>,
    /// The same in the engine's terms.
    pub requests: Vec<(Stamp, Request)>,
    /// What became of each.
    pub outcomes: Vec<Outcome>,
    /// What traded meanwhile, by the engine's word.
    pub tape: Tape,
    /// The hash of the state that all of it leads to.
    pub end_hash: [u8; 32],
    /// How many orders rest in the end.
    pub resting: usize,
}

impl Flow {
    /// Thinks a flow up. Without a maker, each of the engine's trades is compared with those of a naive
    /// book.
    ///
    /// # Panics
    /// When the engine refuses a command or trades otherwise than the naive book.
    pub fn new(shape: Shape) -> Flow {
        let mut source = Source::new(shape);
        let mut filling = Vec::new();
        while source.live.len() < shape.resting as usize {
            let order = source.order(true);
            filling.push(Step::Place(order));
            source.give(&Step::Place(order));
        }
        let start = source.engine.clone();
        source.tape = Tape::default();
        let mut steps = Vec::with_capacity(shape.commands);
        let mut requests = Vec::with_capacity(shape.commands);
        let mut outcomes = Vec::with_capacity(shape.commands);
        for _ in 0..shape.commands {
            let step = source.step();
            let (request, outcome) = source.give(&step);
            steps.push(step);
            requests.push(request);
            outcomes.push(outcome);
        }
        Flow {
            shape,
            filling,
            start,
            steps,
            requests,
            outcomes,
            tape: source.tape,
            end_hash: source.engine.state_hash(),
            resting: source.live.len(),
        }
    }
}

impl Flow {
    /// Orders that may rest, cancels and marketable orders, in percent of the commands.
    pub fn mix(&self) -> [f64; 3] {
        let share = |kind: fn(&Step) -> bool| {
            let count = self.steps.iter().filter(|step| kind(step)).count();
            100.0 * count as f64 / self.steps.len() as f64
        };
        [
            share(|step| matches!(step, Step::Place(order) if order.rests)),
            share(|step| matches!(step, Step::Cancel(_))),
            share(|step| matches!(step, Step::Place(order) if !order.rests)),
        ]
    }
}

/// Where steps come from, and what came of them so far.
struct Source {
    shape: Shape,
    random: Random,
    engine: Engine,
    /// Without makers, one per market.
    naive: Vec<Book>,
    live: Live,
    /// Each market's middle, in ticks.
    middles: Vec<i32>,
    last_order: u64,
    tape: Tape,
}

const SEED: u64 = 20_260_101;
/// Lots of an order near the middle, at most; 50 on average.
const LOTS: u32 = 100;
/// Lots of a marketable order, at most, in a book as deep as it should be: with 60.5 orders coming and
/// 34.4 going in a hundred commands, each of the other 5.1 has to eat 5.1 of 50 lots.
const MARKETABLE_LOTS: u32 = 2 * 51 * LOTS / 20;

impl Source {
    fn new(shape: Shape) -> Source {
        let terms = Terms::binary(shape.liquidity);
        let books = match shape.liquidity {
            None => shape.markets as usize,
            Some(_) => 0,
        };
        Source {
            shape,
            random: Random::new(SEED),
            engine: exchange(shape.traders, shape.markets, terms),
            naive: vec![Book::default(); books],
            live: Live::default(),
            middles: vec![5_000; shape.markets as usize],
            last_order: 0,
            tape: Tape::default(),
        }
    }

    fn step(&mut self) -> Step {
        let live = self.live.len();
        // Books of very few orders leave the marketable ones nothing to eat.
        let crowded = live > self.shape.resting as usize * 5 / 4;
        match self.random.below(1_000) {
            0..344 if live > 0 => Step::Cancel(self.random_live()),
            344..395 => Step::Place(self.order(false)),
            _ if crowded => Step::Cancel(self.random_live()),
            _ => Step::Place(self.order(true)),
        }
    }

    fn random_live(&mut self) -> Placed {
        self.live.at(self.random.place(self.live.len()))
    }

    /// A limit order up to 1,500 ticks behind the middle, or one that reaches as far beyond it.
    fn order(&mut self, rests: bool) -> Placed {
        let market = self.random.below(self.shape.markets);
        let drift = i32::try_from(self.random.below(21)).expect("small") - 10;
        let middle = &mut self.middles[market as usize];
        *middle = (*middle + drift).clamp(2_000, 8_000);
        let behind = match rests {
            true => 50 + i32::try_from(self.random.below(1_500)).expect("small"),
            false => -1_550,
        };
        let (side, price) = match self.random.below(2) {
            0 => (BookSide::Bid, *middle - behind),
            _ => (BookSide::Ask, *middle + behind),
        };
        let most = match rests {
            true => LOTS,
            false => self.marketable_lots(),
        };
        let lots = 1 + self.random.below(most);
        let price = u16::try_from(price).expect("within 450 … 9,550") / self.shape.grid;
        let price = price * self.shape.grid;
        self.last_order += 1;
        Placed {
            id: self.last_order,
            market,
            account: self.somebody_else(market, side, price, lots),
            side,
            price,
            lots,
            rests,
        }
    }

    /// Up to eight times as many where the book is too deep.
    fn marketable_lots(&self) -> u32 {
        let depth = self.live.len() as f64 / f64::from(self.shape.resting);
        (f64::from(MARKETABLE_LOTS) * depth.powi(4).clamp(0.1, 8.0)) as u32
    }

    /// A trader who would not meet an order of its own: other books do not know whose orders are.
    fn somebody_else(&mut self, market: u32, side: BookSide, price: u16, lots: u32) -> u32 {
        let first = self.random.below(self.shape.traders);
        let Some(book) = self.naive.get(market as usize) else {
            return first;
        };
        (0..self.shape.traders)
            .map(|further| (first + further) % self.shape.traders)
            .find(|account| !book.would_meet_own(*account, side, price, lots))
            .expect("a trader without an order there")
    }

    /// Carries out a step and compares what traded.
    fn give(&mut self, step: &Step) -> ((Stamp, Request), Outcome) {
        let request = request(step);
        let stamp = next_stamp(&self.engine);
        let mut events = Vec::new();
        let answer = self.engine.apply(stamp, &request, &mut events);
        assert_eq!(answer, Answer::Done, "{request:?}");
        if let Step::Place(order) = step {
            assert_eq!(OrderId(order.id), self.engine.last_order());
        }
        for event in &events {
            match (event, step) {
                (Event::OrderRested { .. }, Step::Place(order)) => self.live.add(*order),
                (Event::OrderClosed { order, .. }, _) => self.live.remove(order.0),
                _ => {}
            }
        }
        let trades = trades(&events);
        trades.iter().for_each(|trade| self.tape.note(*trade));
        let (Step::Place(order) | Step::Cancel(order)) = step;
        if let Some(book) = self.naive.get_mut(order.market as usize) {
            let mut expected = trades.iter();
            book.apply(step, |trade| assert_eq!(expected.next(), Some(&trade)));
            assert_eq!(expected.next(), None, "the naive book trades as much");
        }
        ((stamp, request), outcome(&events))
    }
}

fn outcome(events: &[Event]) -> Outcome {
    let has = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
    let met_others = has(|event| matches!(event, Event::BookFill(_)));
    let met_maker = has(|event| matches!(event, Event::MakerFill { .. }));
    match (met_others, met_maker, events) {
        (true, false, _) => Outcome::Matched,
        (false, true, _) => Outcome::MakerSold,
        (false, false, [Event::OrderAccepted { .. }, Event::OrderRested { .. }]) => {
            Outcome::Inserted
        }
        (false, false, [Event::OrderClosed { .. }]) => Outcome::Cancelled,
        _ => Outcome::Other,
    }
}

/// What the engine says that traded.
fn trades(events: &[Event]) -> Vec<Trade> {
    let trade = |event: &Event| match event {
        Event::BookFill(fill) => Some(Trade {
            maker: fill.maker.0,
            taker: fill.taker.0,
            price: fill.price.ticks(),
            lots: u32::try_from(fill.lots.get()).expect("a few lots"),
        }),
        _ => None,
    };
    events.iter().filter_map(trade).collect()
}

/// A step in the engine's terms.
fn request(step: &Step) -> Request {
    let (Step::Place(order) | Step::Cancel(order)) = step;
    let command = match step {
        Step::Place(order) => Command::Place(place(order)),
        Step::Cancel(order) => Command::Cancel {
            order: OrderId(order.id),
        },
    };
    Request::new(trader_at(order.account), command)
}

fn place(order: &Placed) -> PlaceOrder {
    let lots = i64::from(order.lots);
    PlaceOrder {
        time_in_force: match order.rests {
            true => TimeInForce::Gtc,
            false => TimeInForce::Ioc,
        },
        ..world::order(order.market, 0, order.side, order.price, lots)
    }
}

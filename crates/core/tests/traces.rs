//! Plays the worked traces in `tests/vectors/traces` command by command and compares every number.

mod support;

use serde::Deserialize;
use support::{Desk, book_rows, vectors, words_for};
use tidings_core::audit;
use tidings_core::command::{Contract, SelfTrade, Side, Size, TimeInForce};
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::market::Payout;
use tidings_core::orders::Order;
use tidings_core::units::{Fraction, Lots, Micros, Price};

#[derive(Deserialize)]
struct Trace {
    seed: u64,
    commands: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    command: Do,
    #[serde(default)]
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Do {
    Deposit {
        account: String,
        amount: Micros,
    },
    CreateMarket {
        outcomes: usize,
        liquidity: Option<String>,
        priors: Option<Vec<String>>,
        taker_fee: String,
    },
    Place(Place),
    Spend {
        account: String,
        outcome: u16,
        contract: String,
        amount: Micros,
        price: Price,
    },
    Cancel {
        account: String,
        order: u64,
    },
    Settle {
        payout: Vec<String>,
    },
}

#[derive(Deserialize)]
struct Place {
    account: String,
    outcome: u16,
    contract: String,
    side: String,
    price: Price,
    quantity: Lots,
    time_in_force: String,
    post_only: bool,
    self_trade: String,
}

#[derive(Default, Deserialize)]
struct Expect {
    subsidy: Option<String>,
    order: Option<OrderExpect>,
    reject: Option<String>,
    state: Option<StateExpect>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct OrderExpect {
    id: u64,
    status: String,
    filled: String,
    remaining: String,
    amount: String,
    fee: String,
}

#[derive(Debug, Deserialize)]
struct StateExpect {
    accounts: std::collections::BTreeMap<String, AccountExpect>,
    escrow: String,
    fees: String,
    amm: Option<AmmExpect>,
    #[serde(default)]
    books: Vec<BookExpect>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct AccountExpect {
    available: String,
    reserved: String,
    shares: Vec<String>,
    shares_reserved: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct AmmExpect {
    sold: Vec<String>,
    prices: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct BookExpect {
    bid: Vec<(String, String, u64)>,
    ask: Vec<(String, String, u64)>,
}

const MARKET: MarketId = MarketId(0);

#[test]
fn every_trace_comes_out_to_the_micro() {
    let mut played = 0;
    for path in vectors("traces") {
        let text = std::fs::read_to_string(&path).expect("a readable trace");
        play(&serde_json::from_str(&text).expect("a trace"));
        played += 1;
    }
    assert_eq!(played, 100);
}

fn play(trace: &Trace) {
    let mut desk = Desk::new();
    let mut closed: Vec<(OrderId, Order)> = Vec::new();
    for (ix, line) in trace.commands.iter().enumerate() {
        let place = format!("seed {}, command {ix}", trace.seed);
        let before = desk.engine.state_hash();
        let outcome = match &line.command {
            Do::Deposit { account, amount } => {
                desk.deposit(account, *amount);
                continue;
            }
            Do::CreateMarket {
                outcomes,
                liquidity,
                priors,
                taker_fee,
            } => {
                let prior = match priors {
                    Some(priors) => priors.iter().map(|p| p.parse().unwrap()).collect(),
                    None => even(*outcomes),
                };
                let liquidity = liquidity.as_ref().map(|b| b.parse::<Lots>().unwrap());
                let subsidy =
                    desk.create_market("op", liquidity, prior, taker_fee.parse().unwrap());
                let expected = line
                    .expect
                    .subsidy
                    .clone()
                    .unwrap_or_else(|| "0".to_owned());
                assert_eq!(subsidy.to_string(), expected, "{place}");
                continue;
            }
            Do::Place(order) => desk.place(&order.account, order.meaning()),
            Do::Spend {
                account,
                outcome,
                contract,
                amount,
                price,
            } => {
                let mut order = support::limit(
                    MARKET,
                    Outcome(*outcome),
                    contract_of(contract),
                    Side::Buy,
                    *price,
                    Lots::new(1),
                );
                order.size = Size::Spend(*amount);
                order.time_in_force = TimeInForce::Ioc;
                desk.place(account, order)
            }
            Do::Cancel { account, order } => {
                let id = OrderId(*order);
                closed.extend(desk.engine.orders().get(id).map(|order| (id, *order)));
                desk.cancel(account, id)
            }
            Do::Settle { payout } => {
                let shares = payout.iter().map(|share| share.parse().unwrap()).collect();
                desk.settle(Payout::new(shares).expect("a payout"));
                Ok(Vec::new())
            }
        };
        match (&outcome, &line.expect.reject) {
            (Ok(_), None) => {}
            (Err(reject), Some(words)) => {
                assert_eq!(words_for(reject), words, "{place}");
                assert_eq!(
                    desk.engine.state_hash(),
                    before,
                    "{place}: a refusal changes nothing"
                );
            }
            (got, expected) => panic!("{place}: got {got:?}, expected {expected:?}"),
        }
        if let (Ok(events), Some(expected)) = (&outcome, &line.expect.order) {
            assert_eq!(
                order_of(&desk, events, &closed, line.command.buys()),
                *expected,
                "{place}"
            );
        }
        if let Some(state) = &line.expect.state {
            compare_state(&desk, state, &place);
        }
        audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{place}: {broken}"));
        desk.sums
            .check(&desk.engine)
            .unwrap_or_else(|broken| panic!("{place}: {broken}"));
    }
}

impl Do {
    /// Whether it is an order that buys.
    fn buys(&self) -> bool {
        match self {
            Do::Place(place) => place.side == "buy",
            _ => true,
        }
    }
}

impl Place {
    fn meaning(&self) -> tidings_core::command::PlaceOrder {
        let side = if self.side == "buy" {
            Side::Buy
        } else {
            Side::Sell
        };
        let contract = contract_of(&self.contract);
        let outcome = Outcome(self.outcome);
        let mut order = support::limit(MARKET, outcome, contract, side, self.price, self.quantity);
        order.post_only = self.post_only;
        order.time_in_force = match self.time_in_force.as_str() {
            "gtc" => TimeInForce::Gtc,
            "ioc" => TimeInForce::Ioc,
            "fok" => TimeInForce::Fok,
            other => panic!("a time in force: {other}"),
        };
        order.self_trade = match self.self_trade.as_str() {
            "cancel_newest" => SelfTrade::CancelNewest,
            "cancel_oldest" => SelfTrade::CancelOldest,
            other => panic!("a self-trade rule: {other}"),
        };
        order
    }
}

fn contract_of(text: &str) -> Contract {
    if text == "yes" {
        Contract::Yes
    } else {
        Contract::No
    }
}

/// The order that a command placed or cancelled, told from its events.
fn order_of(desk: &Desk, events: &[Event], before: &[(OrderId, Order)], buys: bool) -> OrderExpect {
    let accepted = events.iter().find_map(|event| match event {
        Event::OrderAccepted { order, .. } => Some(*order),
        _ => None,
    });
    let cancelled = |event: &Event| match event {
        Event::OrderClosed { order, .. } => Some(*order),
        _ => None,
    };
    let id = accepted
        .or_else(|| events.iter().find_map(cancelled))
        .expect("an order");
    let (mut filled, mut amount, mut fee) = (Lots::ZERO, Micros::ZERO, Micros::ZERO);
    if accepted.is_none() {
        let (_, order) = before
            .iter()
            .rev()
            .find(|(known, _)| *known == id)
            .expect("it was open");
        (filled, amount, fee) = (order.filled, order.amount, order.fee);
    }
    let (mut status, mut remaining) = ("open", Lots::ZERO);
    for event in events {
        match event {
            Event::OrderTook(took) if took.order == id => {
                filled += took.lots;
                amount += if buys { -took.cash } else { took.cash };
                fee += took.fee;
            }
            Event::OrderRested {
                order,
                remaining: rest,
                ..
            } if *order == id => remaining = *rest,
            Event::OrderClosed {
                order,
                reason,
                cancelled,
                ..
            } if *order == id => {
                status = if *reason == CloseReason::Filled {
                    "filled"
                } else {
                    "cancelled"
                };
                remaining = *cancelled;
            }
            _ => {}
        }
    }
    assert_eq!(status == "open", desk.engine.orders().get(id).is_some());
    OrderExpect {
        id: id.0,
        status: status.to_owned(),
        filled: filled.to_string(),
        remaining: remaining.to_string(),
        amount: amount.to_string(),
        fee: fee.to_string(),
    }
}

fn compare_state(desk: &Desk, expected: &StateExpect, place: &str) {
    let engine = &desk.engine;
    let ledger = engine.ledger();
    for (name, account) in &expected.accounts {
        let id = desk.account(name);
        let cash = ledger.cash(id);
        let holding =
            |pick: fn(&tidings_core::ledger::Holding) -> Lots| match ledger.position(id, MARKET) {
                Some(position) => position
                    .holdings
                    .iter()
                    .map(|h| pick(h).to_string())
                    .collect(),
                None => vec!["0".to_owned(); account.shares.len()],
            };
        let got = AccountExpect {
            available: cash.available.to_string(),
            reserved: cash.reserved.to_string(),
            shares: holding(|h| h.free),
            shares_reserved: holding(|h| h.reserved),
        };
        assert_eq!(got, *account, "{place}: {name}");
    }
    assert_eq!(
        ledger.escrow(MARKET).money.to_string(),
        expected.escrow,
        "{place}: escrow"
    );
    let fees = ledger.cash(AccountId::FEES).available;
    assert_eq!(fees.to_string(), expected.fees, "{place}: fees");
    let market = engine.market(MARKET).expect("the market");
    if let (Some(amm), Some(maker)) = (&expected.amm, &market.maker) {
        let sold: Vec<String> = maker.sold.iter().map(ToString::to_string).collect();
        assert_eq!(sold, amm.sold, "{place}: sold");
        for (odds, price) in maker.curve.all_odds(&maker.sold).iter().zip(&amm.prices) {
            let exact: f64 = price.parse().expect("a price");
            let difference = (f64::from(*odds) - exact * 1e6).abs();
            assert!(difference <= 1.5, "{place}: odds {odds} for {price}");
        }
    }
    for (ix, wanted) in expected.books.iter().enumerate() {
        let got = desk.book(Outcome(u16::try_from(ix).unwrap()));
        assert_eq!(got, *wanted, "{place}: book {ix}");
    }
}

/// Prior odds as equal as ticks allow.
fn even(outcomes: usize) -> Vec<Fraction> {
    let count = u16::try_from(outcomes).unwrap();
    let extra = |ix: u16| u16::from(ix < 10_000 % count);
    let ticks = (0..count).map(|ix| 10_000 / count + extra(ix));
    ticks.map(|ticks| Fraction::new(ticks).unwrap()).collect()
}

impl Desk {
    fn book(&self, outcome: Outcome) -> BookExpect {
        let mut book = BookExpect {
            bid: Vec::new(),
            ask: Vec::new(),
        };
        for (ticks, lots, id, is_bid) in book_rows(&self.engine, MARKET, outcome) {
            let price = Price::new(u16::try_from(ticks).unwrap()).unwrap();
            let lots = Lots::new(lots);
            let side = if is_bid { &mut book.bid } else { &mut book.ask };
            side.push((price.to_string(), lots.to_string(), id));
        }
        book
    }
}

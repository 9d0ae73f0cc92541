//! An exchange to measure: accounts with more money than they can spend, and open markets.
//! Built through `Engine::apply` alone, as a journal would.

use tidings_core::access::Role;
use tidings_core::book::BookSide;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size, Stamp, TimeInForce,
    Transfer,
};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId, Outcome, Seq};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, Lots, Micros, Price, TICKS, Timestamp};
use tidings_core::{Answer, Engine};

/// The account that sponsors every market: the third after the world, the fees and the administrator.
pub const OPERATOR: AccountId = AccountId(3);
/// The first of the traders, who follow one another.
pub const FIRST_TRADER: u32 = 4;

/// A hundred thousand whole units: more than any flow here spends, and 10^6 such accounts stay within
/// the 10^18 micros that the engine counts.
const MEANS: Micros = Micros::new(100_000_000_000);
/// What the sponsor has for subsidies.
const SPONSORS_MEANS: Micros = Micros::new(1_000_000_000_000_000);

/// How a market trades.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many outcomes it has, with odds as equal as ticks allow.
    pub outcomes: u16,
    /// The maker's liquidity; absent, the market is a pure order book.
    pub liquidity: Option<Lots>,
}

impl Terms {
    /// Yes and No.
    pub fn binary(liquidity: Option<Lots>) -> Terms {
        Terms {
            outcomes: 2,
            liquidity,
        }
    }
}

/// An exchange with `traders` accounts and `markets` open markets.
pub fn exchange(traders: u32, markets: u32, terms: Terms) -> Engine {
    let mut engine = Engine::new();
    give(&mut engine, AccountId::WORLD, open("admin", Role::Admin));
    give(
        &mut engine,
        AccountId::ADMIN,
        open("operator", Role::Operator),
    );
    deposit(&mut engine, OPERATOR, SPONSORS_MEANS);
    for trader in 0..traders {
        add_trader(&mut engine, trader);
    }
    for market in 0..markets {
        add_market(&mut engine, market, terms);
    }
    engine
}

/// Opens the account of the trader in a place, and pays its means in.
pub fn add_trader(engine: &mut Engine, trader: u32) {
    let name = format!("trader {trader}");
    give(engine, AccountId::ADMIN, open(&name, Role::Trader));
    deposit(engine, trader_at(trader), MEANS);
}

/// The account of the trader in a place.
pub fn trader_at(place: u32) -> AccountId {
    AccountId(FIRST_TRADER + place)
}

/// Creates the market in a place and opens it.
pub fn add_market(engine: &mut Engine, place: u32, terms: Terms) {
    for command in market(place, terms) {
        give(engine, OPERATOR, command);
    }
}

/// What creates the market in a place and opens it, when markets are created in order.
pub fn market(place: u32, terms: Terms) -> [Command; 2] {
    let market = MarketId(place);
    [
        Command::CreateMarket(Box::new(spec(place, terms))),
        Command::OpenMarket { market },
    ]
}

/// An order that waits. Bids buy Yes and asks buy No, so that everyone needs money alone, and every
/// trade mints complete sets or merges them.
pub fn order(market: u32, outcome: u16, side: BookSide, price: u16, lots: i64) -> PlaceOrder {
    let (contract, limit) = match side {
        BookSide::Bid => (Contract::Yes, price),
        BookSide::Ask => (Contract::No, TICKS - price),
    };
    PlaceOrder {
        market: MarketId(market),
        outcome: Outcome(outcome),
        contract,
        side: Side::Buy,
        size: Size::Quantity(Lots::new(lots)),
        limit: Price::new(limit),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    }
}

/// Carries out a command that must not be refused.
pub fn give(engine: &mut Engine, actor: AccountId, command: Command) -> Vec<Event> {
    let mut events = Vec::new();
    let request = Request::new(actor, command);
    let answer = engine.apply(next_stamp(engine), &request, &mut events);
    assert_eq!(answer, Answer::Done, "{request:?}");
    events
}

/// The place after the last command, at its moment: nothing here depends on time.
pub fn next_stamp(engine: &Engine) -> Stamp {
    let last = engine.last();
    Stamp {
        seq: Seq(last.seq.0 + 1),
        at: last.at.max(Timestamp::from_micros(1)),
    }
}

/// The first half of a hash, in hexadecimal, for people to compare.
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn deposit(engine: &mut Engine, account: AccountId, amount: Micros) {
    let transfer = Transfer { account, amount };
    give(engine, AccountId::ADMIN, Command::Deposit(transfer));
}

fn open(name: &str, role: Role) -> Command {
    Command::OpenAccount(OpenAccount {
        name: name.to_owned(),
        role,
        grant: None,
    })
}

fn spec(place: u32, terms: Terms) -> MarketSpec {
    let outcomes = terms.outcomes;
    let outcome = |ix: u16| OutcomeSpec {
        key: format!("outcome-{ix}"),
        name: format!("Outcome {ix}"),
        prior: Fraction::new(TICKS / outcomes + u16::from(ix < TICKS % outcomes)).expect("odds"),
    };
    MarketSpec {
        slug: format!("market-{place}"),
        kind: match outcomes {
            2 => Kind::Binary,
            _ => Kind::Categorical,
        },
        question: "Is it fast?".to_owned(),
        outcomes: (0..outcomes).map(outcome).collect(),
        rules: Rules {
            criteria: "By the clock.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "clock".to_owned(),
                url: String::new(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: terms.liquidity,
        tick: 1,
        taker_fee: Fraction::ZERO,
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: Vec::new(),
        articles: Vec::new(),
        scale: None,
        review: None,
        price_band: None,
    }
}

//! The rules of `mechanism.md` read literally: one lot at a time, sorted lists, everything tried on a
//! copy and recomputed. Slow, and written apart from the engine: it shares nothing with it but units,
//! the words of commands and refusals, and the curve, whose charges the vectors prove. One market of
//! any number of outcomes, with its accounts and its clock.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test uses its own part"
)]

mod account;
mod band;
mod brakes;
mod changes;
mod deposits;
pub mod life;
mod matching;
mod orders;
pub mod review;

use std::collections::BTreeSet;

use tidings_core::Reject;
use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side};
use tidings_core::event::CloseReason;
use tidings_core::evidence::Clause;
use tidings_core::id::AccountId;
use tidings_core::lmsr::Curve;
use tidings_core::market::Status;
use tidings_core::units::{Fraction, Lots, Micros};

pub use account::Account;
pub use band::Band;
pub use brakes::Brake;
pub use deposits::Funds;
use review::Draft;

#[derive(Clone, Debug)]
pub struct Model {
    pub outcomes: usize,
    pub status: Status,
    pub tick: u16,
    pub rate: Fraction,
    pub closes_at: Option<i64>,
    /// Clauses by which it closes before that.
    pub early_clauses: u32,
    /// That it did, and by which of them or by what was added to the rules.
    pub closed_early: Option<Option<Clause>>,
    /// Who added to the rules, in their order.
    pub clarified: Vec<AccountId>,
    pub curve: Option<Curve>,
    pub sold: Vec<Lots>,
    pub accounts: Vec<Account>,
    /// One for two outcomes; else one for each.
    pub books: Vec<Book>,
    pub escrow: i64,
    pub fees: i64,
    pub sponsor: usize,
    pub last_order: u64,
    pub now: i64,
    /// Resting orders that one command may use up before its incoming order takes no more.
    pub fill_limit: usize,
    /// The most lots in one step with the maker. 1 is the rule read literally; since the order of
    /// steps does not matter, any other comes to the same, and large numbers need it.
    pub pace: i64,
    /// The lots that the next spend takes, when something else has settled how many.
    pub spend_lots: Option<i64>,
    /// The most open orders of an account.
    pub most_orders: u32,
    /// Who works on an article of the market, and does not trade in it.
    pub kept_out: BTreeSet<usize>,
    /// Who gives no orders and moves no money.
    pub frozen: BTreeSet<usize>,
    /// Halts of many markets that are about this one, the oldest first.
    pub standing: Vec<Brake>,
    /// By which of them it stands still, while it does by one.
    pub halted_by: Option<Brake>,
    /// How far its odds may move, and how far they did.
    pub band: Band,
    /// Each outcome's last traded price.
    pub last: Vec<Option<i64>>,
    /// How it was read before it opened.
    pub draft: Draft,
    /// What deposits take.
    pub funds: Funds,
    /// Who held what when it ended.
    ended: Option<End>,
    before_end: Vec<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Best first, oldest first.
    pub bids: Vec<Resting>,
    pub asks: Vec<Resting>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    pub id: u64,
    pub account: usize,
    /// On the book: ticks for Yes.
    pub price: i64,
    pub remaining: i64,
    pub filled: i64,
    pub amount: i64,
    pub fee: i64,
    pub terms: Terms,
    pub rules: Rules,
}

/// What is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub outcome: usize,
    pub yes: bool,
    pub buy: bool,
}

/// How it is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub rests: bool,
    pub fok: bool,
    pub expires_at: Option<i64>,
    pub post_only: bool,
    pub cancel_oldest: bool,
    pub client_id: Option<u64>,
}

/// What became of an order by a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub id: u64,
    pub filled: i64,
    /// Lots that rest, or that were cancelled.
    pub remaining: i64,
    /// Money for what filled, in the contract's own terms.
    pub amount: i64,
    pub fee: i64,
    /// Why it is closed; an order that is not rests.
    pub closed: Option<CloseReason>,
}

/// A market's end: the money that there was, everyone's shares and money put in, and what each has got.
#[derive(Clone, Debug)]
struct End {
    money: i64,
    held: Vec<(Vec<i64>, i64)>,
    got: Vec<i64>,
}

impl Model {
    /// An open market without a maker, and accounts with cash.
    pub fn new(outcomes: usize, cash: &[i64]) -> Model {
        Model {
            outcomes,
            status: Status::Open,
            tick: 1,
            rate: Fraction::ZERO,
            closes_at: None,
            early_clauses: 0,
            closed_early: None,
            clarified: Vec::new(),
            curve: None,
            sold: vec![Lots::ZERO; outcomes],
            accounts: cash
                .iter()
                .map(|cash| Account::new(*cash, outcomes))
                .collect(),
            books: vec![Book::default(); if outcomes == 2 { 1 } else { outcomes }],
            escrow: 0,
            fees: 0,
            sponsor: 0,
            last_order: 0,
            now: 0,
            fill_limit: MAX_FILLS,
            pace: 1,
            spend_lots: None,
            most_orders: 1_000,
            kept_out: BTreeSet::new(),
            frozen: BTreeSet::new(),
            standing: Vec::new(),
            halted_by: None,
            band: Band::default(),
            last: vec![None; outcomes],
            draft: Draft::default(),
            funds: Funds::default(),
            ended: None,
            before_end: Vec::new(),
        }
    }

    /// The sponsor locks the subsidy, and the fee is set.
    pub fn create(&mut self, sponsor: usize, curve: Option<Curve>, rate: Fraction) -> i64 {
        let subsidy = curve.as_ref().map_or(0, |curve| curve.subsidy().get());
        self.sponsor = sponsor;
        self.accounts[sponsor].available -= subsidy;
        self.escrow += subsidy;
        self.curve = curve;
        self.rate = rate;
        subsidy
    }

    /// Tries something on a copy: a refusal changes nothing.
    fn attempt<T>(
        &mut self,
        action: impl FnOnce(&mut Model) -> Result<T, Reject>,
    ) -> Result<T, Reject> {
        let mut trial = self.clone();
        let done = action(&mut trial)?;
        *self = trial;
        Ok(done)
    }

    /// Where an order stands: its book, whether it is a bid there, and its price for Yes there.
    pub fn stand(&self, terms: Terms, price: i64) -> (usize, bool, i64) {
        let yes = self.is_yes(terms);
        let book = if self.outcomes == 2 { 0 } else { terms.outcome };
        let price = if yes { price } else { 10_000 - price };
        (book, terms.buy == yes, price)
    }

    /// Whether the contract is Yes on its book's outcome.
    pub fn is_yes(&self, terms: Terms) -> bool {
        terms.yes != (self.outcomes == 2 && terms.outcome == 1)
    }

    /// An order's price in its contract's own terms.
    pub fn own_price(&self, order: &Resting) -> i64 {
        match self.is_yes(order.terms) {
            true => order.price,
            false => 10_000 - order.price,
        }
    }

    /// The open order with an id.
    pub fn find(&self, id: u64) -> Option<&Resting> {
        let mut open = self.books.iter().flat_map(Book::orders);
        open.find(|order| order.id == id)
    }

    /// Every account's largest number of free complete sets goes back to the escrow.
    fn merge_all(&mut self) {
        for account in &mut self.accounts {
            self.escrow -= account.merge();
        }
    }

    /// All the money there is: it never changes while nobody deposits.
    pub fn all_money(&self) -> i64 {
        let cash = |account: &Account| account.available + account.reserved;
        self.accounts.iter().map(cash).sum::<i64>() + self.escrow + self.fees
    }
}

impl Book {
    pub fn side(&mut self, bid: bool) -> &mut Vec<Resting> {
        if bid { &mut self.bids } else { &mut self.asks }
    }

    pub fn side_ref(&self, bid: bool) -> &Vec<Resting> {
        if bid { &self.bids } else { &self.asks }
    }

    pub fn orders(&self) -> impl Iterator<Item = &Resting> {
        self.bids.iter().chain(&self.asks)
    }
}

impl Terms {
    pub fn of(order: &PlaceOrder) -> Terms {
        Terms {
            outcome: order.outcome.ix(),
            yes: order.contract == Contract::Yes,
            buy: order.side == Side::Buy,
        }
    }

    /// The outcomes that the contract gives a share of.
    pub fn outcomes(self, all: usize) -> impl Iterator<Item = usize> {
        (0..all).filter(move |k| (*k == self.outcome) == self.yes)
    }
}

impl Rules {
    fn cancels_oldest(order: &PlaceOrder) -> bool {
        order.self_trade == SelfTrade::CancelOldest
    }
}

/// As in the engine: a command uses up no more resting orders than this before it stops taking.
pub const MAX_FILLS: usize = 1_000;

/// An amount as the traces write it.
pub fn money(micros: i64) -> String {
    Micros::new(micros).to_string()
}

//! What is always true (`mechanism.md`, section 8), as functions over a state. They recompute from
//! nothing and take as long as they need: for tests and `tidings verify`. What is cheap is asserted
//! by the engine itself, in release builds too.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::book::{Book, BookSide};
use crate::command::{Contract, Side};
use crate::engine::Engine;
use crate::event::{Event, Purse};
use crate::id::{AccountId, MarketId};
use crate::market::Status;
use crate::state::Market;
use crate::units::{Lots, Micros, Price, TICKS};

/// An invariant that does not hold: our bug, with the place where it shows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// 1. The sum of all money, with the world outside, is not 0.
    #[error("all money sums to {sum}, not 0")]
    MoneySum {
        /// The sum.
        sum: Micros,
    },
    /// 2. A balance is negative.
    #[error("account {account} has a negative balance")]
    NegativeBalance {
        /// Whose.
        account: AccountId,
    },
    /// 2. Reserved money is not what open orders hold.
    #[error("account {account} has {reserved} reserved, its open orders hold {held}")]
    ReservedCash {
        /// Whose.
        account: AccountId,
        /// What the ledger says.
        reserved: Micros,
        /// What the orders say.
        held: Micros,
    },
    /// 2. Reserved shares are not what open orders hold.
    #[error("account {account} has reserved shares in market {market} that its orders do not hold")]
    ReservedShares {
        /// Whose.
        account: AccountId,
        /// Where.
        market: MarketId,
    },
    /// 2. A complete set is free, so it should have been merged.
    #[error("account {account} has a free complete set in market {market}")]
    UnmergedSet {
        /// Whose.
        account: AccountId,
        /// Where.
        market: MarketId,
    },
    /// 3. Shares that the escrow counts are not the ones that accounts hold.
    #[error("market {market} counts other shares than accounts hold")]
    Outstanding {
        /// Where.
        market: MarketId,
    },
    /// 3. An escrow does not cover its largest payout.
    #[error("market {market} has {money} and may owe {largest}")]
    Uncovered {
        /// Where.
        market: MarketId,
        /// What is there.
        money: Micros,
        /// What may be owed.
        largest: Micros,
    },
    /// 3. Without a maker, an escrow is not the complete sets outstanding.
    #[error("market {market} has no maker, and its escrow is not its sets")]
    NotSets {
        /// Where.
        market: MarketId,
    },
    /// 7. A bid is not below every ask.
    #[error("the book of market {market} is crossed")]
    Crossed {
        /// Where.
        market: MarketId,
    },
    /// 7. A resting order could trade with the maker.
    #[error("an order at {price} in market {market} could trade with the maker")]
    EnabledAgainstMaker {
        /// Where.
        market: MarketId,
        /// At what price.
        price: Price,
    },
    /// 7. The best orders of all outcomes could make or merge complete sets.
    #[error("the best orders of market {market} could make or merge sets")]
    SetsLeft {
        /// Where.
        market: MarketId,
    },
    /// 8. An order rests in a market that is done trading, or the book's count is wrong.
    #[error("market {market} has orders on its book that should not be there")]
    StrayOrders {
        /// Where.
        market: MarketId,
    },
    /// Whoever works on an article of a market has an order in it.
    #[error("account {account} is kept out of market {market} and has an order in it")]
    KeptOutOrder {
        /// Whose.
        account: AccountId,
        /// Where.
        market: MarketId,
    },
    /// What was in an ended market's escrow is not what everyone has of it.
    #[error("what was in market {market} at its end is not what everyone got")]
    Ended {
        /// Where.
        market: MarketId,
    },
    /// The postings of all events do not add up to a balance.
    #[error("the postings to {purse:?} add up to {posted}, its balance is {balance}")]
    Postings {
        /// Whose.
        purse: Purse,
        /// The sum of postings.
        posted: Micros,
        /// What the ledger says.
        balance: Micros,
    },
}

/// Checks every invariant of a state.
///
/// # Errors
/// The first one that does not hold.
pub fn check(engine: &Engine) -> Result<(), Broken> {
    money_sums_to_nothing(engine)?;
    for ix in 0..engine.accounts().len() {
        let account = AccountId(u32::try_from(ix).expect("accounts are counted in 32 bits"));
        reserves_match_orders(engine, account)?;
    }
    for market in engine.markets() {
        market_is_covered(engine, market.id)?;
        book_is_sound(engine, market.id)?;
        desk_has_no_order(engine, market)?;
        end_adds_up(engine, market)?;
    }
    Ok(())
}

fn money_sums_to_nothing(engine: &Engine) -> Result<(), Broken> {
    let ledger = engine.ledger();
    let (accounts, markets) = ledger.sizes();
    let mut sum = 0_i128;
    for account in (0..accounts).map(|ix| AccountId(u32::try_from(ix).expect("32 bits"))) {
        let cash = ledger.cash(account);
        sum += i128::from(cash.available.get()) + i128::from(cash.reserved.get());
    }
    for market in (0..markets).map(|ix| MarketId(u32::try_from(ix).expect("32 bits"))) {
        sum += i128::from(ledger.escrow(market).money.get());
    }
    match i64::try_from(sum) {
        Ok(0) => Ok(()),
        sum => Err(Broken::MoneySum {
            sum: Micros::new(sum.unwrap_or(i64::MAX)),
        }),
    }
}

fn reserves_match_orders(engine: &Engine, account: AccountId) -> Result<(), Broken> {
    let cash = engine.ledger().cash(account);
    let negative = cash.available < Micros::ZERO && account != AccountId::WORLD;
    if negative || cash.reserved < Micros::ZERO {
        return Err(Broken::NegativeBalance { account });
    }
    // Wide enough for any sum, so that this says what is wrong where the engine itself would stop.
    let mut held_cash = 0_i128;
    let mut held_shares: BTreeMap<(MarketId, usize), i128> = BTreeMap::new();
    for order in engine.orders().of(account) {
        match order.side {
            Side::Buy => held_cash += i128::from(order.remaining.at(order.limit).get()),
            Side::Sell => {
                let outcomes = engine
                    .market(order.market)
                    .map_or(0, |market| market.outcomes());
                for ix in 0..outcomes {
                    if (ix == order.outcome().ix()) == (order.contract == Contract::Yes) {
                        let held = held_shares.entry((order.market, ix)).or_insert(0);
                        *held += i128::from(order.remaining.get());
                    }
                }
            }
        }
    }
    if held_cash != i128::from(cash.reserved.get()) {
        return Err(Broken::ReservedCash {
            account,
            reserved: cash.reserved,
            held: Micros::new(i64::try_from(held_cash).unwrap_or(i64::MAX)),
        });
    }
    for position in engine.ledger().positions_of(account) {
        let market = position.market;
        for (ix, holding) in position.holdings.iter().enumerate() {
            let held = held_shares.remove(&(market, ix)).unwrap_or(0);
            if i128::from(holding.reserved.get()) != held {
                return Err(Broken::ReservedShares { account, market });
            }
            if holding.free < Lots::ZERO || holding.reserved < Lots::ZERO {
                return Err(Broken::NegativeBalance { account });
            }
        }
        if position
            .holdings
            .iter()
            .all(|holding| holding.free > Lots::ZERO)
        {
            return Err(Broken::UnmergedSet { account, market });
        }
    }
    match held_shares.pop_first() {
        None => Ok(()),
        Some(((market, _), _)) => Err(Broken::ReservedShares { account, market }),
    }
}

fn end_adds_up(engine: &Engine, market: &Market) -> Result<(), Broken> {
    let Some(ended) = &market.ended else {
        return Ok(());
    };
    let nothing_left = engine.ledger().escrow(market.id).money == Micros::ZERO;
    let sound = market.phase.ending().is_some() && ended.adds_up() && nothing_left;
    match sound && ended.held.iter().all(|held| held.got >= Micros::ZERO) {
        true => Ok(()),
        false => Err(Broken::Ended { market: market.id }),
    }
}

fn desk_has_no_order(engine: &Engine, market: &Market) -> Result<(), Broken> {
    let has_one = |account: &AccountId| {
        let mut orders = engine.orders().of(*account);
        orders.any(|order| order.market == market.id)
    };
    match market
        .kept_out
        .iter()
        .copied()
        .find(|account| has_one(account))
    {
        None => Ok(()),
        Some(account) => Err(Broken::KeptOutOrder {
            account,
            market: market.id,
        }),
    }
}

fn market_is_covered(engine: &Engine, id: MarketId) -> Result<(), Broken> {
    let escrow = engine.ledger().escrow(id);
    for (ix, outstanding) in escrow.outstanding.iter().enumerate() {
        let held = engine
            .ledger()
            .positions_in(id)
            .map(|p| i128::from(p.holdings[ix].total().get()));
        if held.sum::<i128>() != i128::from(outstanding.get()) {
            return Err(Broken::Outstanding { market: id });
        }
    }
    let (money, largest) = (escrow.money, escrow.largest_payout());
    if money < largest {
        return Err(Broken::Uncovered {
            market: id,
            money,
            largest,
        });
    }
    let market = engine.market(id).expect("an escrow has a market");
    let all_sets = escrow
        .outstanding
        .iter()
        .all(|lots| lots.as_sets() == money);
    match market.maker.is_none() && !all_sets {
        true => Err(Broken::NotSets { market: id }),
        false => Ok(()),
    }
}

fn book_is_sound(engine: &Engine, id: MarketId) -> Result<(), Broken> {
    let market = engine.market(id).expect("it is listed");
    let resting = engine.resting(id).len();
    let status = market.phase.status();
    let may_rest = matches!(status, Status::Open | Status::Halted) || resting == 0;
    if resting != market.open_orders as usize || !may_rest {
        return Err(Broken::StrayOrders { market: id });
    }
    for (outcome, book) in market.books.iter().enumerate() {
        let (bid, ask) = (book.best(BookSide::Bid), book.best(BookSide::Ask));
        if let (Some(bid), Some(ask)) = (bid, ask)
            && bid >= ask
        {
            return Err(Broken::Crossed { market: id });
        }
        if status == Status::Open
            && let Some(price) = enabled_against_maker(market, outcome, bid, ask)
        {
            return Err(Broken::EnabledAgainstMaker { market: id, price });
        }
    }
    match sets_could_be_made(market) {
        true => Err(Broken::SetsLeft { market: id }),
        false => Ok(()),
    }
}

/// The price of a best order that the maker should have served.
fn enabled_against_maker(
    market: &Market,
    outcome: usize,
    bid: Option<Price>,
    ask: Option<Price>,
) -> Option<Price> {
    let maker = market.maker.as_ref()?;
    let (curve, sold, one) = (&maker.curve, &maker.sold, Lots::new(1));
    let bid = bid.filter(|bid| curve.sellable(sold, outcome, *bid, one) == one);
    let ask = ask.filter(|ask| curve.buyable(sold, outcome, *ask, one) == one);
    bid.or(ask)
}

/// Whether the best bids of all outcomes sum to a set or more, or the best asks to a set or less.
fn sets_could_be_made(market: &Market) -> bool {
    if market.books.len() == 1 {
        return false;
    }
    let sum = |side: BookSide| -> Option<u32> {
        let best = |book: &Book| book.best(side).map(|price| u32::from(price.ticks()));
        market.books.iter().map(best).sum()
    };
    let one = u32::from(TICKS);
    sum(BookSide::Bid).is_some_and(|bids| bids >= one)
        || sum(BookSide::Ask).is_some_and(|asks| asks <= one)
}

/// Adds up the postings of events, to be held against a state.
#[derive(Clone, Debug, Default)]
pub struct PostingSums(BTreeMap<Purse, i128>);

impl PostingSums {
    /// Adds an event's postings.
    pub fn add(&mut self, event: &Event) {
        for posting in event.postings() {
            *self.0.entry(posting.purse).or_insert(0) += i128::from(posting.amount.get());
        }
    }

    /// Checks that every balance is the sum of its postings.
    ///
    /// # Errors
    /// The first purse of which that is not so.
    pub fn check(&self, engine: &Engine) -> Result<(), Broken> {
        let ledger = engine.ledger();
        let (accounts, markets) = ledger.sizes();
        let accounts = (0..accounts).map(|ix| {
            let account = AccountId(u32::try_from(ix).expect("32 bits"));
            let cash = ledger.cash(account);
            (Purse::Account(account), cash.available + cash.reserved)
        });
        let escrows = (0..markets).map(|ix| {
            let market = MarketId(u32::try_from(ix).expect("32 bits"));
            (Purse::Escrow(market), ledger.escrow(market).money)
        });
        for (purse, balance) in accounts.chain(escrows) {
            let posted = self.0.get(&purse).copied().unwrap_or(0);
            if posted != i128::from(balance.get()) {
                let posted = Micros::new(i64::try_from(posted).unwrap_or(i64::MAX));
                return Err(Broken::Postings {
                    purse,
                    posted,
                    balance,
                });
            }
        }
        Ok(())
    }
}

//! Who owns what: cash of accounts, shares in markets, and each market's escrow.
//! In: movements that were decided elsewhere. Out: balances that are never negative.
//! Knows nothing of orders, prices or the life of markets.

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

use crate::command::Contract;
use crate::id::{AccountId, MarketId, Outcome};
use crate::orders::{Order, grow};
use crate::paged::{Blank, Paged};
use crate::sharded::Sharded;
use crate::units::{Lots, Micros};

/// Cash of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Cash {
    /// Free to use.
    #[n(0)]
    pub available: Micros,
    /// Held for open orders.
    #[n(1)]
    pub reserved: Micros,
}

/// Shares of one outcome that an account holds in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Holding {
    /// Free to sell.
    #[n(0)]
    pub free: Lots,
    /// Held for open orders.
    #[n(1)]
    pub reserved: Lots,
    /// What was paid for the shares still held, fees included: the average cost. It informs; no
    /// payment depends on it.
    #[n(2)]
    pub cost: Micros,
}

impl Holding {
    const NONE: Holding = Holding {
        free: Lots::ZERO,
        reserved: Lots::ZERO,
        cost: Micros::ZERO,
    };

    /// Free and reserved shares together.
    pub fn total(&self) -> Lots {
        self.free + self.reserved
    }

    /// Shares leave: their part of the cost leaves with them, rounded down.
    #[inline(always)]
    fn give_up_cost(&mut self, lots: Lots, held: Lots) {
        if lots == held {
            self.cost = Micros::ZERO;
            return;
        }
        let (cost, lots, held) = (self.cost.get(), lots.get(), held.get());
        // Nearly always it fits a word, whose division is much faster.
        let part = match cost.checked_mul(lots) {
            Some(product) => product / held,
            None => {
                let part = i128::from(cost) * i128::from(lots) / i128::from(held);
                i64::try_from(part).expect("a part of an i64")
            }
        };
        self.cost -= Micros::new(part);
    }

    #[inline(always)]
    fn gain(&mut self, lots: Lots, paid: Micros) {
        self.free += lots;
        self.cost += paid;
    }
}

/// The one outcome that a contract is a share of, if it is one: No on one of two is the other.
#[inline]
fn single(outcomes: usize, outcome: Outcome, contract: Contract) -> Option<usize> {
    match contract {
        Contract::Yes => Some(outcome.ix()),
        Contract::No if outcomes == 2 => Some(1 - outcome.ix()),
        Contract::No => None,
    }
}

/// What an account has in a market.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Position {
    /// Whose it is.
    #[n(0)]
    pub account: AccountId,
    /// Where.
    #[n(1)]
    pub market: MarketId,
    /// Shares, by outcome.
    #[n(2)]
    #[cbor(with = "crate::snapshot::small_list")]
    pub holdings: SmallVec<[Holding; 2]>,
    /// Money put in less money taken out, fees included.
    #[n(3)]
    pub net_paid: Micros,
}

impl Position {
    /// The outcomes that a contract gives a share of.
    fn of_contract(
        &mut self,
        outcome: Outcome,
        contract: Contract,
    ) -> impl Iterator<Item = &mut Holding> {
        self.holdings
            .iter_mut()
            .enumerate()
            .filter(move |(ix, _)| (*ix == outcome.ix()) == (contract == Contract::Yes))
            .map(|(_, holding)| holding)
    }

    /// Shares of a contract come for `paid`.
    fn gain(&mut self, outcome: Outcome, contract: Contract, lots: Lots, paid: Micros) {
        self.net_paid += paid;
        if let Some(ix) = single(self.holdings.len(), outcome, contract) {
            self.holdings[ix].gain(lots, paid);
            return;
        }
        // No on one of many is a share of each other: the price is spread evenly, the odd micros go
        // to the first.
        let parts = i64::try_from(self.holdings.len()).unwrap_or(i64::MAX) - 1;
        let each = Micros::new(paid.get() / parts);
        let mut odd = Micros::new(paid.get() % parts);
        for holding in self.of_contract(outcome, contract) {
            holding.gain(lots, each + odd);
            odd = Micros::ZERO;
        }
    }

    /// Shares of a contract are held for an open order; negative lots are free again.
    fn hold(&mut self, outcome: Outcome, contract: Contract, lots: Lots) {
        for holding in self.of_contract(outcome, contract) {
            holding.free -= lots;
            holding.reserved += lots;
            let sound = holding.free >= Lots::ZERO && holding.reserved >= Lots::ZERO;
            assert!(sound, "held shares were the account's own");
        }
    }

    /// Free shares of a contract go for `got`.
    fn lose(&mut self, outcome: Outcome, contract: Contract, lots: Lots, got: Micros) {
        self.net_paid -= got;
        for holding in self.of_contract(outcome, contract) {
            holding.give_up_cost(lots, holding.total());
            holding.free -= lots;
            assert!(
                holding.free >= Lots::ZERO,
                "sold shares were the account's own"
            );
        }
    }

    /// Whether any share is held.
    pub fn holds_shares(&self) -> bool {
        self.holdings
            .iter()
            .any(|holding| holding.total() > Lots::ZERO)
    }
}

impl Blank for Position {
    fn blank() -> Position {
        Position {
            account: AccountId::WORLD,
            market: MarketId(0),
            holdings: SmallVec::new(),
            net_paid: Micros::ZERO,
        }
    }
}

/// A market's money and shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// Money in it: the subsidy and what shares were paid with.
    pub money: Micros,
    /// Shares that accounts hold, by outcome.
    pub outstanding: SmallVec<[Lots; 2]>,
    /// The positions in it, in order of their first share.
    positions: Vec<u32>,
}

impl Escrow {
    /// The most that it may have to pay.
    pub fn largest_payout(&self) -> Micros {
        self.outstanding
            .iter()
            .copied()
            .max()
            .unwrap_or(Lots::ZERO)
            .as_sets()
    }
}

/// Every balance of the exchange.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    cash: Vec<Cash>,
    escrows: Vec<Escrow>,
    positions: Paged<Position>,
    by_account: Vec<SmallVec<[u32; 2]>>,
    /// Positions by whose and where.
    index: Sharded<u32>,
    /// Markets whose escrow or shares were touched since it was last asked.
    touched: Vec<MarketId>,
}

/// Both are given out in order, so nobody can choose them to collide. The two halves of a wide product
/// together depend on all bits of both.
fn hash(account: AccountId, market: MarketId) -> u64 {
    let both = u64::from(account.0) << 32 | u64::from(market.0);
    let product = u128::from(both) * 0x9E37_79B9_7F4A_7C15;
    (product >> 64) as u64 ^ product as u64
}

impl Ledger {
    /// Starts an account with nothing.
    pub(crate) fn open_account(&mut self) {
        let nothing = Cash {
            available: Micros::ZERO,
            reserved: Micros::ZERO,
        };
        grow(&mut self.cash, nothing);
        grow(&mut self.by_account, SmallVec::new());
    }

    /// Starts a market's escrow with nothing.
    pub(crate) fn open_escrow(&mut self, outcomes: usize) {
        self.escrows.push(Escrow {
            money: Micros::ZERO,
            outstanding: SmallVec::from_elem(Lots::ZERO, outcomes),
            positions: Vec::new(),
        });
    }

    /// Gives the escrow of a market that nobody has traded in another number of outcomes.
    pub(crate) fn resize_escrow(&mut self, market: MarketId, outcomes: usize) {
        let escrow = &mut self.escrows[market.0 as usize];
        assert!(
            escrow.positions.is_empty(),
            "nobody holds shares of a draft"
        );
        escrow.outstanding = SmallVec::from_elem(Lots::ZERO, outcomes);
    }

    /// An account's cash. The world's is minus what is inside.
    pub fn cash(&self, account: AccountId) -> Cash {
        self.cash[account.0 as usize]
    }

    /// A market's escrow.
    pub fn escrow(&self, market: MarketId) -> &Escrow {
        &self.escrows[market.0 as usize]
    }

    /// What an account has in a market, if it ever had anything.
    pub fn position(&self, account: AccountId, market: MarketId) -> Option<&Position> {
        self.find(account, market).map(|ix| &self.positions[ix])
    }

    /// Where an account's position in a market is, if it ever had anything.
    #[inline(always)]
    pub(crate) fn find(&self, account: AccountId, market: MarketId) -> Option<u32> {
        let is_it = |ix: &u32| {
            let position = &self.positions[*ix];
            position.account == account && position.market == market
        };
        self.index.find(hash(account, market), is_it).copied()
    }

    /// An account's positions, oldest first.
    pub fn positions_of(&self, account: AccountId) -> impl Iterator<Item = &Position> {
        let list = self
            .by_account
            .get(account.0 as usize)
            .map_or(&[][..], SmallVec::as_slice);
        list.iter().map(|ix| &self.positions[*ix])
    }

    /// The positions in a market, oldest first.
    pub fn positions_in(&self, market: MarketId) -> impl Iterator<Item = &Position> {
        self.escrow(market)
            .positions
            .iter()
            .map(|ix| &self.positions[*ix])
    }

    /// Free lots of a contract: for No, the fewest over every other outcome.
    pub fn free_lots(
        &self,
        account: AccountId,
        market: MarketId,
        outcome: Outcome,
        contract: Contract,
    ) -> Lots {
        let Some(position) = self.position(account, market) else {
            return Lots::ZERO;
        };
        let wanted = |ix: usize| (ix == outcome.ix()) == (contract == Contract::Yes);
        let free = position
            .holdings
            .iter()
            .enumerate()
            .filter(|(ix, _)| wanted(*ix));
        free.map(|(_, holding)| holding.free)
            .min()
            .unwrap_or(Lots::ZERO)
    }

    /// The ledger that had these parts: each account's cash, each market's money and shares outstanding,
    /// and all positions, oldest first. None when they are no ledger's.
    pub(crate) fn of_parts(
        cash: Vec<Cash>,
        escrows: Vec<(Micros, SmallVec<[Lots; 2]>)>,
        positions: Vec<Position>,
    ) -> Option<Ledger> {
        let escrows = escrows.into_iter().map(|(money, outstanding)| Escrow {
            money,
            outstanding,
            positions: Vec::new(),
        });
        let mut ledger = Ledger {
            by_account: vec![SmallVec::new(); cash.len()],
            cash,
            escrows: escrows.collect(),
            index: Sharded::with_capacity(positions.len()),
            positions: Paged::default(),
            touched: Vec::new(),
        };
        for (ix, position) in positions.iter().enumerate() {
            let Position {
                account, market, ..
            } = *position;
            let ix = u32::try_from(ix).ok()?;
            let twin = |ix: &u32| {
                let other = &positions[*ix as usize];
                other.account == account && other.market == market
            };
            let hashed = hash(account, market);
            let escrow = ledger.escrows.get_mut(market.0 as usize)?;
            if escrow.outstanding.len() != position.holdings.len()
                || ledger.index.find(hashed, twin).is_some()
            {
                return None;
            }
            escrow.positions.push(ix);
            ledger.by_account.get_mut(account.0 as usize)?.push(ix);
            let rehash = |ix: &u32| {
                let position = &positions[*ix as usize];
                hash(position.account, position.market)
            };
            ledger.index.insert(hashed, ix, rehash);
        }
        ledger.positions = positions.into_iter().collect();
        Some(ledger)
    }

    /// Moves money between two accounts' available cash.
    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, amount: Micros) {
        self.add_cash(from, -amount);
        self.add_cash(to, amount);
    }

    /// Moves money between an account's available cash and a market's escrow; a negative amount goes
    /// to the escrow.
    #[inline(always)]
    pub(crate) fn pay_from_escrow(&mut self, account: AccountId, market: MarketId, amount: Micros) {
        self.add_cash(account, amount);
        self.touch(market);
        let escrow = &mut self.escrows[market.0 as usize];
        escrow.money -= amount;
        assert!(
            escrow.money >= Micros::ZERO,
            "the escrow of market {market} is never negative"
        );
    }

    #[inline(always)]
    fn add_cash(&mut self, account: AccountId, amount: Micros) {
        let cash = &mut self.cash[account.0 as usize];
        cash.available += amount;
        let sound = cash.available >= Micros::ZERO || account == AccountId::WORLD;
        assert!(sound, "the cash of account {account} is never negative");
    }

    /// Holds cash for an open order; a negative amount frees it.
    #[inline(always)]
    pub(crate) fn hold_cash(&mut self, account: AccountId, amount: Micros) {
        let cash = &mut self.cash[account.0 as usize];
        cash.available -= amount;
        cash.reserved += amount;
        let sound = cash.available >= Micros::ZERO && cash.reserved >= Micros::ZERO;
        assert!(sound, "held cash of account {account} was its own");
    }

    /// Holds shares for an open order; negative lots free them. Says where the account's position is.
    #[inline(always)]
    pub(crate) fn hold_shares(&mut self, trade: Traded, lots: Lots) -> u32 {
        let ix = self.position_ix(trade.account, trade.market);
        self.positions[ix].hold(trade.outcome, trade.contract, lots);
        ix
    }

    /// An account buys lots of a contract for `paid`, fee included, that left its cash already.
    ///
    /// Says where its position is.
    #[inline(always)]
    pub(crate) fn gain_shares(&mut self, trade: Traded, lots: Lots, paid: Micros) -> u32 {
        let ix = self.position_ix(trade.account, trade.market);
        let position = &mut self.positions[ix];
        position.gain(trade.outcome, trade.contract, lots, paid);
        self.count_outstanding(trade, lots);
        ix
    }

    /// An account sells free lots of a contract for `got`, fee deducted, that reached its cash already.
    ///
    /// Says where its position is.
    pub(crate) fn lose_shares(&mut self, trade: Traded, lots: Lots, got: Micros) -> u32 {
        let ix = self.position_ix(trade.account, trade.market);
        let position = &mut self.positions[ix];
        position.lose(trade.outcome, trade.contract, lots, got);
        self.count_outstanding(trade, -lots);
        ix
    }

    /// A resting buy fills: money that was held for it goes to the escrow, shares come. Says where
    /// its account's position is.
    #[inline(always)]
    pub(crate) fn fill_held_buy(&mut self, trade: Traded, lots: Lots, money: Micros) -> u32 {
        let cash = &mut self.cash[trade.account.0 as usize];
        cash.reserved -= money;
        assert!(cash.reserved >= Micros::ZERO, "a fill was paid for");
        self.escrows[trade.market.0 as usize].money += money;
        self.gain_shares(trade, lots, money)
    }

    /// A resting sell fills: shares that were held for it go, money comes from the escrow. Says where
    /// its account's position is.
    pub(crate) fn fill_held_sell(&mut self, trade: Traded, lots: Lots, money: Micros) -> u32 {
        let ix = self.position_ix(trade.account, trade.market);
        let position = &mut self.positions[ix];
        position.hold(trade.outcome, trade.contract, -lots);
        position.lose(trade.outcome, trade.contract, lots, money);
        self.pay_from_escrow(trade.account, trade.market, money);
        self.count_outstanding(trade, -lots);
        ix
    }

    #[inline(always)]
    fn count_outstanding(&mut self, trade: Traded, lots: Lots) {
        self.touch(trade.market);
        let escrow = &mut self.escrows[trade.market.0 as usize];
        if let Some(ix) = single(escrow.outstanding.len(), trade.outcome, trade.contract) {
            escrow.outstanding[ix] += lots;
            return;
        }
        for (ix, outstanding) in escrow.outstanding.iter_mut().enumerate() {
            if ix != trade.outcome.ix() {
                *outstanding += lots;
            }
        }
    }

    /// Sells a position's free complete sets back to the escrow, and says whose they were, where, and how
    /// many.
    #[inline(always)]
    pub(crate) fn merge_at(&mut self, ix: u32) -> (AccountId, MarketId, Lots) {
        let position = &mut self.positions[ix];
        let free = position.holdings.iter().map(|holding| holding.free);
        let sets = free.min().unwrap_or(Lots::ZERO);
        let (account, market) = (position.account, position.market);
        if sets == Lots::ZERO {
            return (account, market, sets);
        }
        for holding in &mut position.holdings {
            holding.give_up_cost(sets, holding.total());
            holding.free -= sets;
        }
        position.net_paid -= sets.as_sets();
        for outstanding in &mut self.escrows[market.0 as usize].outstanding {
            *outstanding -= sets;
        }
        self.pay_from_escrow(account, market, sets.as_sets());
        (account, market, sets)
    }

    /// Takes every share of a finished market from its holders.
    pub(crate) fn clear_shares(&mut self, market: MarketId) {
        let escrow = &mut self.escrows[market.0 as usize];
        escrow
            .outstanding
            .iter_mut()
            .for_each(|lots| *lots = Lots::ZERO);
        for ix in &escrow.positions {
            self.positions[*ix]
                .holdings
                .iter_mut()
                .for_each(|h| *h = Holding::NONE);
        }
    }

    #[inline(always)]
    fn position_ix(&mut self, account: AccountId, market: MarketId) -> u32 {
        match self.find(account, market) {
            Some(ix) => ix,
            None => self.open_position(account, market),
        }
    }

    #[cold]
    fn open_position(&mut self, account: AccountId, market: MarketId) -> u32 {
        let escrow = &mut self.escrows[market.0 as usize];
        let ix = u32::try_from(self.positions.len()).expect("fewer positions than 2^32");
        let position = Position {
            account,
            market,
            holdings: SmallVec::from_elem(Holding::NONE, escrow.outstanding.len()),
            net_paid: Micros::ZERO,
        };
        self.positions.push(position);
        grow(&mut escrow.positions, ix);
        self.by_account[account.0 as usize].push(ix);
        let positions = &self.positions;
        let rehash = |ix: &u32| {
            let position = &positions[*ix];
            hash(position.account, position.market)
        };
        self.index.insert(hash(account, market), ix, rehash);
        ix
    }

    /// A market that was touched since this was last asked, until there is none.
    #[inline]
    pub(crate) fn next_touched(&mut self) -> Option<MarketId> {
        self.touched.pop()
    }

    #[inline]
    fn touch(&mut self, market: MarketId) {
        if self.touched.last() != Some(&market) {
            self.touched.push(market);
        }
    }

    /// How many accounts and markets there are.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.cash.len(), self.escrows.len())
    }

    /// Each account's cash.
    pub(crate) fn all_cash(&self) -> &[Cash] {
        &self.cash
    }

    /// Every position, oldest first.
    pub(crate) fn positions(&self) -> &Paged<Position> {
        &self.positions
    }
}

/// Whose shares of what are moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traded {
    pub(crate) account: AccountId,
    pub(crate) market: MarketId,
    pub(crate) outcome: Outcome,
    pub(crate) contract: Contract,
}

impl Traded {
    /// What an order trades.
    pub(crate) fn of(order: &Order) -> Traded {
        Traded {
            account: order.account,
            market: order.market,
            outcome: order.outcome(),
            contract: order.contract,
        }
    }
}

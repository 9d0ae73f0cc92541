//! Every open order of the exchange, in one slab linked by index.
//! In: orders that were accepted. Out: their slots, by id, by account. Matching is `book`'s affair,
//! money is `ledger`'s.

use hashbrown::HashMap;

use crate::book::BookSide;
use crate::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use crate::id::{AccountId, MarketId, OrderId, Outcome};
use crate::paged::{Blank, Paged};
use crate::sharded::Sharded;
use crate::units::{Lots, Micros, Price, Timestamp};

/// An index into the slab.
pub(crate) type Slot = u32;
/// No slot.
pub(crate) const NIL: Slot = Slot::MAX;

/// Seconds after which a dead man's switch cancels at the latest: whoever is away for longer than a day
/// has no program at work that it could watch over.
pub const LONGEST_SWITCH: u32 = 86_400;
/// Open orders that an account may have: enough to quote every level of several markets.
pub const MAX_OPEN_ORDERS_PER_ACCOUNT: u32 = 1_000;

/// An order in the terms of a book: a bid or an ask for Yes on the book's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The book's outcome: the first one where there are two.
    pub outcome: Outcome,
    /// Which way.
    pub side: BookSide,
    /// At what price for Yes.
    pub price: Price,
}

impl Stand {
    /// Buying Yes at p and selling No at 1−p are bids at p; selling Yes at p and buying No at 1−p
    /// are asks at p. With two outcomes, Yes on the second is No on the first: one book.
    #[inline(always)]
    pub fn new(
        outcomes: usize,
        outcome: Outcome,
        contract: Contract,
        side: Side,
        limit: Price,
    ) -> Stand {
        let second_of_two = outcomes == 2 && outcome.ix() == 1;
        let yes = (contract == Contract::Yes) != second_of_two;
        let bid = (side == Side::Buy) == yes;
        Stand {
            outcome: if outcomes == 2 { Outcome(0) } else { outcome },
            side: if bid { BookSide::Bid } else { BookSide::Ask },
            price: if yes { limit } else { limit.complement() },
        }
    }

    /// Whether money for Yes on the book is money for the contract, rather than the rest of a set's.
    pub fn is_yes(side: Side, stand: BookSide) -> bool {
        (side == Side::Buy) == (stand == BookSide::Bid)
    }
}

/// An order as it stands on a book, or on its way there: 80 bytes, most used first.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Its place in the order of acceptance.
    pub id: OrderId,
    /// Lots that wait.
    pub remaining: Lots,
    /// Whose it is.
    pub account: AccountId,
    /// Where.
    pub market: MarketId,
    /// Neighbours at its price, older and younger.
    pub(crate) older: Slot,
    pub(crate) younger: Slot,
    /// Neighbours among the account's orders.
    account_prev: Slot,
    account_next: Slot,
    /// Its price, in its contract's own terms.
    pub limit: Price,
    outcome: u8,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// Whether its contract is the book's No: No on an outcome, or Yes on the second of two.
    no_on_book: bool,
    /// Whether it was to add to the book only.
    pub post_only: bool,
    /// What it does when it meets its own account.
    pub self_trade: SelfTrade,
    /// Lots that filled.
    pub filled: Lots,
    /// Money paid or received so far, in its contract's own terms and before fees.
    pub amount: Micros,
    /// Fees paid so far.
    pub fee: Micros,
    /// When it was accepted.
    pub placed_at: Timestamp,
}

impl Order {
    /// An order as accepted: nothing filled, nothing linked.
    #[inline(always)]
    pub(crate) fn accepted(
        id: OrderId,
        account: AccountId,
        order: &PlaceOrder,
        terms: (Price, Stand),
        lots: Lots,
        at: Timestamp,
    ) -> Order {
        let mut accepted = Order {
            id,
            account,
            market: order.market,
            outcome: u8::try_from(order.outcome.0).expect("at most 256 outcomes"),
            contract: order.contract,
            side: order.side,
            limit: terms.0,
            no_on_book: false,
            remaining: lots,
            filled: Lots::ZERO,
            amount: Micros::ZERO,
            fee: Micros::ZERO,
            post_only: order.post_only,
            self_trade: order.self_trade,
            placed_at: at,
            older: NIL,
            younger: NIL,
            account_prev: NIL,
            account_next: NIL,
        };
        accepted.reprice(terms.0, terms.1);
        accepted
    }

    /// Gives it another limit, with where it stands then.
    #[inline(always)]
    pub(crate) fn reprice(&mut self, limit: Price, stand: Stand) {
        self.limit = limit;
        self.no_on_book = !Stand::is_yes(self.side, stand.side);
    }

    /// On which outcome it is, as asked for.
    pub fn outcome(&self) -> Outcome {
        Outcome(u16::from(self.outcome))
    }

    /// Where it stands: the same order as a bid or an ask for Yes on a book's outcome.
    #[inline(always)]
    pub fn stand(&self) -> Stand {
        // The book's No that is called Yes: that is the second of two outcomes.
        let second_of_two = self.no_on_book == (self.contract == Contract::Yes);
        let bid = (self.side == Side::Buy) != self.no_on_book;
        Stand {
            outcome: if second_of_two {
                Outcome(0)
            } else {
                self.outcome()
            },
            side: if bid { BookSide::Bid } else { BookSide::Ask },
            price: if self.no_on_book {
                self.limit.complement()
            } else {
                self.limit
            },
        }
    }

    /// Money held for what waits: a buy's limit × remaining; nothing for a sell, which holds shares.
    pub fn reserved(&self) -> Micros {
        match self.side {
            Side::Buy => self.remaining.at(self.limit),
            Side::Sell => Micros::ZERO,
        }
    }

    /// The order's terms as they were asked for, with the quantity and price that it has by now.
    fn terms(&self, expires_at: Option<Timestamp>, client_order_id: Option<String>) -> PlaceOrder {
        PlaceOrder {
            market: self.market,
            outcome: self.outcome(),
            contract: self.contract,
            side: self.side,
            size: Size::Quantity(self.filled + self.remaining),
            limit: Some(self.limit),
            time_in_force: expires_at.map_or(TimeInForce::Gtc, TimeInForce::Gtd),
            post_only: self.post_only,
            self_trade: self.self_trade,
            client_order_id,
            valid_until: None,
        }
    }
}

impl Blank for Order {
    fn blank() -> Order {
        Order {
            id: OrderId(0),
            remaining: Lots::ZERO,
            account: AccountId::WORLD,
            market: MarketId(0),
            older: NIL,
            younger: NIL,
            account_prev: NIL,
            account_next: NIL,
            limit: Price::MIN,
            outcome: 0,
            contract: Contract::Yes,
            side: Side::Buy,
            no_on_book: false,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            filled: Lots::ZERO,
            amount: Micros::ZERO,
            fee: Micros::ZERO,
            placed_at: Timestamp::from_micros(0),
        }
    }
}

/// What few resting orders have.
#[derive(Clone, Debug)]
pub(crate) struct Extras {
    /// When it ends by itself.
    pub(crate) expires_at: Option<Timestamp>,
    /// What its account calls it.
    pub(crate) client_id: Option<String>,
}

impl Extras {
    #[inline(always)]
    pub(crate) fn of(order: &PlaceOrder) -> Extras {
        Extras {
            expires_at: match order.time_in_force {
                TimeInForce::Gtd(at) => Some(at),
                TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok => None,
            },
            client_id: order.client_order_id.clone(),
        }
    }
}

/// An account's open orders, oldest first.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: Slot,
    last: Slot,
    count: u32,
}

impl Chain {
    const EMPTY: Chain = Chain {
        first: NIL,
        last: NIL,
        count: 0,
    };
}

/// All open orders.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    slots: Paged<Order>,
    free: Vec<Slot>,
    /// Slots by the id of the order in them.
    by_id: Sharded<Slot>,
    by_account: Vec<Chain>,
    /// When orders end that end by themselves.
    ends: HashMap<OrderId, Timestamp>,
    /// Callers' own names of open orders, both ways.
    client_ids: HashMap<(AccountId, String), OrderId>,
    client_id_of: HashMap<OrderId, String>,
}

/// Ids are given out in order, so nobody can choose them to collide; their product with an odd number
/// spreads what a table looks at, its lowest and highest bits.
fn hash(id: OrderId) -> u64 {
    id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Adds to a list that grows by an eighth at a time where a vector would double: of what there is a
/// hundred thousand of, that is a lot of memory.
pub(crate) fn grow<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 8).max(16));
    }
    list.push(item);
}

impl Orders {
    /// The order in `slot`, which must be taken.
    #[inline]
    pub(crate) fn at(&self, slot: Slot) -> &Order {
        &self.slots[slot]
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, slot: Slot) -> &mut Order {
        &mut self.slots[slot]
    }

    /// Where an open order is.
    #[inline(always)]
    pub(crate) fn find(&self, id: OrderId) -> Option<Slot> {
        let found = self.by_id.find(hash(id), |slot| self.at(*slot).id == id);
        found.copied()
    }

    /// An open order.
    pub fn get(&self, id: OrderId) -> Option<&Order> {
        self.find(id).map(|slot| self.at(slot))
    }

    /// How many orders of an account are open.
    pub fn count(&self, account: AccountId) -> u32 {
        self.by_account
            .get(account.0 as usize)
            .map_or(0, |chain| chain.count)
    }

    /// An account's open orders, oldest first.
    pub fn of(&self, account: AccountId) -> impl Iterator<Item = &Order> {
        self.slots_of(account).map(|slot| self.at(slot))
    }

    /// How many orders are open.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// How many slots there are, taken or free: every slot is below.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The slots of an account's open orders, oldest first.
    pub(crate) fn slots_of(&self, account: AccountId) -> impl Iterator<Item = Slot> {
        let chain = self.by_account.get(account.0 as usize);
        let some = |slot: Slot| (slot != NIL).then_some(slot);
        let first = some(chain.map_or(NIL, |chain| chain.first));
        std::iter::successors(first, move |slot| some(self.at(*slot).account_next))
    }

    /// The open order that an account calls `client_id`.
    pub fn by_client_id(&self, account: AccountId, client_id: &str) -> Option<OrderId> {
        // A lookup by parts would need a key type of its own; this path is not hot.
        self.client_ids
            .get(&(account, client_id.to_owned()))
            .copied()
    }

    /// When an open order ends by itself.
    #[inline]
    pub fn expires_at(&self, id: OrderId) -> Option<Timestamp> {
        match self.ends.is_empty() {
            true => None,
            false => self.ends.get(&id).copied(),
        }
    }

    /// The open order `id` as it was asked for, with the quantity and price that it has by now.
    pub fn terms(&self, order: &Order) -> PlaceOrder {
        let name = self.client_id(order.id).map(str::to_owned);
        order.terms(self.expires_at(order.id), name)
    }

    /// What an open order's account calls it.
    pub fn client_id(&self, id: OrderId) -> Option<&str> {
        self.client_id_of.get(&id).map(String::as_str)
    }

    /// Room for `accounts` with `orders` among them, to be filled by [`Orders::insert`]: the first order
    /// gets slot 0, the next one slot 1.
    pub(crate) fn with_room(accounts: usize, orders: usize) -> Orders {
        Orders {
            by_id: Sharded::with_capacity(orders),
            by_account: vec![Chain::EMPTY; accounts],
            ..Orders::default()
        }
    }

    /// Takes an order in.
    #[inline(always)]
    pub(crate) fn insert(&mut self, order: Order, extras: Extras) -> Slot {
        let (id, account) = (order.id, order.account);
        if let Some(at) = extras.expires_at {
            self.ends.insert(id, at);
        }
        if let Some(client_id) = extras.client_id {
            self.client_ids.insert((account, client_id.clone()), id);
            self.client_id_of.insert(id, client_id);
        }
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = order;
                slot
            }
            None => self.extend(order),
        };
        let slots = &self.slots;
        self.by_id
            .insert(hash(id), slot, |slot| hash(slots[*slot].id));
        self.link(account, slot);
        slot
    }

    #[cold]
    fn extend(&mut self, order: Order) -> Slot {
        self.slots.push(order);
        Slot::try_from(self.slots.len() - 1).expect("fewer orders than slots")
    }

    /// Takes the account's own open order out of the ids, and says where it is: from there it must be
    /// [removed](Orders::remove). Another's is as good as none.
    #[inline(always)]
    pub(crate) fn claim(&mut self, account: AccountId, id: OrderId) -> Option<Slot> {
        let slots = &self.slots;
        let is_it = |slot: &Slot| {
            let order = &slots[*slot];
            order.id == id && (order.account == account || cfg!(planted = "anyone_cancels"))
        };
        self.by_id.remove(hash(id), is_it)
    }

    /// Takes the open order in a slot out of the ids.
    #[inline(always)]
    pub(crate) fn forget(&mut self, slot: Slot, id: OrderId) {
        let found = self.by_id.remove(hash(id), |other| *other == slot);
        found.expect("an open order");
    }

    /// Lets an order go that stands in `slot`, and says when it would have ended by itself. It must be off
    /// its book and out of the ids.
    #[inline(always)]
    pub(crate) fn remove(&mut self, slot: Slot, order: &Order) -> Option<Timestamp> {
        self.unlink(order);
        if !self.client_id_of.is_empty()
            && let Some(client_id) = self.client_id_of.remove(&order.id)
        {
            self.client_ids.remove(&(order.account, client_id));
        }
        self.free.push(slot);
        match self.ends.is_empty() {
            true => None,
            false => self.ends.remove(&order.id),
        }
    }

    #[inline(always)]
    fn link(&mut self, account: AccountId, slot: Slot) {
        let ix = account.0 as usize;
        if self.by_account.len() <= ix {
            self.by_account.resize(ix + 1, Chain::EMPTY);
        }
        let chain = &mut self.by_account[ix];
        let last = chain.last;
        chain.last = slot;
        chain.count += 1;
        match last {
            NIL => chain.first = slot,
            last => self.slots[last].account_next = slot,
        }
        let order = self.at_mut(slot);
        order.account_prev = last;
        order.account_next = NIL;
    }

    #[inline(always)]
    fn unlink(&mut self, order: &Order) {
        let (prev, next) = (order.account_prev, order.account_next);
        let chain = &mut self.by_account[order.account.0 as usize];
        chain.count -= 1;
        match prev {
            NIL => chain.first = next,
            prev => self.slots[prev].account_next = next,
        }
        match next {
            NIL => self.by_account[order.account.0 as usize].last = prev,
            next => self.slots[next].account_prev = prev,
        }
    }
}

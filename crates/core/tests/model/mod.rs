//! The rules of `mechanism.md` read literally: one lot at a time, sorted lists, everything tried on a
//! copy and recomputed. Slow, and written apart from the engine: it shares nothing with it but units
//! and the curve, whose charges the vectors prove. Knows markets of any number of outcomes.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test uses its own part"
)]

use std::collections::BTreeMap;

use tidings_core::lmsr::{Curve, Way, book_fee};
use tidings_core::units::{Fraction, Lots, Micros, Price};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub available: i64,
    pub reserved: i64,
    pub shares: Vec<i64>,
    pub shares_reserved: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    pub id: u64,
    pub account: String,
    /// On the book: ticks for Yes.
    pub price: i64,
    pub remaining: i64,
    pub terms: Terms,
}

/// What of an order matters once it rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub outcome: usize,
    pub yes: bool,
    pub buy: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Best first, oldest first.
    pub bids: Vec<Resting>,
    pub asks: Vec<Resting>,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub outcomes: usize,
    pub curve: Option<Curve>,
    pub sold: Vec<Lots>,
    pub rate: Fraction,
    pub accounts: BTreeMap<String, Account>,
    pub books: Vec<Book>,
    pub escrow: i64,
    pub fees: i64,
    pub sponsor: String,
    pub last_order: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tif {
    Gtc,
    Ioc,
    Fok,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub account: String,
    pub terms: Terms,
    /// In the contract's own terms.
    pub price: i64,
    pub lots: i64,
    /// Buys as many lots as this amount pays for, instead of `lots`.
    pub spend: Option<i64>,
    pub tif: Tif,
    pub post_only: bool,
    pub cancel_oldest: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub id: u64,
    pub status: &'static str,
    pub filled: i64,
    pub remaining: i64,
    pub amount: i64,
    pub fee: i64,
}

impl Model {
    pub fn new(outcomes: usize, names: &[(String, i64)]) -> Model {
        let account = |available: i64| Account {
            available,
            reserved: 0,
            shares: vec![0; outcomes],
            shares_reserved: vec![0; outcomes],
        };
        Model {
            outcomes,
            curve: None,
            sold: vec![Lots::ZERO; outcomes],
            rate: Fraction::ZERO,
            accounts: names
                .iter()
                .map(|(name, cash)| (name.clone(), account(*cash)))
                .collect(),
            books: vec![Book::default(); if outcomes == 2 { 1 } else { outcomes }],
            escrow: 0,
            fees: 0,
            sponsor: String::new(),
            last_order: 0,
        }
    }

    pub fn create(&mut self, sponsor: &str, curve: Option<Curve>, rate: Fraction) -> i64 {
        let subsidy = curve.as_ref().map_or(0, |curve| curve.subsidy().get());
        self.sponsor = sponsor.to_owned();
        self.account(sponsor).available -= subsidy;
        self.escrow += subsidy;
        self.curve = curve;
        self.rate = rate;
        subsidy
    }

    fn account(&mut self, name: &str) -> &mut Account {
        self.accounts.get_mut(name).expect("a known account")
    }

    /// Places an order, or says why not and changes nothing.
    pub fn place(&mut self, order: &Order) -> Result<Done, &'static str> {
        let mut trial = self.clone();
        let done = trial.place_on_copy(order)?;
        *self = trial;
        Ok(done)
    }

    fn place_on_copy(&mut self, order: &Order) -> Result<Done, &'static str> {
        let mut order = order.clone();
        if let Some(amount) = order.spend {
            if self.account(&order.account).available < amount {
                return Err("insufficient funds");
            }
            order.lots = self.affordable(&order, amount);
            if order.lots == 0 {
                return Err("nothing to fill");
            }
        } else if order.terms.buy {
            let needed = order.lots * order.price + self.largest_fee(&order);
            if self.account(&order.account).available < needed {
                return Err("insufficient funds");
            }
        } else if self.free(&order.account, order.terms) < order.lots {
            return Err("insufficient position");
        }
        let matched = self.match_order(&order);
        if order.post_only && (matched.filled > 0 || matched.met_own) {
            return Err("post only would take");
        }
        if order.tif == Tif::Fok && matched.filled < order.lots {
            return Err("fok not filled");
        }
        Ok(self.conclude(&order, &matched))
    }

    /// The incoming side of what was matched; then the rest waits or goes.
    fn conclude(&mut self, order: &Order, matched: &Matched) -> Done {
        self.last_order += 1;
        let terms = order.terms;
        let amount = matched.contract_amount(self.is_yes_on_book(terms));
        let fee = matched.fee;
        let account = self.account(&order.account);
        let sign = if terms.buy { -1 } else { 1 };
        account.available += sign * amount - fee;
        account.move_shares(terms, -sign * matched.filled);
        self.escrow -= sign * amount;
        self.fees += fee;
        let rest = order.lots - matched.filled;
        let rests = order.tif == Tif::Gtc && rest > 0 && !matched.stopped;
        if rests {
            self.rest(order, rest);
        }
        self.merge_all();
        Done {
            id: self.last_order,
            status: match (rest == 0, rests) {
                (true, _) => "filled",
                (false, true) => "open",
                (false, false) => "cancelled",
            },
            filled: matched.filled,
            remaining: rest,
            amount,
            fee,
        }
    }

    fn rest(&mut self, order: &Order, lots: i64) {
        let id = self.last_order;
        self.account(&order.account)
            .hold(order.terms, lots, order.price);
        let (book, bid, price) = self.stand(order.terms, order.price);
        let resting = Resting {
            id,
            account: order.account.clone(),
            price,
            remaining: lots,
            terms: order.terms,
        };
        let side = self.books[book].side(bid);
        let behind = |other: &Resting| {
            if bid {
                other.price >= price
            } else {
                other.price <= price
            }
        };
        let place = side
            .iter()
            .position(|other| !behind(other))
            .unwrap_or(side.len());
        side.insert(place, resting);
    }

    pub fn cancel(&mut self, name: &str, id: u64) -> Result<Done, &'static str> {
        for book in 0..self.books.len() {
            for bid in [true, false] {
                let side = self.books[book].side(bid);
                let Some(ix) = side.iter().position(|o| o.id == id && o.account == name) else {
                    continue;
                };
                let order = side.remove(ix);
                self.release(&order, order.remaining);
                self.merge_all();
                return Ok(Done {
                    id,
                    status: "cancelled",
                    filled: 0,
                    remaining: order.remaining,
                    amount: 0,
                    fee: 0,
                });
            }
        }
        Err("not found")
    }

    /// Cancels everything, pays everyone, gives the rest back.
    pub fn settle(&mut self, payout: &[i64]) {
        for book in 0..self.books.len() {
            for bid in [true, false] {
                for order in std::mem::take(self.books[book].side(bid)) {
                    self.release(&order, order.remaining);
                }
            }
        }
        self.merge_all();
        for account in self.accounts.values_mut() {
            for (lots, share) in account.shares.iter_mut().zip(payout) {
                let paid = std::mem::take(lots) * share;
                account.available += paid;
                self.escrow -= paid;
            }
        }
        let rest = std::mem::take(&mut self.escrow);
        let sponsor = self.sponsor.clone();
        self.account(&sponsor).available += rest;
    }

    /// Where an order stands: its book, whether it is a bid there, and its price for Yes there.
    fn stand(&self, terms: Terms, price: i64) -> (usize, bool, i64) {
        let yes = self.is_yes(terms);
        let book = if self.outcomes == 2 { 0 } else { terms.outcome };
        (
            book,
            terms.buy == yes,
            if yes { price } else { 10_000 - price },
        )
    }

    /// Whether the contract is Yes on its book's outcome.
    fn is_yes(&self, terms: Terms) -> bool {
        terms.yes != (self.outcomes == 2 && terms.outcome == 1)
    }

    fn is_yes_on_book(&self, terms: Terms) -> bool {
        self.is_yes(terms)
    }

    fn free(&mut self, name: &str, terms: Terms) -> i64 {
        let account = self.account(name);
        terms
            .outcomes(account.shares.len())
            .map(|k| account.shares[k])
            .min()
            .unwrap_or(0)
    }

    fn largest_fee(&self, order: &Order) -> i64 {
        let m = order.price.min(5_000);
        book_fee(
            self.rate,
            (order.lots * m * (10_000 - m)).unsigned_abs().into(),
        )
        .get()
    }

    fn affordable(&self, order: &Order, amount: i64) -> i64 {
        let fits = |lots: i64| {
            let mut trial = self.clone();
            let order = Order {
                lots,
                ..order.clone()
            };
            let matched = trial.match_order(&order);
            let cost = matched.contract_amount(trial.is_yes_on_book(order.terms)) + matched.fee;
            matched.filled == lots && cost <= amount
        };
        // Doubling, then halving: the cost never falls with the lots.
        let mut high = 1;
        while fits(high) {
            high *= 2;
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if fits(middle) {
                low = middle
            } else {
                high = middle
            }
        }
        low
    }

    /// Matches by the rule, and settles the resting side of it.
    fn match_order(&mut self, order: &Order) -> Matched {
        let (i, bid, limit) = self.stand(order.terms, order.price);
        let start = self.sold.clone();
        let mut matched = Matched::default();
        let mut served = 0;
        let mut left = order.lots;
        let mut base = 0_u128;
        loop {
            let direct = self.books[i].side(!bid).first().cloned();
            let implied = self.implied(i, bid);
            let within = |price: &i64| {
                if bid {
                    *price <= limit
                } else {
                    *price >= limit
                }
            };
            let prices = [direct.as_ref().map(|o| o.price), implied];
            let best = prices.into_iter().flatten().filter(within);
            let best = if bid { best.min() } else { best.max() };
            let stop = best.unwrap_or(limit);
            // (a)
            if let Some((j, price)) = self.enabled_elsewhere(i, bid) {
                self.move_maker(j, bid, 1);
                served += price;
                self.fill_best(j, bid, 1);
                continue;
            }
            // (b)
            if left > 0 && self.maker_trades(i, bid, stop) {
                self.move_maker(i, bid, 1);
                left -= 1;
                continue;
            }
            // (c)
            let Some(price) = best.filter(|_| left > 0) else {
                break;
            };
            if let Some(resting) = direct.filter(|resting| resting.price == price) {
                if resting.account == order.account {
                    matched.met_own = true;
                    if !order.cancel_oldest {
                        matched.stopped = true;
                        break;
                    }
                    let own = self.books[i].side(!bid).remove(0);
                    self.release(&own, own.remaining);
                    continue;
                }
                let lots = left.min(resting.remaining);
                self.fill_best(i, !bid, lots);
                left -= lots;
                matched.book += price * lots;
                base += (lots * price * (10_000 - price)).max(0).unsigned_abs() as u128;
            } else {
                let others = (0..self.outcomes).filter(|j| *j != i).collect::<Vec<_>>();
                let depth = |j: &usize| self.books[*j].side_ref(bid)[0].remaining;
                let lots = left.min(others.iter().map(depth).min().unwrap_or(0));
                for j in others {
                    self.fill_best(j, bid, lots);
                }
                left -= lots;
                matched.book += price * lots;
                base += (lots * price * (10_000 - price)).max(0).unsigned_abs() as u128;
            }
        }
        matched.filled = order.lots - left;
        let end = self.sold.clone();
        if let Some(curve) = self.curve.as_ref().filter(|_| start != end) {
            let money = match bid {
                true => (curve.cost_between(&start, &end).get() - served).max(0),
                false => -curve.cost_between(&start, &end).get() - served,
            };
            matched.maker = money;
            let way = if bid { Way::Sells } else { Way::Buys };
            matched.fee = curve.fee(self.rate, base, &start, &end, i, way).get();
        } else {
            matched.fee = book_fee(self.rate, base).get();
        }
        matched
    }

    /// The price at which the best orders of all other outcomes meet an order on `i`.
    fn implied(&self, i: usize, bid: bool) -> Option<i64> {
        if self.outcomes == 2 {
            return None;
        }
        let mut sum = 0;
        for j in (0..self.outcomes).filter(|j| *j != i) {
            sum += self.books[j].side_ref(bid).first()?.price;
        }
        Some(10_000 - sum)
    }

    /// A resting order on another outcome that the maker's odds have reached.
    fn enabled_elsewhere(&self, i: usize, bid: bool) -> Option<(usize, i64)> {
        if self.outcomes == 2 {
            return None;
        }
        for j in (0..self.outcomes).filter(|j| *j != i) {
            if let Some(best) = self.books[j].side_ref(bid).first()
                && self.maker_trades(j, bid, best.price)
            {
                return Some((j, best.price));
            }
        }
        None
    }

    /// Whether the maker's odds after one more lot are no worse than `stop`.
    fn maker_trades(&self, outcome: usize, bid: bool, stop: i64) -> bool {
        let Some(curve) = &self.curve else {
            return false;
        };
        let Some(price) = u16::try_from(stop).ok().and_then(Price::new) else {
            return false;
        };
        let one = Lots::new(1);
        let lots = match bid {
            true => curve.sellable(&self.sold, outcome, price, one),
            false => curve.buyable(&self.sold, outcome, price, one),
        };
        lots == one
    }

    fn move_maker(&mut self, outcome: usize, bid: bool, lots: i64) {
        self.sold[outcome] += Lots::new(if bid { lots } else { -lots });
    }

    /// The best resting order of a side trades `lots` at its own price.
    fn fill_best(&mut self, book: usize, bid: bool, lots: i64) {
        let side = self.books[book].side(bid);
        side[0].remaining -= lots;
        let order = side[0].clone();
        if order.remaining == 0 {
            side.remove(0);
        }
        self.release(&order, lots);
        let price = self.own_price(&order);
        let sign = if order.terms.buy { -1 } else { 1 };
        let account = self.account(&order.account);
        account.available += sign * price * lots;
        account.move_shares(order.terms, -sign * lots);
        self.escrow -= sign * price * lots;
    }

    fn own_price(&self, order: &Resting) -> i64 {
        if self.is_yes(order.terms) {
            order.price
        } else {
            10_000 - order.price
        }
    }

    /// Frees what an order holds for `lots`.
    fn release(&mut self, order: &Resting, lots: i64) {
        let price = self.own_price(order);
        self.account(&order.account).hold(order.terms, -lots, price);
    }

    fn merge_all(&mut self) {
        for account in self.accounts.values_mut() {
            let sets = account.shares.iter().copied().min().unwrap_or(0);
            account.shares.iter_mut().for_each(|lots| *lots -= sets);
            account.available += sets * 10_000;
            self.escrow -= sets * 10_000;
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Matched {
    filled: i64,
    /// Price × lots of direct and implied fills.
    book: i64,
    /// What the maker charges or pays the incoming order.
    maker: i64,
    fee: i64,
    met_own: bool,
    stopped: bool,
}

impl Matched {
    /// The money in the contract's own terms.
    fn contract_amount(&self, yes: bool) -> i64 {
        let money = self.book + self.maker;
        if yes {
            money
        } else {
            self.filled * 10_000 - money
        }
    }
}

impl Terms {
    /// The outcomes that the contract gives a share of.
    fn outcomes(self, all: usize) -> impl Iterator<Item = usize> {
        (0..all).filter(move |k| (*k == self.outcome) == self.yes)
    }
}

impl Account {
    fn move_shares(&mut self, terms: Terms, lots: i64) {
        for k in terms.outcomes(self.shares.len()) {
            self.shares[k] += lots;
        }
    }

    fn hold(&mut self, terms: Terms, lots: i64, price: i64) {
        if terms.buy {
            self.available -= lots * price;
            self.reserved += lots * price;
        } else {
            for k in terms.outcomes(self.shares.len()) {
                self.shares[k] -= lots;
                self.shares_reserved[k] += lots;
            }
        }
    }
}

impl Book {
    fn side(&mut self, bid: bool) -> &mut Vec<Resting> {
        if bid { &mut self.bids } else { &mut self.asks }
    }

    fn side_ref(&self, bid: bool) -> &Vec<Resting> {
        if bid { &self.bids } else { &self.asks }
    }
}

/// An amount as the traces write it.
pub fn money(micros: i64) -> String {
    Micros::new(micros).to_string()
}

//! The rule of matching, read literally, and the money that follows from it.

use tidings_core::Reject;
use tidings_core::event::CloseReason;
use tidings_core::lmsr::Way;
use tidings_core::units::{Lots, Micros, Price};

use super::{Model, Rules, Terms};

/// An order on its way to the market.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    pub id: u64,
    pub account: usize,
    pub terms: Terms,
    /// In the contract's own terms.
    pub price: i64,
    pub lots: i64,
    pub rules: Rules,
}

/// What it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matched {
    pub filled: i64,
    /// Price × lots of direct and implied fills, for Yes.
    book: i64,
    /// Σ lots·p·(1−p) of them.
    fee_base: u128,
    /// What resting orders on other outcomes paid the maker, or got from it.
    served: i64,
    /// What the maker charges or pays the incoming order.
    maker: i64,
    pub fee: i64,
    /// Lots of complete sets, and the money for Yes on the outcome that was asked for.
    sets: i64,
    set_money: i64,
    /// Resting orders that are gone by this command.
    used_up: usize,
    pub met_own: bool,
    /// Why its rest goes, whatever its time in force.
    pub stopped: Option<CloseReason>,
}

impl Matched {
    /// The money in the contract's own terms.
    pub fn amount(&self, incoming: &Incoming, yes: bool) -> i64 {
        debug_assert!(self.filled <= incoming.lots);
        let money = self.book + self.maker;
        if yes {
            money
        } else {
            self.filled * 10_000 - money
        }
    }

    /// The lots that come to rest.
    pub fn rest_of(&self, incoming: &Incoming) -> i64 {
        match incoming.rules.rests && self.stopped.is_none() {
            true => incoming.lots - self.filled,
            false => 0,
        }
    }
}

impl Model {
    /// Matches by the rule, and settles the resting side of it.
    pub(super) fn match_order(&mut self, incoming: &Incoming) -> Matched {
        let (i, bid, limit) = self.stand(incoming.terms, incoming.price);
        let start = self.sold.clone();
        let mut matched = Matched::default();
        // Where the limit on fills could strike, what is enabled has to be served lot by lot.
        let open: usize = self.books.iter().map(|book| book.orders().count()).sum();
        let pace = if open >= self.fill_limit {
            1
        } else {
            self.pace
        };
        loop {
            let left = incoming.lots - matched.filled;
            // (a)
            if self.serve_one_elsewhere(i, bid, pace, &mut matched) {
                continue;
            }
            let best = self.best_within(i, bid, limit);
            let stop = best.map_or(limit, |(price, _)| price);
            let from_maker = self.maker_trades(i, bid, stop, left.min(pace));
            let applies = left > 0 && (from_maker > 0 || best.is_some());
            if applies && matched.used_up >= self.fill_limit {
                matched.stopped = Some(CloseReason::FillLimit);
                break;
            }
            // (b)
            if from_maker > 0 {
                self.move_maker(i, bid, from_maker);
                matched.filled += from_maker;
                continue;
            }
            // (c)
            match best.filter(|_| left > 0) {
                Some((price, true)) => {
                    if !self.take_direct(incoming, price, left, &mut matched) {
                        break;
                    }
                }
                Some((price, false)) => self.take_implied(i, bid, price, left, &mut matched),
                None => break,
            }
        }
        self.round(&start, i, bid, &mut matched);
        if matched.sets > 0 {
            let average = (matched.set_money + matched.sets / 2) / matched.sets;
            self.last[i] = Some(average.clamp(1, 9_999));
        }
        matched
    }

    /// The best of direct and implied prices within the limit, and whether it is direct.
    fn best_within(&self, i: usize, bid: bool, limit: i64) -> Option<(i64, bool)> {
        let within = |price: &i64| {
            if bid {
                *price <= limit
            } else {
                *price >= limit
            }
        };
        let direct = self.books[i]
            .side_ref(!bid)
            .first()
            .map(|order| order.price);
        let implied = self.implied(i, bid).filter(within);
        match (direct.filter(within), implied) {
            (None, None) => None,
            (Some(price), None) => Some((price, true)),
            (None, Some(price)) => Some((price, false)),
            (Some(direct), Some(implied)) => {
                let better = if bid {
                    implied < direct
                } else {
                    implied > direct
                };
                Some(if better {
                    (implied, false)
                } else {
                    (direct, true)
                })
            }
        }
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

    /// Serves a resting order on another outcome that the maker's odds have reached.
    fn serve_one_elsewhere(
        &mut self,
        i: usize,
        bid: bool,
        pace: i64,
        matched: &mut Matched,
    ) -> bool {
        if self.outcomes == 2 {
            return false;
        }
        let others = (0..self.outcomes).filter(|j| *j != i);
        let Some((j, price, lots)) = self.enabled_among(others, bid, pace) else {
            return false;
        };
        self.move_maker(j, bid, lots);
        matched.served += price * lots;
        matched.used_up += usize::from(self.fill_best(j, bid, lots));
        true
    }

    /// A best order that the maker trades with now: its book, its price and how many lots.
    pub(super) fn enabled_among(
        &self,
        mut books: impl Iterator<Item = usize>,
        bid: bool,
        pace: i64,
    ) -> Option<(usize, i64, i64)> {
        books.find_map(|j| {
            let best = self.books[j].side_ref(bid).first()?;
            let lots = self.maker_trades(j, bid, best.price, best.remaining.min(pace));
            (lots > 0).then_some((j, best.price, lots))
        })
    }

    /// How many lots, at most `most`, the maker trades while its odds are no worse than `stop`.
    fn maker_trades(&self, outcome: usize, bid: bool, stop: i64, most: i64) -> i64 {
        let Some(curve) = self.curve.as_ref().filter(|_| most > 0) else {
            return 0;
        };
        let Some(price) = u16::try_from(stop).ok().and_then(Price::new) else {
            return 0;
        };
        let most = Lots::new(most);
        match bid {
            true => curve.sellable(&self.sold, outcome, price, most).get(),
            false => curve.buyable(&self.sold, outcome, price, most).get(),
        }
    }

    pub(super) fn move_maker(&mut self, outcome: usize, bid: bool, lots: i64) {
        self.sold[outcome] += Lots::new(if bid { lots } else { -lots });
    }

    /// Trades with the best resting order; false when the incoming order stops there.
    fn take_direct(
        &mut self,
        incoming: &Incoming,
        price: i64,
        left: i64,
        matched: &mut Matched,
    ) -> bool {
        let (i, bid, _) = self.stand(incoming.terms, incoming.price);
        let resting = self.books[i].side_ref(!bid)[0];
        if resting.account == incoming.account {
            matched.met_own = true;
            if !incoming.rules.cancel_oldest {
                matched.stopped = Some(CloseReason::SelfTrade);
                return false;
            }
            self.books[i].side(!bid).remove(0);
            self.release(&resting, resting.remaining);
            matched.used_up += 1;
            return true;
        }
        let lots = left.min(resting.remaining);
        matched.used_up += usize::from(self.fill_best(i, !bid, lots));
        matched.note(price, lots);
        true
    }

    /// Trades with the best orders of all other outcomes at once.
    fn take_implied(&mut self, i: usize, bid: bool, price: i64, left: i64, matched: &mut Matched) {
        let others: Vec<usize> = (0..self.outcomes).filter(|j| *j != i).collect();
        let depth = |j: &usize| self.books[*j].side_ref(bid)[0].remaining;
        let lots = others.iter().map(depth).fold(left, i64::min);
        for j in others {
            matched.used_up += usize::from(self.fill_best(j, bid, lots));
        }
        matched.sets += lots;
        matched.set_money += price * lots;
        matched.note(price, lots);
    }

    /// The best resting order of a side trades `lots` at its own price. Says whether it is used up.
    pub(super) fn fill_best(&mut self, book: usize, bid: bool, lots: i64) -> bool {
        let order = self.books[book].side_ref(bid)[0];
        self.last[book] = Some(order.price);
        if self.outcomes == 2 {
            self.last[1] = Some(10_000 - order.price);
        }
        self.release(&order, lots);
        let amount = self.own_price(&order) * lots;
        self.accounts[order.account].trade(order.terms, lots, amount, 0);
        self.escrow += if order.terms.buy { amount } else { -amount };
        let side = self.books[book].side(bid);
        side[0].remaining -= lots;
        side[0].filled += lots;
        side[0].amount += amount;
        if side[0].remaining == 0 {
            side.remove(0);
            return true;
        }
        false
    }

    /// ⌈rate·base⌉: a rate is in ticks and a base in 1/10,000 micros.
    pub(super) fn book_fee(&self, base: u128) -> i64 {
        let fee = (u128::from(self.rate.ticks()) * base).div_ceil(100_000_000);
        i64::try_from(fee).expect("a fee within the money there is")
    }

    /// What is rounded once per command: the maker's money and the fee.
    fn round(&self, start: &[Lots], i: usize, bid: bool, matched: &mut Matched) {
        let end = &self.sold;
        let Some(curve) = self.curve.as_ref().filter(|_| start != end.as_slice()) else {
            matched.fee = self.book_fee(matched.fee_base);
            return;
        };
        let charge = curve.cost_between(start, end).get();
        matched.maker = match bid {
            true => (charge - matched.served).max(0),
            false => -charge - matched.served,
        };
        let way = if bid { Way::Sells } else { Way::Buys };
        let fee = curve.fee(self.rate, matched.fee_base, start, end, i, way);
        matched.fee = fee.get();
    }

    /// The largest number of lots that an amount buys, all of them at once.
    pub(super) fn affordable(
        &mut self,
        incoming: &Incoming,
        amount: Micros,
    ) -> Result<i64, Reject> {
        let available = self.accounts[incoming.account].available;
        if available < amount.get() {
            let (available, required) = (Micros::new(available), amount);
            return Err(Reject::InsufficientFunds {
                available,
                required,
            });
        }
        if let Some(lots) = self.spend_lots.take() {
            return Ok(lots);
        }
        let fits = |lots: i64| {
            self.cost_of(incoming, lots)
                .is_some_and(|cost| cost <= amount.get())
        };
        // Doubling, then halving, for a first place where it fails.
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
        // A lot that lets the maker serve another outcome's bid may cost less than nothing, so what
        // fails once can fit again, until the cost is past all that such bids could add.
        // The deeper the maker, the less a lot moves it and the less a bid can add.
        let deep = self
            .curve
            .as_ref()
            .is_some_and(|curve| curve.liquidity() > Lots::new(100_000));
        let again = if deep { 4 } else { MOST_LOTS_AGAIN };
        let slack = 20 * i64::try_from(self.outcomes).unwrap();
        for lots in (high..high + again).take_while(|_| self.outcomes > 2) {
            match self.cost_of(incoming, lots) {
                Some(cost) if cost <= amount.get() => low = lots,
                Some(cost) if cost <= amount.get() + slack => {}
                Some(_) | None => break,
            }
        }
        if low > 0 {
            Ok(low)
        } else {
            Err(Reject::NothingToFill)
        }
    }

    /// What a buy of so many lots costs with its fee, if all of it fills.
    pub fn cost_of(&self, incoming: &Incoming, lots: i64) -> Option<i64> {
        let mut trial = self.clone();
        let incoming = Incoming { lots, ..*incoming };
        let matched = trial.match_order(&incoming);
        let amount = matched.amount(&incoming, trial.is_yes(incoming.terms));
        let whole = matched.filled == lots && lots <= Lots::MAX.get();
        whole.then_some(amount + matched.fee)
    }
}

impl Matched {
    /// A direct or implied fill. A price of nothing or less owes no fee.
    fn note(&mut self, price: i64, lots: i64) {
        self.filled += lots;
        self.book += price * lots;
        let (p, lots) = (price.max(0).unsigned_abs(), lots.unsigned_abs());
        self.fee_base += u128::from(lots) * u128::from(p * (10_000 - p));
    }
}

/// Lots past the first that an amount does not buy which are tried, too.
const MOST_LOTS_AGAIN: i64 = 300;

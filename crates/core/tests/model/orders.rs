//! Orders in the model: what refuses them, what they take, what rests, and how they are changed.

use tidings_core::Reject;
use tidings_core::command::{PlaceOrder, Side, Size, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::market::Status;
use tidings_core::reject::OrderFault;
use tidings_core::units::{Lots, Micros};

use super::matching::{Incoming, Matched};
use super::{Done, Model, Resting, Rules, Terms};

impl Model {
    /// Places an order, or says why not and changes nothing.
    pub fn place(&mut self, account: usize, order: &PlaceOrder) -> Result<Done, Reject> {
        self.attempt(|model| model.place_on_copy(account, order))
    }

    fn place_on_copy(&mut self, account: usize, order: &PlaceOrder) -> Result<Done, Reject> {
        self.require_free(account)?;
        self.check_terms(order)?;
        if self.kept_out.contains(&account) {
            return Err(Reject::KeptOut);
        }
        let rules = Rules::of(order);
        if rules.client_id.is_some()
            && self
                .open_orders_of(account)
                .any(|o| o.rules.client_id == rules.client_id)
        {
            return Err(Reject::ClientOrderIdTaken);
        }
        let terms = Terms::of(order);
        let widest = if terms.buy { 9_999 } else { 1 };
        let price = order.limit.map_or(widest, |price| i64::from(price.ticks()));
        let mut incoming = Incoming {
            id: self.last_order + 1,
            account,
            terms,
            price,
            lots: 0,
            rules,
        };
        match order.size {
            Size::Spend(amount) => incoming.lots = self.affordable(&incoming, amount)?,
            Size::Quantity(lots) => {
                incoming.lots = lots.get();
                self.check_means(&incoming)?;
            }
        }
        let matched = self.match_order(&incoming);
        check_matched(&incoming, &matched)?;
        let rest = matched.rest_of(&incoming);
        let open = self.open_orders_of(account).count();
        if rest > 0 && open >= self.most_orders as usize {
            return Err(Reject::TooManyOrders {
                most: self.most_orders,
            });
        }
        self.last_order += 1;
        let new = Resting {
            id: incoming.id,
            account,
            price: self.stand(terms, price).2,
            remaining: incoming.lots,
            filled: 0,
            amount: 0,
            fee: 0,
            terms,
            rules,
        };
        let done = self.conclude(new, &incoming, &matched);
        self.hold_in_band();
        Ok(done)
    }

    /// What a buy of so many lots would cost with its fee, if all of them fill at once.
    pub fn cost_of_buying(&self, account: usize, order: &PlaceOrder, lots: i64) -> Option<i64> {
        let terms = Terms::of(order);
        let price = order.limit.map_or(9_999, |price| i64::from(price.ticks()));
        let (id, rules) = (0, Rules::of(order));
        let incoming = Incoming {
            id,
            account,
            terms,
            price,
            lots,
            rules,
        };
        self.cost_of(&incoming, lots)
    }

    /// What about an order makes no sense, or makes none here now.
    fn check_terms(&self, order: &PlaceOrder) -> Result<(), Reject> {
        if order
            .valid_until
            .is_some_and(|until| self.now > until.as_micros())
        {
            return Err(Reject::TooLate);
        }
        if order.market.0 != 0 {
            return Err(Reject::MarketNotFound);
        }
        if self.status != Status::Open {
            return Err(Reject::MarketNotOpen {
                status: self.status,
            });
        }
        if order.outcome.ix() >= self.outcomes {
            return Err(Reject::OutcomeNotFound);
        }
        if let Some(fault) = fault_of(order) {
            return Err(Reject::OrderInvalid { fault });
        }
        if matches!(order.size, Size::Quantity(lots) if lots > Lots::MAX) {
            return Err(Reject::LimitExceeded);
        }
        if matches!(order.time_in_force, TimeInForce::Gtd(end) if end.as_micros() <= self.now) {
            return Err(Reject::TooLate);
        }
        match order
            .limit
            .is_some_and(|limit| limit.ticks() % self.tick != 0)
        {
            true => Err(Reject::PriceOffTick { tick: self.tick }),
            false => Ok(()),
        }
    }

    /// A buy needs limit × quantity and the largest fee; a sell needs the shares.
    pub(super) fn check_means(&self, incoming: &Incoming) -> Result<(), Reject> {
        let Incoming {
            account,
            terms,
            price,
            lots,
            ..
        } = *incoming;
        let account = &self.accounts[account];
        if !terms.buy {
            let available = account.free(terms);
            let short = Reject::InsufficientPosition {
                available: Lots::new(available),
                required: Lots::new(lots),
            };
            return if lots <= available {
                Ok(())
            } else {
                Err(short)
            };
        }
        let m = u128::try_from(price.min(5_000)).unwrap();
        let base = u128::try_from(lots).unwrap() * m * (10_000 - m);
        let required = lots * price + self.book_fee(base);
        let available = account.available;
        let short = Reject::InsufficientFunds {
            available: Micros::new(available),
            required: Micros::new(required),
        };
        if required <= available {
            Ok(())
        } else {
            Err(short)
        }
    }

    /// The incoming side of what was matched; then the rest waits or goes.
    pub(super) fn conclude(
        &mut self,
        mut order: Resting,
        incoming: &Incoming,
        matched: &Matched,
    ) -> Done {
        let amount = matched.amount(incoming, self.is_yes(incoming.terms));
        let account = &mut self.accounts[incoming.account];
        account.trade(incoming.terms, matched.filled, amount, matched.fee);
        self.escrow += if incoming.terms.buy { amount } else { -amount };
        self.fees += matched.fee;
        order.remaining -= matched.filled;
        order.filled += matched.filled;
        order.amount += amount;
        order.fee += matched.fee;
        let rests = matched.rest_of(incoming) > 0;
        if rests {
            self.rest(order);
        }
        self.merge_all();
        let done = Done {
            id: order.id,
            filled: matched.filled,
            remaining: order.remaining,
            amount,
            fee: matched.fee,
            closed: None,
        };
        let reason = match (order.remaining, matched.stopped) {
            (0, _) => CloseReason::Filled,
            (_, Some(reason)) => reason,
            (_, None) => CloseReason::NotFilledAtOnce,
        };
        Done {
            closed: (!rests).then_some(reason),
            ..done
        }
    }

    fn rest(&mut self, order: Resting) {
        let own_price = self.own_price(&order);
        self.accounts[order.account].hold(order.terms, order.remaining, own_price);
        let (book, bid, price) = self.stand(order.terms, own_price);
        let side = self.books[book].side(bid);
        let ahead = |other: &Resting| {
            if bid {
                other.price >= price
            } else {
                other.price <= price
            }
        };
        let place = side.iter().position(|other| !ahead(other));
        side.insert(place.unwrap_or(side.len()), order);
    }

    /// Takes an order off its book and frees what it holds. Merges nothing.
    pub(super) fn take_off(&mut self, id: u64) -> Option<Resting> {
        for book in 0..self.books.len() {
            for bid in [true, false] {
                let side = self.books[book].side(bid);
                if let Some(ix) = side.iter().position(|order| order.id == id) {
                    let order = side.remove(ix);
                    self.release(&order, order.remaining);
                    return Some(order);
                }
            }
        }
        None
    }

    /// Frees what an order holds for `lots`.
    pub(super) fn release(&mut self, order: &Resting, lots: i64) {
        let price = self.own_price(order);
        self.accounts[order.account].hold(order.terms, -lots, price);
    }

    pub fn open_orders_of(&self, account: usize) -> impl Iterator<Item = &Resting> {
        let all = self.books.iter().flat_map(super::Book::orders);
        all.filter(move |order| order.account == account)
    }
}

/// Refuses an order that would not do what it was asked to.
pub(super) fn check_matched(incoming: &Incoming, matched: &Matched) -> Result<(), Reject> {
    if incoming.rules.post_only && (matched.filled > 0 || matched.met_own) {
        return Err(Reject::PostOnlyWouldTake);
    }
    match incoming.rules.fok && matched.filled < incoming.lots {
        true => Err(Reject::FokNotFilled {
            fillable: Lots::new(matched.filled),
        }),
        false => Ok(()),
    }
}

/// The first thing about an order's fields that means nothing.
fn fault_of(order: &PlaceOrder) -> Option<OrderFault> {
    let rests = Rules::of(order).rests;
    let (nothing, spends) = match order.size {
        Size::Quantity(lots) => (lots <= Lots::ZERO, false),
        Size::Spend(amount) => (amount <= Micros::ZERO, true),
    };
    let faults = [
        (nothing, OrderFault::NotPositive),
        (spends && order.side == Side::Sell, OrderFault::SpendSells),
        (
            spends && order.time_in_force != TimeInForce::Ioc,
            OrderFault::SpendCannotRest,
        ),
        (
            rests && order.limit.is_none(),
            OrderFault::MarketOrderCannotRest,
        ),
        (order.post_only && !rests, OrderFault::PostOnlyCannotRest),
    ];
    faults
        .into_iter()
        .find(|(holds, _)| *holds)
        .map(|(_, fault)| fault)
}

impl Rules {
    pub fn of(order: &PlaceOrder) -> Rules {
        let (rests, expires_at) = match order.time_in_force {
            TimeInForce::Gtc => (true, None),
            TimeInForce::Gtd(at) => (true, Some(at.as_micros())),
            TimeInForce::Ioc | TimeInForce::Fok => (false, None),
        };
        let client_id = order.client_order_id.as_deref();
        Rules {
            rests,
            fok: order.time_in_force == TimeInForce::Fok,
            expires_at,
            post_only: order.post_only,
            cancel_oldest: Rules::cancels_oldest(order),
            client_id: client_id.map(|id| id.parse().expect("a number, in tests")),
        }
    }
}

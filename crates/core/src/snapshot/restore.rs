//! An engine made again from what a snapshot stores: every table to look things up in, the books, the
//! lists by account and the agenda are built anew.
//! In: plain data of which nothing is believed. Out: an engine on which nothing can overflow or point
//! nowhere, or what is wrong. Whether its balances add up is `audit`'s question.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::SnapshotError;
use super::state::{MakerState, MarketState, OrderState, State};
use crate::access::Role;
use crate::book::{Book, MAX_OPEN_ORDERS_PER_MARKET};
use crate::command::{Size, Stamp};
use crate::deposit::{Deposits, MOST_PROPOSALS};
use crate::engine::Engine;
use crate::evidence::Clause;
use crate::halt::{MOST_HALTS, StandingHalt};
use crate::id::{AccountId, MarketId, OrderId};
use crate::ledger::{Cash, Ledger, Position};
use crate::lmsr::Curve;
use crate::market::{MAX_KEPT_OUT, Status};
use crate::orders::{Extras, Order, Orders, Slot, Stand};
use crate::requests::Requests;
use crate::route::Maker;
use crate::state::{Account, Agenda, Due, Ended, Held, Market};
use crate::units::{Lots, Micros};

/// The most shares of one outcome that there may be: all the money there is covers no more.
const MOST_SHARES: i64 = 100_000_000_000_000;

impl State<'_> {
    /// The engine that this is the state of, after the command at `last`.
    pub(super) fn into_engine(self, last: Stamp) -> Result<Engine, SnapshotError> {
        let accounts = self.accounts.into_owned();
        let roles: Vec<Role> = accounts.iter().map(|account| account.role).collect();
        let key_digests = key_digests(&accounts)?;
        let escrows = self.markets.iter();
        let escrows = escrows.map(|market| (market.money, market.outstanding.clone()));
        let ledger = ledger(self.cash.into_owned(), escrows.collect(), self.positions)?;
        ensure(
            ledger.sizes().0 == accounts.len() && accounts.len() > AccountId::FEES.0 as usize,
            "other accounts than it has cash of",
        )?;

        let frozen = (0..).map(AccountId).zip(&accounts);
        let frozen = frozen.filter(|(_, account)| account.frozen.is_some());
        let frozen = frozen.map(|(id, _)| id).collect();
        let mut engine = Engine {
            accounts,
            roles,
            frozen,
            halts: standing(self.halts)?,
            deposits: deposits(self.deposits)?,
            key_digests,
            markets: Vec::with_capacity(self.markets.len()),
            slugs: HashMap::with_capacity(self.markets.len()),
            ledger,
            orders: Orders::default(),
            agenda: Agenda::new(),
            requests: Requests::default(),
            last_order: self.last_order,
            last,
            steps: Vec::new(),
        };
        let mut resting = Vec::with_capacity(self.markets.len());
        for market in self.markets {
            resting.push(engine.add_market_again(market, last)?);
        }
        engine.add_orders_again(self.orders)?;
        engine.set_switches_again(last)?;
        let mut waiting = vec![true; engine.orders.len()];
        for (id, slots) in (0..).map(MarketId).zip(resting) {
            engine.fill_books_again(id, slots, &mut waiting)?;
        }
        ensure(!waiting.contains(&true), "an order on no book")?;
        engine.requests = Requests::from_bytes(self.requests, last)
            .ok_or(SnapshotError::Unsound("a memory of keys that cannot be"))?;
        Ok(engine)
    }
}

impl Engine {
    /// Adds the next market with empty books, and says which orders are to rest on them.
    fn add_market_again(
        &mut self,
        state: MarketState<'_>,
        last: Stamp,
    ) -> Result<Vec<Slot>, SnapshotError> {
        let id = u32::try_from(self.markets.len()).map(MarketId);
        let id = id.map_err(|_| SnapshotError::Unsound("too many markets"))?;
        let spec = state.spec.into_owned();
        let outcomes = spec.outcomes.len();
        ensure(
            spec.check(state.created_at).is_ok(),
            "a market that cannot be",
        )?;
        ensure(
            state.last.len() == outcomes && state.outstanding.len() == outcomes,
            "a market with other outcomes than its own",
        )?;
        ensure(
            self.account(state.sponsor).is_some(),
            "a market that nobody sponsors",
        )?;
        ensure(
            state.resting.len() <= MAX_OPEN_ORDERS_PER_MARKET as usize,
            "more orders on a market than it may have",
        )?;
        let kept_out = state.kept_out.map(Cow::into_owned).unwrap_or_default();
        ensure(
            kept_out.len() <= MAX_KEPT_OUT
                && kept_out.is_sorted_by(|one, next| one < next)
                && kept_out
                    .iter()
                    .all(|account| self.account(*account).is_some()),
            "a market that keeps out whom it cannot",
        )?;
        let reviews = state.reviews.map(Cow::into_owned).unwrap_or_default();
        ensure(
            reviews
                .iter()
                .all(|review| self.account(review.by).is_some()),
            "a draft that nobody reviewed",
        )?;
        let watch = state.watch.map(|watch| Box::new(watch.into_owned()));
        let watched = spec.price_band.is_some() && state.phase.status() == Status::Open;
        ensure(
            watch.is_some() == watched
                && watch
                    .as_ref()
                    .is_none_or(|watch| watch.is_sound(outcomes, last.at)),
            "a price band that is not watched as it should be",
        )?;
        let known = self.slugs.insert(spec.slug.clone(), id);
        ensure(known.is_none(), "two markets of one name")?;
        let maker = state.maker.map(|maker| maker_again(maker, outcomes));
        let phase = state.phase.into_owned();
        let ended = state.ended.map(|ended| Box::new(ended.into_owned()));
        if let Some(ended) = &ended {
            let sound = phase.ending().is_some() && ended.until > last.at;
            ensure(
                sound && self.is_held(id, ended, outcomes),
                "an end that cannot be",
            )?;
            self.agenda.insert((ended.until, Due::Forget(id)));
        }
        ensure(
            state.correction.is_none() || ended.is_some(),
            "a correction of an end that is not known",
        )?;
        // A draft leaves the agenda when it opens, which a sound one does at its moment, or is voided; a
        // market that trades leaves it when trading ends.
        match (phase.status(), spec.opens_at, spec.closes_at) {
            (Status::Draft, Some(opens_at), _) => {
                self.agenda.insert((opens_at, Due::Open(id)));
            }
            (Status::Open | Status::Halted, _, Some(closes_at)) => {
                self.agenda.insert((closes_at, Due::Close(id)));
            }
            _ => {}
        }
        let closed_early = state.closed_early.map(Cow::into_owned);
        if let Some(early) = &closed_early {
            let clauses = spec.rules.early_close().len();
            let by_rule = match early.clause {
                None => clauses == 0,
                Some(Clause::EarlyClose(number)) => (1..=clauses).contains(&(number as usize)),
                Some(_) => false,
            };
            let over = !matches!(
                phase.status(),
                Status::Draft | Status::Open | Status::Halted
            );
            let before = spec.closes_at.is_some_and(|end| early.at < end) && early.at <= last.at;
            ensure(
                by_rule && over && before && self.account(early.by).is_some(),
                "a market that cannot have closed early",
            )?;
        }
        let said = &state.clarifications;
        ensure(
            said.is_sorted_by_key(|said| (said.seq, said.at))
                && said
                    .iter()
                    .all(|said| said.seq.is_none_or(|seq| seq <= last.seq)),
            "clarifications out of their order",
        )?;
        self.markets.push(Market {
            id,
            tick: spec.tick,
            taker_fee: spec.taker_fee,
            spec: Arc::new(spec),
            sponsor: state.sponsor,
            subsidy: state.subsidy,
            phase,
            clarifications: state.clarifications.into_owned(),
            links: state.links.into_owned(),
            kept_out,
            reviews: Arc::new(reviews),
            maker: maker.transpose()?,
            books: vec![Book::default(); if outcomes == 2 { 1 } else { outcomes }],
            open_orders: 0,
            volume: state.volume,
            last: state.last,
            created_at: state.created_at,
            opened_at: state.opened_at,
            watch,
            closed_early: closed_early.map(Box::new),
            ended,
            correction: state
                .correction
                .map(|correction| Box::new(correction.into_owned())),
            corrections: state.corrections.map(Cow::into_owned).unwrap_or_default(),
        });
        Ok(state.resting)
    }

    /// Whether this can be what was held at a market's end: by those who have positions there, in their
    /// order, of no more than there may be.
    fn is_held(&self, id: MarketId, ended: &Ended, outcomes: usize) -> bool {
        let accounts = ended.held.iter().map(|held| held.account);
        let positions = self.ledger.positions_in(id);
        let within = |money: Micros| (-Micros::MAX..=Micros::MAX).contains(&money);
        let shares = (0..outcomes).map(|ix| -> i128 {
            let each = ended.held.iter().map(|held| held.shares.get(ix));
            each.map(|lots| lots.map_or(0, |lots| i128::from(lots.get())))
                .sum()
        });
        let few = |held: &Held| {
            held.shares.len() == outcomes
                && held.shares.iter().all(|lots| *lots >= Lots::ZERO)
                && (Micros::ZERO..=Micros::MAX).contains(&held.got)
        };
        accounts.eq(positions.map(|position| position.account))
            && ended.held.iter().all(few)
            && shares.into_iter().all(|sum| sum <= i128::from(MOST_SHARES))
            && (Micros::ZERO..=Micros::MAX).contains(&ended.money)
            && within(ended.returned)
            && ended.adds_up()
    }

    /// Takes all open orders in, in order of their slots. They are on no book yet.
    fn add_orders_again(&mut self, orders: Vec<OrderState>) -> Result<(), SnapshotError> {
        self.orders = Orders::with_room(self.accounts.len(), orders.len());
        for state in orders {
            let terms = state.terms.clone();
            let (order, extras) = self.order_again(state)?;
            let unknown = self.orders.find(order.id).is_none();
            let name = extras.client_id.as_deref();
            let named = name.and_then(|name| self.orders.by_client_id(order.account, name));
            ensure(unknown && named.is_none(), "two orders of one name")?;
            if let Some(at) = extras.expires_at {
                self.agenda.insert((at, Due::Expire(order.id)));
            }
            let slot = self.orders.insert(order, extras);
            let order = self.orders.at(slot);
            ensure(
                self.orders.terms(order) == terms,
                "an order that would not wait",
            )?;
        }
        Ok(())
    }

    /// Puts the dead man's switches on the agenda. Those that were due before `last` have fired.
    fn set_switches_again(&mut self, last: Stamp) -> Result<(), SnapshotError> {
        for (id, account) in (0..).map(AccountId).zip(&self.accounts) {
            let Some(at) = account.cancels_at else {
                continue;
            };
            ensure(at > last.at, "a switch that should have fired")?;
            if !cfg!(planted = "snapshot_forgets_switches") {
                self.agenda.insert((at, Due::CancelAll(id)));
            }
        }
        Ok(())
    }

    fn order_again(&self, state: OrderState) -> Result<(Order, Extras), SnapshotError> {
        let terms = state.terms;
        let wrong = SnapshotError::Unsound("an order that cannot be");
        let market = self.market(terms.market);
        let outcomes = market.map_or(0, Market::outcomes);
        let known = state.id > OrderId(0)
            && state.id <= self.last_order
            && self.account(state.account).is_some()
            && terms.outcome.ix() < outcomes;
        let (Some(limit), Size::Quantity(lots), true) = (terms.limit, terms.size, known) else {
            return Err(wrong);
        };
        let filled = state.filled;
        let sound = lots > filled && filled >= Lots::ZERO && lots - filled <= Lots::MAX;
        ensure(sound, "an order of lots that cannot be")?;
        let stand = Stand::new(outcomes, terms.outcome, terms.contract, terms.side, limit);
        let (id, account, at) = (state.id, state.account, state.placed_at);
        let remaining = lots - filled;
        let mut order = Order::accepted(id, account, &terms, (limit, stand), remaining, at);
        (order.filled, order.amount, order.fee) = (filled, state.amount, state.fee);
        Ok((order, Extras::of(&terms)))
    }

    /// Puts orders on a market's books, those at one price oldest first. `waiting` says which are on no
    /// book yet.
    fn fill_books_again(
        &mut self,
        id: MarketId,
        mut slots: Vec<Slot>,
        waiting: &mut [bool],
    ) -> Result<(), SnapshotError> {
        if cfg!(planted = "snapshot_restores_by_id") {
            let id = |slot: &Slot| {
                waiting
                    .get(*slot as usize)
                    .map(|_| self.orders.at(*slot).id)
            };
            slots.sort_by_key(id);
        }
        let market = &mut self.markets[id.0 as usize];
        for slot in slots {
            let waits = waiting.get_mut(slot as usize).map(std::mem::take);
            ensure(waits == Some(true), "an order on a book twice, or unknown")?;
            let order = self.orders.at(slot);
            ensure(order.market == id, "an order on another market's book")?;
            let Stand {
                outcome,
                side,
                price,
            } = order.stand();
            market.open_orders += 1;
            let book = market.book_mut(outcome);
            book.insert(side, price, slot, &mut self.orders);
        }
        Ok(())
    }
}

/// Whose each key is, and its place among the account's keys; revoked ones too.
fn key_digests(accounts: &[Account]) -> Result<HashMap<[u8; 32], (AccountId, u32)>, SnapshotError> {
    let count = accounts.iter().map(|account| account.keys.len()).sum();
    let mut digests = HashMap::with_capacity(count);
    for (id, account) in (0..).map(AccountId).zip(accounts) {
        for (place, key) in (0..).zip(&account.keys) {
            let known = digests.insert(key.grant.digest, (id, place));
            ensure(known.is_none(), "a key twice")?;
        }
    }
    Ok(digests)
}

/// A ledger on which no sum of two balances overflows.
fn ledger(
    cash: Vec<Cash>,
    escrows: Vec<(Micros, SmallVec<[Lots; 2]>)>,
    positions: Vec<Position>,
) -> Result<Ledger, SnapshotError> {
    let money = |money: &Micros| (-Micros::MAX..=Micros::MAX).contains(money);
    let shares = |lots: &Lots| (0..=MOST_SHARES).contains(&lots.get());
    let sound = cash
        .iter()
        .all(|cash| money(&cash.available) && money(&cash.reserved))
        && escrows
            .iter()
            .all(|(escrow, outstanding)| money(escrow) && outstanding.iter().all(shares))
        && positions
            .iter()
            .flat_map(|position| &position.holdings)
            .all(|holding| shares(&holding.free) && shares(&holding.reserved));
    ensure(sound, "more money or shares than there may be")?;
    Ledger::of_parts(cash, escrows, positions).ok_or(SnapshotError::Unsound(
        "a position of nobody or nowhere, or twice",
    ))
}

/// Proposals about deposits, in the order of their numbers.
fn deposits(deposits: Option<Cow<'_, Deposits>>) -> Result<Deposits, SnapshotError> {
    let deposits = deposits.map(Cow::into_owned).unwrap_or_default();
    let within = |amount: &Micros| (Micros::ZERO..=Micros::MAX).contains(amount);
    let waiting = &deposits.waiting;
    let sound = waiting.len() <= MOST_PROPOSALS
        && waiting.is_sorted_by(|one, next| one.id < next.id)
        && waiting.last().is_none_or(|last| last.id <= deposits.last)
        && deposits.last < u32::MAX
        && deposits.large.as_ref().is_none_or(within);
    ensure(sound, "deposits that cannot wait")?;
    Ok(deposits)
}

/// Halts of many markets, each about others.
fn standing(halts: Option<Cow<'_, [StandingHalt]>>) -> Result<Vec<StandingHalt>, SnapshotError> {
    let halts = halts.map(Cow::into_owned).unwrap_or_default();
    let twin = |(ix, halt): (usize, &StandingHalt)| {
        halts
            .iter()
            .take(ix)
            .any(|other| other.scope.is_same(&halt.scope))
    };
    let sound = halts.len() <= MOST_HALTS && !halts.iter().enumerate().any(twin);
    ensure(sound, "halts that cannot stand")?;
    Ok(halts)
}

fn maker_again(state: MakerState<'_>, outcomes: usize) -> Result<Maker, SnapshotError> {
    let weights = state.weights.into_owned().into_boxed_slice();
    let within = |lots: &Lots| (-MOST_SHARES..=MOST_SHARES).contains(&lots.get());
    let sold = state.sold;
    let sound = weights.len() == outcomes && sold.len() == outcomes && sold.iter().all(within);
    ensure(sound, "a maker of another market")?;
    let curve = Curve::of_weights(state.liquidity, weights);
    let curve = curve.ok_or(SnapshotError::Unsound("a maker that cannot be"))?;
    Ok(Maker { curve, sold })
}

fn ensure(sound: bool, otherwise: &'static str) -> Result<(), SnapshotError> {
    match sound {
        true => Ok(()),
        false => Err(SnapshotError::Unsound(otherwise)),
    }
}

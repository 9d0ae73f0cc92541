//! A market's life, from its opening to the end of trading. Its draft is in `draft`.

use smallvec::SmallVec;

use crate::book::Book;
use crate::book::BookSide;
use crate::engine::Engine;
use crate::engine::review::require_review;
use crate::event::{CloseReason, Event};
use crate::evidence::Clause;
use crate::id::{AccountId, MarketId};
use crate::market::{
    ArticleLink, Clarification, ClosedEarly, HaltReason, MAX_KEPT_OUT, Phase, Status,
};
use crate::orders::Slot;
use crate::reject::{MarketFault, Reject};
use crate::route::Maker;
use crate::state::Due;
use crate::units::{Lots, Timestamp};

/// Articles that a market may be linked to.
pub(super) const MAX_LINKS: usize = 50;

impl Engine {
    pub(super) fn open_market(
        &mut self,
        at: Timestamp,
        id: MarketId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market_mut(id)?;
        market.phase.require(&[Status::Draft])?;
        if market.spec.closes_at.is_some_and(|end| end <= at) {
            return Err(Reject::MarketInvalid {
                fault: MarketFault::Times,
            });
        }
        require_review(market)?;

        let (opens_at, closes_at) = (market.spec.opens_at, market.spec.closes_at);
        market.opened_at = Some(at);
        if let Some(opens_at) = opens_at {
            self.agenda.remove(&(opens_at, Due::Open(id)));
        }
        if let Some(closes_at) = closes_at {
            self.agenda.insert((closes_at, Due::Close(id)));
        }
        let phase = self.phase_of_trade(&self.markets[id.0 as usize].spec);
        self.enter(id, phase, events);
        Ok(())
    }

    /// Halts a market that trades, or one that stands still with many others: then it does not trade again
    /// with them.
    pub(super) fn halt_market(
        &mut self,
        id: MarketId,
        reason: &HaltReason,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let phase = &self.market_mut(id)?.phase;
        if phase.halted_with_many().is_none() {
            phase.require(&[Status::Open])?;
        }

        self.enter(
            id,
            Phase::Halted {
                reason: reason.clone(),
            },
            events,
        );
        Ok(())
    }

    /// Ends the halt of a market. One that ends its own stands still with many others afterwards, if a halt
    /// of many is about it; one that stands still by that trades.
    pub(super) fn resume_market(
        &mut self,
        id: MarketId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        market.phase.require(&[Status::Halted])?;

        let next = match market.phase.halted_with_many() {
            Some(_) => Phase::Open,
            None => self.phase_of_trade(&market.spec),
        };
        self.enter(id, next, events);
        // Its maker may have grown deeper meanwhile.
        self.serve_resting(id, events);
        Ok(())
    }

    /// Ends trading at an operator's word. Before its time that goes by a clause of the rules, where they have
    /// any; where they have none it is noted that they foresaw nothing. What no clause foresees takes two people and
    /// everyone can read it first: one of them clarifies the rules, and the other closes by that clarification.
    /// `unnoted`, as nobody noted it in journals of before.
    pub(super) fn close_by_hand(
        &mut self,
        id: MarketId,
        early: ClosedEarly,
        unnoted: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market_mut(id)?;
        market.phase.require(&[Status::Open, Status::Halted])?;
        let foreseen = !market.spec.rules.early_close().is_empty();
        let clause = early.clause;
        match clause {
            Some(clause @ Clause::EarlyClose(_)) if clause.is_of(market) => {}
            Some(Clause::Clarification(number)) => {
                let said = market.clarification(number).ok_or(Reject::ClauseUnknown)?;
                if said.by == early.by && !cfg!(planted = "closed_by_ones_own_words") {
                    return Err(Reject::SecondOperatorNeeded {
                        proposed_by: said.by,
                    });
                }
            }
            Some(_) => return Err(Reject::ClauseUnknown),
            None if foreseen && !cfg!(planted = "closed_by_no_clause") => {
                return Err(Reject::EarlyCloseClauseMissing);
            }
            None => {}
        }

        if market.spec.closes_at.is_some() && !unnoted {
            market.closed_early = Some(Box::new(early));
            events.push(Event::ClosedEarly { market: id, clause });
        }
        self.close_market(id, events)
    }

    pub(super) fn close_market(
        &mut self,
        id: MarketId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.market_mut(id)?
            .phase
            .require(&[Status::Open, Status::Halted])?;

        self.end_trading(id, CloseReason::MarketClosed, events);
        self.enter(id, Phase::Closed, events);
        Ok(())
    }

    /// Cancels what rests, and takes the market off the agenda.
    pub(crate) fn end_trading(
        &mut self,
        id: MarketId,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) {
        self.close_all_orders(id, reason, events);
        let spec = &self.markets[id.0 as usize].spec;
        if let Some(opens_at) = spec.opens_at {
            self.agenda.remove(&(opens_at, Due::Open(id)));
        }
        if let Some(closes_at) = spec.closes_at {
            self.agenda.remove(&(closes_at, Due::Close(id)));
        }
    }

    pub(crate) fn enter(&mut self, id: MarketId, phase: Phase, events: &mut Vec<Event>) {
        events.push(Event::PhaseChanged {
            market: id,
            status: phase.status(),
        });
        self.markets[id.0 as usize].phase = phase;
        self.watch_anew(id);
    }

    pub(super) fn add_liquidity(
        &mut self,
        actor: AccountId,
        id: MarketId,
        liquidity: Lots,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let allowed = [Status::Draft, Status::Open, Status::Halted];
        market.phase.require(&allowed)?;
        if market.sponsor != actor {
            return Err(Reject::NotTheSponsor);
        }
        self.check_not_frozen(actor)?;
        let deepened = market
            .maker
            .as_ref()
            .and_then(|maker| maker.curve.deepened(&maker.sold, liquidity));
        let (curve, locked) = deepened.ok_or(Reject::LiquidityInvalid)?;
        let available = self.ledger.cash(actor).available;
        if locked > available {
            return Err(Reject::InsufficientFunds {
                available,
                required: locked,
            });
        }

        self.ledger.pay_from_escrow(actor, id, -locked);
        let market = &mut self.markets[id.0 as usize];
        market.subsidy += locked;
        let sold = SmallVec::from_elem(Lots::ZERO, market.outcomes());
        market.maker = Some(Maker { curve, sold });
        events.push(Event::LiquidityAdded {
            market: id,
            sponsor: actor,
            liquidity,
            locked,
        });
        if !cfg!(planted = "deeper_serves_nobody") {
            self.serve_resting(id, events);
        }
        Ok(())
    }

    /// Appends words to a market's rules. They may say which of its terms they are about, and then it has that one.
    pub(super) fn clarify(
        &mut self,
        id: MarketId,
        said: Clarification,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market_mut(id)?;
        if market.phase.status().is_final() {
            return Err(Reject::WrongPhase {
                status: market.phase.status(),
            });
        }

        if said.about.is_some_and(|about| !about.is_of(market)) {
            return Err(Reject::ClauseUnknown);
        }

        market.clarifications.push(said);
        let version = u32::try_from(market.clarifications.len()).unwrap_or(u32::MAX);
        events.push(Event::Clarified {
            market: id,
            version,
        });
        Ok(())
    }

    pub(super) fn link_article(
        &mut self,
        id: MarketId,
        link: &ArticleLink,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market_mut(id)?;
        let twin = market
            .links
            .iter()
            .any(|other| other.article == link.article);
        if twin || market.links.len() >= MAX_LINKS {
            return Err(Reject::LinkNotPossible);
        }

        market.links.push(link.clone());
        events.push(Event::ArticleLinked { market: id });
        Ok(())
    }

    /// Keeps an account out, or lets it in again. What is so already stays so.
    pub(super) fn keep_out(
        &mut self,
        id: MarketId,
        account: AccountId,
        out: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.account(account).ok_or(Reject::AccountNotFound)?;
        let market = self.market_mut(id)?;
        match (market.kept_out.binary_search(&account), out) {
            (Err(_), true) if market.kept_out.len() >= MAX_KEPT_OUT => {
                let most = u32::try_from(MAX_KEPT_OUT).unwrap_or(u32::MAX);
                return Err(Reject::TooManyKeptOut { most });
            }
            (Err(place), true) => market.kept_out.insert(place, account),
            (Ok(place), false) => {
                market.kept_out.remove(place);
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
        events.push(Event::KeptOut {
            market: id,
            account,
            out,
        });
        if out && !cfg!(planted = "the_desks_orders_rest") {
            self.close_orders_of(account, Some(id), CloseReason::Cancelled, events);
        }
        Ok(())
    }

    /// Carries out what was to happen by `at`, in order of time.
    pub(super) fn meet_deadlines(&mut self, at: Timestamp, events: &mut Vec<Event>) {
        while let Some(&(moment, due)) = self.agenda.first() {
            if moment > at {
                return;
            }
            self.agenda.pop_first();
            match due {
                Due::Expire(_) if cfg!(planted = "orders_outlive_their_time") => {}
                Due::Expire(order) => {
                    let slot = self
                        .orders
                        .find(order)
                        .expect("orders leave the agenda with the book");
                    self.close_order(slot, CloseReason::Expired, events);
                }
                // A market whose close is past cannot open any more, and one that nobody has reviewed does not
                // yet: it stays a draft.
                Due::Open(market) => {
                    let _stays_a_draft = self.open_market(moment, market, events);
                }
                Due::CancelAll(_) if cfg!(planted = "a_switch_that_never_fires") => {}
                Due::CancelAll(account) => self.fire_switch(account, events),
                Due::Forget(market) => self.forget_end(market, events),
                Due::Close(market) => {
                    self.close_market(market, events)
                        .expect("only live markets are on the agenda");
                }
            }
        }
    }

    /// The slots of a market's resting orders, outcome by outcome: bids before asks, best price first,
    /// oldest first.
    pub(crate) fn resting(&self, id: MarketId) -> Vec<Slot> {
        let market = &self.markets[id.0 as usize];
        let books = market.books.iter();
        books.flat_map(|book| self.resting_on(book)).collect()
    }

    /// The slots of a book: bids before asks, best price first, oldest first.
    pub(crate) fn resting_on<'a>(&'a self, book: &'a Book) -> impl Iterator<Item = Slot> + 'a {
        let side = move |side: BookSide| {
            book.prices(side)
                .flat_map(move |price| book.queue(side, price, &self.orders))
        };
        side(BookSide::Bid).chain(side(BookSide::Ask))
    }
}

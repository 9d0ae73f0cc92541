//! Markets before they open: written, and written anew.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::book::Book;
use crate::engine::Engine;
use crate::engine::life::MAX_LINKS;
use crate::event::Event;
use crate::id::{AccountId, MarketId};
use crate::lmsr::Curve;
use crate::market::{MarketSpec, Phase, Status};
use crate::reject::{MarketFault, Reject};
use crate::route::Maker;
use crate::state::{Due, Market};
use crate::units::{Fraction, Lots, Micros, Timestamp};

impl Engine {
    pub(super) fn create_market(
        &mut self,
        at: Timestamp,
        sponsor: AccountId,
        spec: &MarketSpec,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(sponsor)?;
        let curve = check_draft(at, spec)?;
        if self.slugs.contains_key(&spec.slug) {
            return Err(Reject::SlugTaken);
        }
        let subsidy = curve.as_ref().map_or(Micros::ZERO, Curve::subsidy);
        self.check_subsidy(sponsor, subsidy)?;

        let id = MarketId(u32::try_from(self.markets.len()).expect("fewer markets than 2^32"));
        self.slugs.insert(spec.slug.clone(), id);
        self.ledger.open_escrow(spec.outcomes.len());
        self.ledger.pay_from_escrow(sponsor, id, -subsidy);
        self.markets.push(drafted(id, spec, curve, sponsor, at));
        if let Some(opens_at) = spec.opens_at {
            self.agenda.insert((opens_at, Due::Open(id)));
        }
        events.push(Event::MarketCreated {
            market: id,
            sponsor,
            subsidy,
        });
        Ok(())
    }

    pub(super) fn revise_market(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        id: MarketId,
        spec: &MarketSpec,
        revises: &[u8; 32],
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        market.phase.require(&[Status::Draft])?;
        if market.sponsor != actor {
            return Err(Reject::NotTheSponsor);
        }
        self.check_not_frozen(actor)?;
        let draft = market.draft();
        if draft.digest() != *revises {
            return Err(Reject::DraftChanged);
        }
        let curve = check_draft(at, spec)?;
        if spec.slug != draft.slug {
            let fault = MarketFault::Slug;
            return Err(Reject::MarketInvalid { fault });
        }
        let subsidy = curve.as_ref().map_or(Micros::ZERO, Curve::subsidy);
        let locked = subsidy - market.subsidy;
        self.check_subsidy(actor, locked)?;

        // Nobody has traded in a draft: what it is made of is made anew.
        self.ledger.pay_from_escrow(actor, id, -locked);
        self.ledger.resize_escrow(id, spec.outcomes.len());
        let market = &mut self.markets[id.0 as usize];
        let anew = drafted(id, spec, curve, actor, market.created_at);
        *market = Market {
            clarifications: std::mem::take(&mut market.clarifications),
            kept_out: std::mem::take(&mut market.kept_out),
            reviews: Arc::clone(&market.reviews),
            ..anew
        };
        if let Some(opens_at) = draft.opens_at {
            self.agenda.remove(&(opens_at, Due::Open(id)));
        }
        if let Some(opens_at) = spec.opens_at {
            self.agenda.insert((opens_at, Due::Open(id)));
        }
        events.push(Event::MarketRevised {
            market: id,
            sponsor: actor,
            locked,
            subsidy,
        });
        Ok(())
    }

    fn check_subsidy(&self, sponsor: AccountId, required: Micros) -> Result<(), Reject> {
        let available = self.ledger.cash(sponsor).available;
        match required <= available {
            true => Ok(()),
            false => Err(Reject::InsufficientFunds {
                available,
                required,
            }),
        }
    }
}

/// Refuses what cannot be a market, and gives its maker's curve, if it is to have one.
fn check_draft(at: Timestamp, spec: &MarketSpec) -> Result<Option<Curve>, Reject> {
    spec.check(at)
        .map_err(|fault| Reject::MarketInvalid { fault })?;
    if spec.articles.len() > MAX_LINKS {
        return Err(Reject::LinkNotPossible);
    }
    let prior: Vec<Fraction> = spec.outcomes.iter().map(|outcome| outcome.prior).collect();
    let curve = spec
        .liquidity
        .map(|liquidity| Curve::new(liquidity, &prior));
    curve.transpose().map_err(|_| Reject::MarketInvalid {
        fault: MarketFault::Liquidity,
    })
}

/// A market that nobody has traded in.
fn drafted(
    id: MarketId,
    spec: &MarketSpec,
    curve: Option<Curve>,
    sponsor: AccountId,
    created_at: Timestamp,
) -> Market {
    let outcomes = spec.outcomes.len();
    Market {
        id,
        spec: Arc::new(spec.clone()),
        tick: spec.tick,
        taker_fee: spec.taker_fee,
        sponsor,
        subsidy: curve.as_ref().map_or(Micros::ZERO, Curve::subsidy),
        phase: Phase::Draft,
        clarifications: Vec::new(),
        kept_out: Vec::new(),
        reviews: Arc::default(),
        links: spec.articles.clone(),
        maker: curve.map(|curve| Maker {
            curve,
            sold: SmallVec::from_elem(Lots::ZERO, outcomes),
        }),
        books: vec![Book::default(); if outcomes == 2 { 1 } else { outcomes }],
        open_orders: 0,
        volume: Lots::ZERO,
        last: SmallVec::from_elem(None, outcomes),
        created_at,
        opened_at: None,
        watch: None,
        closed_early: None,
        ended: None,
        correction: None,
        corrections: Vec::new(),
    }
}

//! Drafts read by a second person. The reading is recorded whatever it comes to; opening asks for it.

use std::sync::Arc;

use crate::command::ReviewMarket;
use crate::engine::Engine;
use crate::event::Event;
use crate::id::AccountId;
use crate::market::Status;
use crate::reject::{MarketFault, Reject};
use crate::review::{MOST_REVIEWS, MOST_STORY, Review, text_digest};
use crate::state::Market;
use crate::units::Timestamp;

impl Engine {
    /// Records what somebody else than the author made of a draft. Each reads a text once: whoever has been
    /// told which stories they read otherwise is not asked blindly any more.
    pub(super) fn review_market(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        review: &ReviewMarket,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market_mut(review.market)?;
        market.phase.require(&[Status::Draft])?;
        let Some(plan) = &market.spec.review else {
            return Err(Reject::NothingToReview);
        };
        if market.sponsor == actor && !cfg!(planted = "authors_review_themselves") {
            return Err(Reject::ReviewByAuthor);
        }
        if text_digest(market) != review.text {
            return Err(Reject::DraftChanged);
        }
        let own = |one: &Review| one.by == actor && one.text == review.text;
        if market.reviews.iter().any(own) {
            return Err(Reject::ReviewedAlready);
        }
        let fits = review.verdicts.len() == plan.worlds.len()
            && review
                .verdicts
                .iter()
                .all(|verdict| verdict.fits(&market.spec));
        if !fits
            || review
                .note
                .as_ref()
                .is_some_and(|note| note.len() > MOST_STORY)
        {
            let fault = MarketFault::Worlds;
            return Err(Reject::MarketInvalid { fault });
        }

        let alike = plan.is_alike(&review.verdicts);
        let approved = review.approve && alike;
        let mut reviews = market.reviews.to_vec();
        if reviews.len() == MOST_REVIEWS {
            reviews.remove(0);
        }
        reviews.push(Review {
            by: actor,
            at,
            text: review.text,
            verdicts: review.verdicts.clone(),
            alike,
            approved,
            note: review.note.clone(),
        });
        market.reviews = Arc::new(reviews);
        events.push(Event::MarketReviewed {
            market: review.market,
            by: actor,
            alike,
            approved,
        });
        Ok(())
    }
}

/// Refuses to open what somebody else has to read first, and has not. Words that anybody read otherwise have to
/// change: a second reader does not overrule the first. Of those who read them alike the last decides.
pub(super) fn require_review(market: &Market) -> Result<(), Reject> {
    let plan = market.spec.review.as_ref();
    let asked = plan.is_some_and(|plan| plan.required);
    if !asked || cfg!(planted = "unreviewed_markets_open") {
        return Ok(());
    }
    let text = text_digest(market);
    let readings = market.reviews.iter();
    let mut readings = readings.filter(|reading| reading.text == text);
    if readings.clone().any(|reading| !reading.alike) {
        return Err(Reject::WorldsDiffer);
    }
    match readings.next_back() {
        Some(reading) if reading.approved => Ok(()),
        Some(_) | None => Err(Reject::ReviewMissing),
    }
}

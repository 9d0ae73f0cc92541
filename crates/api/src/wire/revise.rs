//! Changes to a market that has not opened yet.

use serde::{Deserialize, Deserializer};
use tidings_core::market::MarketSpec;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::band::PriceBandJson;
use crate::wire::draft::{ArticleLinkJson, OutcomeBody, RulesBody, links, outcomes, tags};
use crate::wire::question::{self, ReviewWord, WorldBody};
use crate::wire::scale::ScaleJson;
use crate::wire::text::{Tag, Title, Why};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, PriceText, Shares};

/// A change to a draft. What is absent stays as it is, and so do its slug and its kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviseMarket, example = json!({
    "question": "Will Japan and South Korea publish a joint statement before 1 August 2026, 00:00 JST?",
    "closes_at": "2026-07-31T15:00:00Z", "liquidity": "1500", "reason": "The summit was moved."
}))]
pub struct ReviseMarketBody {
    /// What it asks.
    pub question: Option<Title>,
    /// All of its outcomes, as for a market to be drafted.
    pub outcomes: Option<Vec<OutcomeBody>>,
    /// Of a scalar market: what its number is measured in and between which ends.
    pub scale: Option<ScaleJson>,
    /// How it is decided.
    pub rules: Option<RulesBody>,
    /// The maker's liquidity in shares; null for a pure order book.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Shares>)]
    pub liquidity: Option<Option<Shares>>,
    /// Limit prices are multiples of it: 0.0001, 0.001 or 0.01.
    pub tick: Option<PriceText>,
    /// What takers pay, 0 to 0.1.
    pub taker_fee: Option<FractionText>,
    /// When it opens by itself; null when it does not.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Time>)]
    pub opens_at: Option<Option<Time>>,
    /// When it closes by itself; null when it does not.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Time>)]
    pub closes_at: Option<Option<Time>>,
    /// Hours in which a proposed resolution can be disputed, 0 to 720.
    #[schema(minimum = 0, maximum = 720)]
    pub dispute_hours: Option<u32>,
    /// All words to find it by.
    pub tags: Option<Vec<Tag>>,
    /// All articles that it hangs off.
    pub articles: Option<Vec<ArticleLinkJson>>,
    /// All short made-up stories with what the market comes to in each.
    pub worlds: Option<Vec<WorldBody>>,
    /// Whether another operator has to read it before it opens.
    pub review: Option<ReviewWord>,
    /// How far its odds may move before it halts itself; null when they may.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<PriceBandJson>)]
    pub price_band: Option<Option<PriceBandJson>>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// Null is something else than nothing.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ReviseMarketBody {
    /// A draft with the change in it. A change that is there already is made again: the request may be one
    /// that was answered before.
    pub fn into_spec(self, draft: &MarketSpec) -> Result<MarketSpec, Problem> {
        if self.is_empty() {
            return Err(Problem::invalid_body("", "say what is to change"));
        }
        let mut spec = draft.clone();
        if let Some(question) = self.question {
            spec.question = question.0;
        }
        if let Some(bodies) = self.outcomes {
            spec.outcomes = outcomes(bodies)?;
        }
        if let Some(scale) = self.scale {
            spec.scale = Some(scale.into_scale());
        }
        if let Some(rules) = self.rules {
            spec.rules = rules.into_rules()?;
        }
        if let Some(liquidity) = self.liquidity {
            spec.liquidity = liquidity.map(|shares| shares.0);
        }
        if let Some(tick) = self.tick {
            spec.tick = tick.0.ticks();
        }
        if let Some(fee) = self.taker_fee {
            spec.taker_fee = fee.0;
        }
        if let Some(opens_at) = self.opens_at {
            spec.opens_at = opens_at.map(|time| time.0);
        }
        if let Some(closes_at) = self.closes_at {
            spec.closes_at = closes_at.map(|time| time.0);
        }
        if let Some(hours) = self.dispute_hours {
            spec.dispute_hours = hours;
        }
        if let Some(words) = self.tags {
            spec.tags = tags(words)?;
        }
        if let Some(articles) = self.articles {
            spec.articles = links(articles)?;
        }
        if let Some(band) = self.price_band {
            spec.price_band = band.map(PriceBandJson::into_band);
        }
        question::revise(&mut spec, self.worlds, self.review)?;
        Ok(spec)
    }

    /// Whether it names no change at all.
    fn is_empty(&self) -> bool {
        let ReviseMarketBody {
            question,
            outcomes,
            scale,
            rules,
            liquidity,
            tick,
            taker_fee,
            opens_at,
            closes_at,
            dispute_hours,
            tags,
            articles,
            worlds,
            review,
            price_band,
            reason: _,
        } = self;
        question.is_none()
            && outcomes.is_none()
            && scale.is_none()
            && rules.is_none()
            && liquidity.is_none()
            && tick.is_none()
            && taker_fee.is_none()
            && opens_at.is_none()
            && closes_at.is_none()
            && dispute_hours.is_none()
            && tags.is_none()
            && articles.is_none()
            && worlds.is_none()
            && review.is_none()
            && price_band.is_none()
    }
}

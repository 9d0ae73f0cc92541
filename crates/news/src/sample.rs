//! A small newsroom of our own: five articles on one invented story, and the markets on it.
//!
//! Shown when the exchange starts without any news. Places, people and organisations do not
//! exist, and every address ends in `.example`.
//!
//! A demonstration must have open markets whenever it is started, so the sample carries no dates.
//! Each article says how many hours before the first start it was published, each market in how
//! many days after it closes, and their words have places for what follows from that:
//!
//! * `{deadline}` in a market: its close, "1 July 2027, 00:00 UTC";
//! * `{date+60}`, `{date-3}`: that many days from the day of the first start, "1 July 2027";
//! * `{weekday}`, `{weekday-1}` in an article: the day of its publication, or days from that.
//!
//! [`SampleArticle::at`] and [`SampleMarket::at`] fill them in and give the JSON bodies of
//! `POST /v1/articles` and `POST /v1/markets`. The same first start gives the same words.

use serde::{Deserialize, Serialize};

use crate::article::{BodyFormat, StructuredArticle};

mod places;
#[cfg(test)]
mod tests;

use places::Places;

/// The sample, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newsroom {
    /// Oldest first.
    pub articles: Vec<SampleArticle>,
    /// The most prominent first.
    pub markets: Vec<SampleMarket>,
}

/// An article of the sample.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleArticle {
    /// What [`crate::slug`] makes of the title; markets name the article by it.
    pub slug: String,
    /// The headline.
    pub title: String,
    /// Plain text with places, paragraphs separated by an empty line.
    #[serde(skip)]
    pub body: String,
    /// The section path.
    pub section: Vec<String>,
    /// Tags, editorial flags among them.
    pub tags: Vec<String>,
    /// Who wrote it.
    pub byline: String,
    /// Hours from its publication to the first start.
    pub published_hours_before: u32,
}

/// A market of the sample, in the fields of `POST /v1/markets` but for its close.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleMarket {
    /// Its name in addresses.
    pub slug: String,
    /// `binary`, `categorical` or `scalar`.
    pub kind: String,
    /// What it asks, with places.
    pub question: String,
    /// Exactly one of these happens. The priors sum to 1; without a maker they are what the simulated
    /// traders start from.
    pub outcomes: Vec<SampleOutcome>,
    /// Of a scalar market: what its number is measured in and between which ends.
    pub scale: Option<SampleScale>,
    /// How it is decided, with places.
    pub rules: SampleRules,
    /// The maker's liquidity in shares; a pure order book has no maker.
    pub liquidity: Option<String>,
    /// The step of limit prices.
    pub tick: String,
    /// What takers pay.
    pub taker_fee: String,
    /// It closes at 00:00 UTC, this many days after the day of the first start.
    pub closes_in_days: u32,
    /// Hours in which a proposed resolution can be disputed.
    pub dispute_hours: u32,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The articles it hangs off.
    pub articles: Vec<SampleLink>,
}

/// An outcome of a [`SampleMarket`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleOutcome {
    /// Its name in requests.
    pub key: String,
    /// Its name on pages.
    pub name: String,
    /// Its odds before the first trade.
    pub prior: String,
}

/// The scale of a scalar [`SampleMarket`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleScale {
    /// At it or below, Short pays everything.
    pub low: String,
    /// At it or above, Long pays everything.
    pub high: String,
    /// What is counted.
    pub unit: String,
}

/// How a [`SampleMarket`] is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRules {
    /// What counts as each outcome.
    pub criteria: String,
    /// What counts where people will argue, silence of the sources included.
    pub edge_cases: Vec<String>,
    /// Who is believed; exactly one is primary.
    pub sources: Vec<SampleSource>,
}

/// A source of [`SampleRules`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSource {
    /// Its name.
    pub name: String,
    /// Where to look.
    pub url: String,
    /// Whether it decides alone while it speaks.
    pub primary: bool,
}

/// An article of a [`SampleMarket`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleLink {
    /// The article's slug.
    pub article: String,
    /// `subject`, `context`, `trigger` or `evidence`.
    pub role: String,
}

/// The body of `POST /v1/markets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "each field is that of `SampleMarket`, its places filled in"
)]
pub struct MarketRequest {
    pub slug: String,
    pub kind: String,
    pub question: String,
    pub outcomes: Vec<SampleOutcome>,
    pub scale: Option<SampleScale>,
    pub rules: SampleRules,
    pub liquidity: Option<String>,
    pub tick: String,
    pub taker_fee: String,
    pub opens_at: Option<String>,
    pub closes_at: String,
    pub dispute_hours: u32,
    pub tags: Vec<String>,
    pub articles: Vec<SampleLink>,
}

/// The sample. It is part of the build, so reading it cannot fail where the tests passed.
pub fn newsroom() -> Newsroom {
    let mut articles: Vec<SampleArticle> =
        serde_json::from_str(include_str!("../sample/articles.json"))
            .expect("the sample's articles");
    for article in &mut articles {
        let body = BODIES.iter().find(|(slug, _)| *slug == article.slug);
        article.body = body
            .expect("every article of the sample has a body")
            .1
            .to_owned();
    }
    let markets = serde_json::from_str(include_str!("../sample/markets.json"));
    Newsroom {
        articles,
        markets: markets.expect("the sample's markets"),
    }
}

impl SampleArticle {
    /// The article as it is posted, for a first start at `start` (microseconds since 1970 UTC).
    pub fn at(&self, start: i64) -> StructuredArticle {
        let published = start - i64::from(self.published_hours_before) * places::HOUR;
        let places = Places::new(start).published(published);
        StructuredArticle {
            title: self.title.clone(),
            body: places.fill(&self.body),
            body_format: BodyFormat::Text,
            section: self.section.clone(),
            tags: self.tags.clone(),
            language: Some("en".to_owned()),
            byline: Some(self.byline.clone()),
            summary: None,
            canonical_url: Some(format!("https://courier.example/{}", self.slug)),
            publisher: Some("The Strait Courier".to_owned()),
            published_at: Some(places::rfc3339(published)),
        }
    }
}

impl SampleMarket {
    /// The market as it is posted, for a first start at `start` (microseconds since 1970 UTC).
    pub fn at(&self, start: i64) -> MarketRequest {
        let places = Places::new(start).closes_in(self.closes_in_days);
        let rules = SampleRules {
            criteria: places.fill(&self.rules.criteria),
            edge_cases: self
                .rules
                .edge_cases
                .iter()
                .map(|case| places.fill(case))
                .collect(),
            sources: self.rules.sources.clone(),
        };
        MarketRequest {
            slug: self.slug.clone(),
            kind: self.kind.clone(),
            question: places.fill(&self.question),
            outcomes: self.outcomes.clone(),
            scale: self.scale.clone(),
            rules,
            liquidity: self.liquidity.clone(),
            tick: self.tick.clone(),
            taker_fee: self.taker_fee.clone(),
            opens_at: None,
            closes_at: places.closes_at(),
            dispute_hours: self.dispute_hours,
            tags: self.tags.clone(),
            articles: self.articles.clone(),
        }
    }
}

macro_rules! body {
    ($slug:literal) => {
        ($slug, include_str!(concat!("../sample/", $slug, ".md")))
    };
}

/// The bodies, by slug. They stand in files of their own so that they can be read as articles.
const BODIES: [(&str, &str); 5] = [
    body!("halmere-and-vestrany-reopen-strait-ferry-talks"),
    body!("kestrin-harbour-is-too-shallow-for-the-ferry"),
    body!("negotiators-agree-on-joint-customs-but-not-where"),
    body!("strait-accord-hangs-on-six-deputies-from-kestrin"),
    body!("draft-accord-caps-ferry-fares-and-sets-deadline"),
];

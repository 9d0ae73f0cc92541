//! Markets as operators draft them.

use serde::{Deserialize, Serialize};
use tidings_core::market::{ArticleLink, MAX_OUTCOMES, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, TICKS};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::band::PriceBandJson;
use crate::wire::question::{self, ReviewWord, WorldBody};
use crate::wire::scale::ScaleJson;
use crate::wire::text::{Note, Reference, RulesText, Tag, Text, Title, Why, plain};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, PriceText, Shares};
use crate::wire::words::{KindWord, LinkRoleWord};

/// Characters of criteria, edge cases and early closes together.
const RULES_CHARS: usize = 8_000;
/// Tags of one market.
const TAGS: usize = 50;
/// Hours of a window for disputes when the operator does not say.
const USUAL_DISPUTE_HOURS: u32 = 24;

/// A market to be drafted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateMarket, example = json!({
    "slug": "jpkr-joint-statement-2026", "kind": "binary",
    "question": "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?",
    "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.35"},
                 {"key": "no", "name": "No", "prior": "0.65"}],
    "rules": {"criteria": "Yes if both governments publish the same text.",
              "edge_cases": ["A text published by one side only is No."],
              "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}],
              "early_close": ["Trading ends once both governments have published the text."]},
    "liquidity": "1000", "tick": "0.01", "taker_fee": "0.02",
    "closes_at": "2026-06-30T15:00:00Z", "dispute_hours": 24
}))]
pub struct CreateMarketBody {
    /// Its name in addresses: 3 to 80 of `a-z`, `0-9` and `-`.
    pub slug: String,
    /// How the outcomes are to be read.
    pub kind: KindWord,
    /// What it asks.
    pub question: Title,
    /// 2 to 256 of them, exactly one of which happens. Of a scalar market the first is Long and the
    /// second is Short; left out, they are that under the keys `long` and `short`.
    pub outcomes: Option<Vec<OutcomeBody>>,
    /// Of a scalar market, and of no other: what its number is measured in and between which ends.
    pub scale: Option<ScaleJson>,
    /// How it is decided.
    pub rules: RulesBody,
    /// The maker's liquidity in shares; without it the market is a pure order book.
    pub liquidity: Option<Shares>,
    /// Limit prices are multiples of it: 0.0001 when absent, 0.001 or 0.01.
    pub tick: Option<PriceText>,
    /// What takers pay, 0 to 0.1; 0 when absent.
    pub taker_fee: Option<FractionText>,
    /// When it opens by itself.
    pub opens_at: Option<Time>,
    /// When it closes by itself.
    pub closes_at: Option<Time>,
    /// Hours in which a proposed resolution can be disputed, 0 to 720; 24 when absent.
    #[schema(minimum = 0, maximum = 720)]
    pub dispute_hours: Option<u32>,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The articles it hangs off.
    #[serde(default)]
    pub articles: Vec<ArticleLinkJson>,
    /// Up to 12 short made-up stories with what the market comes to in each; at least 2 where a review is
    /// required. Traders read them.
    #[serde(default)]
    pub worlds: Vec<WorldBody>,
    /// Whether another operator has to read it before it opens. When absent, only where the server asks that of
    /// every market.
    pub review: Option<ReviewWord>,
    /// How far its odds may move before it halts itself, until an operator lets it go on; they may when
    /// absent.
    pub price_band: Option<PriceBandJson>,
    /// Why there is such a market. The journal keeps it with who drafted it and when.
    pub reason: Option<Why>,
}

/// An outcome to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateOutcome)]
pub struct OutcomeBody {
    /// Its name in requests: 1 to 40 of `a-z`, `0-9`, `_` and `-`.
    pub key: String,
    /// Its name on pages.
    pub name: Title,
    /// The maker's odds before the first trade. Either all outcomes have one and they sum to 1, or
    /// none has and they are as equal as can be.
    pub prior: Option<FractionText>,
}

/// How a market is to be decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateRules)]
pub struct RulesBody {
    /// What counts as each outcome.
    pub criteria: RulesText,
    /// What counts in the cases that people will argue about. With the criteria and the early closes at most
    /// 8,000 characters.
    #[serde(default)]
    pub edge_cases: Vec<Note>,
    /// Who is believed; at least one.
    pub sources: Vec<SourceBody>,
    /// When trading ends before `closes_at`: up to 10 clauses. Whoever closes the market before then names one of
    /// them.
    #[serde(default)]
    pub early_close: Vec<Note>,
}

/// Who is to be believed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateSource)]
pub struct SourceBody {
    /// Its name.
    pub name: Title,
    /// Where to look: an http or https address.
    pub url: Reference,
    /// Whether it decides alone; the others stand in when it is silent.
    #[serde(default)]
    pub primary: bool,
}

/// An article that belongs to a market, and as what.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArticleLink)]
pub struct ArticleLinkJson {
    /// The article's slug.
    pub article: String,
    /// Its part.
    pub role: LinkRoleWord,
}

impl CreateMarketBody {
    /// The market as the core takes it.
    pub fn into_spec(self) -> Result<MarketSpec, Problem> {
        let outcomes = match self.outcomes {
            Some(bodies) => outcomes(bodies)?,
            None => usual_outcomes(self.kind)?,
        };
        Ok(MarketSpec {
            slug: self.slug,
            kind: self.kind.into(),
            question: self.question.0,
            review: question::plan(self.worlds, self.review, &outcomes)?,
            outcomes,
            rules: self.rules.into_rules()?,
            liquidity: self.liquidity.map(|shares| shares.0),
            tick: self.tick.map_or(1, |tick| tick.0.ticks()),
            taker_fee: self.taker_fee.map_or(Fraction::ZERO, |fee| fee.0),
            opens_at: self.opens_at.map(|time| time.0),
            closes_at: self.closes_at.map(|time| time.0),
            dispute_hours: self.dispute_hours.unwrap_or(USUAL_DISPUTE_HOURS),
            tags: tags(self.tags)?,
            articles: links(self.articles)?,
            scale: self.scale.map(ScaleJson::into_scale),
            price_band: self.price_band.map(PriceBandJson::into_band),
        })
    }
}

/// A market's tags.
pub(super) fn tags(tags: Vec<Tag>) -> Result<Vec<String>, Problem> {
    match tags.len() {
        0..=TAGS => Ok(plain(tags)),
        _ => Err(Problem::invalid_body(
            "tags",
            format_args!("at most {TAGS} are allowed"),
        )),
    }
}

/// A market's articles, each once.
pub(super) fn links(links: Vec<ArticleLinkJson>) -> Result<Vec<ArticleLink>, Problem> {
    for (ix, link) in links.iter().enumerate() {
        let mut before = links.iter().take(ix);
        if before.any(|other| other.article == link.article) {
            return Err(Problem::invalid_body("articles", "an article comes twice"));
        }
    }
    Ok(links.into_iter().map(ArticleLinkJson::into_link).collect())
}

/// What a market's outcomes are when its operator does not say: on a scale they say themselves.
fn usual_outcomes(kind: KindWord) -> Result<Vec<OutcomeSpec>, Problem> {
    if kind != KindWord::Scalar {
        return Err(Problem::invalid_body(
            "outcomes",
            "only a scalar market can leave them out",
        ));
    }
    let bodies = [("long", "Long"), ("short", "Short")].map(|(key, name)| OutcomeBody {
        key: key.to_owned(),
        name: Text(name.to_owned()),
        prior: None,
    });
    outcomes(bodies.into())
}

pub(super) fn outcomes(bodies: Vec<OutcomeBody>) -> Result<Vec<OutcomeSpec>, Problem> {
    let given = bodies
        .iter()
        .filter(|outcome| outcome.prior.is_some())
        .count();
    if given != 0 && given != bodies.len() {
        return Err(Problem::invalid_body(
            "outcomes",
            "either all have a prior, or none has",
        ));
    }
    let equal = equal_priors(bodies.len());
    let outcome = |(body, equal): (OutcomeBody, Fraction)| OutcomeSpec {
        key: body.key,
        name: body.name.0,
        prior: body.prior.map_or(equal, |prior| prior.0),
    };
    Ok(bodies.into_iter().zip(equal).map(outcome).collect())
}

/// As equal as ticks allow: the first ones get the ticks that are left over.
fn equal_priors(outcomes: usize) -> Vec<Fraction> {
    let outcomes = u16::try_from(outcomes.clamp(1, MAX_OUTCOMES)).unwrap_or(1);
    let (each, over) = (TICKS / outcomes, TICKS % outcomes);
    let prior = |ix: u16| Fraction::new(each + u16::from(ix < over)).unwrap_or(Fraction::ZERO);
    (0..outcomes).map(prior).collect()
}

impl RulesBody {
    pub(super) fn into_rules(self) -> Result<Rules, Problem> {
        let prose = self.edge_cases.iter().chain(&self.early_close);
        let prose = prose.map(|case| case.0.chars().count());
        if self.criteria.0.chars().count() + prose.sum::<usize>() > RULES_CHARS {
            let fault = format_args!("at most {RULES_CHARS} characters are allowed").to_string();
            return Err(Problem::invalid_body("rules", fault));
        }
        let sources = self
            .sources
            .into_iter()
            .enumerate()
            .map(|(ix, source)| source.into_source(ix));
        Ok(Rules {
            criteria: self.criteria.0,
            edge_cases: plain(self.edge_cases),
            sources: sources.collect::<Result<_, _>>()?,
            early_close: (!self.early_close.is_empty()).then(|| plain(self.early_close)),
        })
    }
}

impl SourceBody {
    /// Pages link to it, so it has to be an address of the web and nothing else.
    fn into_source(self, ix: usize) -> Result<Source, Problem> {
        let url = self.url.0;
        let of_the_web = url.starts_with("https://") || url.starts_with("http://");
        if !of_the_web || url.chars().any(char::is_whitespace) {
            let field = format!("rules.sources[{ix}].url");
            return Err(Problem::invalid_body(
                &field,
                "not an http or https address",
            ));
        }
        Ok(Source {
            name: self.name.0,
            url,
            primary: self.primary,
        })
    }
}

impl ArticleLinkJson {
    /// The core's link.
    pub fn into_link(self) -> ArticleLink {
        ArticleLink {
            article: self.article,
            role: self.role.into(),
        }
    }

    /// A link as everyone may see it.
    pub fn of(link: &ArticleLink) -> ArticleLinkJson {
        ArticleLinkJson {
            article: link.article.clone(),
            role: link.role.into(),
        }
    }
}

//! Markets: as they are drafted, as everyone may see them, and what is traded in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::life::{
    Clarification, ClosedEarly, Correction, CorrectionProposal, Halt, Objection, Proposal,
    Settlement, Void, VoidProposal,
};
use super::question::{AskForReview, NewWorld, Review, World};
use super::words::{Kind, LinkRole, MarketStatus, Side, Source};

/// A market as everyone may see it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Market {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// How the outcomes are to be read.
    pub kind: Kind,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: MarketStatus,
    /// Its outcomes with their odds.
    pub outcomes: Vec<MarketOutcome>,
    /// Of a scalar market: what its number is measured in and between which ends.
    pub scale: Option<Scale>,
    /// Of a scalar market: the number that the odds mean.
    pub expected: Option<Decimal>,
    /// Whether the odds of an outcome are only its last trade.
    pub thin: bool,
    /// Shares that takers filled so far.
    pub volume: Decimal,
    /// The most shares of one outcome that accounts hold.
    pub open_interest: Decimal,
    /// How it is decided.
    pub rules: Rules,
    /// What was added to the rules, oldest first.
    pub clarifications: Vec<Clarification>,
    /// The maker's liquidity in shares; none for a pure order book.
    pub liquidity: Option<Decimal>,
    /// Limit prices are multiples of it.
    pub tick: Decimal,
    /// What takers pay.
    pub taker_fee: Decimal,
    /// What the sponsor locked.
    pub subsidy: Decimal,
    /// What the sponsor would lose if an outcome happened at once; negative is a gain.
    pub worst_case: BTreeMap<String, Decimal>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The articles it belongs to.
    pub articles: Vec<ArticleLink>,
    /// Short made-up stories with what it comes to in each.
    #[serde(default)]
    pub worlds: Vec<World>,
    /// How it was read by others than its author; none, where nobody was asked to.
    #[serde(default)]
    pub review: Option<Review>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it is to open by itself.
    pub opens_at: Option<Timestamp>,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// Hours in which a proposed resolution can be disputed.
    pub dispute_hours: u32,
    /// How far its odds may move before it halts itself; none, where they may.
    #[serde(default)]
    pub price_band: Option<PriceBand>,
    /// Why trading stands still, when it does.
    pub halt: Option<Halt>,
    /// Why trading ended before its time; none, where it did not.
    #[serde(default)]
    pub closed_early: Option<ClosedEarly>,
    /// How it is proposed to resolve, or was.
    pub proposal: Option<Proposal>,
    /// Why it is proposed to call it off, or was.
    pub void_proposal: Option<VoidProposal>,
    /// What was objected to the proposal.
    pub objection: Option<Objection>,
    /// How it was settled.
    pub settlement: Option<Settlement>,
    /// Why it was called off.
    pub void: Option<Void>,
    /// Until when its end can be corrected; none before its end, and when it cannot.
    pub correctable_until: Option<Timestamp>,
    /// Another end that is proposed.
    pub correction: Option<CorrectionProposal>,
    /// How its end was corrected, oldest first.
    pub corrections: Vec<Correction>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// An outcome as everyone may see it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarketOutcome {
    /// Its name in requests.
    pub key: String,
    /// Its name on pages.
    pub name: String,
    /// The odds before the first trade.
    pub prior: Decimal,
    /// The number to show; none when nothing is known.
    pub odds: Option<Decimal>,
    /// Whether it is only the last trade.
    pub thin: bool,
    /// The best price at which a share of Yes can be sold.
    pub bid: Option<Decimal>,
    /// The best price at which a share of Yes can be bought.
    pub ask: Option<Decimal>,
    /// The last traded price of Yes.
    pub last: Option<Decimal>,
}

/// How far a market's odds may move before it halts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBand {
    /// The furthest that an outcome's odds may be from where they stood: 0.01 to 0.99.
    pub width: Decimal,
    /// At any moment of the last so many seconds: 1 to 3600.
    pub seconds: u32,
}

/// The scale of a scalar market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// At it or below, Short pays everything.
    pub low: Decimal,
    /// At it or above, Long pays everything.
    pub high: Decimal,
    /// What is counted, for people to read.
    pub unit: String,
}

/// How a market is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What counts as each outcome.
    pub criteria: String,
    /// What counts in the cases that people will argue about.
    pub edge_cases: Vec<String>,
    /// Who is believed; at least one.
    pub sources: Vec<RulesSource>,
    /// When trading ends before its time, clause by clause: up to 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early_close: Vec<String>,
}

/// Who is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesSource {
    /// Its name.
    pub name: String,
    /// Where to look.
    pub url: String,
    /// Whether it decides alone.
    pub primary: bool,
}

/// An article that belongs to a market, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleLink {
    /// The article's slug.
    pub article: String,
    /// Its part.
    pub role: LinkRole,
}

/// A market to be drafted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMarket {
    /// Its name in addresses: 3 to 80 of `a-z`, `0-9` and `-`.
    pub slug: String,
    /// How the outcomes are to be read.
    pub kind: Kind,
    /// What it asks.
    pub question: String,
    /// 2 to 256 of them; of a scalar market they can be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<NewOutcome>,
    /// Of a scalar market, and of no other: what its number is measured in and between which ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How it is decided.
    pub rules: Rules,
    /// The maker's liquidity in shares; without it the market is a pure order book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<Decimal>,
    /// Limit prices are multiples of it: 0.0001 when absent, 0.001 or 0.01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick: Option<Decimal>,
    /// What takers pay, 0 to 0.1; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker_fee: Option<Decimal>,
    /// When it opens by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// When it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Timestamp>,
    /// Hours in which a proposed resolution can be disputed, 0 to 720; 24 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute_hours: Option<u32>,
    /// How far its odds may move before it halts itself; they may when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_band: Option<PriceBand>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The articles it hangs off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<ArticleLink>,
    /// Up to 12 short made-up stories with what it comes to in each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worlds: Vec<NewWorld>,
    /// Whether somebody else has to read it before it opens; they need not when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<AskForReview>,
}

impl NewMarket {
    /// A market on yes or no, without a maker; everything else can be set on it.
    pub fn binary(slug: impl Into<String>, question: impl Into<String>, rules: Rules) -> NewMarket {
        NewMarket {
            slug: slug.into(),
            kind: Kind::Binary,
            question: question.into(),
            outcomes: [("yes", "Yes"), ("no", "No")]
                .map(|(key, name)| NewOutcome::of(key, name))
                .into(),
            scale: None,
            rules,
            liquidity: None,
            tick: None,
            taker_fee: None,
            opens_at: None,
            closes_at: None,
            dispute_hours: None,
            price_band: None,
            tags: Vec::new(),
            articles: Vec::new(),
            worlds: Vec::new(),
            review: None,
        }
    }
}

/// An outcome to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOutcome {
    /// Its name in requests: 1 to 40 of `a-z`, `0-9`, `_` and `-`.
    pub key: String,
    /// Its name on pages.
    pub name: String,
    /// The maker's odds before the first trade. All outcomes of a market have one, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Decimal>,
}

impl NewOutcome {
    /// An outcome without odds of its own.
    pub fn of(key: impl Into<String>, name: impl Into<String>) -> NewOutcome {
        NewOutcome {
            key: key.into(),
            name: name.into(),
            prior: None,
        }
    }
}

/// Which markets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MarketFilter {
    /// Only those that stand here in their life; all but drafts when absent.
    pub status: Option<MarketStatus>,
    /// Only those with this tag, in whatever case.
    pub tag: Option<String>,
    /// Only those that belong to this article.
    pub article: Option<String>,
    /// Only those with these words in question, slug, outcomes or tags.
    pub q: Option<String>,
}

/// Which part of which book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BookQuery {
    /// The outcome's key; the first outcome when absent.
    pub outcome: Option<String>,
    /// Levels on each side, 1 to 200; 20 when absent.
    pub depth: Option<u32>,
    /// Whether the maker's shares are shown; they are when absent.
    pub maker: Option<MakerDepth>,
}

/// Whether the maker's shares are shown in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MakerDepth {
    /// With the maker's shares at each price.
    Include,
    /// Resting orders only.
    Exclude,
}

/// The book of one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Book {
    /// The market's slug.
    pub market: String,
    /// The outcome's key.
    pub outcome: String,
    /// Where Yes can be sold, best first.
    pub bids: Vec<Level>,
    /// Where Yes can be bought, best first.
    pub asks: Vec<Level>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
    /// Of what it shows: the same has the same, whenever that is. Streams are held against it.
    #[serde(default)]
    pub checksum: Option<u32>,
}

/// What can be traded at a price, and not at a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Level {
    /// The price of one share of Yes.
    pub price: Decimal,
    /// Shares of resting orders on this outcome.
    pub resting: Decimal,
    /// Shares of complete sets, made with the best orders of all other outcomes.
    pub implied: Decimal,
    /// Shares of the maker's.
    pub maker: Decimal,
}

/// A trade. Always told as Yes on `outcome`: No bought is Yes sold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Trade {
    /// The market's slug.
    pub market: String,
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The outcome's key.
    pub outcome: String,
    /// What the incoming order did.
    pub side: Side,
    /// The price of one share; the average in sets and along the maker's curve.
    pub price: Decimal,
    /// How many shares.
    pub quantity: Decimal,
    /// With whom.
    pub source: Source,
    /// Which version of the market's rules it was made under: how many clarifications they had by then.
    #[serde(default)]
    pub rules_version: u32,
}

/// A market's odds as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Odds {
    /// The market's slug.
    pub market: String,
    /// Where the market stands in its life.
    pub status: MarketStatus,
    /// The number to show for each outcome; none where nothing is known.
    pub odds: BTreeMap<String, Option<Decimal>>,
    /// Of a scalar market: the number that the odds mean.
    #[serde(default)]
    pub expected: Option<Decimal>,
    /// Whether one of them is only its last trade.
    pub thin: bool,
    /// The moment that this is as of.
    pub at: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
    /// Of what it shows: the same has the same, whenever that is. Streams are held against it.
    #[serde(default)]
    pub checksum: Option<u32>,
}

/// A market's odds as they were from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OddsPoint {
    /// The market's slug.
    pub market: String,
    /// Where the market stood in its life.
    pub status: MarketStatus,
    /// The number that was shown for each outcome; none where nothing was known.
    pub odds: BTreeMap<String, Option<Decimal>>,
    /// From when on.
    pub at: Timestamp,
    /// The place in the journal of the command that made them so.
    pub seq: u64,
}

/// A market entered another phase of its life.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarketEvent {
    /// The market's slug.
    pub market: String,
    /// Its phase from here on.
    pub status: MarketStatus,
    /// When.
    pub at: Timestamp,
    /// The place in the journal.
    pub seq: u64,
    /// Why trading stands still, when it does.
    #[serde(default)]
    pub halt: Option<Halt>,
}

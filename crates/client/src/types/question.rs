//! Questions on their way to be asked: stories and what they come to, what a check finds, templates, and what
//! somebody else makes of a draft.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::market::{ArticleLink, NewMarket, Rules};
use super::words::{Kind, MarketStatus};

/// What a market comes to in a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The outcome that happened, by its key.
    Outcome(String),
    /// Of a scalar market: the number that came out.
    Value(Decimal),
    /// It is called off: always true.
    Void(bool),
}

/// A short made-up story with what its author says the market comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWorld {
    /// What happens in it.
    pub story: String,
    /// What the market comes to.
    pub comes_to: Verdict,
}

/// Whether somebody else has to read a draft before it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskForReview {
    /// Another operator reads its stories blindly and approves it.
    Required,
    /// It opens without, unless the exchange asks for a review of every market.
    None,
}

/// A short made-up story as everyone may see it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct World {
    /// What happens in it.
    pub story: String,
    /// What the market comes to; none while somebody still has to find that by the rules.
    pub comes_to: Option<Verdict>,
}

/// How a draft was read by others than its author.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Review {
    /// Whether it opens only once another operator has read it alike and approved it.
    pub required: bool,
    /// Of a draft: names the words that it has. A review says which words it is of.
    pub text: Option<String>,
    /// Who read it, oldest first.
    pub readings: Vec<Reading>,
}

/// How somebody read a draft.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reading {
    /// The operator who read it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Names the words that were read.
    pub text: String,
    /// Whether they came to what its author says in every story.
    pub alike: bool,
    /// Whether it may open as it was.
    pub approved: bool,
    /// What they say about it.
    pub note: Option<String>,
}

/// What somebody else than its author makes of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewMarket {
    /// The words that were read: `text` of the market's [`Review`].
    pub text: String,
    /// What it comes to, story by story.
    pub verdicts: Vec<Verdict>,
    /// Whether it may open.
    pub approve: bool,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A draft was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarketReviewed {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// Whether every story was read as its author meant it.
    pub alike: bool,
    /// Whether it may open as it is.
    pub approved: bool,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CheckedQuestion {
    /// The draft's language: `en`, `ja`, `ko`, or `und` when its script does not tell.
    pub language: String,
    /// Whether any finding is a blocker.
    pub blocked: bool,
    /// Blockers first.
    pub findings: Vec<Finding>,
    /// Codes that were not looked for, because they cannot be in that language.
    pub not_checked: Vec<String>,
    /// Markets that trade and ask nearly the same, the nearest first.
    pub similar: Vec<SimilarMarket>,
}

/// Something that a draft should be cured of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// Its stable name.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where, as a path into the draft.
    pub field: String,
    /// What to do.
    pub advice: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it stands, people will not agree on the answer, or not know when it is due.
    Blocker,
    /// Somebody should look: it may be right as it is.
    Warning,
}

/// A market that asks nearly the same.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SimilarMarket {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: MarketStatus,
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// How near it is, in hundredths.
    pub score: u32,
}

/// A template for questions, and what is to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct QuestionTemplate {
    /// Its name.
    pub template: String,
    /// What it asks, in a line.
    pub about: String,
    /// Languages in which it speaks.
    pub languages: Vec<String>,
    /// What is to be filled in.
    pub blanks: Vec<QuestionBlank>,
}

/// Something to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct QuestionBlank {
    /// Its name.
    pub name: String,
    /// What belongs there.
    pub about: String,
    /// What it is made of.
    pub form: BlankForm,
}

/// What a blank is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankForm {
    /// Words that stand in a sentence.
    Words,
    /// A moment with its offset: rules tell it in that zone.
    Moment,
    /// An http or https address.
    Address,
}

/// What a template is filled with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FillTemplate {
    /// The language of the draft, `en`, `ja` or `ko`; the article's when absent, or English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The article that the question is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// What belongs in each blank.
    pub blanks: BTreeMap<String, String>,
}

/// A draft that a template made, and what a check finds in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FilledTemplate {
    /// What it made.
    pub draft: QuestionDraft,
    /// What a check finds in it.
    pub checked: CheckedQuestion,
}

/// A draft as a template makes it: [`QuestionDraft::named`] is a market to be drafted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct QuestionDraft {
    /// How the outcomes are to be read.
    pub kind: Kind,
    /// What it asks.
    pub question: String,
    /// What can happen.
    pub outcomes: Vec<super::market::NewOutcome>,
    /// How it is decided.
    pub rules: Rules,
    /// The deadline, at which trading ends.
    pub closes_at: Timestamp,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The article that it is about.
    pub articles: Vec<ArticleLink>,
    /// Short made-up stories, with what it comes to in each.
    pub worlds: Vec<NewWorld>,
    /// That another operator reads it before it opens.
    pub review: AskForReview,
}

impl QuestionDraft {
    /// The market with a name in addresses; everything else can be set on it.
    pub fn named(self, slug: impl Into<String>) -> NewMarket {
        NewMarket {
            kind: self.kind,
            outcomes: self.outcomes,
            closes_at: Some(self.closes_at),
            tags: self.tags,
            articles: self.articles,
            worlds: self.worlds,
            review: Some(self.review),
            ..NewMarket::binary(slug, self.question, self.rules)
        }
    }
}

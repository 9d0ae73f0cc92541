//! Suggestions on the wire.

use serde::Serialize;
use tidings_news::suggest::{Reason, ReasonKind, Relevance};
use utoipa::ToSchema;

use crate::wire::words::StatusWord;

/// A market that an article may belong to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedMarket {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: StatusWord,
    /// The sum of what the reasons weigh.
    pub score: u32,
    /// Why, the heaviest reason first.
    pub reasons: Vec<ReasonJson>,
}

/// An article that may belong to a market.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedArticle {
    /// The article's slug.
    pub article: String,
    /// Its headline, as text.
    pub title: String,
    /// The sum of what the reasons weigh.
    pub score: u32,
    /// Why, the heaviest reason first.
    pub reasons: Vec<ReasonJson>,
}

/// Something that an article and a market both have.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionReason)]
pub struct ReasonJson {
    /// What it is.
    pub kind: ReasonWord,
    /// It, as it is written in one of the two.
    #[schema(example = "South Korea")]
    pub text: String,
    /// What it adds to the score.
    pub weight: u32,
}

/// What can make an article and a market be about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SuggestionReasonKind)]
pub enum ReasonWord {
    /// Both have the tag.
    Tag,
    /// The article has the tag, and the question names it.
    TagInQuestion,
    /// A name in the question stands in the article.
    Name,
    /// An outcome stands in the article.
    Outcome,
    /// A word of the question stands in the article's headline or summary.
    Word,
}

impl ReasonJson {
    pub(crate) fn all(relevance: Relevance) -> Vec<ReasonJson> {
        let reasons = relevance.reasons.into_iter();
        let shown = |reason: Reason| ReasonJson {
            kind: match reason.kind {
                ReasonKind::Tag => ReasonWord::Tag,
                ReasonKind::TagInQuestion => ReasonWord::TagInQuestion,
                ReasonKind::Name => ReasonWord::Name,
                ReasonKind::Outcome => ReasonWord::Outcome,
                ReasonKind::Word => ReasonWord::Word,
            },
            text: reason.text,
            weight: reason.weight,
        };
        reasons.map(shown).collect()
    }
}

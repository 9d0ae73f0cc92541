//! A week as it is told: once, and the same for ever.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::text::Text;
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, OddsText};

/// A week as it is told. All that it says is as it was when the week was over: nothing of it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Digest)]
pub struct DigestJson {
    /// Its name: the year and the week of ISO 8601.
    #[schema(example = "2026-w48")]
    pub week: String,
    /// Monday, 00:00 UTC.
    pub from: Time,
    /// The next Monday, 00:00 UTC, which is not in it.
    pub until: Time,
    /// Where its links lead.
    #[schema(example = "https://odds.example")]
    pub base_url: String,
    /// Articles of the week, those that editors featured and whose markets were traded most first.
    pub stories: Vec<DigestStory>,
    /// Markets whose odds moved most between the ends of the week.
    pub movers: Vec<DigestMover>,
    /// Markets that close in the two weeks after it, the next first.
    pub closing: Vec<DigestClosing>,
    /// Markets that were resolved or called off in it, in that order of time.
    pub resolved: Vec<DigestResolved>,
}

impl DigestJson {
    /// Whether nothing happened that is told.
    pub fn is_empty(&self) -> bool {
        self.stories.is_empty()
            && self.movers.is_empty()
            && self.closing.is_empty()
            && self.resolved.is_empty()
    }
}

/// An article of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestStory {
    /// Its slug.
    pub article: String,
    /// The headline, as text.
    pub title: String,
    /// Some sentences, as text.
    pub summary: String,
    /// The language of both, as a BCP 47 tag; `und` where nobody knows it. Weeks that were kept before it was told have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it appeared.
    pub at: Time,
    /// The market that it is most about.
    pub market: Option<DigestOdds>,
}

/// What a market said at an end of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestOdds {
    /// Its slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// The name of the outcome that speaks for it.
    pub outcome: String,
    /// When the article appeared; null where nothing was known.
    pub at_publication: Option<OddsText>,
    /// When the week was over.
    pub odds: OddsText,
}

/// A market whose odds moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestMover {
    /// Its slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// The name of the outcome that moved most.
    pub outcome: String,
    /// When the week began, or when the market opened in it.
    pub before: OddsText,
    /// When the week was over.
    pub after: OddsText,
}

/// A market that closes soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestClosing {
    /// Its slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// The name of the outcome that speaks for it.
    pub outcome: String,
    /// When the week was over; null where nothing was known.
    pub odds: Option<OddsText>,
    /// When it closes.
    pub closes_at: Time,
}

/// A market that was resolved or called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestResolved {
    /// Its slug.
    pub market: String,
    /// What it asked.
    pub question: String,
    /// The name of the outcome that pays most; null when the market was called off.
    pub outcome: Option<String>,
    /// What a share of it pays.
    pub pays: Option<FractionText>,
    /// What the market said of that outcome last, while it could be traded.
    pub at_close: Option<OddsText>,
    /// A day before that; null where it was not open yet.
    pub day_before: Option<OddsText>,
    /// A week before that; null where it was not open yet.
    pub week_before: Option<OddsText>,
    /// When it was resolved or called off.
    pub at: Time,
}

/// A week that was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DigestLine {
    /// Its name: the year and the week of ISO 8601.
    #[schema(example = "2026-w48")]
    pub week: String,
    /// Monday, 00:00 UTC.
    pub from: Time,
    /// The next Monday, 00:00 UTC, which is not in it.
    pub until: Time,
    /// When it was made.
    pub made_at: Time,
}

/// Who wants the digest.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Subscribe, example = json!({"address": "reader@paper.example"}))]
pub struct SubscribeBody {
    /// An address for mail, in ASCII. Nothing is sent to it but one question, until that is answered.
    pub address: Text<254>,
}

/// What became of an address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscribed)]
pub struct SubscribedJson {
    /// Always `asked`: whether the address was known before is told to nobody but who reads its mail.
    #[schema(example = "asked")]
    pub status: &'static str,
}

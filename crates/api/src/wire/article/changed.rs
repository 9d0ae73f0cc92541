//! What of an article is other in one of its versions than in the one before.

use serde::Serialize;
use tidings_store::Article;
use utoipa::ToSchema;

/// What a version says other than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArticleChange)]
pub enum ChangedWord {
    /// The headline.
    Title,
    /// The summary.
    Summary,
    /// The text.
    Body,
    /// Who wrote it.
    Byline,
    /// Section, tags or flags: where it stands and what it is about.
    Place,
    /// Who published the original.
    Publisher,
    /// When the original was published.
    PublishedAt,
    /// What it is written in.
    Language,
    /// The address of the original.
    CanonicalUrl,
    /// From when on it may be seen.
    EmbargoedUntil,
    /// Whether it may be shown.
    Status,
}

/// All that is other in a version than in the one before it.
pub fn changed(before: &Article, version: &Article) -> Vec<ChangedWord> {
    // Whoever adds a member to articles says here whether it is part of what one says.
    let Article {
        key: _,
        slug: _,
        version: _,
        canonical_url,
        publisher,
        language,
        section,
        tags,
        flags,
        title,
        summary,
        body_html,
        body_text: _,
        body_hash: _,
        byline,
        published_at,
        first_seen_at: _,
        updated_at: _,
        embargoed_until,
        status,
        author: _,
    } = before;
    let placed = (section, tags, flags);
    let now_placed = (&version.section, &version.tags, &version.flags);
    let differs = [
        (*title != version.title, ChangedWord::Title),
        (*summary != version.summary, ChangedWord::Summary),
        (*body_html != version.body_html, ChangedWord::Body),
        (*byline != version.byline, ChangedWord::Byline),
        (placed != now_placed, ChangedWord::Place),
        (*publisher != version.publisher, ChangedWord::Publisher),
        (
            *published_at != version.published_at,
            ChangedWord::PublishedAt,
        ),
        (*language != version.language, ChangedWord::Language),
        (
            *canonical_url != version.canonical_url,
            ChangedWord::CanonicalUrl,
        ),
        (
            *embargoed_until != version.embargoed_until,
            ChangedWord::EmbargoedUntil,
        ),
        (*status != version.status, ChangedWord::Status),
    ];
    let differs = differs.into_iter().filter(|(differs, _)| *differs);
    differs.map(|(_, word)| word).collect()
}

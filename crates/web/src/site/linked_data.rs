//! What machines read about a page: schema.org's words for an article, and for a question with an observation of
//! each outcome's odds; and what networks show of a link.

use tidings_api::App;
use tidings_api::wire::scale::expected;
use tidings_core::view::MarketView;
use tidings_store::Article;

use crate::card::{Card, shown_odds};
use crate::embed::social;
use crate::figures;
use crate::moment::Moment;

/// A page as others show a link to it.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) url: String,
    /// Where the text is at home: here, or where it was published first.
    pub(crate) canonical: String,
    pub(crate) image: String,
    /// What the picture says.
    pub(crate) alt: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Share {
    /// A market's page.
    pub(crate) fn market(app: &App, card: &Card) -> Share {
        let question = card.question.clone();
        Share::of(app, "website", "markets", &card.slug, question, Some(card))
    }

    /// An article's page, with the odds that its picture has.
    pub(crate) fn article(app: &App, article: &Article, card: Option<&Card>) -> Share {
        let title = article.title.clone();
        let share = Share::of(app, "article", "articles", &article.slug, title, card);
        let home = article.canonical_url.clone();
        let home = home.filter(|url| url.starts_with("https://"));
        Share {
            canonical: home.unwrap_or_else(|| share.url.clone()),
            ..share
        }
    }

    fn of(
        app: &App,
        kind: &'static str,
        path: &str,
        slug: &str,
        title: String,
        card: Option<&Card>,
    ) -> Share {
        let base = app.base_url();
        Share {
            kind,
            url: format!("{base}/{path}/{slug}"),
            canonical: format!("{base}/{path}/{slug}"),
            image: format!("{base}/og/{path}/{slug}.png"),
            alt: card.map_or_else(|| title.clone(), in_words),
            title,
            width: social::WIDTH,
            height: social::HEIGHT,
        }
    }
}

/// A card in a line.
fn in_words(card: &Card) -> String {
    let rows = card.outcomes.iter();
    let odds: Vec<_> = rows
        .map(|row| format!("{} {}", row.name, row.shown))
        .collect();
    format!(
        "{} {}. {}. {} {}",
        card.question,
        odds.join(", "),
        card.word(),
        card.words().as_of,
        card.as_of.text
    )
}

/// An article, with the questions that it raised.
pub(crate) fn article<'a>(
    app: &App,
    article: &Article,
    markets: impl IntoIterator<Item = &'a MarketView>,
) -> serde_json::Value {
    let url = format!("{}/articles/{}", app.base_url(), article.slug);
    let named = |kind: &str, name: &Option<String>| {
        let name = name.as_ref()?;
        Some(serde_json::json!({"@type": kind, "name": name}))
    };
    serde_json::json!({
        "@context": "https://schema.org", "@type": "NewsArticle", "mainEntityOfPage": url,
        "headline": article.title, "description": article.summary, "url": url,
        "image": format!("{}/og/articles/{}.png", app.base_url(), article.slug),
        "inLanguage": article.language, "articleSection": article.section,
        "keywords": article.tags, "dateModified": Moment::exact(article.updated_at).iso,
        "datePublished": article.published_at.map(|at| Moment::exact(at).iso),
        "author": named("Person", &article.byline),
        "publisher": named("Organization", &article.publisher),
        "mentions": markets.into_iter().map(|view| asked(app, view)).collect::<Vec<_>>(),
    })
}

/// A market as the question that it asks.
pub(crate) fn question(app: &App, view: &MarketView) -> serde_json::Value {
    let mut question = asked(app, view);
    question["@context"] = "https://schema.org".into();
    question["text"] = view.spec.rules.criteria.clone().into();
    question["mainEntityOfPage"] = question["url"].clone();
    question["image"] = format!("{}/og/markets/{}.png", app.base_url(), view.spec.slug).into();
    question
}

/// A question with an observation for each outcome, and for the number that a scale's odds mean.
fn asked(app: &App, view: &MarketView) -> serde_json::Value {
    let at = Moment::exact(view.as_of.at).iso;
    let outcomes = view.spec.outcomes.iter().zip(shown_odds(view));
    let observations = outcomes.map(|(outcome, odds)| {
        serde_json::json!({
            "@type": "Observation", "name": outcome.name, "observationDate": at,
            "measuredProperty": "probability", "value": odds.map(figures::decimal),
        })
    });
    let expected = view.spec.scale.as_ref().zip(expected(view));
    let expected = expected.map(|(scale, number)| {
        serde_json::json!({
            "@type": "Observation", "name": "Expected", "observationDate": at,
            "measuredProperty": "expected value", "value": number.to_string(),
            "unitText": scale.unit,
        })
    });
    serde_json::json!({
        "@type": "Question", "name": view.spec.question,
        "url": format!("{}/markets/{}", app.base_url(), view.spec.slug),
        "dateCreated": Moment::exact(view.created_at).iso,
        "about": observations.chain(expected).collect::<Vec<_>>(),
    })
}

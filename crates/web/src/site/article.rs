//! An article with the odds of its markets: as they were at its publication, and as they are.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use tidings_api::App;
use tidings_api::articles::{appeared as published, odds_at_publication};
use tidings_api::versions::public_versions;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Article, OddsSnapshot};

use crate::answer;
use crate::card::Card;
use crate::embed::snippet;
use crate::figures;
use crate::moment::Moment;
use crate::named::Named;
use crate::news::{Place, Story, appeared, changes, encoded, places};
use crate::scale;
use crate::site::linked_data::{self, Share};
use crate::site::{Frame, Unavailable, markets_of, missing};
use crate::words::Lang;

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    frame: Frame,
    story: Story,
    language: String,
    /// The summary, unless it only repeats the body.
    standfirst: Option<String>,
    publisher: Option<String>,
    version: u32,
    corrected: Option<Moment>,
    /// From the store: passed the allow-list on its way in.
    body: String,
    canonical: Option<String>,
    tags: Vec<Place>,
    markets: Vec<Linked>,
    snippet: String,
    /// What it said when, newest first; empty of an article that always said the same.
    versions: Vec<Version>,
    /// Of a version that was replaced: when it was said, and until when.
    replaced: Option<(Moment, Moment)>,
}

/// A line of an article's history.
struct Version {
    number: u32,
    /// Since when it was what the article said.
    since: Moment,
    /// Its address; none of the version that is shown.
    href: Option<String>,
    headline: String,
    language: String,
    /// What it said other than the one before: `headline, text`; nothing of the first one.
    changed: String,
}

/// A market of the article.
struct Linked {
    card: Card,
    /// What the odds below are of: the article's publication, or when it came in where nobody knows of that.
    when: &'static str,
    /// The odds at publication, in the card's order.
    then: Vec<String>,
    /// Of a scalar market: the number that they meant.
    meant: Option<String>,
    note: Option<String>,
}

pub(crate) async fn article(
    State(app): State<App>,
    Named(slug): Named,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let found = app.store().article(&slug).await?;
    let Some(article) = found.filter(|article| article.is_public(app.now())) else {
        let words = "There is no article at this address.";
        return Ok(missing::not_found(&app, &asked, "No such article", words));
    };
    let versions = match article.version {
        1 => Vec::new(),
        _ => public_versions(&app, &slug).await?,
    };
    let snapshots = odds_at_publication(&app, &article).await?;
    let markets = markets_of(&app.exchange().markets(), &slug);
    let height = snippet::article_height(&markets, snippet::WIDTH);
    let page = ArticlePage {
        frame: frame(&app, &article, &markets),
        story: Story::of(&article),
        language: article.language.clone(),
        standfirst: standfirst(&article),
        publisher: article.publisher.clone(),
        version: article.version,
        corrected: (article.version > 1).then(|| Moment::prose(article.updated_at, Lang::En)),
        canonical: article
            .canonical_url
            .clone()
            .filter(|url| url.starts_with("https://")),
        tags: places(&article.tags),
        snippet: snippet::element(&app, "article", &slug, height),
        markets: markets
            .iter()
            .map(|view| linked(view, &article, &snapshots))
            .collect(),
        versions: history(&versions, article.version),
        replaced: None,
        body: article.body_html,
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// `/articles/{slug}/versions/{version}`: what the article said before it was corrected, as the API tells it.
pub(crate) async fn version(
    State(app): State<App>,
    address: Result<Path<(String, String)>, PathRejection>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    // What cannot be decoded is a version that nothing has.
    let (slug, asked_for) = address.map_or_else(|_| Default::default(), |Path(address)| address);
    let versions = public_versions(&app, &slug).await?;
    let place = versions
        .iter()
        .position(|version| version.version.to_string() == asked_for);
    let Some(place) = place else {
        let words = "Nothing that everybody could read stands at this address.";
        return Ok(missing::not_found(&app, &asked, "No such version", words));
    };
    // The newest has an address of its own.
    let Some(next) = place.checked_sub(1).map(|next| &versions[next]) else {
        return Ok(Redirect::temporary(&format!("/articles/{}", encoded(&slug))).into_response());
    };
    let article = &versions[place];
    let title = format!("{} – version {} – Tidings", article.title, article.version);
    let since = Moment::prose(since(article), Lang::En);
    let page = ArticlePage {
        frame: Frame::new(&app, title, "").unindexed(),
        story: Story::of(article),
        language: article.language.clone(),
        standfirst: standfirst(article),
        publisher: article.publisher.clone(),
        version: article.version,
        corrected: None,
        canonical: None,
        tags: Vec::new(),
        snippet: String::new(),
        markets: Vec::new(),
        versions: history(&versions, article.version),
        replaced: Some((since, Moment::prose(next.updated_at, Lang::En))),
        body: article.body_html.clone(),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// When a version was first to be read: its first one when the article appeared, or when its embargo ended.
fn since(version: &Article) -> Timestamp {
    let written = match version.version {
        1 => appeared(version).max(version.first_seen_at),
        _ => version.updated_at,
    };
    version
        .embargoed_until
        .map_or(written, |end| end.max(written))
}

fn history(versions: &[Article], shown: u32) -> Vec<Version> {
    let newest = versions.first().map_or(shown, |newest| newest.version);
    let before = versions.iter().skip(1).map(Some).chain([None]);
    let line = |(version, before): (&Article, Option<&Article>)| {
        let page = format!("/articles/{}", encoded(&version.slug));
        let href = match version.version == newest {
            true => page,
            false => format!("{page}/versions/{}", version.version),
        };
        Version {
            number: version.version,
            since: Moment::prose(since(version), Lang::En),
            href: (version.version != shown).then_some(href),
            headline: version.title.clone(),
            language: version.language.clone(),
            changed: before.map_or_else(String::new, |before| changes(before, version)),
        }
    };
    match versions.len() {
        0 | 1 => Vec::new(),
        _ => versions.iter().zip(before).map(line).collect(),
    }
}

fn frame(app: &App, article: &Article, markets: &[Arc<MarketView>]) -> Frame {
    let card = markets.first().map(|view| Card::of(view, Lang::En));
    let data = linked_data::article(app, article, markets.iter().map(AsRef::as_ref));
    let mut frame = Frame::new(app, format!("{} – Tidings", article.title), "")
        .describe(&article.summary)
        .linked_data(&data)
        .shared(app, Share::article(app, article, card.as_ref()));
    frame.events = Some(format!("/v1/articles/{}/events", article.slug));
    frame
}

fn standfirst(article: &Article) -> Option<String> {
    let summary = article.summary.trim();
    let start: String = summary.chars().take(60).collect();
    let repeats = article
        .body_text
        .trim_start()
        .starts_with(start.trim_end_matches('…'));
    (!summary.is_empty() && !repeats).then(|| summary.to_owned())
}

fn linked(view: &Arc<MarketView>, article: &Article, snapshots: &[OddsSnapshot]) -> Linked {
    let card = Card::of(view, Lang::En);
    let snapshot = snapshots.iter().find(|snapshot| snapshot.market == view.id);
    let place = |key: &str| {
        view.spec
            .outcomes
            .iter()
            .position(|outcome| outcome.key == key)
    };
    let then = |key: &str| {
        let odds = snapshot?.odds.get(place(key)?).copied().flatten();
        odds.map(figures::percent)
    };
    let shown = card
        .outcomes
        .iter()
        .map(|row| then(&row.key).unwrap_or_else(|| "–".to_owned()));
    let opened_later = view
        .opened_at
        .is_none_or(|opened| opened > published(article));
    let long = snapshot.and_then(|snapshot| snapshot.odds.first().copied().flatten());
    Linked {
        meant: scale::meant(view, long),
        when: match article.published_at {
            Some(_) => "At publication",
            None => "When it came in",
        },
        then: shown.collect(),
        note: note(snapshot, opened_later, article),
        card,
    }
}

/// What has to be said of the odds at publication, or of their absence.
fn note(snapshot: Option<&OddsSnapshot>, opened_later: bool, article: &Article) -> Option<String> {
    let published = article.published_at.map(|_| published(article));
    let told = match (snapshot, opened_later, published) {
        (Some(snapshot), _, Some(at)) if snapshot.at == at => return None,
        // What was kept stays when the moment is corrected.
        (Some(snapshot), ..) => {
            let at = Moment::prose(snapshot.at, Lang::En).text;
            match published {
                None => format!("Publication time unknown: the odds are of {at}, when it came in."),
                Some(_) => format!("The odds are of {at}: its time was corrected later."),
            }
        }
        (None, true, Some(_)) => "Opened after publication.".to_owned(),
        (None, true, None) => "Opened after it came in.".to_owned(),
        (None, false, _) => "No odds of then are known.".to_owned(),
    };
    Some(told)
}

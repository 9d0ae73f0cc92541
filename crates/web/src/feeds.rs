//! What readers' own programs follow: articles and what moved, as RSS, Atom and JSON Feed, and the
//! closes of markets as a calendar.
//!
//! In: what everyone may see at this moment. Out: documents that say the same for as long as nothing
//! happens, so that whoever has one is told so. An article that is withheld, cancelled or under embargo is in none of
//! them; odds that are still being made are in none either, but only those that history is certain of.

mod articles;
mod atom;
mod closes;
mod json;
mod moves;
mod rss;
mod weekly;

use axum::Extension;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use tidings_api::App;
use tidings_core::units::Timestamp;

use crate::answer;
use crate::named::Named;
use crate::news::encoded;
use crate::site::{NotNow, missing};

pub(crate) use moves::Moves;

/// Entries of a feed at most: more than a reader's program takes in between two looks.
const MOST: usize = 50;

/// The addresses.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/feeds/{file}", get(file))
        .layer(Extension(Moves::default()))
}

/// A feed, in whatever form it is written.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) title: String,
    pub(crate) description: String,
    /// The page that says the same to people.
    pub(crate) page: String,
    /// Its own address.
    pub(crate) address: String,
    /// Newest first.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a feed.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its name for ever: an address, or a `tag:` of RFC 4151.
    pub(crate) id: String,
    pub(crate) link: String,
    pub(crate) title: String,
    /// As text.
    pub(crate) summary: String,
    /// As HTML that passed the allow-list; none where the summary says it all.
    pub(crate) html: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) language: Option<String>,
    pub(crate) published: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Feed {
    /// When something in it last changed. A feed without entries has never changed.
    fn updated(&self) -> Timestamp {
        let newest = self.entries.iter().map(|entry| entry.updated).max();
        newest.unwrap_or(Timestamp::from_micros(0))
    }
}

/// The forms of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Rss,
    Atom,
    Json,
}

impl Form {
    fn of(ending: &str) -> Option<Form> {
        match ending {
            "rss" => Some(Form::Rss),
            "atom" => Some(Form::Atom),
            "json" => Some(Form::Json),
            _ => None,
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Form::Rss => "rss",
            Form::Atom => "atom",
            Form::Json => "json",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Form::Rss => "application/rss+xml",
            Form::Atom => "application/atom+xml",
            Form::Json => "application/feed+json",
        }
    }

    fn write(self, feed: &Feed) -> String {
        match self {
            Form::Rss => rss::write(feed),
            Form::Atom => atom::write(feed),
            Form::Json => json::write(feed),
        }
    }
}

/// What is wanted of a feed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    tag: Option<String>,
    section: Option<String>,
    /// A market's slug or id.
    market: Option<String>,
}

impl Wanted {
    /// The same as it is asked for in an address, in one order.
    fn query(&self) -> String {
        let named = [
            ("tag", &self.tag),
            ("section", &self.section),
            ("market", &self.market),
        ];
        let mut query = String::new();
        for (name, value) in named {
            if let Some(value) = value {
                query.push(if query.is_empty() { '?' } else { '&' });
                query.push_str(&format!("{name}={}", encoded(value)));
            }
        }
        query
    }

    /// For a title: "on Japan".
    fn words(&self) -> String {
        let named = [&self.tag, &self.section].into_iter().flatten();
        let words: Vec<&str> = named.map(String::as_str).collect();
        match words.is_empty() {
            true => String::new(),
            false => format!(" on {}", words.join(" and ")),
        }
    }
}

/// A link to a feed in a page's head.
#[derive(Clone, Debug)]
pub(crate) struct FeedLink {
    pub(crate) title: String,
    pub(crate) kind: &'static str,
    pub(crate) href: String,
}

/// The feeds of the whole site.
pub(crate) fn of_the_site() -> Vec<FeedLink> {
    vec![
        link("Articles", "articles", Form::Atom, &Wanted::default()),
        link(
            "What moved the odds",
            "moves",
            Form::Atom,
            &Wanted::default(),
        ),
    ]
}

/// The feed of weeks.
pub(crate) fn of_the_digest() -> Vec<FeedLink> {
    vec![link(
        "The week in odds",
        "digest",
        Form::Atom,
        &Wanted::default(),
    )]
}

/// The feeds of a tag.
pub(crate) fn of_tag(tag: &str) -> Vec<FeedLink> {
    let wanted = Wanted {
        tag: Some(tag.to_owned()),
        ..Wanted::default()
    };
    vec![
        link(
            &format!("Articles on {tag}"),
            "articles",
            Form::Atom,
            &wanted,
        ),
        link(
            &format!("What moved the odds on {tag}"),
            "moves",
            Form::Atom,
            &wanted,
        ),
    ]
}

/// The feed of a section.
pub(crate) fn of_section(section: &str) -> Vec<FeedLink> {
    let wanted = Wanted {
        section: Some(section.to_owned()),
        ..Wanted::default()
    };
    vec![link(
        &format!("Articles in {section}"),
        "articles",
        Form::Atom,
        &wanted,
    )]
}

/// The feeds of a market.
pub(crate) fn of_market(slug: &str) -> Vec<FeedLink> {
    let wanted = Wanted {
        market: Some(slug.to_owned()),
        ..Wanted::default()
    };
    vec![
        link("What moved these odds", "moves", Form::Atom, &wanted),
        link("Articles of this market", "articles", Form::Atom, &wanted),
    ]
}

fn link(title: &str, name: &str, form: Form, wanted: &Wanted) -> FeedLink {
    FeedLink {
        title: title.to_owned(),
        kind: form.kind(),
        href: format!("/feeds/{name}.{}{}", form.ending(), wanted.query()),
    }
}

async fn file(
    State(app): State<App>,
    Extension(moves): Extension<Moves>,
    Named(file): Named,
    Query(wanted): Query<Wanted>,
    asked: HeaderMap,
) -> Result<Response, NotNow> {
    let (name, ending) = file.rsplit_once('.').unwrap_or_default();
    let address = format!("{}/feeds/{file}{}", app.base_url(), wanted.query());
    let form = Form::of(ending);
    let written = match (name, form) {
        ("articles", Some(form)) => articles::feed(&app, &wanted, address)
            .await?
            .map(|feed| (form.kind(), form.write(&feed))),
        // Sections are of articles.
        ("moves", Some(form)) if wanted.section.is_none() => moves
            .feed(&app, &wanted, address)
            .await?
            .map(|feed| (form.kind(), form.write(&feed))),
        ("digest", Some(form)) if wanted.query().is_empty() => {
            let feed = weekly::feed(&app, address).await?;
            Some((form.kind(), form.write(&feed)))
        }
        ("closes", None) if ending == "ics" && wanted.section.is_none() => {
            closes::calendar(&app, &wanted).map(|text| ("text/calendar", text))
        }
        _ => None,
    };
    Ok(match written {
        Some((kind, text)) => answer::feed(&asked, kind, text),
        None => missing::not_found(
            &app,
            &asked,
            "No such feed",
            "There is no feed at this address.",
        ),
    })
}

/// A document that others wrote a part of, as XML can say it: a control character is in none.
fn sayable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)).collect()
}

/// A moment as the crates that write feeds take it. Their forms have years of four digits.
fn dated(at: Timestamp) -> chrono::DateTime<chrono::FixedOffset> {
    let micros = at.as_micros().clamp(0, LAST_OF_9999);
    let at = chrono::DateTime::from_timestamp_micros(micros).expect("within four digits");
    at.fixed_offset()
}

/// The last second of the year 9999.
const LAST_OF_9999: i64 = 253_402_300_799_000_000;

//! Lists: markets by status, and what belongs to a tag or a section.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_core::market::Status;
use tidings_store::{ArticleFilter, Page, label};

use crate::answer;
use crate::card::Card;
use crate::feeds;
use crate::named::Named;
use crate::news::{Story, encoded};
use crate::site::{Frame, Unavailable, is_listed, story_with_odds};
use crate::state;
use crate::words::Lang;

/// Cards on a page.
const CARDS: usize = 60;
/// Stories on a page.
const STORIES: u32 = 30;

#[derive(Template)]
#[template(path = "listing.html")]
struct Listing {
    frame: Frame,
    kicker: Option<&'static str>,
    heading: String,
    filters: Vec<Filter>,
    stories: Vec<Story>,
    cards: Vec<Card>,
    empty: &'static str,
    next: Option<String>,
}

struct Filter {
    name: &'static str,
    href: String,
    count: usize,
    current: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    status: Option<String>,
    /// Cards to skip.
    after: Option<usize>,
}

#[derive(Deserialize)]
pub(crate) struct Older {
    /// The key of the last story of the page before.
    before: Option<i64>,
}

/// Statuses with a filter, in the order of a market's life.
const FILTERS: [Status; 7] = [
    Status::Open,
    Status::Halted,
    Status::Closed,
    Status::Proposed,
    Status::Disputed,
    Status::Settled,
    Status::Voided,
];

/// `/markets`: newest first, open ones before the rest.
pub(crate) async fn markets(
    State(app): State<App>,
    Query(query): Query<Asked>,
    asked: HeaderMap,
) -> Response {
    let all: Vec<_> = app
        .exchange()
        .markets()
        .into_iter()
        .filter(|view| is_listed(view))
        .collect();
    let status = FILTERS
        .into_iter()
        .find(|status| Some(status.word()) == query.status.as_deref());
    let mut chosen: Vec<_> = all
        .iter()
        .filter(|view| status.is_none_or(|status| view.phase.status() == status))
        .collect();
    chosen.sort_by_key(|view| {
        (
            view.phase.status() != Status::Open,
            std::cmp::Reverse(view.id),
        )
    });
    let after = query.after.unwrap_or(0);
    let count = |status| {
        all.iter()
            .filter(|view| view.phase.status() == status)
            .count()
    };
    let filter = |each: Status| Filter {
        name: state::State::Known(each).word(Lang::En),
        href: format!("/markets?status={}", each.word()),
        count: count(each),
        current: status == Some(each),
    };
    let every = Filter {
        name: "All",
        href: "/markets".to_owned(),
        count: all.len(),
        current: status.is_none(),
    };
    let used = FILTERS
        .into_iter()
        .map(filter)
        .filter(|each| each.count > 0 || each.current);
    let shown = chosen.iter().skip(after).take(CARDS);
    let next = (chosen.len() > after.saturating_add(CARDS)).then(|| {
        let status = status
            .map(|status| format!("status={}&", status.word()))
            .unwrap_or_default();
        format!("/markets?{status}after={}", after + CARDS)
    });
    let page = Listing {
        frame: Frame::new(&app, "Markets – Tidings", "markets"),
        kicker: None,
        heading: "Markets".to_owned(),
        filters: std::iter::once(every).chain(used).collect(),
        stories: Vec::new(),
        cards: shown.map(|view| Card::brief(view, Lang::En)).collect(),
        empty: match all.is_empty() {
            true => "No market yet",
            false => "No market has this status",
        },
        next,
    };
    answer::page(&asked, StatusCode::OK, &page)
}

/// `/tags/{tag}`: articles and markets.
pub(crate) async fn tag(
    State(app): State<App>,
    Named(tag): Named,
    Query(older): Query<Older>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let filter = ArticleFilter {
        tag: Some(tag.clone()),
        ..ArticleFilter::all(app.now())
    };
    about(&app, &asked, ("Tag", "tags"), tag, filter, older.before).await
}

/// `/sections/{section}`: articles.
pub(crate) async fn section(
    State(app): State<App>,
    Named(section): Named,
    Query(older): Query<Older>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let filter = ArticleFilter {
        section: Some(section.clone()),
        ..ArticleFilter::all(app.now())
    };
    let kind = ("Section", "sections");
    about(&app, &asked, kind, section, filter, older.before).await
}

async fn about(
    app: &App,
    asked: &HeaderMap,
    (kicker, path): (&'static str, &'static str),
    name: String,
    filter: ArticleFilter,
    before: Option<i64>,
) -> Result<Response, Unavailable> {
    let markets = app.exchange().markets();
    let page = Page {
        before,
        limit: STORIES,
    };
    let articles = app.store().articles(&filter, page).await?;
    let is_full = articles.len() == STORIES as usize;
    let last = articles.last().filter(|_| is_full);
    let next = last.map(|last| format!("/{path}/{}?before={}", encoded(&name), last.key));
    let stories: Vec<Story> = articles
        .iter()
        .map(|article| story_with_odds(Story::of(article), &markets))
        .collect();
    let has = |tags: &[String]| {
        let wanted = filter.tag.as_deref();
        wanted.is_some_and(|tag| tags.iter().any(|t| label::same(t, tag)))
    };
    let tagged = markets
        .iter()
        .rev()
        .filter(|view| is_listed(view) && has(&view.spec.tags));
    // Markets are on the first page; they are few.
    let cards: Vec<Card> = tagged
        .take(if before.is_none() { CARDS } else { 0 })
        .map(|view| Card::brief(view, Lang::En))
        .collect();
    let status = match stories.is_empty() && cards.is_empty() {
        true => StatusCode::NOT_FOUND,
        false => StatusCode::OK,
    };
    let page = Listing {
        frame: Frame::new(app, format!("{name} – Tidings"), "").feeds(match filter.tag {
            Some(_) => feeds::of_tag(&name),
            None => feeds::of_section(&name),
        }),
        kicker: Some(kicker),
        heading: name,
        filters: Vec::new(),
        stories,
        cards,
        empty: "Nothing stands here yet",
        next,
    };
    Ok(answer::page(asked, status, &page))
}

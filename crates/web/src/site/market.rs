//! A market's page: its odds large, then everything that made them.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_api::wire::band;
use tidings_core::id::Outcome;
use tidings_core::market::{HaltReason, LinkRole, Phase, Status};
use tidings_core::units::{Price, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::{Article, Page};

use crate::answer;
use crate::assets;
use crate::card::Card;
use crate::chart::{Chart, Mark, Point};
use crate::console::question::draft;
use crate::early;
use crate::embed::snippet;
use crate::evidence::About;
use crate::feeds;
use crate::figures;
use crate::moment::Moment;
use crate::named::Named;
use crate::news::appeared;
use crate::scale;
use crate::site::linked_data::{self, Share};
use crate::site::{Frame, Unavailable, missing};
use crate::words::Lang;

mod book;
mod decided;
mod depth;
mod facts;
mod moves;
mod record;
mod resolution;
mod ticket;
mod trades;

use book::{Book, Tab};
pub(crate) use decided::evidence;
use facts::Fact;
use moves::Move;
use record::Record;
use resolution::{Reference, Resolution};
use ticket::Ticket;
use trades::Trade;

/// Points of the chart at most: more than a screen has pixels would be drawn twice.
const POINTS: u32 = 600;

/// Trades on the page; the rest are the API's.
const TRADES: u32 = 20;

#[derive(Template)]
#[template(path = "market.html")]
struct MarketPage {
    frame: Frame,
    card: Card,
    /// What stands behind each outcome's odds, in the card's order.
    touches: Vec<String>,
    why: Option<String>,
    /// How a scalar market is to be read; empty for others.
    scale: String,
    ticket: Ticket,
    facts: Vec<Fact>,
    snippet: String,
    chart: Option<Chart>,
    moves: Vec<Move>,
    resolution: Option<Resolution>,
    record: Option<Record>,
    tabs: Vec<Tab>,
    book: Book,
    trades: Vec<Trade>,
    rules: RulesText,
    /// How the rules are meant: stories, with what each comes to once nobody has to find that blindly.
    worlds: Vec<(String, Option<String>)>,
    /// Who has read them alike before it opened, and when.
    read: Option<(String, Moment)>,
    clarifications: Vec<Note>,
    articles: Vec<Linked>,
}

struct RulesText {
    criteria: Vec<String>,
    edge_cases: Vec<String>,
    early_close: Vec<String>,
    sources: Vec<Source>,
}

struct Source {
    url: Option<String>,
    text: String,
    primary: bool,
}

struct Note {
    at: Moment,
    text: String,
    about: Option<About>,
}

struct Linked {
    slug: String,
    headline: String,
    language: String,
    role: &'static str,
    at: Option<Moment>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The outcome whose book is shown.
    book: Option<String>,
}

pub(crate) async fn market(
    State(app): State<App>,
    Named(slug): Named,
    Query(query): Query<Asked>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let Ok(view) = tidings_api::markets::find(&app, &slug) else {
        let words = "There is no market at this address.";
        return Ok(missing::not_found(&app, &asked, "No such market", words));
    };
    let on = book::chosen(&view, query.book.as_deref());
    let articles = public_articles(&app, &view).await?;
    let history = history(&app, &view).await?;
    let marks: Vec<Mark> = articles.iter().enumerate().filter_map(mark).collect();
    let names: Vec<String> = view
        .spec
        .outcomes
        .iter()
        .map(|outcome| outcome.name.clone())
        .collect();
    let page = MarketPage {
        frame: frame(&app, &view),
        card: Card::of(&view, Lang::En),
        touches: touches(&view),
        why: why(&view),
        scale: how_to_read(&view),
        ticket: ticket::ticket(&app, &view),
        facts: facts::facts(&view),
        snippet: snippet::element(
            &app,
            "market",
            &view.spec.slug,
            snippet::market_height(&view),
        ),
        chart: Chart::draw(&names, &history, &marks, end(&view, app.now())),
        moves: moves::of(app.store(), &view, &articles, app.now()).await?,
        resolution: Resolution::of(app.store(), &view).await?,
        record: Record::of(app.store(), &view).await?,
        tabs: book::tabs(&view, on),
        book: book::load(&app, &view, on).await?,
        trades: trades::load(app.store(), &view, Page::top(TRADES)).await?,
        rules: rules(&view),
        worlds: worlds(&view),
        read: read(&view),
        clarifications: clarifications(&view),
        articles: articles
            .iter()
            .map(|article| linked(&view, article))
            .collect(),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

fn frame(app: &App, view: &MarketView) -> Frame {
    let slug = &view.spec.slug;
    let mut frame = Frame::new(app, format!("{} – Tidings", view.spec.question), "markets")
        .describe(&view.spec.rules.criteria)
        .linked_data(&linked_data::question(app, view))
        .feeds(feeds::of_market(slug));
    frame.scripts.push(assets::url("ticket.js"));
    frame.events = Some(format!("/v1/markets/{slug}/events"));
    frame.shared(app, Share::market(app, &Card::of(view, Lang::En)))
}

/// The market's articles that everyone may see, oldest first.
async fn public_articles(app: &App, view: &MarketView) -> Result<Vec<Article>, Unavailable> {
    let now = app.now();
    let mut articles = Vec::new();
    for link in &view.links {
        articles.extend(
            app.store()
                .article(&link.article)
                .await?
                .filter(|a| a.is_public(now)),
        );
    }
    articles.sort_by_key(appeared);
    Ok(articles)
}

/// The market's odds since it opened.
async fn history(app: &App, view: &MarketView) -> Result<Vec<Point>, Unavailable> {
    let since = view.opened_at.unwrap_or(view.created_at);
    let rows = app
        .store()
        .odds_of(view.id, since, app.now(), POINTS)
        .await?;
    let over = |status: Status| matches!(status, Status::Settled | Status::Voided | Status::Draft);
    let known = rows.into_iter().filter(|row| !over(row.status));
    Ok(known
        .map(|row| Point {
            at: row.at,
            odds: row.odds,
        })
        .collect())
}

/// Where the chart ends: now, or when the market's life did.
fn end(view: &MarketView, now: Timestamp) -> Timestamp {
    match &view.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => *at,
        _ => now,
    }
}

/// An article whose time nobody knows has no place on a time axis.
fn mark((ix, article): (usize, &Article)) -> Option<Mark> {
    let at = article.published_at?;
    Some(Mark {
        at,
        number: ix + 1,
        title: article.title.clone(),
    })
}

/// Bid, ask and last trade of each outcome that the card shows.
fn touches(view: &MarketView) -> Vec<String> {
    if view.phase.status() != Status::Open && view.phase.status() != Status::Halted {
        return vec![String::new(); view.outcomes.len()];
    }
    let tick = view.spec.tick;
    let price = |price: Option<Price>| {
        price.map_or_else(|| "–".to_owned(), |price| figures::price(price, tick))
    };
    let touch = |outcome: &tidings_core::view::OutcomeView| {
        let (bid, ask, last) = (price(outcome.bid), price(outcome.ask), price(outcome.last));
        // A word and its price stay on one line.
        format!("bid\u{a0}{bid} · ask\u{a0}{ask} · last\u{a0}{last}")
    };
    view.outcomes.iter().map(touch).collect()
}

/// Why the market is not simply open.
fn why(view: &MarketView) -> Option<String> {
    match &view.phase {
        Phase::Draft => Some("It is written down, and not open for trading yet.".to_owned()),
        Phase::Open => None,
        Phase::Halted {
            reason: HaltReason::Operator(reason) | HaltReason::Many { reason, .. },
        } => Some(format!("Trading stands still: {reason}")),
        Phase::Halted {
            reason: HaltReason::Embargo,
        } => Some("Trading stands still around the publication of an article.".to_owned()),
        Phase::Halted {
            reason: HaltReason::Band(swing),
        } => Some(format!(
            "The market halted itself: {} What was traded stays. An operator looks at it and lets it go on.",
            band::words(view, *swing)
        )),
        Phase::Closed => Some(match &view.closed_early {
            Some(early) => format!(
                "{} The resolution is still to come.",
                early::words(view, early)
            ),
            None => "Trading has ended. The resolution is still to come.".to_owned(),
        }),
        Phase::Proposed(proposal) => Some(format!(
            "A resolution is proposed and can be disputed until {}.",
            Moment::prose(proposal.until, Lang::En).text
        )),
        Phase::Disputed(..) => Some("The proposed resolution was objected to.".to_owned()),
        Phase::VoidProposed(proposal) => Some(format!(
            "It is proposed to call it off, and that can be disputed until {}.",
            Moment::prose(proposal.until, Lang::En).text
        )),
        Phase::VoidDisputed(..) => Some("That it is called off was objected to.".to_owned()),
        Phase::Settled { at, .. } => {
            let time = |at| Moment::prose(at, Lang::En).text;
            Some(match view.corrections.last() {
                None => format!("Resolved and paid on {}.", time(*at)),
                Some(made) => format!(
                    "Resolved and paid on {}; corrected on {}.",
                    time(*at),
                    time(made.at)
                ),
            })
        }
        Phase::Voided { reason, .. } => Some(format!("Called off and refunded: {reason}")),
    }
}

/// What a scalar market's odds mean, and what its shares pay.
fn how_to_read(view: &MarketView) -> String {
    let (Some(scale), [long, short]) = (&view.spec.scale, view.spec.outcomes.as_slice()) else {
        return String::new();
    };
    let (long, short, span) = (&long.name, &short.name, scale::span(scale));
    format!(
        "On a scale from {span}. A share of {long} pays the part of the scale below the number that \
         comes out, and {short} the part above it: so the odds of {long} say how far up the scale \
         that number is expected."
    )
}

fn rules(view: &MarketView) -> RulesText {
    let rules = &view.spec.rules;
    let source = |source: &tidings_core::market::Source| {
        let reference = Reference::named(&source.url, &source.name);
        Source {
            url: reference.url,
            text: reference.text,
            primary: source.primary,
        }
    };
    RulesText {
        criteria: rules
            .criteria
            .split('\n')
            .filter(|p| !p.trim().is_empty())
            .map(str::to_owned)
            .collect(),
        edge_cases: rules.edge_cases.clone(),
        early_close: rules.early_close().to_vec(),
        sources: rules.sources.iter().map(source).collect(),
    }
}

fn worlds(view: &MarketView) -> Vec<(String, Option<String>)> {
    let Some(plan) = &view.spec.review else {
        return Vec::new();
    };
    let blind = plan.required && view.phase.status() == Status::Draft;
    let worlds = plan.worlds.iter();
    worlds
        .map(|world| {
            let end = (!blind).then(|| draft::end(world.comes_to, view));
            (world.story.clone(), end)
        })
        .collect()
}

fn read(view: &MarketView) -> Option<(String, Moment)> {
    let reading = view.reviews.iter().rev().find(|reading| reading.approved)?;
    let by = tidings_api::wire::id::account(reading.by);
    Some((by, Moment::prose(reading.at, Lang::En)))
}

fn clarifications(view: &MarketView) -> Vec<Note> {
    let note = |item: &tidings_core::market::Clarification| Note {
        at: Moment::prose(item.at, Lang::En),
        text: item.text.clone(),
        about: item.about.map(|about| About::of(about, view)),
    };
    view.clarifications.iter().map(note).collect()
}

fn linked(view: &MarketView, article: &Article) -> Linked {
    let link = view.links.iter().find(|link| link.article == article.slug);
    Linked {
        slug: article.slug.clone(),
        headline: article.title.clone(),
        language: article.language.clone(),
        role: match link.map(|link| link.role) {
            Some(LinkRole::Context) => "background",
            Some(LinkRole::Trigger) => "trigger",
            Some(LinkRole::Evidence) => "evidence",
            Some(LinkRole::Subject) | None => "subject",
        },
        at: article.published_at.map(|at| Moment::prose(at, Lang::En)),
    }
}

/// The outcome at a place.
fn outcome_at(ix: usize) -> Outcome {
    Outcome(u16::try_from(ix).unwrap_or(u16::MAX))
}

//! The card that networks show for a link: 1200 × 630, with the question, its odds and the time they are from
//! drawn in it. Everything comes from what was committed; nothing of a request but its language is in it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tidings_api::App;
use tidings_core::view::MarketView;

use super::{Wishes, snippet};
use crate::answer::{self, Embed};
use crate::card::Card;
use crate::named::Named;
use crate::scale::Reading;
use crate::site::{NotNow, markets_of};

/// What every network takes.
pub(crate) const WIDTH: u32 = 1_200;
pub(crate) const HEIGHT: u32 = 630;

const MARGIN: u32 = 64;
const MEASURE: u32 = WIDTH - 2 * MARGIN;
/// Under the masthead's rules.
const TOP: u32 = 124;
/// Sizes of a headline, the largest that fits first: letters, a line, and lines at most.
const SIZES: [(u32, u32, usize); 3] = [(58, 68, 2), (48, 58, 3), (40, 48, 4)];
/// Outcomes in rows.
const ROWS: usize = 3;
const ROW: u32 = 62;
/// The foot of the last row's bar.
const FLOOR: u32 = 536;

#[derive(Template)]
#[template(path = "og/card.svg")]
struct Social {
    host: String,
    size: u32,
    lines: Vec<(u32, String)>,
    /// Under the headline: an article's market.
    below: Option<(u32, String)>,
    reading: Option<Reading>,
    /// Two opposites, with their odds large.
    large: bool,
    parts: Vec<Part>,
    card: Option<Card>,
}

/// An outcome where it is drawn.
struct Part {
    x: u32,
    y: u32,
    width: u32,
    bar: u32,
    name: String,
    shown: String,
    length: String,
    tone: &'static str,
}

/// `/og/markets/{slug}.png`.
pub(crate) async fn market(
    State(app): State<App>,
    Named(name): Named,
    Query(wishes): Query<Wishes>,
    asked: HeaderMap,
) -> Response {
    let slug = name.strip_suffix(".png");
    let found = slug.and_then(|slug| tidings_api::markets::find(&app, slug).ok());
    let Some(view) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let card = Card::brief(&view, wishes.lang());
    let keys = format!("market/{}", view.spec.slug);
    let picture = Social::of(&app, view.spec.question.clone(), None, Some(card));
    drawn(&asked, &view, &keys, &picture).await
}

/// `/og/articles/{slug}.png`: its headline, and the odds of its first market.
pub(crate) async fn article(
    State(app): State<App>,
    Named(name): Named,
    Query(wishes): Query<Wishes>,
    asked: HeaderMap,
) -> Result<Response, NotNow> {
    let Some(slug) = name.strip_suffix(".png") else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let found = app.store().article(slug).await?;
    let Some(article) = found.filter(|article| article.is_public(app.now())) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let markets = markets_of(&app.exchange().markets(), slug);
    let Some(view) = markets.first() else {
        let picture = Social::of(&app, article.title, None, None);
        let answered = Embed::png(0, slug);
        return Ok(answer::drawn(&asked, &answered, &picture, 1).await);
    };
    let card = Card::brief(view, wishes.lang());
    let keys = format!("article/{slug} market/{}", view.spec.slug);
    let question = view.spec.question.clone();
    let picture = Social::of(&app, article.title, Some(question), Some(card));
    Ok(drawn(&asked, view, &keys, &picture).await)
}

async fn drawn(
    asked: &HeaderMap,
    view: &Arc<MarketView>,
    keys: &str,
    picture: &Social,
) -> Response {
    let answered = Embed::png(view.as_of.seq.0, keys);
    answer::drawn(asked, &answered, picture, 1).await
}

impl Social {
    fn of(app: &App, title: String, below: Option<String>, card: Option<Card>) -> Social {
        let (size, leading, text) = headline(&title);
        let count = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let lines = text.into_iter().zip(1_u32..);
        let lines = lines.map(|(line, n)| (TOP + leading * n, line)).collect();
        let reading = card.as_ref().and_then(|card| card.reading.clone());
        let large = reading.is_none() && card.as_ref().is_some_and(|card| card.outcomes.len() == 2);
        let parts = match (&card, &reading) {
            (Some(card), None) if large => columns(card),
            (Some(card), None) => rows(card),
            _ => Vec::new(),
        };
        let base = app.base_url();
        Social {
            host: base
                .split_once("//")
                .map_or(base, |(_, host)| host)
                .to_owned(),
            size,
            lines,
            below: below.map(|text| (TOP + leading * count + 46, fitted(&text, 26, MEASURE))),
            reading,
            large,
            parts,
            card,
        }
    }
}

/// A headline in the largest letters in which all of it fits, or its beginning in the smallest.
fn headline(text: &str) -> (u32, u32, Vec<String>) {
    // Lines are counted in wide letters, and this serif is a narrow one; what is square stays so.
    let measure = match text.chars().all(|c| c < '\u{1100}') {
        true => MEASURE * 113 / 100,
        false => MEASURE,
    };
    for (size, leading, most) in SIZES {
        let lines = snippet::broken(text, size, measure);
        if lines.len() <= most {
            return (size, leading, lines);
        }
    }
    let (size, leading, most) = SIZES[SIZES.len() - 1];
    let mut lines = snippet::broken(text, size, measure);
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        *last = format!("{}…", fitted_start(last, size, measure - size));
    }
    (size, leading, lines)
}

/// Two opposites beside each other.
fn columns(card: &Card) -> Vec<Part> {
    let width = (MEASURE - MARGIN) / 2;
    let column = |(row, n): (&crate::card::Row, u32)| Part {
        x: MARGIN + (width + MARGIN) * n,
        y: 412,
        width,
        bar: 523,
        name: fitted(&row.name, 28, width),
        shown: row.shown.clone(),
        length: row.length.clone(),
        tone: row.tone.key(),
    };
    card.outcomes.iter().zip(0..).map(column).collect()
}

/// The likeliest outcomes above each other.
fn rows(card: &Card) -> Vec<Part> {
    let count = u32::try_from(card.outcomes.len().min(ROWS)).unwrap_or(0);
    let row = |(row, n): (&crate::card::Row, u32)| {
        let bar = FLOOR - 13 - ROW * (count - 1 - n);
        Part {
            x: MARGIN,
            y: bar - 10,
            width: MEASURE,
            bar,
            name: fitted(&row.name, 28, MEASURE - 160),
            shown: row.shown.clone(),
            length: row.length.clone(),
            tone: row.tone.key(),
        }
    };
    card.outcomes.iter().take(ROWS).zip(0..).map(row).collect()
}

/// A text that takes one line, or its beginning.
fn fitted(text: &str, size: u32, width: u32) -> String {
    match snippet::broken(text, size, width).len() {
        0 | 1 if snippet::width(text, size) <= width => text.to_owned(),
        _ => format!("{}…", fitted_start(text, size, width - size)),
    }
}

fn fitted_start(text: &str, size: u32, width: u32) -> String {
    let mut start = String::new();
    for letter in text.chars() {
        start.push(letter);
        if snippet::width(&start, size) > width {
            start.pop();
            break;
        }
    }
    // At a word's end, unless that is far away or there are no words.
    match start.rfind(' ').filter(|end| *end > start.len() / 2) {
        Some(end) if start.len() < text.len() => start[..end].to_owned(),
        _ => start.trim_end().to_owned(),
    }
}

//! A card that does not move: as a picture for mail and print, and as text. Its time is in it.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::Response;
use tidings_api::App;
use tidings_core::view::MarketView;

use super::snippet;
use crate::answer::{self, Embed};
use crate::card::Card;
use crate::words::{Lang, Words};

const WIDTH: u32 = 600;
const MARGIN: u32 = 24;
const LINE: u32 = 30;
const ROW: u32 = 40;
const NOTE: u32 = 20;

#[derive(Template)]
#[template(path = "embed/card.svg")]
struct Picture {
    lang: Lang,
    words: &'static Words,
    card: Option<Card>,
    height: u32,
    question: Vec<(u32, String)>,
    /// Where a scalar market's number stands.
    reading_at: u32,
    /// Where each row's words stand.
    rows: Vec<u32>,
    foot: u32,
    /// Where a note below the outcomes stands.
    note_at: u32,
}

#[derive(Template)]
#[template(path = "embed/card.txt", escape = "none")]
struct Text {
    words: &'static Words,
    card: Option<Card>,
    base: String,
}

/// The height of a market's picture.
pub(crate) fn height(view: &MarketView) -> u32 {
    let card = Card::of(view, Lang::En);
    size(
        lines(&card, &question(&card)),
        card.outcomes.len(),
        card.has_note(),
    )
}

/// Lines above the outcomes: the question's, and a scalar market's number.
fn lines(card: &Card, question: &[String]) -> usize {
    question.len() + usize::from(card.reading.is_some())
}

fn size(lines: usize, rows: usize, note: bool) -> u32 {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let note = if note { NOTE } else { 0 };
    MARGIN + LINE * count(lines) + ROW * count(rows) + note + 24 + MARGIN + 16
}

/// Broken as if it were somewhat larger than it is: who looks at the SVG may have wider letters than Georgia's.
fn question(card: &Card) -> Vec<String> {
    snippet::broken(&card.question, 24, WIDTH - 2 * MARGIN)
}

pub(crate) fn svg(asked: &HeaderMap, embed: Embed<'_>, card: Option<Card>, lang: Lang) -> Response {
    let kind = "image/svg+xml";
    answer::embed(asked, &Embed { kind, ..embed }, &Picture::of(card, lang))
}

/// The same for those who show no SVG, with twice the points: mail is read on good screens.
pub(crate) async fn png(
    asked: &HeaderMap,
    embed: Embed<'_>,
    card: Option<Card>,
    lang: Lang,
) -> Response {
    let kind = "image/png";
    answer::drawn(asked, &Embed { kind, ..embed }, &Picture::of(card, lang), 2).await
}

impl Picture {
    fn of(card: Option<Card>, lang: Lang) -> Picture {
        let text = card.as_ref().map(question).unwrap_or_default();
        let lines = card.as_ref().map_or(0, |card| lines(card, &text));
        let count = card.as_ref().map_or(1, |card| card.outcomes.len());
        let place = |ix: usize| u32::try_from(ix).unwrap_or(u32::MAX);
        let top = MARGIN + LINE * place(lines);
        let note = card.as_ref().is_some_and(Card::has_note);
        let height = size(lines, count, note);
        Picture {
            lang,
            words: lang.words(),
            card,
            height,
            rows: (0..count).map(|ix| top + ROW * place(ix) + 26).collect(),
            reading_at: MARGIN + LINE * place(text.len()) + 20,
            question: text
                .into_iter()
                .enumerate()
                .map(|(ix, line)| (MARGIN + LINE * place(ix) + 20, line))
                .collect(),
            foot: height - MARGIN,
            note_at: height - MARGIN - NOTE - 8,
        }
    }
}

pub(crate) fn text(
    asked: &HeaderMap,
    embed: Embed<'_>,
    card: Option<Card>,
    app: &App,
    lang: Lang,
) -> Response {
    let text = Text {
        words: lang.words(),
        card,
        base: app.base_url().to_owned(),
    };
    answer::embed(
        asked,
        &Embed {
            kind: "text/plain; charset=utf-8",
            ..embed
        },
        &text,
    )
}

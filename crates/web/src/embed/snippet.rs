//! What publishers copy, with the height that keeps their page still.
//!
//! A card's height follows from its outcomes and from how many lines its question takes. Widths of
//! letters differ between typefaces, so lines are counted with wide letters: a card may leave a
//! little room at its end, and does not outgrow what was reserved.

use std::sync::Arc;

use tidings_api::App;
use tidings_core::view::MarketView;

use super::CARDS;
use crate::card::{self, MOST_OUTCOMES};
use crate::scale::Reading;
use crate::words::Lang;

/// The width that a snippet's height is for, in pixels.
pub(crate) const WIDTH: u32 = 600;
/// The width of a column beside a text.
pub(crate) const RAIL: u32 = 340;

/// Heights in `card.css` and `frame.css`, in pixels.
const QUESTION_LINE: u32 = 24;
const ROW: u32 = 14;
const NAME_LINE: u32 = 24;
const CARD: u32 = 24 + 16 + 40;
const MORE: u32 = 20;
const READING: u32 = 24;
const AROUND: u32 = 25;
/// The widest that a card is in which the longest word for a state and the links do not stand side by side, and what it takes
/// more where that is so.
const NARROW: u32 = 280;
const STATE_LINE: u32 = 20;
/// An outcome's odds and the gap before them.
const ODDS: u32 = 70;

/// Per cents of its size that a letter takes.
/// A square one is wider than its size where a bold typeface is made of a regular one.
const WIDE: u32 = 106;
const CAPITAL: u32 = 74;
const LETTER: u32 = 54;
const SPACE: u32 = 28;

/// The height of a frame with one market.
pub(crate) fn market_height(view: &MarketView) -> u32 {
    around([card_height(view, WIDTH)])
}

/// The height of a frame with an article's markets.
pub(crate) fn article_height(markets: &[Arc<MarketView>], width: u32) -> u32 {
    around(
        markets
            .iter()
            .take(CARDS)
            .map(|view| card_height(view, width)),
    )
}

/// The height of a frame around cards.
pub(crate) fn around(cards: impl IntoIterator<Item = u32>) -> u32 {
    cards.into_iter().sum::<u32>() + AROUND
}

/// The height of a card of a width.
pub(crate) fn card_height(view: &MarketView, width: u32) -> u32 {
    let spec = &view.spec;
    let names = spec.outcomes.iter().take(MOST_OUTCOMES);
    let rows: u32 = names
        .map(|outcome| ROW + NAME_LINE * lines(&outcome.name, 16, width.saturating_sub(ODDS)))
        .sum();
    let more = if spec.outcomes.len() > MOST_OUTCOMES {
        MORE
    } else {
        0
    };
    let rounded = |lang: Lang| lines(lang.words().rounded, 13, width);
    let rounded = match more == 0 && card::may_not_add_up(view) {
        true => Lang::ALL.into_iter().map(rounded).max().unwrap_or(1) * MORE,
        false => 0,
    };
    let reading = Reading::of(view, Lang::En).map_or(0, |reading| {
        let text = format!("{} {} {}", reading.word, reading.shown, reading.unit);
        READING * lines(&text, 16, width)
    });
    let standing = if width > NARROW { 0 } else { STATE_LINE };
    let question = QUESTION_LINE * lines(&spec.question, 18, width);
    CARD + question + reading + rows + more + rounded + standing
}

/// Lines that a text takes, at most, in whichever typeface a reader has.
pub(crate) fn lines(text: &str, size: u32, width: u32) -> u32 {
    broken_in(text, size, width, widest)
        .len()
        .max(1)
        .try_into()
        .unwrap_or(u32::MAX)
}

/// A text in lines of a width, in the typefaces of pictures.
pub(crate) fn broken(text: &str, size: u32, width: u32) -> Vec<String> {
    broken_in(text, size, width, letter)
}

fn broken_in(text: &str, size: u32, width: u32, letter: fn(char) -> u32) -> Vec<String> {
    let most = width * 100 / size;
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in words(text) {
        let long: u32 = word.chars().map(letter).sum();
        if used + long > most && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        // A word that is longer than a line is broken anywhere.
        for c in word.chars() {
            if used + letter(c) > most && !line.is_empty() && c != ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += letter(c);
        }
    }
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The width of a text in one line, at most.
pub(crate) fn width(text: &str, size: u32) -> u32 {
    text.chars().map(letter).sum::<u32>() * size / 100
}

/// Where a line may end: after a space, and between wide characters; but no line begins with what closes something,
/// nor ends with what opens it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut ends = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let breaks = match next {
            None => true,
            Some(next) if next == ' ' || CLOSES.contains(next) || OPENS.contains(c) => false,
            Some(next) => c == ' ' || c == '-' || letter(c) == WIDE || letter(next) == WIDE,
        };
        if breaks {
            ends.push(at + c.len_utf8());
        }
    }
    let starts = std::iter::once(0).chain(ends.clone());
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

/// What stands at no line's start, and at no line's end, in Japanese and Korean.
const CLOSES: &str = "、。，．・：；？！）］｝〕〉》」』】〙〗’”ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}»›…%";
const OPENS: &str = "（［｛〔〈《「『【〘〖‘“([{«‹";

fn letter(c: char) -> u32 {
    match c {
        ' ' => SPACE,
        'A'..='Z' | 'm' | 'w' | '%' | '—' => CAPITAL,
        // From Hangul's first letters on, scripts of East Asia are square.
        '\u{1100}'.. => WIDE,
        _ => LETTER,
    }
}

/// A letter of the widest serif that readers commonly have, which is DejaVu's in bold: browsers on Linux take it where none
/// that a card asks for is there.
fn widest(c: char) -> u32 {
    match c {
        ' ' | '.' | ',' | ':' | ';' | '/' | '|' | '\'' | '’' | 'i' | 'j' | 'l' => 38,
        '!' | '(' | ')' | '[' | ']' | '-' | '–' | 'f' | 't' | 'I' | 'J' => 50,
        'r' | 's' | 'v' | 'y' | 'z' | '?' | '"' => 59,
        'a' | 'c' | 'e' | 'o' | 'x' => 67,
        'M' | 'W' | 'm' | '%' | '—' | '@' => 112,
        'H' | 'N' => 94,
        'A'..='Z' | 'w' | '&' => 88,
        '\u{1100}'.. => WIDE,
        _ => 73,
    }
}

/// A frame. Behind the slug there may be wishes.
pub(crate) fn iframe(app: &App, kind: &str, slug: &str, title: &str, height: u32) -> String {
    let base = app.base_url();
    format!(
        "<iframe src=\"{base}/embed/v1/{kind}/{}\" width=\"100%\" height=\"{height}\" \
         title=\"{}\" loading=\"lazy\" frameborder=\"0\" \
         sandbox=\"allow-scripts allow-popups allow-popups-to-escape-sandbox\"></iframe>",
        attribute(slug),
        attribute(title)
    )
}

/// The script and an element.
pub(crate) fn element(app: &App, kind: &str, slug: &str, height: u32) -> String {
    let base = app.base_url();
    format!(
        "<script src=\"{base}/embed/v1/odds.js\"></script>\n\
         <live-odds {kind}=\"{slug}\" height=\"{height}\">\
         <a href=\"{base}/{kind}s/{slug}\">Odds</a></live-odds>"
    )
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests;

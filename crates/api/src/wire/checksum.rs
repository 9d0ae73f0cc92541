//! Checksums of what is shown: a client makes the same text of what it was told, and compares.
//!
//! CRC-32 (IEEE 802.3, as in zlib and PNG) because every language has it at hand and it is what traders'
//! programs know from other venues; it finds mistakes, and proves nothing against malice, which TLS and the
//! journal's hashes are for. The text is made of the very strings of the document, so that nobody has to
//! agree on how numbers are written. It leaves out `seq` and moments: two documents that show the same have
//! the same checksum. `tests/vectors/checksums` has worked examples.

use std::fmt::{Display, Write};

use crc32fast::hash;
use serde_json::Value;

use crate::wire::book::LevelJson;
use crate::wire::unit::OddsText;
use crate::wire::words::StatusWord;

/// Of odds: the status, then a line for each outcome in the document's order with its key and odds, or
/// `null`. Lines are joined by line feeds.
pub(crate) fn of_odds(status: StatusWord, odds: &[(String, Option<OddsText>)]) -> u32 {
    let mut text = word(status);
    for (key, odds) in odds {
        match odds {
            Some(odds) => line(&mut text, format_args!("{key} {odds}")),
            None => line(&mut text, format_args!("{key} null")),
        }
    }
    hash(text.as_bytes())
}

/// Of a book: the outcome's key, then a line for each bid and for each ask, best first, with its price and
/// what rests, is implied and is the maker's. Lines are joined by line feeds.
pub(crate) fn of_book(outcome: &str, bids: &[LevelJson], asks: &[LevelJson]) -> u32 {
    let mut text = outcome.to_owned();
    for (side, levels) in [("bid", bids), ("ask", asks)] {
        for level in levels {
            let LevelJson {
                price,
                resting,
                implied,
                maker,
            } = level;
            let (price, resting) = (price.0, resting.0);
            let (implied, maker) = (implied.0, maker.0);
            line(
                &mut text,
                format_args!("{side} {price} {resting} {implied} {maker}"),
            );
        }
    }
    hash(text.as_bytes())
}

/// As the document has it.
fn word(status: StatusWord) -> String {
    match serde_json::to_value(status) {
        Ok(Value::String(word)) => word,
        _ => unreachable!("a status is a word"),
    }
}

fn line(text: &mut String, line: impl Display) {
    write!(text, "\n{line}").expect("a text takes what is written");
}

#[cfg(test)]
mod tests;

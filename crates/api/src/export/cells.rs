//! Rows of CSV, RFC 4180: lines end with CR LF, and a cell is quoted when it has to be.
//!
//! A spreadsheet takes a cell for a formula when it begins with `=`, `+`, `-`, `@`, a tab or a carriage
//! return, whether or not it is quoted, and carries it out. Texts that somebody chose get a `'` before such
//! a beginning, which spreadsheets take for "this is text"; a text that has `'`s before one gets one more, so
//! that taking one `'` off always gives the text back. Numbers and moments are written by this server: a
//! minus sign of theirs stays a minus sign. Lines of JSON have every text as it is.

use std::fmt::Display;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

/// A cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell(String);

/// A row of a file.
pub(crate) trait Line: Serialize {
    /// The names of its cells.
    const COLUMNS: &'static [&'static str];

    /// Its cells, as many as there are names.
    fn cells(&self) -> Vec<Cell>;
}

impl Cell {
    /// What this server writes: a number, a moment, a word.
    pub(crate) fn plain(value: impl Display) -> Cell {
        Cell(value.to_string())
    }

    /// A word as it is in JSON.
    pub(crate) fn word(word: &impl Serialize) -> Cell {
        match serde_json::to_value(word) {
            Ok(serde_json::Value::String(word)) => Cell(word),
            other => unreachable!("a word is a text, not {other:?}"),
        }
    }

    /// What this server writes, or an empty cell.
    pub(crate) fn plain_if_any(value: Option<impl Display>) -> Cell {
        Cell(value.map_or_else(String::new, |value| value.to_string()))
    }

    /// What somebody chose.
    pub(crate) fn text(text: &str) -> Cell {
        let inner = text.trim_start_matches('\'');
        match inner.starts_with(DANGEROUS) {
            true => Cell(format!("'{text}")),
            false => Cell(text.to_owned()),
        }
    }

    /// The same, or an empty cell.
    pub(crate) fn text_if_any(text: Option<&str>) -> Cell {
        text.map_or_else(|| Cell(String::new()), Cell::text)
    }
}

/// What a formula begins with, in any width that a spreadsheet knows.
const DANGEROUS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A row with its end.
pub(crate) fn csv_row(cells: impl IntoIterator<Item = Cell>) -> Vec<u8> {
    let mut row = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .buffer_capacity(512)
        .from_writer(Vec::new());
    row.write_record(cells.into_iter().map(|cell| cell.0))
        .expect("a vector takes every row");
    row.into_inner().expect("a vector takes every row")
}

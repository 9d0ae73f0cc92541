//! Lists of the other venue: `limit`, `cursor`, and an empty cursor after the last page.

use tidings_api::Problem;
use tidings_api::limits::PAGE_ROWS;
use tidings_api::wire::page::{Cut, Paged};
use tidings_core::units::Timestamp;

/// Rows on a page when the caller does not say.
const USUAL: u32 = 100;
/// Pages of ours that one of theirs is made of at most: 1,000 rows, which is the most that may be asked
/// for and the most orders that may be open.
const PAGES: u32 = 5;
/// Rows on a page at most.
pub(crate) const MOST: u32 = PAGES * PAGE_ROWS;

/// The rows that are asked for.
pub(crate) fn limit(limit: Option<u32>) -> Result<u32, Problem> {
    match limit.unwrap_or(USUAL) {
        limit if (1..=MOST).contains(&limit) => Ok(limit),
        _ => {
            let detail = format!("1 to {MOST} are allowed");
            Err(Problem::invalid_query("limit", detail))
        }
    }
}

/// A cursor that is none: some clients send back the empty one.
pub(crate) fn cursor(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// Rows of a list that is read a page at a time, as far as they are wanted: as many as were asked for, or
/// fewer where a thousand rows had no more. The cursor goes on behind the last that was looked at.
pub(crate) struct Gathering<T> {
    rows: Vec<T>,
    limit: u32,
    next: Option<String>,
    pages: u32,
    ended: bool,
}

impl<T> Gathering<T> {
    /// None yet, of `limit`, behind a cursor.
    pub(crate) fn of(limit: u32, asked: Option<&str>) -> Gathering<T> {
        Gathering {
            rows: Vec::new(),
            limit,
            next: cursor(asked).map(str::to_owned),
            pages: 0,
            ended: false,
        }
    }

    /// The page to be read, if another one is.
    pub(crate) fn next(&self) -> Result<Option<Cut>, Problem> {
        let have = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let left = self.limit.saturating_sub(have).min(PAGE_ROWS);
        if self.ended || left == 0 || self.pages == PAGES {
            return Ok(None);
        }
        Cut::read(self.next.as_deref(), Some(left)).map(Some)
    }

    /// Takes from a page what is wanted.
    pub(crate) fn take(&mut self, page: Paged<T>, wanted: impl FnMut(&T) -> bool) {
        self.rows.extend(page.data.into_iter().filter(wanted));
        self.ended = page.next_cursor.is_none();
        self.next = page.next_cursor;
        self.pages += 1;
    }

    /// The rows, and the cursor to go on with; empty after the last.
    pub(crate) fn end(self) -> (Vec<T>, String) {
        (self.rows, self.next.unwrap_or_default())
    }
}

/// No parameters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQuery {}

/// Moments in whole seconds that rows are asked for between, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between(pub(crate) Option<i64>, pub(crate) Option<i64>);

impl Between {
    pub(crate) fn has(self, moment: Timestamp) -> bool {
        let seconds = moment.as_micros().div_euclid(1_000_000);
        self.0.is_none_or(|least| least <= seconds) && self.1.is_none_or(|most| seconds <= most)
    }
}

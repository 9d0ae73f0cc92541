//! Lists, a page at a time.

use serde::{Deserialize, Serialize};
use tidings_store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::limits::PAGE_ROWS;
use crate::problem::Problem;

/// Rows on a page when the caller does not say.
pub const USUAL_LIMIT: u32 = 50;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Paged<T> {
    /// The rows.
    pub data: Vec<T>,
    /// What to send as `cursor` for the rows after these; null after the last.
    pub next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next_cursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200, example = 50)]
    pub limit: Option<u32>,
}

/// A page of a list as the caller asked for it: rows older than a key, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// The key of the last row of the page before.
    pub before: Option<i64>,
    /// Rows on the page.
    pub limit: u32,
}

impl Cut {
    /// The first `limit` rows.
    pub fn first(limit: u32) -> Cut {
        Cut {
            before: None,
            limit: limit.clamp(1, PAGE_ROWS),
        }
    }

    /// Reads what the caller asked for.
    pub fn read(cursor: Option<&str>, limit: Option<u32>) -> Result<Cut, Problem> {
        let limit = limit.unwrap_or(USUAL_LIMIT);
        if !(1..=PAGE_ROWS).contains(&limit) {
            return Err(Problem::invalid_query(
                "limit",
                format!("1 to {PAGE_ROWS} are allowed"),
            ));
        }
        let before = cursor.map(parse_cursor).transpose()?;
        Ok(Cut { before, limit })
    }

    /// One row more than asked for, which says whether there is a page after this one.
    pub fn page(self) -> Page {
        Page {
            before: self.before,
            limit: self.limit + 1,
        }
    }

    /// The page from rows that [`Cut::page`] fetched.
    pub fn paged<R, T>(
        self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> i64,
        show: impl FnMut(R) -> T,
    ) -> Paged<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| cursor(key(row)));
        Paged {
            data: rows.into_iter().map(show).collect(),
            next_cursor,
        }
    }
}

impl PageQuery {
    /// Reads what the caller asked for.
    pub fn cut(&self) -> Result<Cut, Problem> {
        Cut::read(self.cursor.as_deref(), self.limit)
    }
}

/// A row's key as a cursor.
pub(crate) fn cursor(key: i64) -> String {
    format!("c{key:016x}")
}

fn parse_cursor(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix('c').filter(|digits| digits.len() == 16);
    let key = digits.and_then(|digits| i64::from_str_radix(digits, 16).ok());
    key.ok_or_else(|| Problem::invalid_query("cursor", "it is not a next_cursor of this list"))
}

impl<T, E> Paged<Result<T, E>> {
    /// The page, if every row could be shown.
    ///
    /// # Errors
    /// Of the first row that could not.
    pub fn transposed(self) -> Result<Paged<T>, E> {
        let data = self.data.into_iter().collect::<Result<_, _>>()?;
        Ok(Paged {
            data,
            next_cursor: self.next_cursor,
        })
    }
}

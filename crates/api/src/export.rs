//! Whole lists as one file, in CSV or as lines of JSON, of however long a history.
//!
//! An export is written page by page as its reader takes it: nothing runs while nobody reads, no more than a
//! page is in memory, and between two pages no connection to the database is held. It is as of one place in
//! the journal, which `Tidings-Seq` tells before the first row: rows that came later are left out, and rows
//! do not change. Orders do; see `orders`. What goes wrong before the first row is a problem; after it, the
//! connection breaks off, so that half a file is never taken for a whole one.

mod cells;
mod running;

use std::io;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tidings_core::id::Seq;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::app::App;
use crate::limits::EXPORT_TIME;
use crate::problem::Problem;

pub(crate) use cells::{Cell, Line, csv_row};
pub(crate) use running::{Exports, Running, Who};

/// The place in the journal that an export is as of.
pub(crate) const SEQ: HeaderName = HeaderName::from_static("tidings-seq");

/// How a list is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Format)]
pub(crate) enum FormatWord {
    /// A page of it.
    #[default]
    Json,
    /// All of it, as CSV.
    Csv,
    /// All of it, each row a line of JSON.
    Ndjson,
}

impl FormatWord {
    /// The file that is wanted instead of a page, if one is. A file has all rows.
    pub(crate) fn file(
        self,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Option<FileKind>, Problem> {
        let kind = match self {
            FormatWord::Json => return Ok(None),
            FormatWord::Csv => FileKind::Csv,
            FormatWord::Ndjson => FileKind::Ndjson,
        };
        for (name, given) in [("cursor", cursor.is_some()), ("limit", limit.is_some())] {
            if given {
                return Err(Problem::invalid_query(name, "a file has all rows"));
            }
        }
        Ok(Some(kind))
    }
}

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// RFC 4180, with a line of names.
    Csv,
    /// A JSON document on each line.
    Ndjson,
}

impl FileKind {
    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            FileKind::Csv => "text/csv; charset=utf-8; header=present",
            FileKind::Ndjson => "application/x-ndjson",
        })
    }

    fn ending(self) -> &'static str {
        match self {
            FileKind::Csv => "csv",
            FileKind::Ndjson => "ndjson",
        }
    }

    fn start<L: Line>(self) -> Vec<u8> {
        match self {
            FileKind::Csv => csv_row(L::COLUMNS.iter().map(Cell::plain)),
            FileKind::Ndjson => Vec::new(),
        }
    }

    fn add<L: Line>(self, line: &L, to: &mut Vec<u8>) -> Result<(), Problem> {
        match self {
            FileKind::Csv => to.extend(csv_row(line.cells())),
            FileKind::Ndjson => {
                serde_json::to_writer(&mut *to, line).map_err(Problem::internal)?;
                to.push(b'\n');
            }
        }
        Ok(())
    }
}

/// A file before its rows.
pub(crate) struct File {
    /// What its name starts with.
    pub(crate) name: String,
    pub(crate) kind: FileKind,
    /// What it is as of.
    pub(crate) seq: Seq,
    /// Held until the last row is taken, or nobody wants it any more.
    #[expect(dead_code, reason = "holding it is its use")]
    pub(crate) running: Running,
}

/// Some rows, and the key of the last one that was looked at; none after the last.
pub(crate) struct Lines<L> {
    pub(crate) lines: Vec<L>,
    pub(crate) after: Option<i64>,
}

/// What is still to be written.
struct Rest<F> {
    app: App,
    file: File,
    ends_at: Instant,
    next: F,
    /// Written, and not taken yet.
    ready: Option<Bytes>,
    after: Option<i64>,
}

impl File {
    /// Answers with a file. `next` finds the rows after a key, at first those from the top.
    pub(crate) async fn send<L, F, P>(self, app: &App, next: F) -> Result<Response, Problem>
    where
        L: Line + Send + 'static,
        F: Fn(Option<i64>) -> P + Send + 'static,
        P: Future<Output = Result<Lines<L>, Problem>> + Send,
    {
        let first = next(None).await?;
        let mut start = self.kind.start::<L>();
        let after = self.written(&first, &mut start)?;
        let headers = self.headers()?;
        let rest = Rest {
            app: app.clone(),
            ends_at: Instant::now() + EXPORT_TIME,
            file: self,
            next,
            ready: Some(start.into()),
            after,
        };
        let chunks = stream::try_unfold(rest, |mut rest| async move {
            let chunk = rest.chunk().await?;
            Ok::<_, io::Error>(chunk.map(|chunk| (chunk, rest)))
        });
        Ok((headers, Body::from_stream(chunks)).into_response())
    }

    fn written<L: Line>(&self, rows: &Lines<L>, to: &mut Vec<u8>) -> Result<Option<i64>, Problem> {
        for line in &rows.lines {
            self.kind.add(line, to)?;
        }
        Ok(rows.after)
    }

    fn headers(&self) -> Result<HeaderMap, Problem> {
        let name = format!("{}-{}.{}", self.name, self.seq, self.kind.ending());
        let disposition = format!("attachment; filename=\"{name}\"");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, self.kind.media_type());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(Problem::internal)?,
        );
        headers.insert(SEQ, HeaderValue::from(self.seq.0));
        Ok(headers)
    }
}

impl<L, F, P> Rest<F>
where
    L: Line,
    F: Fn(Option<i64>) -> P,
    P: Future<Output = Result<Lines<L>, Problem>>,
{
    /// What the reader gets next; nothing at the end.
    async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(ready) = self.ready.take().filter(|ready| !ready.is_empty()) {
            return Ok(Some(ready));
        }
        // A page of rows that came later than the file has nothing to show.
        while let Some(after) = self.after {
            if cfg!(planted = "half_a_file_for_a_whole") && self.may_go_on().is_err() {
                return Ok(None);
            }
            self.may_go_on()?;
            let rows = (self.next)(Some(after)).await.map_err(broken_off)?;
            let mut bytes = Vec::new();
            self.after = self.file.written(&rows, &mut bytes).map_err(broken_off)?;
            if !bytes.is_empty() {
                return Ok(Some(bytes.into()));
            }
        }
        Ok(None)
    }

    fn may_go_on(&self) -> io::Result<()> {
        if self.app.shutdown().is_cancelled() {
            return Err(io::Error::other("the server stops"));
        }
        if Instant::now() >= self.ends_at {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        Ok(())
    }
}

fn broken_off(problem: Problem) -> io::Error {
    io::Error::other(problem.detail().to_owned())
}

/// A page of rows as lines of a file: those that a place in the journal has.
pub(crate) fn lines<R, L>(
    rows: &[R],
    most: u32,
    key: impl Fn(&R) -> i64,
    show: impl FnMut(&R) -> Option<Result<L, Problem>>,
) -> Result<Lines<L>, Problem> {
    let is_full = rows.len() == most as usize;
    let after = rows.last().filter(|_| is_full).map(key);
    let lines = rows.iter().filter_map(show).collect::<Result<_, _>>()?;
    Ok(Lines { lines, after })
}

#[cfg(test)]
mod tests;

//! Lists, a page at a time or row by row.

use std::marker::PhantomData;

use futures_util::stream::{self, Stream, TryStreamExt};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::Error;
use crate::problem::Problem;
use crate::send::Ask;

/// Rows on a page, at most.
const MOST_ROWS: u32 = 200;

/// A list that is there to be read. Nothing is asked before [`List::page`], [`List::rows`] or
/// [`List::all`].
#[must_use = "nothing is read before a page or its rows are asked for"]
#[derive(Clone, Debug)]
pub struct List<T> {
    client: Client,
    url: Result<Url, Problem>,
    limit: u32,
    cursor: Option<String>,
    row: PhantomData<fn() -> T>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Page<T> {
    /// Its rows.
    pub data: Vec<T>,
    /// What the page after it begins with; none after the last.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    pub(crate) fn new(client: Client, url: Result<Url, Problem>) -> List<T> {
        List {
            client,
            url,
            limit: MOST_ROWS,
            cursor: None,
            row: PhantomData,
        }
    }

    /// With so many rows on each page, 1 to 200.
    pub fn pages_of(mut self, rows: u32) -> List<T> {
        self.limit = rows;
        self
    }

    /// From the page that a cursor begins.
    pub fn from(mut self, cursor: impl Into<String>) -> List<T> {
        self.cursor = Some(cursor.into());
        self
    }
}

impl<T: DeserializeOwned> List<T> {
    /// Its first page.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn page(&self) -> Result<Page<T>, Error> {
        self.page_at(self.cursor.as_deref()).await
    }

    async fn page_at(&self, cursor: Option<&str>) -> Result<Page<T>, Error> {
        let mut url = self.url.clone()?;
        url.query_pairs_mut()
            .append_pair("limit", &self.limit.to_string());
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let ask = Ask::new(Method::GET, url, None::<&()>);
        self.client.read(&ask).await
    }

    /// All rows, page by page as they are taken. It ends with the list, or with the first page that cannot
    /// be read.
    pub fn rows(self) -> impl Stream<Item = Result<T, Error>> {
        let first = Some(self.cursor.clone());
        let pages = stream::try_unfold((self, first), async |(list, next)| {
            let Some(cursor) = next else {
                return Ok::<_, Error>(None);
            };
            let page = list.page_at(cursor.as_deref()).await?;
            let rows = stream::iter(page.data.into_iter().map(Ok));
            Ok(Some((rows, (list, page.next_cursor.map(Some)))))
        });
        pages.try_flatten()
    }

    /// All rows at once.
    ///
    /// # Errors
    /// When one of its pages cannot be read.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.rows().try_collect().await
    }
}

//! Fetching from outside: the only place of this crate that opens a connection.
//!
//! In: an address by somebody whom nobody vouches for. Out: a [`Page`] of bounded size within a
//! bounded time, or why not. Every address, each redirect's included, passes the [`guard`], and
//! what is dialled is what was looked at. No proxy of the environment is used, no cookie is kept.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use call::Call;
pub use error::FetchError;
use guard::Target;
use line::Line;
pub use line::{System, Ways};

mod answer;
mod call;
mod error;
pub mod guard;
mod line;

/// All of a fetch: names, redirects, the last byte. An editor waits for it.
pub const FETCH_TIME: Duration = Duration::from_secs(5);

/// Bytes of an answer, and of what it decompresses to. Feeds and pages are smaller.
pub const FETCH_BYTES: usize = 2 * 1024 * 1024;

/// Redirects of one fetch: to https or another host, to the right path, and one to spare.
const REDIRECTS: usize = 4;

/// Fetches at once. More wait: 2 MiB each, and pages are parsed on these few cores as well.
const AT_ONCE: usize = 8;

/// Bytes of an answer's head.
const HEAD_BYTES: usize = 64 * 1024;

/// Fetches pages and feeds from outside.
pub struct Fetcher {
    line: Line,
    room: Semaphore,
}

/// What a page was when it was last fetched, in its server's words: it answers with the page only
/// if it is another by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What came of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The page.
    Page(Page),
    /// It is what it was.
    Same,
}

/// A page as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was found after all redirects.
    pub url: String,
    /// Its `Content-Type`, if it told one.
    pub content_type: Option<String>,
    /// To ask for it again with.
    pub seen: Seen,
    /// Its bytes, decompressed.
    pub body: Vec<u8>,
}

impl Fetcher {
    /// Over the system's own names and connections, to servers whom the usual authorities vouch for.
    pub fn new() -> Fetcher {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        Fetcher::over(Arc::new(System), roots)
    }

    /// Over other names, connections and authorities: those of a test. The guard is the same.
    pub fn over(ways: Arc<dyn Ways>, roots: RootCertStore) -> Fetcher {
        Fetcher {
            line: Line::new(ways, roots),
            room: Semaphore::new(AT_ONCE),
        }
    }

    /// Fetches a page, unless it is what was seen of it.
    ///
    /// # Errors
    /// When the address may not be asked for, or nothing came of it in time.
    pub async fn fetch(&self, url: &str, seen: &Seen) -> Result<Fetched, FetchError> {
        let target = Target::parse(url)?;
        let all = async {
            let _room = self.room.acquire().await;
            self.follow(target, seen).await
        };
        tokio::time::timeout(FETCH_TIME, all)
            .await
            .unwrap_or(Err(FetchError::TooSlow))
    }

    async fn follow(&self, mut target: Target, seen: &Seen) -> Result<Fetched, FetchError> {
        for _ in 0..=REDIRECTS {
            match self.ask(&target, seen).await? {
                Hop::There(fetched) => return Ok(fetched),
                Hop::Elsewhere(location) => target = target.redirected(&location)?,
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// One request over one connection, which ends with it.
    async fn ask(&self, target: &Target, seen: &Seen) -> Result<Hop, FetchError> {
        let stream = self.line.open(target).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(FetchError::Protocol)?;
        // Ends with the set, whatever becomes of this fetch.
        let mut running = JoinSet::new();
        running.spawn(async move {
            let _ = connection.await;
        });
        let answer = sender.send_request(request(target, seen)?).await;
        let answer = answer.map_err(FetchError::Protocol)?;
        match answer.status() {
            StatusCode::NOT_MODIFIED if *seen != Seen::default() => Ok(Hop::There(Fetched::Same)),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => word(answer.headers(), header::LOCATION)
                .map(Hop::Elsewhere)
                .ok_or(FetchError::Status(answer.status().as_u16())),
            StatusCode::OK => {
                let page = answer::read(target, answer).await?;
                Ok(Hop::There(Fetched::Page(page)))
            }
            status => Err(FetchError::Status(status.as_u16())),
        }
    }
}

impl Default for Fetcher {
    fn default() -> Fetcher {
        Fetcher::new()
    }
}

enum Hop {
    There(Fetched),
    Elsewhere(String),
}

fn request(target: &Target, seen: &Seen) -> Result<Request<Empty<&'static [u8]>>, FetchError> {
    let url = target.url();
    let asked = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::get(asked)
        .header(header::HOST, url.host_str().unwrap_or_default())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, ACCEPT)
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| FetchError::Refused(guard::Refused::Unreadable))?;
    let conditions = [
        (header::IF_NONE_MATCH, &seen.etag),
        (header::IF_MODIFIED_SINCE, &seen.last_modified),
    ];
    for (name, value) in conditions {
        let value = value.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(value)) = value {
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

/// A header's text, if it is there and text.
fn word(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Whom a publisher finds in its logs.
const USER_AGENT: &str = concat!("Tidings/", env!("CARGO_PKG_VERSION"));

const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
                      text/html;q=0.9, application/xml;q=0.8, application/json;q=0.8, */*;q=0.1";

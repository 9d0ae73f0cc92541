//! The client: where the exchange is, who asks, and how long an answer is waited for.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, Url};
use serde::Serialize;
use serde_json::Value;
use tidings_signature::SecretKey;

use crate::command::Command;
use crate::error::Error;
use crate::list::List;
use crate::problem::Problem;
use crate::send::Ask;

/// How long a command or a read is tried, when nothing else is said.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long one attempt is waited for: longer than the exchange gives itself for an answer, which is 5 s.
const ATTEMPT: Duration = Duration::from_secs(8);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// A client of one exchange, of one account or of nobody. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    base: Arc<Url>,
    pub(crate) who: Arc<Who>,
    pub(crate) deadline: Duration,
    pub(crate) attempt: Duration,
    /// The last place in the journal that this account's commands were answered with.
    seen: Arc<AtomicU64>,
    at_least: u64,
}

/// Who asks.
pub(crate) enum Who {
    Nobody,
    Bearer(String),
    Signer(Box<SecretKey>),
}

impl Client {
    /// A client of the exchange at an address such as `https://exchange.example`, for what everyone may
    /// read.
    ///
    /// # Errors
    /// When that is no address, or one of https and the crate was built without its feature `tls`.
    pub fn new(base: &str) -> Result<Client, Error> {
        let setup = |why: &dyn fmt::Display| Error::Setup(format!("{base:?}: {why}"));
        let mut url = Url::parse(base).map_err(|error| setup(&error))?;
        if url.cannot_be_a_base() || url.host_str().is_none() {
            return Err(setup(&"an address begins with https:// or http://"));
        }
        if url.scheme() == "https" && !cfg!(feature = "tls") {
            return Err(setup(&"https takes the crate's feature `tls`"));
        }
        url.set_query(None);
        url.set_fragment(None);
        let mut http = secured(reqwest::Client::builder())?
            .connect_timeout(CONNECT)
            // A stream takes its connection over, which only HTTP/1.1 lets it.
            .http1_only();
        if is_of_this_machine(&url) {
            // A proxy in the environment is not meant for it.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| setup(&error))?;
        Ok(Client {
            http,
            base: Arc::new(url),
            who: Arc::new(Who::Nobody),
            deadline: DEADLINE,
            attempt: ATTEMPT,
            seen: Arc::default(),
            at_least: 0,
        })
    }

    /// The same exchange for the account that a key opens.
    #[must_use]
    pub fn with_key(&self, key: impl Into<String>) -> Client {
        self.of(Who::Bearer(key.into()))
    }

    /// The same exchange for the account that a key pair opens: every request is signed, and no secret is
    /// ever sent.
    #[must_use]
    pub fn signing_with(&self, key: SecretKey) -> Client {
        self.of(Who::Signer(Box::new(key)))
    }

    fn of(&self, who: Who) -> Client {
        Client {
            who: Arc::new(who),
            // What one account did is nothing to another one.
            seen: Arc::default(),
            at_least: 0,
            ..self.clone()
        }
    }

    /// The same with another time in which everything is tried: 30 s when nothing is said.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Client {
        Client {
            deadline,
            ..self.clone()
        }
    }

    /// The same with another time for one attempt: 8 s when nothing is said. What did not come by then is
    /// asked again, on another connection.
    #[must_use]
    pub fn attempts_of(&self, attempt: Duration) -> Client {
        Client {
            attempt,
            ..self.clone()
        }
    }

    /// The same with reads that are of this place in the journal or later, such as a command's `seq` that
    /// another process was told. What this client's own commands did, its lists of orders, fills and
    /// movements have in any case.
    #[must_use]
    pub fn after(&self, seq: u64) -> Client {
        Client {
            at_least: self.at_least.max(seq),
            ..self.clone()
        }
    }

    /// Notes how far the exchange was when it answered one of this account's commands.
    pub(crate) fn saw(&self, seq: u64) {
        self.seen.fetch_max(seq, Ordering::Relaxed);
    }

    /// The address of something under `/v1`.
    pub(crate) fn url(&self, parts: &[&str]) -> Result<Url, Problem> {
        // A path loses such parts: `DELETE /v1/orders/` would not be about one order.
        if let Some(part) = parts.iter().find(|part| matches!(**part, "" | "." | "..")) {
            return Err(Problem::no_such_address(part));
        }
        let mut url = Url::clone(&self.base);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1").extend(parts);
        }
        Ok(url)
    }

    /// A command that is sent once it is awaited.
    pub(crate) fn command<T>(
        &self,
        method: Method,
        parts: &[&str],
        query: &impl Serialize,
        body: Option<&impl Serialize>,
    ) -> Command<T> {
        let ask = self.url(parts).map(|mut url| {
            add(&mut url, query);
            Ask::new(method, url, body)
        });
        Command::new(self.clone(), ask)
    }

    /// A command with a body and nothing else.
    pub(crate) fn post<T>(&self, parts: &[&str], body: &impl Serialize) -> Command<T> {
        self.command(Method::POST, parts, &(), Some(body))
    }

    /// Reads one document.
    pub(crate) async fn get<T: serde::de::DeserializeOwned>(
        &self,
        parts: &[&str],
        query: &impl Serialize,
    ) -> Result<T, Error> {
        let mut url = self.url(parts)?;
        add(&mut url, query);
        self.past(&mut url, self.at_least);
        self.read(&Ask::new(Method::GET, url, None::<&()>)).await
    }

    /// A list, to be read page by page. One of the account's own has what its commands did.
    pub(crate) fn list<T>(&self, parts: &[&str], query: &impl Serialize, own: bool) -> List<T> {
        let seen = if own {
            self.seen.load(Ordering::Relaxed)
        } else {
            0
        };
        let url = self.url(parts).map(|mut url| {
            add(&mut url, query);
            self.past(&mut url, self.at_least.max(seen));
            url
        });
        List::new(self.clone(), url)
    }

    /// The place that a read of the account's own history has to have come to.
    pub(crate) fn own(&self) -> Client {
        self.after(self.seen.load(Ordering::Relaxed))
    }

    fn past(&self, url: &mut Url, at_least: u64) {
        if at_least > 0 {
            url.query_pairs_mut()
                .append_pair("min_seq", &at_least.to_string());
        }
    }
}

fn is_of_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

/// Adds what is there of a query's fields.
fn add(url: &mut Url, query: &impl Serialize) {
    let fields = serde_json::to_value(query).expect("a query is plain data");
    let Value::Object(fields) = fields else {
        return;
    };
    for (name, value) in fields {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        url.query_pairs_mut().append_pair(&name, &text);
    }
}

#[cfg(feature = "tls")]
fn secured(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Setup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(not(feature = "tls"))]
fn secured(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder)
}

/// Never with the key.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match &*self.who {
            Who::Nobody => "nobody",
            Who::Bearer(_) => "a key",
            Who::Signer(_) => "a key pair",
        };
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("who", &who)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

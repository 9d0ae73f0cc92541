//! One request and its attempts. In: what is asked. Out: an answer, or why there is none.
//! Every attempt of a command is sent under the same idempotency key, so that however many of them
//! arrive, one is carried out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tidings_signature::Target;
use tokio::time::Instant;

use crate::client::{Client, Who};
use crate::error::Error;
use crate::problem::{Problem, Retry};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The same bytes at each attempt: the key stands for them.
    pub(crate) body: Option<Bytes>,
    /// The idempotency key of a command.
    pub(crate) once: Option<String>,
}

/// An answer with what was asked for.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn new(method: Method, url: Url, body: Option<&impl Serialize>) -> Ask {
        let body = body.map(|body| serde_json::to_vec(body).expect("a body is plain data"));
        Ask {
            method,
            url,
            body: body.map(Bytes::from),
            once: None,
        }
    }
}

impl Answer {
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source| Error::Unreadable {
            status: self.status.as_u16(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
            source,
        })
    }
}

impl Client {
    /// Reads, as often as it takes within the deadline.
    pub(crate) async fn read<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, Error> {
        let end = Instant::now() + self.deadline;
        let mut pauses = Pauses::default();
        loop {
            let error = match self.attempt(ask, end).await {
                Ok(answer) => return answer.parse(),
                Err(error) => error,
            };
            if !error.may_pass() || !pauses.wait(&error, end).await {
                return Err(error);
            }
        }
    }

    /// One attempt.
    pub(crate) async fn attempt(&self, ask: &Ask, end: Instant) -> Result<Answer, Error> {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::TimeOver);
        }
        let request = self.request(ask)?.timeout(left.min(self.attempt));
        let response = request.send().await.map_err(Error::NoAnswer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(Error::NoAnswer)?;
        match status.is_success() {
            true => Ok(Answer { status, body }),
            false => Err(Problem::read(status, &headers, &body).into()),
        }
    }

    /// A request as it is sent: a signature is of this moment, so each attempt has its own.
    pub(crate) fn request(&self, ask: &Ask) -> Result<RequestBuilder, Error> {
        let mut headers = HeaderMap::new();
        match &*self.who {
            Who::Signer(key) => {
                let target = Target {
                    method: ask.method.as_str(),
                    path: ask.url.path(),
                    query: ask.url.query(),
                };
                let body = ask.body.as_deref().unwrap_or_default();
                let signed = key.sign(target, body, ask.once.as_deref(), now()?);
                for (name, value) in signed.headers {
                    headers.insert(
                        reqwest::header::HeaderName::try_from(name).map_err(unsendable)?,
                        visible(&value)?,
                    );
                }
            }
            Who::Bearer(key) => {
                let mut bearer = visible(&format!("Bearer {key}"))?;
                bearer.set_sensitive(true);
                headers.insert(AUTHORIZATION, bearer);
            }
            Who::Nobody => {}
        }
        if let Some(once) = &ask.once {
            headers.insert("idempotency-key", visible(once)?);
        }
        let mut request = self.http.request(ask.method.clone(), ask.url.clone());
        if let Some(body) = &ask.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request = request.body(body.clone());
        }
        Ok(request.headers(headers))
    }
}

fn visible(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::try_from(text).map_err(unsendable)
}

fn unsendable(error: impl std::fmt::Display) -> Error {
    Error::Setup(format!("a key cannot be sent: {error}"))
}

/// Unix seconds, for signatures.
fn now() -> Result<i64, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok());
    seconds.ok_or_else(|| Error::Setup("this machine's clock is not set".to_owned()))
}

/// Pauses between attempts: what the answer says or, where nobody says, longer each time and never for
/// two clients alike.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    taken: u32,
}

/// The first pause, at most.
const SHORTEST: Duration = Duration::from_millis(50);
/// A pause, at most.
const LONGEST: Duration = Duration::from_secs(2);

impl Pauses {
    /// The pause before the next attempt.
    pub(crate) fn next(&mut self, said: Option<Duration>) -> Duration {
        let most = SHORTEST
            .saturating_mul(1 << self.taken.min(10))
            .min(LONGEST);
        self.taken += 1;
        let drawn = most.mul_f64(0.5 + 0.5 * draw());
        // A little later than was said, so that not all who were told the same come back together.
        said.map_or(drawn, |said| said + SHORTEST.mul_f64(draw()))
    }

    /// Waits before the next attempt. False when there would be no time left for it.
    pub(crate) async fn wait(&mut self, error: &Error, end: Instant) -> bool {
        let said = error.problem().and_then(|problem| problem.again_in);
        let pause = self.next(said);
        if Instant::now() + pause >= end {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}

/// From 0 to 1. Without random numbers clients only come back together.
fn draw() -> f64 {
    getrandom::u32().map_or(1.0, |bits| f64::from(bits) / f64::from(u32::MAX))
}

/// Whether an attempt that ended so may have been carried out.
pub(crate) fn leaves_doubt(error: &Error) -> bool {
    match error {
        Error::Problem(problem) => problem.leaves_doubt(),
        // A connection that was never made carried nothing.
        Error::NoAnswer(error) => !error.is_connect() && !error.is_builder(),
        Error::Unreadable { .. } | Error::Lost(_) => true,
        Error::TimeOver | Error::Setup(_) | Error::Unknown(_) => false,
    }
}

/// Whether the same can be sent again.
pub(crate) fn is_worth_another(error: &Error) -> bool {
    match error {
        Error::Problem(problem) => problem.retry == Retry::Safe,
        Error::NoAnswer(error) => !error.is_builder(),
        Error::Lost(_) => true,
        _ => false,
    }
}

//! What the exchange answers when it does not do what was asked: RFC 9457 problems with stable codes.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A refusal, or something that did not work. All codes are in the exchange's documentation; a code never
/// changes its meaning.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Deserialize)]
#[error("{status} {code}: {detail}")]
pub struct Problem {
    /// The stable name of what is wrong, such as `insufficient_funds`. Empty when the answer was not the
    /// exchange's own, such as a gateway's page.
    #[serde(default)]
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The code in words.
    #[serde(default)]
    pub title: String,
    /// What is wrong here, for people to read.
    #[serde(default)]
    pub detail: String,
    /// Whether asking again can help.
    #[serde(default)]
    pub retry: Retry,
    /// The members that explain it, such as `available` and `required`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
    /// When it can be tried again, where the answer said so.
    #[serde(skip)]
    pub(crate) again_in: Option<Duration>,
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// The same request can be sent again. This client does that by itself.
    Safe,
    /// Another request can succeed, or the same once something has changed.
    AfterFix,
    /// It will not help.
    #[default]
    #[serde(other)]
    Never,
}

impl Problem {
    /// The problem that an answer is.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Problem {
        let known = serde_json::from_slice(body).ok();
        let mut problem = known.unwrap_or_else(|| Problem::foreign(status, body));
        let millis = problem.more.get("retry_after_ms").and_then(Value::as_u64);
        let seconds = || headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok();
        problem.again_in = millis
            .map(Duration::from_millis)
            .or_else(|| seconds().map(Duration::from_secs));
        problem
    }

    /// The problem that a message has: it says by itself when it can be tried again.
    pub(crate) fn in_a_message(mut self) -> Problem {
        let millis = self.more.get("retry_after_ms").and_then(Value::as_u64);
        self.again_in = millis.map(Duration::from_millis);
        self
    }

    /// An answer of something that stands between.
    fn foreign(status: StatusCode, body: &[u8]) -> Problem {
        let may_pass = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let said = String::from_utf8_lossy(body);
        Problem {
            code: String::new(),
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            detail: said.chars().take(200).collect(),
            retry: if may_pass { Retry::Safe } else { Retry::Never },
            more: Map::new(),
            again_in: None,
        }
    }

    /// What the exchange would say of an id that nothing can have. It is not asked: a path with such a
    /// part in it is another path.
    pub(crate) fn no_such_address(part: &str) -> Problem {
        let detail = format!("{part:?} is no id and no slug");
        Problem::unasked(404, "not_found", "Nothing has this address", detail)
    }

    /// What the exchange would say of an idempotency key that no header can carry.
    pub(crate) fn unusable_key() -> Problem {
        let detail = "a key has 1 to 128 visible ASCII characters".to_owned();
        let title = "The Idempotency-Key is not usable";
        Problem::unasked(400, "invalid_idempotency_key", title, detail)
    }

    fn unasked(status: u16, code: &str, title: &str, detail: String) -> Problem {
        Problem {
            code: code.to_owned(),
            status,
            title: title.to_owned(),
            detail,
            retry: Retry::AfterFix,
            more: Map::new(),
            again_in: None,
        }
    }

    /// The refusal's place in the journal, if it has one: then it stands for good, and the same command
    /// under the same key is refused in the same words.
    pub fn seq(&self) -> Option<u64> {
        self.more.get("seq")?.as_u64()
    }

    /// A decimal that explains it, such as `available`, `required` or `tick`.
    pub fn decimal(&self, member: &str) -> Option<Decimal> {
        self.text(member)?.parse().ok()
    }

    /// A text that explains it, such as `field` or `market_status`.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.more.get(member)?.as_str()
    }

    /// Whether a command that was answered so may have been carried out all the same.
    pub(crate) fn leaves_doubt(&self) -> bool {
        const NOTHING_WAS_DONE: [&str; 4] = [
            "busy",
            "starting",
            "too_many_connections",
            "too_many_streams",
        ];
        self.status >= 500 && !NOTHING_WAS_DONE.contains(&self.code.as_str())
    }

    /// Whether every attempt at the same request has to be answered so, now or earlier: it is in the
    /// journal, or about the request's own form.
    pub(crate) fn is_of_every_attempt(&self) -> bool {
        self.seq().is_some() || matches!(self.status, 400 | 405 | 413 | 414 | 415 | 422 | 431)
    }
}

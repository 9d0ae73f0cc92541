//! Everything that can be answered instead of what was asked: RFC 9457 problems with stable codes.
//! One table holds every code with its status; it is the only place where a refusal of the core
//! meets HTTP, and it is what the documentation shows.

mod explained;
mod table;

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use tidings_core::Reject;
use tidings_core::id::Seq;
use tidings_exchange::{SubmitError, Unavailable};
use tidings_news::ImportError;
use tidings_news::fetch::FetchError;
use tidings_store::StoreError;

pub use explained::{Explained, explained};
pub use table::{Entry, Retry, problem_table};

use crate::wire::id;
use crate::wire::time::Time;

/// An answer that is not what was asked for.
#[derive(Clone, Debug)]
pub struct Problem {
    entry: &'static Entry,
    detail: String,
    extra: Vec<(&'static str, Value)>,
    /// When it can be tried again, where that is known.
    again_in: Option<Duration>,
}

impl Problem {
    /// The problem with a code of the table.
    ///
    /// # Panics
    /// When the table has no such code.
    pub fn new(code: &str, detail: impl Into<String>) -> Problem {
        let entry = problem_table().iter().find(|entry| entry.code == code);
        let entry = entry.unwrap_or_else(|| panic!("the table of problems has no {code}"));
        Problem {
            entry,
            detail: detail.into(),
            extra: Vec::new(),
            again_in: None,
        }
    }

    /// With another member that explains it.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Problem {
        self.extra.push((member, value.into()));
        self
    }

    /// With the time after which it can be tried again.
    #[must_use]
    pub(crate) fn again_in(mut self, wait: Duration) -> Problem {
        self.again_in = Some(wait);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.entry.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.entry.status).expect("the table holds statuses")
    }

    /// What is wrong, for people to read.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// A refusal that has its place in the journal.
    pub fn refused(reject: &Reject, seq: Seq) -> Problem {
        Problem::from(reject.clone()).with("seq", seq.0)
    }

    /// A field of the body that is not what it should be.
    pub fn invalid_body(field: &str, fault: impl std::fmt::Display) -> Problem {
        match field {
            "" | "." => Problem::new("invalid_body", fault.to_string()),
            field => Problem::new("invalid_body", format!("{field}: {fault}")).with("field", field),
        }
    }

    /// The same of a part of a body.
    #[must_use]
    pub(crate) fn inside(mut self, place: &str) -> Problem {
        let mut extra = self.extra.iter_mut();
        let field = extra.find(|(member, _)| *member == "field");
        let between = if field.is_some() { "." } else { ": " };
        if let Some((_, field)) = field {
            let inner = field.as_str().unwrap_or_default();
            *field = Value::from(format!("{place}.{inner}"));
        }
        self.detail = format!("{place}{between}{}", self.detail);
        self
    }

    /// A query parameter that is not what it should be.
    pub fn invalid_query(field: &str, fault: impl std::fmt::Display) -> Problem {
        Problem::new("invalid_query", format!("{field}: {fault}")).with("field", field)
    }

    /// Nothing has this address.
    pub fn not_found() -> Problem {
        Problem::new("not_found", "nothing has this address")
    }

    /// Something of ours failed. The cause goes to the log, never to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        Problem::new("internal", "something went wrong here; it was logged")
    }

    /// A read could not be made.
    pub fn unavailable(cause: impl std::fmt::Display) -> Problem {
        tracing::warn!(%cause, "a read was not possible");
        Problem::new("unavailable", "the exchange cannot answer at this moment")
    }
}

impl From<Reject> for Problem {
    fn from(reject: Reject) -> Problem {
        let problem = Problem::new(reject.code(), reject.to_string());
        match reject {
            Reject::InsufficientFunds {
                available,
                required,
            } => problem
                .with("available", available.to_string())
                .with("required", required.to_string()),
            Reject::InsufficientPosition {
                available,
                required,
            } => problem
                .with("available", available.to_string())
                .with("required", required.to_string()),
            Reject::MarketNotOpen { status } | Reject::WrongPhase { status } => {
                problem.with("market_status", status.word())
            }
            Reject::PriceOffTick { tick } => {
                let step = tidings_core::units::Price::new(tick);
                problem.with(
                    "tick",
                    step.map_or_else(String::new, |step| step.to_string()),
                )
            }
            Reject::FokNotFilled { fillable } => problem.with("fillable", fillable.to_string()),
            Reject::TooManyOrders { most }
            | Reject::TooManyKeys { most }
            | Reject::TooManyKeptOut { most } => problem.with("most", most.to_string()),
            Reject::KeyRotated { successor } => problem.with("successor", successor.to_string()),
            Reject::SecondOperatorNeeded { proposed_by } => {
                problem.with("proposed_by", id::account(proposed_by))
            }
            Reject::DisputeWindowOpen { until } => problem.with("until", Time(until).to_string()),
            Reject::CorrectionUncovered { missing } => problem.with("missing", missing.to_string()),
            Reject::EvidenceInsufficient {
                primary,
                publishers,
                others,
            } => problem
                .with("primary", primary)
                .with("publishers", publishers)
                .with("others", others),
            Reject::EvidenceInvalid { item, .. } => problem.with("item", item),
            Reject::MarketInvalid { fault } => problem.with("field", fault.field()),
            _ => problem,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Problem {
        Problem::new(error.code(), error.to_string())
    }
}

impl From<FetchError> for Problem {
    fn from(error: FetchError) -> Problem {
        tracing::info!(%error, source = ?error, "nothing was fetched");
        Problem::new(error.code(), error.to_string())
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Problem {
        match error {
            SubmitError::KeyReused => Reject::IdempotencyKeyReused.into(),
            SubmitError::Busy => Problem::new("busy", "too much is waiting; nothing was done"),
            SubmitError::Stopped => Problem::unknown_outcome(),
        }
    }
}

impl Problem {
    /// A command may or may not have been carried out.
    pub fn unknown_outcome() -> Problem {
        let advice = "ask again with the same Idempotency-Key, or GET /v1/requests/{key}";
        Problem::new(
            "unknown_outcome",
            format!("it may or may not have happened: {advice}"),
        )
    }
}

impl From<Unavailable> for Problem {
    fn from(_: Unavailable) -> Problem {
        Problem::unavailable("the writer does not run")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::ArticleTaken { slug } => {
                let detail = format!("the article {slug} has this address or this text");
                Problem::new("article_taken", detail).with("article", slug)
            }
            error => Problem::unavailable(error),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format_args!("/problems/{}", self.entry.code))?;
        map.serialize_entry("title", self.entry.title)?;
        map.serialize_entry("status", &self.entry.status)?;
        map.serialize_entry("detail", &self.detail)?;
        map.serialize_entry("code", self.entry.code)?;
        map.serialize_entry("retry", self.entry.retry.word())?;
        for (member, value) in &self.extra {
            map.serialize_entry(member, value)?;
        }
        map.end()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem is plain data");
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code() == "invalid_head" {
            // Whoever cannot say where they want to go may not mean what follows either.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        match self.status() {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // The rest of the body was not read: nothing that follows on the connection can be.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                // In whole seconds, and never at once.
                let nanos = self.again_in.map_or(0, |wait| wait.as_nanos());
                let seconds = nanos.div_ceil(1_000_000_000).max(1);
                let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A problem's shape, for the OpenAPI document. Problems carry further members that explain them.
#[derive(utoipa::ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "its shape is what matters")]
pub(crate) struct ProblemShape {
    /// Where the code is explained.
    #[schema(example = "/problems/insufficient_funds")]
    r#type: String,
    /// The code in words.
    #[schema(example = "Insufficient funds")]
    title: String,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What is wrong here.
    #[schema(example = "102.5 is needed and 12 is available")]
    detail: String,
    /// The stable name.
    #[schema(example = "insufficient_funds")]
    code: String,
    /// Whether asking again can help.
    retry: Retry,
}

//! Query parameters of reads. All reads take `min_seq`: they wait until the exchange has come to
//! that place in its journal, so that a client can read what it has just written.

use std::time::Duration;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tidings_core::id::Seq;
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::extract::scan::check_text;
use crate::problem::Problem;
use crate::wire::text::{Why, said};

/// How long a read waits for its `min_seq`.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// No parameters but `min_seq`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQuery {}

/// The reason of a command that has no body.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhyQuery {
    /// Why, in 1 to 500 characters. The journal keeps it with who did it and when.
    #[param(value_type = Option<String>, min_length = 1, max_length = 500)]
    reason: Option<Why>,
}

impl WhyQuery {
    /// The reason, if its characters may be shown.
    pub(crate) fn reason(self) -> Result<Option<String>, Problem> {
        let reason = said(self.reason);
        match reason.as_deref() {
            Some(text) => check_text("reason", text).map(|()| reason),
            None => Ok(None),
        }
    }
}

/// A read's parameters; the exchange has come to its `min_seq`.
pub struct Params<T>(pub T);

/// The same of a read that looks into history, which has to have come there, too.
pub(crate) struct PastParams<T>(pub(crate) T, pub(crate) AtLeast);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Params<T>, Problem> {
        let PastParams(own, _) = PastParams::from_request_parts(parts, app).await?;
        Ok(Params(own))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for PastParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<PastParams<T>, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let is_min_seq = |pair: &&str| pair.split('=').next() == Some("min_seq");
        let (min_seq, own): (Vec<&str>, Vec<&str>) = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .partition(is_min_seq);
        let own = parse(&own.join("&"))?;
        let min_seq = read_min_seq(&min_seq)?;
        if let Some(seq) = min_seq {
            app.come_to(seq, PATIENCE).await?;
        }
        Ok(PastParams(own, AtLeast(min_seq)))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let uri: Uri = match query {
        "" => Uri::default(),
        query => format!("/?{query}").parse().map_err(|_| malformed())?,
    };
    let parsed = Query::<T>::try_from_uri(&uri);
    parsed.map(|Query(own)| own).map_err(|rejection| {
        let text = rejection.body_text();
        // The extractor's own preamble says nothing about the parameter.
        let fault = text
            .split_once(": ")
            .map_or(text.as_str(), |(_, fault)| fault);
        Problem::new("invalid_query", fault)
    })
}

fn read_min_seq(pairs: &[&str]) -> Result<Option<Seq>, Problem> {
    match pairs {
        [] => Ok(None),
        [pair] => match pair.split_once('=').and_then(|(_, seq)| seq.parse().ok()) {
            Some(seq) => Ok(Some(Seq(seq))),
            None => Err(Problem::invalid_query(
                "min_seq",
                "a place in the journal is a number",
            )),
        },
        _ => Err(Problem::invalid_query("min_seq", "it comes twice")),
    }
}

fn malformed() -> Problem {
    Problem::new("invalid_query", "the query cannot be read")
}

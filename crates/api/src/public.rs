//! Public reads: anyone, from any origin, cacheable, without cookies. Everything else is
//! `no-store`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;

/// A second is what readers of live odds may lag anyway; a cache that cannot reach us may go on
/// showing the last odds, which carry their time.
const CACHE: HeaderValue =
    HeaderValue::from_static("public, max-age=1, stale-while-revalidate=5, stale-if-error=86400");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A public document as of a place in the journal; 304 when the caller has it.
///
/// # Errors
/// When it cannot be written, which is our bug.
pub fn document(asked: &HeaderMap, seq: u64, body: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    // The digest makes the tag strong: another version of this server may say the same otherwise.
    let digest = blake3::hash(&bytes).to_hex();
    let etag = format!("\"{seq}-{}\"", &digest[..16]);
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok());
    let has_it = known.flat_map(|tags| tags.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    });
    let etag = HeaderValue::from_str(&etag).map_err(Problem::internal)?;
    let headers = [(header::CACHE_CONTROL, CACHE), (header::ETAG, etag)];
    match has_it {
        true => Ok((StatusCode::NOT_MODIFIED, headers, Body::empty()).into_response()),
        false => Ok((headers, [(header::CONTENT_TYPE, JSON)], bytes).into_response()),
    }
}

/// A document for the caller alone.
///
/// # Errors
/// When it cannot be written, which is our bug.
pub fn private(body: &impl Serialize) -> Result<Response, Problem> {
    private_with(StatusCode::OK, body)
}

/// A document for the caller alone, with a status of its own.
///
/// # Errors
/// When it cannot be written, which is our bug.
pub fn private_with(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, NO_STORE),
    ];
    Ok((status, headers, bytes).into_response())
}

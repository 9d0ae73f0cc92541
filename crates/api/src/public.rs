//! Public reads: anyone, from any origin, cacheable, without cookies. Everything else is
//! `no-store`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tidings_core::id::MarketId;
use tidings_core::view::MarketView;

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
    Ok(Document::of(seq, body)?.answer(asked))
}

/// A public document as it is sent.
pub(crate) struct Document {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Document {
    /// What is to be said, as of a place in the journal.
    pub(crate) fn of(seq: u64, body: &impl Serialize) -> Result<Document, Problem> {
        let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
        // The digest makes the tag strong: another version of this server may say the same otherwise.
        let digest = blake3::hash(&bytes).to_hex();
        let etag = format!("\"{seq}-{}\"", &digest[..16]);
        Ok(Document {
            bytes: bytes.into(),
            etag: HeaderValue::from_str(&etag).map_err(Problem::internal)?,
        })
    }

    /// The document, or 304 when the caller has it.
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let headers = [
            (header::CACHE_CONTROL, CACHE),
            (header::ETAG, self.etag.clone()),
        ];
        match self.is_known(asked) {
            true => (StatusCode::NOT_MODIFIED, headers, Body::empty()).into_response(),
            false => {
                let json = [(header::CONTENT_TYPE, JSON)];
                (headers, json, self.bytes.clone()).into_response()
            }
        }
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        let known = asked.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|tags| tags.to_str().ok());
        known.flat_map(|tags| tags.split(',')).any(|tag| {
            let tag = tag.trim();
            tag == "*" || *tag.strip_prefix("W/").unwrap_or(tag) == self.etag
        })
    }
}

/// A document of each market, made once for each of its states, and not before somebody asks. At most one a market
/// is kept, with the state that it is of: whatever changes a market shows another state.
#[derive(Default)]
pub(crate) struct Documents(RwLock<HashMap<MarketId, Arc<Made>>>);

struct Made {
    of: Arc<MarketView>,
    document: Document,
}

impl Documents {
    /// A market's document, and `make` where it has to be made; or 304 when the caller has it.
    pub(crate) fn answer(
        &self,
        asked: &HeaderMap,
        market: &Arc<MarketView>,
        make: impl FnOnce(&MarketView) -> Result<Document, Problem>,
    ) -> Result<Response, Problem> {
        let made = self.made(market.id);
        if let Some(made) = made.filter(|made| Arc::ptr_eq(&made.of, market)) {
            return Ok(made.document.answer(asked));
        }
        let made = Made {
            of: Arc::clone(market),
            document: make(market)?,
        };
        let answer = made.document.answer(asked);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have made a later one meanwhile: that one is asked for more often from here on.
        let later = |other: &Arc<Made>| other.of.as_of.seq > market.as_of.seq;
        if !all.get(&market.id).is_some_and(later) {
            all.insert(market.id, Arc::new(made));
        }
        Ok(answer)
    }

    fn made(&self, market: MarketId) -> Option<Arc<Made>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&market).map(Arc::clone)
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

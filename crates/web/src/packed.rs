//! What is sent, in the fewer bytes of gzip to whoever takes that.
//!
//! In: answers that everybody may see. Out: the same, packed where it is text and long enough to gain by it. A tag is
//! of the bytes that it came with, so a packed answer has one of its own, and either is known when it comes back.
//! Never packs what is for one reader alone: how long an answer is would tell of what stands in it beside what a
//! stranger had put there.

use std::io::Write;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// What is shorter fits one packet of a network either way.
const LEAST: usize = 1_024;

/// A page has some tens of KiB; nothing that is longer than this is text.
const MOST: usize = 4 << 20;

/// A quarter of a page's bytes is left, in a fraction of a millisecond; higher levels take twice that for a
/// twentieth of it.
const LEVEL: Compression = Compression::new(5);

/// Files of this crate, packed once and as well as can be: an answer brings it along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed(pub(crate) &'static [u8]);

impl Packed {
    /// What a file is, packed.
    pub(crate) fn file(body: &str) -> Vec<u8> {
        gzipped(body.as_bytes(), Compression::best())
    }
}

/// The end of a packed answer's tag, within its quotes.
const MARK: &str = "-gzip\"";

/// Packs what everybody may see.
pub(crate) async fn packed(mut request: Request, next: Next) -> Response {
    let wanted = request.method() == Method::GET && takes_gzip(request.headers());
    bare_tags(request.headers_mut());
    let mut response = next.run(request).await;
    if !is_text(response.headers()) && response.status() != StatusCode::NOT_MODIFIED {
        return response;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    match wanted {
        true => pack(response).await,
        false => response,
    }
}

async fn pack(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if parts.status == StatusCode::NOT_MODIFIED {
        mark(&mut parts.headers);
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = to_bytes(body, MOST).await else {
        tracing::error!("an answer is longer than any page");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if bytes.len() < LEAST {
        return Response::from_parts(parts, Body::from(bytes));
    }
    let packed = match parts.extensions.get() {
        Some(Packed(file)) => Body::from(*file),
        None => Body::from(gzipped(&bytes, LEVEL)),
    };
    mark(&mut parts.headers);
    parts.headers.remove(header::CONTENT_LENGTH);
    let gzip = HeaderValue::from_static("gzip");
    parts.headers.insert(header::CONTENT_ENCODING, gzip);
    Response::from_parts(parts, packed)
}

fn gzipped(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("a vector takes whatever it is given")
}

/// Whether gzip is among what somebody takes.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter();
    let codings = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    let mut any = false;
    for coding in codings {
        let (name, rest) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = rest
            .trim()
            .strip_prefix("q=")
            .map_or(Ok(1.0), str::parse::<f32>);
        let is_taken = weight.is_ok_and(|weight| weight > 0.0);
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") => return is_taken,
            "*" => any = is_taken,
            _ => {}
        }
    }
    any
}

/// Whether an answer is text that is there as a whole, and may be kept by others.
fn is_text(headers: &HeaderMap) -> bool {
    let of = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = of(header::CONTENT_TYPE).unwrap_or_default();
    let is_text = kind.starts_with("text/") || kind.contains("json") || kind.contains("xml");
    let is_private = of(header::CACHE_CONTROL).is_some_and(|cache| cache.contains("no-store"));
    is_text && !kind.starts_with("text/event-stream") && !is_private
}

/// The tag of a packed answer.
fn mark(headers: &mut HeaderMap) {
    let tag = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .and_then(|tag| tag.strip_suffix('"'))
        .and_then(|tag| HeaderValue::from_str(&format!("{tag}{MARK}")).ok());
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
}

/// Tags that came back, as those know them who look whether anything has changed.
fn bare_tags(asked: &mut HeaderMap) {
    let bare = |tags: &HeaderValue| {
        let tags = tags.to_str().ok()?.replace(MARK, "\"");
        HeaderValue::from_str(&tags).ok()
    };
    let known: Vec<_> = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(bare)
        .collect();
    asked.remove(header::IF_NONE_MATCH);
    for tags in known {
        asked.append(header::IF_NONE_MATCH, tags);
    }
}

#[cfg(test)]
mod tests;

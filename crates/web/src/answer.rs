//! Answers of the site and of the embed: their headers, and "you have it already".
//! In: templates. Out: responses.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::assets::Asset;
use crate::packed::Packed;
use crate::picture;

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const SITE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The same for a page that anyone may frame, and in which nothing can be sent.
const EMBED_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";

/// For pictures and text: nothing at all is loaded from them.
const STILL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; \
    frame-ancestors *";

/// A network of caches may hold odds for a second, and longer when this server is away: the odds
/// carry their time.
const EMBED_CACHE: &str = "public, s-maxage=1, stale-while-revalidate=5, stale-if-error=86400";

/// Programs look every few minutes at the most.
const FEED_CACHE: &str = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400";

const YEAR: &str = "public, max-age=31536000, immutable";

/// What a page of the site is answered with.
pub(crate) fn page(asked: &HeaderMap, status: StatusCode, template: &impl Template) -> Response {
    let body = match template.render() {
        Ok(body) => body,
        Err(error) => return broken(&error),
    };
    let tag = format!("\"{}\"", digest(&body));
    let mut response = kept(asked, status, &tag, body, "text/html; charset=utf-8");
    let headers = response.headers_mut();
    put(headers, header::CONTENT_SECURITY_POLICY, SITE_POLICY);
    put(headers, header::CACHE_CONTROL, "no-cache");
    put(headers, header::X_FRAME_OPTIONS, "DENY");
    put(
        headers,
        header::REFERRER_POLICY,
        "strict-origin-when-cross-origin",
    );
    put(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// A page for whoever followed a link in a mail. Its address is a key: it is kept nowhere and told to nobody.
pub(crate) fn letterbox(status: StatusCode, template: &impl Template) -> Response {
    let mut response = page(&HeaderMap::new(), status, template);
    let headers = response.headers_mut();
    headers.remove(header::ETAG);
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, header::REFERRER_POLICY, "no-referrer");
    response
}

/// A page for whoever is signed in: kept nowhere.
pub(crate) fn console(status: StatusCode, template: &impl Template) -> Response {
    let mut response = page(&HeaderMap::new(), status, template);
    let headers = response.headers_mut();
    headers.remove(header::ETAG);
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, header::REFERRER_POLICY, "same-origin");
    response
}

/// The same, with frames in it of what this server lets everybody frame.
pub(crate) fn console_with_frames(status: StatusCode, template: &impl Template) -> Response {
    let mut response = console(status, template);
    let policy = format!("{SITE_POLICY}; frame-src 'self'");
    put(
        response.headers_mut(),
        header::CONTENT_SECURITY_POLICY,
        &policy,
    );
    response
}

/// How an embed is answered: what it is of, and in which form.
pub(crate) struct Embed<'a> {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    /// The command that its odds are as of.
    pub(crate) seq: u64,
    /// Surrogate keys: a network of caches can drop what a market's change made stale.
    pub(crate) keys: &'a str,
}

impl<'a> Embed<'a> {
    /// A picture of what is there.
    pub(crate) fn png(seq: u64, keys: &'a str) -> Embed<'a> {
        Embed {
            status: StatusCode::OK,
            kind: "image/png",
            seq,
            keys,
        }
    }
}

/// What an embed is answered with: to anyone, in any frame.
pub(crate) fn embed(asked: &HeaderMap, embed: &Embed<'_>, template: &impl Template) -> Response {
    let body = match template.render() {
        Ok(body) => body,
        Err(error) => return broken(&error),
    };
    let tag = format!("\"{}-{}\"", embed.seq, digest(&body));
    framable(kept(asked, embed.status, &tag, body, embed.kind), embed)
}

/// The same as a picture that is drawn here, unless the asker has it.
pub(crate) async fn drawn(
    asked: &HeaderMap,
    embed: &Embed<'_>,
    template: &impl Template,
    scale: u8,
) -> Response {
    let svg = match template.render() {
        Ok(svg) => svg,
        Err(error) => return broken(&error),
    };
    let tag = format!("\"{}-{}\"", embed.seq, digest(&svg));
    if embed.status == StatusCode::OK && has(asked, &tag) {
        return framable(not_modified(&tag), embed);
    }
    match picture::png(svg, scale).await {
        Ok(bytes) => framable(kept(asked, embed.status, &tag, bytes, embed.kind), embed),
        Err(why) => {
            tracing::warn!(?why, keys = embed.keys, "a picture was not drawn");
            let words = "This picture cannot be drawn here.\n";
            let mut response = (StatusCode::NOT_FOUND, words).into_response();
            put(response.headers_mut(), header::CACHE_CONTROL, "no-store");
            response
        }
    }
}

/// A frame with nothing in it that comes again by itself: inside somebody's page that is better than an error. Caches
/// give what they have instead.
pub(crate) fn empty_frame() -> Response {
    let page = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Odds</title>\n\
                <meta name=\"color-scheme\" content=\"light dark\">\n";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, page).into_response();
    let headers = response.headers_mut();
    put(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    put(headers, header::CONTENT_SECURITY_POLICY, EMBED_POLICY);
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, header::RETRY_AFTER, "2");
    put(headers, header::REFRESH, "2");
    open(headers);
    response
}

/// Anyone may frame it, show it and keep it for a moment.
fn framable(mut response: Response, embed: &Embed<'_>) -> Response {
    let headers = response.headers_mut();
    let policy = if embed.kind.starts_with("text/html") {
        EMBED_POLICY
    } else {
        STILL_POLICY
    };
    put(headers, header::CONTENT_SECURITY_POLICY, policy);
    put(headers, header::CACHE_CONTROL, EMBED_CACHE);
    put(headers, header::REFERRER_POLICY, "no-referrer");
    if let Ok(keys) = HeaderValue::from_str(embed.keys) {
        headers.insert(HeaderName::from_static("surrogate-key"), keys);
    }
    open(headers);
    response
}

/// What a feed is answered with. Its tag is the only mark of its age: a feed also changes when something
/// leaves it, which no date of what is in it would tell.
pub(crate) fn feed(asked: &HeaderMap, kind: &'static str, body: String) -> Response {
    let tag = format!("\"{}\"", digest(&body));
    let kind = match kind {
        "application/rss+xml" => "application/rss+xml; charset=utf-8",
        "application/atom+xml" => "application/atom+xml; charset=utf-8",
        "text/calendar" => "text/calendar; charset=utf-8",
        _ => "application/feed+json",
    };
    let mut response = kept(asked, StatusCode::OK, &tag, body, kind);
    let headers = response.headers_mut();
    put(headers, header::CACHE_CONTROL, FEED_CACHE);
    put(headers, header::CONTENT_SECURITY_POLICY, STILL_POLICY);
    open(headers);
    response
}

/// A file whose address changes with its content.
pub(crate) fn asset(asset: &'static Asset) -> Response {
    file(asset, YEAR)
}

/// A file that publishers address by name: fresh within five minutes, and never missing.
pub(crate) fn named_asset(asked: &HeaderMap, asset: &'static Asset) -> Response {
    let tag = format!("\"{}\"", digest(&asset.body));
    if has(asked, &tag) {
        return not_modified(&tag);
    }
    let mut response = file(
        asset,
        "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800",
    );
    put(response.headers_mut(), header::ETAG, &tag);
    response
}

fn file(asset: &'static Asset, cache: &'static str) -> Response {
    let mut response = still(asset.body.as_str().into(), asset.kind, cache);
    response.extensions_mut().insert(Packed(&asset.packed));
    response
}

/// JSON to anyone.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    let mut response = still(
        value.to_string().into(),
        "application/json",
        "public, max-age=300",
    );
    *response.status_mut() = status;
    response
}

fn still(body: Body, kind: &'static str, cache: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    put(headers, header::CONTENT_TYPE, kind);
    put(headers, header::CACHE_CONTROL, cache);
    open(headers);
    response
}

/// Readable from any page, also from one that isolates itself; and a publisher may measure what it costs.
fn open(headers: &mut HeaderMap) {
    put(headers, HeaderName::from_static("timing-allow-origin"), "*");
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    put(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
}

fn kept(
    asked: &HeaderMap,
    status: StatusCode,
    tag: &str,
    body: impl Into<Body>,
    kind: &'static str,
) -> Response {
    let body: Body = body.into();
    if status != StatusCode::OK {
        let mut response = (status, body).into_response();
        put(response.headers_mut(), header::CONTENT_TYPE, kind);
        return response;
    }
    if has(asked, tag) {
        return not_modified(tag);
    }
    let mut response = body.into_response();
    put(response.headers_mut(), header::CONTENT_TYPE, kind);
    put(response.headers_mut(), header::ETAG, tag);
    response
}

fn not_modified(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    put(response.headers_mut(), header::ETAG, tag);
    response
}

fn has(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    known
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| {
            // A cache that compresses weakens the tag; the content is the same.
            known == "*" || known.trim_start_matches("W/") == tag
        })
}

fn digest(body: &str) -> String {
    blake3::hash(body.as_bytes()).to_hex()[..16].to_owned()
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value).expect("visible characters");
    headers.insert(name, value);
}

/// A template that cannot be written is a bug of ours; the reader gets no page of it.
fn broken(error: &askama::Error) -> Response {
    tracing::error!(%error, "a page could not be written");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here; it was logged.\n",
    )
        .into_response()
}

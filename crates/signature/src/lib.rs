//! Requests that are signed rather than sent with a key's text: RFC 9421 (HTTP Message Signatures)
//! with Ed25519, and RFC 9530 for the body. The standard rather than a text of our own, because a
//! client needs no more lines for it, and who has a library for it needs none.
//!
//! In: what a request carries. Out: the text that is signed, and its signature. Both ends are made of
//! this: clients sign, and the server, which has no secret key, verifies. Knows nothing of HTTP
//! libraries, accounts and journals.
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

mod secret;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

pub use secret::{SecretKey, SecretKeyError, Signed};

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
    /// All of them, those that every signature covers first.
    pub const ALL: [Component; 5] = [
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
pub fn required(method: &str, path: &str) -> &'static [Component] {
    match method {
        "GET" | "HEAD" => &Component::ALL[..3],
        // It changes nothing.
        "POST" if path == "/v1/quotes" => &Component::ALL[..4],
        _ => &Component::ALL,
    }
}

/// A body's digest as `Content-Digest` has it.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// A public key as it is written: base64 with padding.
pub fn write_public_key(key: &[u8; 32]) -> String {
    STANDARD.encode(key)
}

/// Reads a public key. None when the text is no base64 of 32 bytes, or when these are no point of the
/// curve that a secret key can have.
pub fn read_public_key(text: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = STANDARD.decode(text).ok()?.try_into().ok()?;
    let point = VerifyingKey::from_bytes(&bytes).ok()?;
    (!point.is_weak()).then_some(bytes)
}

/// The part of a request that a signature can cover, apart from its headers.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The path, as it is sent.
    pub path: &'a str,
    /// The query, as it is sent, without `?`.
    pub query: Option<&'a str>,
}

/// The text that is signed: a line for each component, and the parameters as they are sent.
///
/// # Errors
/// Those of `value`, when a component is not there.
pub fn base<E>(
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

/// Whether a signature is of a text, and of the secret half of a public key.
pub fn verifies(public_key: &[u8; 32], base: &str, signature: &[u8; 64]) -> bool {
    let signature = Signature::from_bytes(signature);
    let signed = VerifyingKey::from_bytes(public_key)
        .and_then(|key| key.verify_strict(base.as_bytes(), &signature));
    signed.is_ok()
}

#[cfg(test)]
mod tests;

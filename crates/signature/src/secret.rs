//! The secret half of a key pair, for clients. The server never has one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};

use super::{Component, Target, base, content_digest, required, write_public_key};

/// An Ed25519 key that requests are signed with.
pub struct SecretKey(SigningKey);

/// A text is no PEM of an Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretKeyError;

impl fmt::Display for SecretKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no Ed25519 key in PKCS#8 PEM, as `tidings keys generate` and `openssl genpkey` write it",
        )
    }
}

impl std::error::Error for SecretKeyError {}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// PKCS#8 of an Ed25519 key: everything before its 32 bytes (RFC 8410).
const BEFORE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl SecretKey {
    /// The key of 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> SecretKey {
        SecretKey(SigningKey::from_bytes(seed))
    }

    /// Reads the PEM that [`SecretKey::to_pem`] and other programs write.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_pem(text: &str) -> Result<SecretKey, SecretKeyError> {
        let inside = text
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|text| text.strip_suffix(END));
        let digits: String = inside.unwrap_or_default().split_whitespace().collect();
        let bytes = STANDARD.decode(digits).map_err(|_| SecretKeyError)?;
        let seed = bytes
            .strip_prefix(&BEFORE)
            .and_then(|seed| seed.try_into().ok());
        seed.map(SecretKey::from_seed).ok_or(SecretKeyError)
    }

    /// PKCS#8 as PEM, which other programs read as well.
    pub fn to_pem(&self) -> String {
        let bytes = [BEFORE.as_slice(), self.0.as_bytes()].concat();
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(bytes))
    }

    /// Its public half, which the exchange is given.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The headers that sign a request made at `created`, in Unix seconds. They cover what has to be
    /// covered; `idempotency_key` is sent along as a header of its own.
    pub fn sign(
        &self,
        target: Target<'_>,
        body: &[u8],
        idempotency_key: Option<&str>,
        created: i64,
    ) -> Signed {
        let components = required(target.method, target.path);
        let names: Vec<String> = components
            .iter()
            .map(|component| format!("\"{}\"", component.name()))
            .collect();
        let keyid = write_public_key(&self.public());
        let params = format!("({});created={created};keyid=\"{keyid}\"", names.join(" "));
        let covers_body = components.contains(&Component::ContentDigest);
        let digest = covers_body.then(|| content_digest(body));
        let value = |component| {
            Ok::<_, std::convert::Infallible>(match component {
                Component::Method => target.method.to_owned(),
                Component::Path => target.path.to_owned(),
                Component::Query => format!("?{}", target.query.unwrap_or_default()),
                Component::ContentDigest => digest.clone().unwrap_or_default(),
                Component::IdempotencyKey => idempotency_key.unwrap_or_default().to_owned(),
            })
        };
        let Ok(base) = base(components, value, &params);
        let signature = STANDARD.encode(self.0.sign(base.as_bytes()).to_bytes());
        let mut headers = Vec::new();
        headers.extend(digest.map(|digest| ("Content-Digest", digest)));
        headers.extend(idempotency_key.map(|key| ("Idempotency-Key", key.to_owned())));
        headers.push(("Signature-Input", format!("sig={params}")));
        headers.push(("Signature", format!("sig=:{signature}:")));
        Signed { base, headers }
    }
}

/// What is said of a secret anywhere.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey of {}", write_public_key(&self.public()))
    }
}

/// A signature, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The text that was signed.
    pub base: String,
    /// Names and values of headers.
    pub headers: Vec<(&'static str, String)>,
}

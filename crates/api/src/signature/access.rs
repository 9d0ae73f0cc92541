//! Requests that are signed the way Kalshi's clients sign: three headers, and RSA-PSS over
//!
//! ```text
//! 1767225600000POST/trade-api/v2/portfolio/events/orders
//! ```
//!
//! which is the time in milliseconds, the method, and the path without its query. Neither query nor
//! body is covered, and there is no idempotency key: so such a signature opens nothing but the facade
//! that speaks that language ([`PREFIX`]), and a command's opens once ([`Once`]).

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tidings_core::access::{KeyId, RsaPublicKey};
use tidings_core::units::Timestamp;

use super::{Target, check_moment, invalid, line, rsa};
use crate::problem::Problem;

/// The header that names the key.
pub const ACCESS_KEY: &str = "kalshi-access-key";
/// The header that has the signature.
pub const ACCESS_SIGNATURE: &str = "kalshi-access-signature";
/// The header that has the time, in Unix milliseconds.
pub const ACCESS_TIMESTAMP: &str = "kalshi-access-timestamp";

/// Where such signatures open something.
pub const PREFIX: &str = "/trade-api/v2/";

/// A signature that a request carries in these headers, not verified yet.
pub(crate) struct AccessClaim {
    /// Whose it says it is.
    pub(crate) id: KeyId,
    signed: String,
    signature: Vec<u8>,
    made_at: Timestamp,
}

/// A signature that was verified, to be remembered so that a command's opens once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Once {
    /// Of the signature. An RSA signature has one form, so nobody can make another of it.
    pub(crate) digest: [u8; 32],
    /// When it says it was made.
    pub(crate) made_at: Timestamp,
}

impl AccessClaim {
    /// What a request carries, if it carries any of the headers; in time.
    pub(crate) fn of(
        target: Target<'_>,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<AccessClaim>, Problem> {
        let [id, signature, moment] = [ACCESS_KEY, ACCESS_SIGNATURE, ACCESS_TIMESTAMP]
            .map(|name| line(headers, name).transpose());
        let (id, signature, moment) = match (id, signature, moment) {
            (None, None, None) => return Ok(None),
            (Some(id), Some(signature), Some(moment)) => (id?, signature?, moment?),
            _ => {
                let detail = "send all of KALSHI-ACCESS-KEY, -SIGNATURE and -TIMESTAMP";
                return Err(invalid(detail));
            }
        };
        if !target.path.starts_with(PREFIX) {
            let detail = format!("a signature in these headers opens what is under {PREFIX}");
            return Err(invalid(&detail));
        }
        let id = id.parse().map_err(|_| nobody())?;
        let millis = milliseconds(moment).ok_or_else(|| {
            invalid("KALSHI-ACCESS-TIMESTAMP is in milliseconds since 1970, in digits")
        })?;
        let made_at = Timestamp::from_micros(millis * 1_000);
        check_moment(made_at, now, "KALSHI-ACCESS-TIMESTAMP")?;
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| invalid("KALSHI-ACCESS-SIGNATURE is base64"))?;
        Ok(Some(AccessClaim {
            id,
            signed: format!("{moment}{}{}", target.method, target.path),
            signature,
            made_at,
        }))
    }

    /// Whether the signature is of this key's other half.
    pub(crate) fn verify(&self, key: &RsaPublicKey) -> Result<Once, Problem> {
        if !rsa::is_signed(key, self.signed.as_bytes(), &self.signature) {
            let detail = "the signature is not of this request; `signed` is what it has to be of";
            return Err(invalid(detail).with("signed", self.signed.as_str()));
        }
        Ok(Once {
            digest: *blake3::hash(&self.signature).as_bytes(),
            made_at: self.made_at,
        })
    }
}

/// No key has this id.
pub(crate) fn nobody() -> Problem {
    Problem::new("key_invalid", "nobody has a key of this id")
}

/// At most 15 digits, without a zero before them: one text for each moment.
fn milliseconds(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok().filter(|_| text.len() <= 15)?;
    (number.to_string() == text && number >= 0).then_some(number)
}

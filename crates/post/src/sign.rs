//! How calls to hooks are signed: HMAC-SHA-256 over the moment and the body, under the hook's secret.
//!
//! `Tidings-Signature: t=1764342000,v1=5f2c…` is of the text `1764342000.` followed by the body, byte for byte;
//! the key is the secret as it was shown, with its `whsec_`. Whoever is called makes the same, compares the two in
//! constant time, and refuses a moment that is more than some minutes away.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's value for a body that is sent at a moment, in seconds since 1970.
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    if !cfg!(planted = "a_call_signed_without_its_moment") {
        mac.update(format!("{at}.").as_bytes());
    }
    mac.update(body);
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={at},v1={hex}")
}

#[cfg(test)]
mod tests;

//! RSA public keys as they are written, and signatures by them: PSS with SHA-256, and a salt as long
//! as the digest.
//!
//! A key is read from the one form that standard tools write it in (SPKI, as PEM or as its base64
//! alone), and only when it is that form to the byte: so each key has one text, and there is no parser
//! to be led astray.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents};
use tidings_core::access::RsaPublicKey;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Bytes of SPKI beside the modulus, of which 33 come before it.
const AROUND: usize = 38;
const BEFORE: usize = 33;
/// The longest that a text of the largest key can be, line ends included.
const LONGEST: usize = 1_024;

/// Reads a public key: PEM that begins `BEGIN PUBLIC KEY`, or what is inside of it. None when it is no
/// RSA key of 2,048 to 4,096 bits with the usual exponent.
pub fn read_rsa_public_key(text: &str) -> Option<RsaPublicKey> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim();
    let inside = match text.strip_prefix(BEGIN) {
        Some(rest) => rest.strip_suffix(END)?,
        None => text,
    };
    let digits: String = inside.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(digits).ok()?;
    let length = bytes.len().checked_sub(AROUND)?;
    let key = RsaPublicKey::new(bytes.get(BEFORE..BEFORE + length)?)?;
    (spki(&key) == bytes).then_some(key)
}

/// A public key as it is written: PEM.
pub fn write_rsa_public_key(key: &RsaPublicKey) -> String {
    let digits = STANDARD.encode(spki(key));
    let mut pem = format!("{BEGIN}\n");
    for line in digits.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|digit| char::from(*digit)));
        pem.push('\n');
    }
    pem + END + "\n"
}

/// Whether a signature is of a text, by the key's other half.
pub(super) fn is_signed(key: &RsaPublicKey, text: &[u8], signature: &[u8]) -> bool {
    let (n, e) = (key.modulus(), RsaPublicKey::EXPONENT.as_slice());
    let key = RsaPublicKeyComponents { n, e };
    key.verify(&RSA_PSS_2048_8192_SHA256, text, signature)
        .is_ok()
}

/// RFC 5280's SubjectPublicKeyInfo of RFC 8017's RSAPublicKey, in DER. Every length in it has two
/// bytes, because a modulus has 256 to 512.
fn spki(key: &RsaPublicKey) -> Vec<u8> {
    let modulus = key.modulus();
    let length = |around: usize| {
        let [.., high, low] = (modulus.len() + around).to_be_bytes();
        [0x82, high, low]
    };
    let mut der = vec![0x30];
    der.extend(length(34));
    der.extend(ALGORITHM);
    der.push(0x03);
    der.extend(length(15));
    der.extend([0x00, 0x30]);
    der.extend(length(10));
    der.push(0x02);
    der.extend(length(1));
    // The highest bit is set, and the number is not negative.
    der.push(0x00);
    der.extend(modulus);
    der.extend([0x02, 0x03]);
    der.extend(RsaPublicKey::EXPONENT);
    der
}

/// rsaEncryption, without parameters.
const ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

#[cfg(test)]
mod tests;

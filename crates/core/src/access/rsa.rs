//! RSA public keys, for clients that sign as another venue has taught them, and the id that such a
//! client names its key by. Signatures are verified elsewhere.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};

/// Bytes of a modulus: 2,048 bits are the fewest that are still signed with, and past 4,096 a
/// signature takes longer to verify than an order to place.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// The public half of an RSA key pair: its modulus, the highest byte first. The exponent is 65,537,
/// as every tool makes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct RsaPublicKey(#[cbor(with = "minicbor::bytes")] Box<[u8]>);

impl RsaPublicKey {
    /// The exponent of every such key, the highest byte first.
    pub const EXPONENT: [u8; 3] = [1, 0, 1];

    /// The key of a modulus of 2,048 to 4,096 bits: whole bytes, the highest bit and the lowest set.
    pub fn new(modulus: &[u8]) -> Option<RsaPublicKey> {
        Some(RsaPublicKey(modulus.into())).filter(RsaPublicKey::is_sound)
    }

    /// The modulus, the highest byte first.
    pub fn modulus(&self) -> &[u8] {
        &self.0
    }

    /// What its owner names it by. Whoever has the key can work it out.
    pub fn id(&self) -> KeyId {
        let hash = blake3::derive_key("tidings RSA public key of an account", &self.0);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        // RFC 9562: the version for ids of one's own making, and the variant.
        id[6] = id[6] & 0x0f | 0x80;
        id[8] = id[8] & 0x3f | 0x80;
        KeyId(id)
    }

    /// What it is found under: what its id is found under, so that the id alone finds it.
    pub fn digest(&self) -> [u8; 32] {
        self.id().digest()
    }

    pub(super) fn is_sound(&self) -> bool {
        let ends = (self.0.first(), self.0.last());
        MODULUS_BYTES.contains(&self.0.len())
            && matches!(ends, (Some(high), Some(low)) if high & 0x80 != 0 && low & 1 == 1)
    }
}

/// What an RSA key is named by: a UUID made of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId([u8; 16]);

/// A text is no UUID as it was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID of lower-case hexadecimal digits, as it was given out")]
pub struct KeyIdError;

impl KeyId {
    /// What the key of this id is found under. The context keeps it apart from digests of texts.
    pub fn digest(&self) -> [u8; 32] {
        blake3::derive_key("tidings id of an RSA public key", &self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ix, byte) in self.0.iter().enumerate() {
            if matches!(ix, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<KeyId, KeyIdError> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let mut id = KeyId([0; 16]);
        for (byte, pair) in id.0.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| KeyIdError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| KeyIdError)?;
        }
        // One text for each id: what is read has to be written the same.
        match id.to_string() == text {
            true => Ok(id),
            false => Err(KeyIdError),
        }
    }
}

#[cfg(test)]
mod tests;

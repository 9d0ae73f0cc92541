//! Ranges of addresses that a key may be used from: an address, or a prefix of one.
//! In: what was typed, such as `203.0.113.0/24`. Out: whether an address is in it.
//! An IPv4 address is one in whatever form it comes; an IPv6 range never holds it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use minicbor::{Decode, Encode};
use thiserror::Error;

/// All addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Network {
    /// The first of them. IPv4 addresses are kept as IPv6 has them, `::ffff:203.0.113.0`.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    first: [u8; 16],
    /// How many of the 128 bits are the same.
    #[n(1)]
    length: u8,
}

/// Why a text is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// It is something else.
    #[error("neither an IP address nor a prefix such as 203.0.113.0/24 or 2001:db8::/32")]
    NoNetwork,
    /// Bits are set after the prefix: another range may have been meant.
    #[error("bits are set after the prefix: the range that holds it is {0}")]
    BitsAfterPrefix(Network),
}

/// Bits before an IPv4 address in IPv6's form.
const MAPPED: u8 = 96;

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = bits_of(address);
        is_v4(address) == self.is_v4() && same(self.bits(), address, self.length)
    }

    /// Whether every address of another range is in this one.
    pub fn covers(&self, other: &Network) -> bool {
        self.is_v4() == other.is_v4()
            && self.length <= other.length
            && same(self.bits(), other.bits(), self.length)
    }

    /// Whether no bit is set after its length, and that is one.
    pub(crate) fn is_sound(&self) -> bool {
        self.length <= 128 && self.bits() & !mask(self.length) == 0
    }

    fn bits(&self) -> u128 {
        u128::from_be_bytes(self.first)
    }

    fn is_v4(&self) -> bool {
        self.length >= MAPPED && is_v4(self.bits())
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, length)) => (address, Some(length)),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::NoNetwork)?;
        let (before, most) = match address {
            IpAddr::V4(_) => (MAPPED, 32),
            IpAddr::V6(_) => (0, 128),
        };
        let length = match length {
            None => most,
            Some(digits) => plain_number(digits)
                .filter(|length| *length <= most)
                .ok_or(NetworkError::NoNetwork)?,
        };
        let network = Network {
            first: bits_of(address).to_be_bytes(),
            length: before + length,
        };
        match network.is_sound() {
            true => Ok(network),
            false => Err(NetworkError::BitsAfterPrefix(Network {
                first: (network.bits() & mask(network.length)).to_be_bytes(),
                ..network
            })),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Ipv6Addr::from(self.first);
        let (first, length, most) = match first.to_ipv4_mapped() {
            Some(v4) if self.is_v4() => (IpAddr::V4(v4), self.length - MAPPED, 32),
            _ => (IpAddr::V6(first), self.length, 128),
        };
        match length == most {
            true => write!(f, "{first}"),
            false => write!(f, "{first}/{length}"),
        }
    }
}

/// Only the form that is written: no sign, no leading zero.
fn plain_number(digits: &str) -> Option<u8> {
    let number: u8 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn is_v4(bits: u128) -> bool {
    same(
        bits,
        u128::from(Ipv4Addr::UNSPECIFIED.to_ipv6_mapped()),
        MAPPED,
    )
}

/// Whether two addresses begin with the same `length` bits.
fn same(a: u128, b: u128, length: u8) -> bool {
    (a ^ b) & mask(length) == 0
}

/// The first `length` bits.
fn mask(length: u8) -> u128 {
    match length {
        0 => 0,
        length => u128::MAX << 128_u8.saturating_sub(length),
    }
}

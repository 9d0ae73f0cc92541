//! Whom a request comes from, as far as allowances go: an address, and for IPv6 the network of which a
//! household or a server has all 2⁶⁴ addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};

/// Where somebody is: an IPv4 address, or the first 64 bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(IpAddr);

impl Place {
    /// The place of an address.
    pub fn of(address: IpAddr) -> Place {
        match address.to_canonical() {
            IpAddr::V6(v6) => Place(Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into()),
            v4 => Place(v4),
        }
    }

    /// The place of a request's address, where it is known.
    pub(super) fn of_request(address: Option<IpAddr>) -> Place {
        // In a test without a socket everybody is in one place.
        Place::of(address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()))
    }

    /// The place that a request comes from.
    pub(crate) fn from(
        headers: &HeaderMap,
        extensions: &Extensions,
        trusted: Option<&HeaderName>,
    ) -> Place {
        Place::of_request(address_of(headers, extensions, trusted))
    }
}

/// The address that a request comes from: what the proxy says, where one is trusted, and the connection's
/// other end otherwise.
pub(crate) fn address_of(
    headers: &HeaderMap,
    extensions: &Extensions,
    trusted: Option<&HeaderName>,
) -> Option<IpAddr> {
    let told = trusted.and_then(|name| told(headers, name));
    let peer = || extensions.get::<ConnectInfo<SocketAddr>>();
    told.or_else(|| peer().map(|peer| peer.0.ip()))
}

/// The last address of the last such header: a proxy adds to what the client sent.
fn told(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// The part of an IPv6 address that is a network.
const NETWORK: u128 = u128::MAX << 64;

#[cfg(test)]
mod tests;

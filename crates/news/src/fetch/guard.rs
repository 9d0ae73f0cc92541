//! Which addresses of the outside this server may connect to: the boundary that every address
//! given by somebody else passes before a connection is opened.
//!
//! In: an address as text, or the answer of a name server. Out: a [`Target`], or the addresses of
//! it that may be dialled, or why not. It knows nothing of connections.
//!
//! A name is looked at twice: as it is written ([`Target::parse`]), and as it resolves
//! ([`public`]). Only what the second look let through may be dialled, and it must be dialled as
//! it was looked at: a name that is resolved once more may point elsewhere by then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::limits::URL_BYTES;

#[cfg(test)]
mod tests;

/// An address on the outside that may be asked for, as far as its text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
}

/// Why an address is not asked for. Every one is about what was sent, so its words can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("it is not an absolute address like https://example.com/feed.xml")]
    Unreadable,
    /// It is longer than addresses are.
    #[error("it is longer than {URL_BYTES} bytes")]
    TooLong,
    /// It would go over the line in the clear, or is no address of the web.
    #[error("its scheme is not https")]
    Scheme,
    /// It names a user or a password, which have no place in an address.
    #[error("it contains a user name or a password")]
    UserInfo,
    /// It names another port than the one of https.
    #[error("it names another port than 443")]
    Port,
    /// Its host is a name that no public name server answers for.
    #[error("its host is not a public name")]
    PrivateName,
    /// Its host is, or resolves to, an address that is not of the public internet.
    #[error("its host is not on the public internet")]
    PrivateAddress,
    /// Its host resolves to nothing.
    #[error("its host has no address")]
    NoAddress,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// When it may not be asked for, whatever its name resolves to.
    pub fn parse(text: &str) -> Result<Target, Refused> {
        if text.len() > URL_BYTES {
            return Err(Refused::TooLong);
        }
        Target::look(Url::parse(text.trim()).map_err(|_| Refused::Unreadable)?)
    }

    /// Where this one's answer sends its reader.
    ///
    /// # Errors
    /// When that may not be asked for.
    pub fn redirected(&self, location: &str) -> Result<Target, Refused> {
        if location.len() > URL_BYTES {
            return Err(Refused::TooLong);
        }
        let url = self.url.join(location.trim());
        let url = url.map_err(|_| Refused::Unreadable)?;
        match cfg!(planted = "a_redirect_goes_anywhere") {
            true => Ok(Target { url }),
            false => Target::look(url),
        }
    }

    fn look(mut url: Url) -> Result<Target, Refused> {
        if url.scheme() != "https" {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        // The parser has dropped the scheme's own port.
        if url.port().is_some() {
            return Err(Refused::Port);
        }
        match url.host() {
            Some(Host::Domain(name)) if is_public_name(name) => {}
            Some(Host::Domain(_)) => return Err(Refused::PrivateName),
            Some(Host::Ipv4(ip)) if is_public(IpAddr::V4(ip)) => {}
            Some(Host::Ipv6(ip)) if is_public(IpAddr::V6(ip)) => {}
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Refused::PrivateAddress),
            None => return Err(Refused::Unreadable),
        }
        url.set_fragment(None);
        Ok(Target { url })
    }

    /// The whole address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Its host: a name, or an address without brackets.
    pub fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The address that its host is written as; none when it has a name.
    pub fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        }
    }
}

/// The addresses that a name resolved to, if every one of them is public. A name that points
/// outside and inside at once is somebody's trick, or a mistake that should be seen.
///
/// # Errors
/// When there are none, or one is not public.
pub fn public(addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refused> {
    match addresses.iter().all(|ip| is_public(*ip)) {
        true if addresses.is_empty() => Err(Refused::NoAddress),
        true => Ok(addresses),
        false => Err(Refused::PrivateAddress),
    }
}

/// Whether an address is one of the public internet: where anybody could have connected to.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !NOT_PUBLIC_V4.iter().any(|net| within_v4(ip, *net)),
        IpAddr::V6(ip) => {
            within_v6(ip, GLOBAL_V6)
                && !NOT_PUBLIC_V6.iter().any(|net| within_v6(ip, *net))
                && !is_isatap(ip)
        }
    }
}

/// A name of the public system of names: more than one label, and none of those that are answered
/// for within a machine or a network.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some((_, last)) = name.rsplit_once('.') else {
        return false;
    };
    !PRIVATE_SUFFIXES.contains(&last)
        && !name.ends_with(".home.arpa")
        && !name.split('.').any(str::is_empty)
}

fn within_v4(ip: Ipv4Addr, (net, bits): ([u8; 4], u32)) -> bool {
    (ip.to_bits() ^ u32::from_be_bytes(net)) >> (32 - bits) == 0
}

fn within_v6(ip: Ipv6Addr, (net, bits): ([u16; 8], u32)) -> bool {
    (ip.to_bits() ^ Ipv6Addr::from(net).to_bits()) >> (128 - bits) == 0
}

/// An IPv4 address carried in the second half of an address: it is reached through whoever
/// translates, whatever the first half says.
fn is_isatap(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    matches!(segments[4], 0 | 0x200) && segments[5] == 0x5efe
}

/// RFC 6761, 6762, 8375 and 9476, ICANN's `internal`, and names that routers are known by.
const PRIVATE_SUFFIXES: [&str; 15] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "test",
    "invalid",
    "onion",
    "alt",
    "arpa",
    "i2p",
];

/// IANA's registry of special-purpose addresses, without those that anybody can reach; multicast;
/// and one public address that a cloud answers its own machines at.
const NOT_PUBLIC_V4: [([u8; 4], u32); 18] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, what is reserved, and broadcast.
    ([224, 0, 0, 0], 3),
];

/// All that is given out for the public internet. Loopback, link-local, unique local, multicast,
/// mapped and compatible IPv4, and NAT64 (`64:ff9b::/96`) are outside of it.
const GLOBAL_V6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Within that: protocol assignments with Teredo, ORCHID and benchmarks, documentation (twice),
/// 6to4, and the sink of reverse look-ups.
const NOT_PUBLIC_V6: [([u16; 8], u32); 5] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
];

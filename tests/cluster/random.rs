//! Names and ports that differ between processes. Not for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// The keys of a hasher are the one source of randomness in the standard library.
pub(crate) fn number() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A name for a database that nothing else has, and that tells where it is from.
pub(crate) fn name() -> String {
    format!("tidings_test_{:016x}", number())
}

/// A port of the loopback interface that nobody listens on. It is below those that systems give to
/// outgoing connections (from 32768 on Linux, from 49152 elsewhere), so that none of these takes it
/// while a killed server is away.
pub(crate) fn port() -> Result<u16, String> {
    (0..100)
        .map(|_| 20_000 + (number() % 12_000) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| "no free port on 127.0.0.1 in 100 attempts".to_owned())
}

//! The limits that an installation may set otherwise, by name.

use std::time::Duration;

use axum::http::HeaderName;

use super::rate::Rate;

/// What an installation may set otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Commands of a trader's account, however many keys it has.
    pub orders: Rate,
    /// Commands that let people out or stop trade, apart from all others, of any account.
    pub cancels: Rate,
    /// Reads with a key, of an account.
    pub reads: Rate,
    /// Commands of an operator's, editor's or administrator's account.
    pub staff: Rate,
    /// Everything without a key, from one address. Pages and public reads are cheap, and many readers
    /// may be behind one address.
    pub public: Rate,
    /// Keys that open nothing, from one address.
    pub failures: Rate,
    /// Connections in all. Each is an open file and, when it is busy, some 100 KiB.
    pub connections: usize,
    /// Connections from one address: some forty browsers.
    pub connections_per_address: usize,
    /// Streams in all, those of the embeds included. Each is a connection, with what it has not got rid of yet when
    /// its reader is slow.
    pub streams: usize,
    /// Streams from one address.
    pub streams_per_address: usize,
    /// Streams of one account that say what is the account's alone, wherever they come from.
    pub streams_per_account: usize,
    /// Between two odds, and two books, of a market on a stream. Readers cannot read faster; programs can.
    pub stream_interval: Duration,
    /// The header in which a proxy says whom it speaks for. Only where nobody reaches the port but
    /// through that proxy: whoever sets it chooses their address.
    pub address_header: Option<HeaderName>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            orders: Rate::new(20, 40),
            cancels: Rate::new(40, 80),
            reads: Rate::new(50, 100),
            staff: Rate::new(200, 400),
            public: Rate::new(200, 1_000),
            failures: Rate::new(1, 20),
            connections: 10_000,
            connections_per_address: 256,
            streams: 5_000,
            streams_per_address: 10,
            streams_per_account: 10,
            stream_interval: Duration::from_secs(1),
            address_header: None,
        }
    }
}

/// Longer than this a stream is of no use, and looks like one that is broken.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// What [`Limits::set`] knows.
const NAMES: &str = "orders, cancels, reads, staff, public, failures, connections, \
                     connections_per_address, streams, streams_per_address, streams_per_account, \
                     stream_interval_ms, address_header";

impl Limits {
    /// Sets one limit: `orders=20:40`, `streams=100`, `address_header=x-real-ip`.
    ///
    /// # Errors
    /// In words, when it is no limit's name or not what the limit takes.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| format!("{setting:?} is not NAME=VALUE"))?;
        let rate = || value.parse().map_err(|fault| format!("{name}: {fault}"));
        let count = || match value.parse() {
            Ok(0) | Err(_) => Err(format!("{name}: {value:?} is not a number from 1 on")),
            Ok(count) => Ok(count),
        };
        match name {
            "orders" => self.orders = rate()?,
            "cancels" => self.cancels = rate()?,
            "reads" => self.reads = rate()?,
            "staff" => self.staff = rate()?,
            "public" => self.public = rate()?,
            "failures" => self.failures = rate()?,
            "connections" => self.connections = count()?,
            "connections_per_address" => self.connections_per_address = count()?,
            "streams" => self.streams = count()?,
            "streams_per_address" => self.streams_per_address = count()?,
            "streams_per_account" => self.streams_per_account = count()?,
            "stream_interval_ms" => {
                let millis = u64::try_from(count()?).unwrap_or(u64::MAX);
                self.stream_interval = Duration::from_millis(millis).min(LONGEST_INTERVAL);
            }
            "address_header" => {
                let header = value.parse();
                self.address_header =
                    Some(header.map_err(|_| format!("{name}: {value:?} is no header's name"))?);
            }
            _ => return Err(format!("{name:?} is no limit: there are {NAMES}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

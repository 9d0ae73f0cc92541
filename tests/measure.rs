//! What a server's process costs, as the system tells it.

use std::time::Duration;

use crate::server::Server;

/// KiB of memory that a server's process has.
///
/// # Panics
/// Where the system does not tell: it is Linux that does.
pub fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.expect("its memory").split_whitespace().next();
    words.expect("a number").parse().expect("a number")
}

/// Time that a server's process has been busy.
///
/// # Panics
/// Where the system does not tell: it is Linux that does.
pub fn used(server: &Server) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).expect("Linux");
    let after_name = stat.rsplit_once(") ").expect("a name").1;
    let ticks = after_name.split(' ').skip(11).take(2);
    let ticks: u64 = ticks
        .map(|ticks| ticks.parse::<u64>().expect("ticks"))
        .sum();
    Duration::from_millis(ticks * 10)
}

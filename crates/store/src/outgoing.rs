//! What goes out by itself, and to whom: digests, subscribers and their mails, editors' hooks and their
//! deliveries, and who agreed to be on the leaderboard.
//!
//! A mail or a delivery is written down before it is tried and after, so that whoever starts after a crash
//! knows what is certain, and what is not.

pub(crate) mod deliveries;
pub(crate) mod digests;
pub(crate) mod hooks;
pub(crate) mod leaderboard;
pub(crate) mod mails;
pub(crate) mod subscribers;

#[cfg(test)]
mod tests;

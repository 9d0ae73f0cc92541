//! The running exchange on real databases.

mod forgetting;
mod serving;
mod snapshots;
mod world;

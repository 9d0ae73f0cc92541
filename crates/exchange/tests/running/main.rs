//! The running exchange on real databases.

mod doubt;
mod forgetting;
mod owners;
mod serving;
mod snapshots;
mod world;

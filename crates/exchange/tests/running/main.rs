//! The running exchange on real databases.

mod doubt;
mod forgetting;
mod lanes;
mod serving;
mod snapshots;
mod world;

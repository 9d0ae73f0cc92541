//! The running exchange on real databases.

mod behind;
mod doubt;
mod forgetting;
mod lanes;
mod owners;
mod private;
mod serving;
mod snapshots;
mod together;
mod world;

//! The real router over a real exchange on a real SQLite file, resource by resource.

mod access;
mod accounts;
mod articles;
mod document;
mod edges;
mod idempotency;
mod journal;
mod keys;
mod lagging;
mod limits;
mod liquidity;
mod malformed;
mod markets;
mod orders;
mod problems;
mod quotes;
mod reads;
mod reasons;
mod resolution;
mod scalar;
mod sets;
mod signed;
mod streams;
mod stubborn;
mod wire;
mod world;

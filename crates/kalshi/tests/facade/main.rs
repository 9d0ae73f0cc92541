//! The facade over the real router, the real exchange and a real database.

mod key;
mod markets;
mod orders;
mod portfolio;
mod refused;
mod signed;
mod world;

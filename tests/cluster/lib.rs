//! Temporary PostgreSQL clusters for tests: real servers with real `fsync`, started from what is
//! installed, ended and removed with the process that started them, however that ends.
//!
//! [`Cluster::shared`] gives databases on one server for all tests of a process. [`Cluster::own`]
//! gives a server to kill and start again, [`Cluster::standby_of`] one that follows another.
//! Nothing here speaks PostgreSQL's protocol: questions are asked with its own tools.

mod cluster;
mod installed;
mod keeper;
mod left_out;
mod processes;
mod random;
mod shared;

pub use cluster::Cluster;
pub use left_out::left_out;
pub use shared::Shared;

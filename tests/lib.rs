//! What the tests from outside share: the real server as a process on a real database, a client
//! that speaks its HTTP, a browser that looks at its pages, and the newsroom that the stories are
//! about.
//!
//! Nothing here reaches into the server: what is expected of it is computed with the core's own
//! public functions, and what it says is read from its answers.

pub mod again;
pub mod article;
pub mod browser;
pub mod cable;
pub mod client;
pub mod console;
pub mod crowd;
pub mod elsewhere;
pub mod gallery;
pub mod ground;
pub mod left_out;
pub mod measure;
pub mod money;
pub mod newsroom;
pub mod python;
pub mod seed;
pub mod server;
pub mod site;
pub mod stream;
pub mod webdriver;

pub use client::{Answer, Client};
pub use server::Server;

//! The console: who gets in, what keeps others out, and what its pages let nobody do.

mod authenticator;
mod brakes;
mod desk;
mod early_close;
mod front;
mod hostile;
mod life;
mod passkeys;
mod session;
#[path = "../support/mod.rs"]
mod support;

//! What the benches share: a generator whose sequences never change, an exchange to work on, the flow
//! of commands that is asked of it, a book simple enough to be right, and how time is told.

pub mod flow;
mod live;
pub mod measure;
pub mod naive;
pub mod random;
pub mod world;

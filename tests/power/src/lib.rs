//! What a power cut leaves of a database, and whether that is enough.
//!
//! kill -9 leaves everything that was written in the system's memory, so it says nothing about
//! whether a file was ever synced. Here SQLite runs on a [`disk`] in memory that writes down
//! every write, truncation, sync and deletion. [`cut`] walks along that history and gives, for any
//! point of it, what could be found after the power failed there: all that was synced, and of the
//! rest any part, in any order, torn. [`life`] is the real exchange on the real store on such a disk,
//! with the moment of each acknowledgement; [`judge`] holds what is found after a cut against it, and
//! [`search`] does so for moment after moment.
//!
//! Nothing but [`vfs`], which is how SQLite is given the disk, is unsafe.

pub mod cut;
pub mod disk;
mod history;
pub mod judge;
pub mod life;
pub mod moves;
pub mod search;
pub mod vfs;
mod wal_index;

pub use cut::{Cut, Platter};
pub use disk::{Disk, Event, Image};

//! Opening the database for a tool, which never makes one.

use std::path::Path;

use tidings_api::wire::journal::hex;
use tidings_core::event::Record;
use tidings_store::{Head, JournalError, Store, StoredGroup};

use crate::failure::{Failure, failed};
use crate::settings::Place;

/// The database of a tool that changes nothing.
pub(crate) async fn to_read(place: &Place) -> Result<Store, Failure> {
    exists(place)?;
    let opened = Store::open(&place.database).await;
    opened.map_err(failed("the database cannot be read"))
}

/// Refuses where there is no database yet.
pub(crate) fn exists(place: &Place) -> Result<(), Failure> {
    let is_there = match place.file() {
        Some(file) => file.exists(),
        // Its server says whether it is there.
        None => place.is_served(),
    };
    match is_there {
        true => Ok(()),
        false => {
            let what = format!("there is no database at {}", place.shown());
            Err(Failure::new(what))
        }
    }
}

/// The database's file, where what is asked for is done with files.
pub(crate) fn file(place: &Place) -> Result<&Path, Failure> {
    place.file().ok_or_else(|| {
        Failure::new(
            "the database is no file: its own tools copy it and put it back, see \"Backup\" in the README",
        )
    })
}

/// A head as it is noted and shown.
pub(crate) fn noted(head: &Head) -> String {
    format!("{}:{}", head.last_seq, hex(&head.last_hash))
}

/// A stored group's records.
pub(crate) fn records(group: &StoredGroup) -> Result<Vec<Record>, JournalError> {
    Ok(group.contents()?.records)
}

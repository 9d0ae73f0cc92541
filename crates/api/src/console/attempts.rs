//! How often a password may be tried in vain: under a name, and from a place. Names count whether or not
//! anybody has them, so that being made to wait tells nothing.
//!
//! Whoever tries a name's passwords all day makes its owner wait, too; a link from an administrator does not.

use std::time::Duration;

use crate::limits::{Buckets, Place, Rate, Standing};

/// What an attempt in vain takes.
const ATTEMPT: u32 = 60;
/// Of a name: ten at once, and then one a minute.
const OF_A_NAME: Rate = Rate::new(1, 10 * ATTEMPT);
/// From a place: twenty at once, and then one a minute.
const FROM_A_PLACE: Rate = Rate::new(1, 20 * ATTEMPT);

/// Attempts that were in vain.
pub(crate) struct Attempts {
    names: Buckets<[u8; 32]>,
    places: Buckets<Place>,
}

/// It can be tried again after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// How long that is.
    pub wait: Duration,
}

impl Default for Attempts {
    fn default() -> Attempts {
        Attempts {
            names: Buckets::new(OF_A_NAME),
            places: Buckets::new(FROM_A_PLACE),
        }
    }
}

impl Attempts {
    /// Whether another one is allowed.
    pub(super) fn look(&self, name: &str, place: Place) -> Result<(), super::Refusal> {
        allowed(&[self.names.look(named(name)), self.places.look(place)])
    }

    /// Whether another one is allowed that is under no name: with a passkey.
    pub(super) fn look_from(&self, place: Place) -> Result<(), super::Refusal> {
        allowed(&[self.places.look(place)])
    }

    /// One under no name was in vain.
    pub(super) fn failed_from(&self, place: Place) {
        let _waits = self.places.take(place, ATTEMPT);
    }

    /// One was in vain.
    pub(super) fn failed(&self, name: &str, place: Place) {
        // Those that were under way together may find nothing left to take: the next one waits as it is.
        let _waits = self.names.take(named(name), ATTEMPT);
        let _waits = self.places.take(place, ATTEMPT);
    }
}

/// Allows one if each bucket has what an attempt takes.
fn allowed(standings: &[Standing]) -> Result<(), super::Refusal> {
    let short = standings
        .iter()
        .filter_map(|standing| ATTEMPT.checked_sub(standing.remaining))
        .max()
        .filter(|short| *short > 0);
    match short {
        None => Ok(()),
        Some(short) => {
            let wait = Duration::from_secs(short.into());
            Err(super::Refusal::TooOften(TooOften { wait }))
        }
    }
}

/// A name in as many bytes as any other.
fn named(name: &str) -> [u8; 32] {
    blake3::hash(name.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn place(last: u8) -> Place {
        Place::of(Ipv4Addr::new(192, 0, 2, last).into())
    }

    #[tokio::test(start_paused = true)]
    async fn ten_of_a_name_and_twenty_from_a_place_are_tried_at_once() {
        let attempts = Attempts::default();
        for guess in 0..10 {
            attempts.look("ann", place(guess)).expect("ten are allowed");
            attempts.failed("ann", place(guess));
        }
        assert!(attempts.look("ann", place(99)).is_err());
        attempts.look("bob", place(99)).expect("another name");
        for guess in 0..20 {
            attempts
                .look(&format!("n{guess}"), place(50))
                .expect("twenty");
            attempts.failed(&format!("n{guess}"), place(50));
        }
        assert!(attempts.look("bob", place(50)).is_err());
        tokio::time::advance(Duration::from_secs(60)).await;
        attempts.look("ann", place(99)).expect("one a minute");
        attempts.look("bob", place(50)).expect("one a minute");
        attempts.failed("ann", place(99));
        assert!(attempts.look("ann", place(99)).is_err());
    }
}

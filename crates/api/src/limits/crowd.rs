//! So many at once in all, and so many from one place.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use super::address::Place;

/// Counts who is here. Clones count together. Who comes from one place has a share of what there is; so
/// have those of one account, where accounts stand in for places.
#[derive(Clone)]
pub struct Crowd<P: Eq + Hash = Place>(Arc<Counted<P>>);

struct Counted<P: Eq + Hash> {
    most: usize,
    most_from_a_place: usize,
    here: Mutex<Here<P>>,
}

struct Here<P> {
    all: usize,
    /// Places from which nobody is here are not, so there are no more of them than of those who are.
    from: HashMap<P, usize>,
}

/// One who is here, for as long as it is held.
pub struct Ticket<P: Eq + Hash = Place> {
    crowd: Arc<Counted<P>>,
    place: P,
}

/// Why one more may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// As many are here as may be.
    Here,
    /// As many are here from that place as may be.
    FromThere,
}

impl<P: Copy + Eq + Hash> Crowd<P> {
    /// Nobody, of at most so many.
    pub fn new(most: usize, most_from_a_place: usize) -> Crowd<P> {
        Crowd(Arc::new(Counted {
            most,
            most_from_a_place,
            here: Mutex::new(Here {
                all: 0,
                from: HashMap::new(),
            }),
        }))
    }

    /// How many are here.
    pub fn count(&self) -> usize {
        self.0
            .here
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .all
    }

    /// How many are here from one place.
    pub fn count_from(&self, place: P) -> usize {
        let here = self.0.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.from.get(&place).copied().unwrap_or(0)
    }

    /// How many may be here from one place.
    pub fn most_from_a_place(&self) -> usize {
        self.0.most_from_a_place
    }

    /// Lets one more in.
    ///
    /// # Errors
    /// When as many are here as may be. Whoever has their share is told that first.
    pub fn enter(&self, place: P) -> Result<Ticket<P>, Full> {
        let mut here = self.0.here.lock().unwrap_or_else(PoisonError::into_inner);
        let from_there = here.from.get(&place).copied().unwrap_or(0);
        if from_there >= self.0.most_from_a_place {
            return Err(Full::FromThere);
        }
        if here.all >= self.0.most {
            return Err(Full::Here);
        }
        here.all += 1;
        here.from.insert(place, from_there + 1);
        Ok(Ticket {
            crowd: Arc::clone(&self.0),
            place,
        })
    }
}

impl<P: Eq + Hash> Drop for Ticket<P> {
    fn drop(&mut self) {
        let mut here = self
            .crowd
            .here
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        here.all -= 1;
        if let Some(from_there) = here.from.get_mut(&self.place) {
            *from_there -= 1;
            if *from_there == 0 {
                here.from.remove(&self.place);
            }
        }
    }
}

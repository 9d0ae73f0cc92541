//! So many at once in all, and so many from one place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::address::Place;

/// Counts who is here. Clones count together.
#[derive(Clone)]
pub struct Crowd(Arc<Counted>);

struct Counted {
    most: usize,
    most_from_a_place: usize,
    here: Mutex<Here>,
}

#[derive(Default)]
struct Here {
    all: usize,
    /// Places from which nobody is here are not, so there are no more of them than of those who are.
    from: HashMap<Place, usize>,
}

/// One who is here, for as long as it is held.
pub struct Ticket {
    crowd: Arc<Counted>,
    place: Place,
}

/// Why one more may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// As many are here as may be.
    Here,
    /// As many are here from that place as may be.
    FromThere,
}

impl Crowd {
    /// Nobody, of at most so many.
    pub fn new(most: usize, most_from_a_place: usize) -> Crowd {
        Crowd(Arc::new(Counted {
            most,
            most_from_a_place,
            here: Mutex::new(Here::default()),
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

    /// How many may be here from one place.
    pub fn most_from_a_place(&self) -> usize {
        self.0.most_from_a_place
    }

    /// Lets one more in.
    ///
    /// # Errors
    /// When as many are here as may be. Whoever has their share is told that first.
    pub fn enter(&self, place: Place) -> Result<Ticket, Full> {
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

impl Drop for Ticket {
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

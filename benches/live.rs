//! The orders that rest while a flow is thought up: what cancels are picked from.
//! Adding, removing and picking take the same time however many there are.

use hashbrown::HashMap;

use crate::flow::Placed;

/// The orders that rest, any of which is found at once, by id or by lot.
#[derive(Default)]
pub(crate) struct Live {
    orders: Vec<Placed>,
    places: HashMap<u64, usize>,
}

impl Live {
    pub(crate) fn len(&self) -> usize {
        self.orders.len()
    }

    pub(crate) fn at(&self, place: usize) -> Placed {
        self.orders[place]
    }

    pub(crate) fn add(&mut self, order: Placed) {
        self.places.insert(order.id, self.orders.len());
        self.orders.push(order);
    }

    /// Closed orders that never rested are not here.
    pub(crate) fn remove(&mut self, id: u64) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        self.orders.swap_remove(place);
        if let Some(moved) = self.orders.get(place) {
            self.places.insert(moved.id, place);
        }
    }
}

//! A list that grows page by page. A vector that is full moves all it has into a larger place: with a million
//! orders that takes a tenth of a second, in which nobody is answered. Here nothing ever moves.

use std::ops::{Index, IndexMut};

/// Items in a page: some tens of kilobytes, which take microseconds to come by.
const PAGE: usize = 1_024;

/// A list by index, to whose end items are added.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    /// Every one full but the last.
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Paged<T> {
        Paged { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self.pages.split_last() {
            None => 0,
            Some((last, full)) => full.len() * PAGE + last.len(),
        }
    }

    /// Adds an item behind the last one.
    pub(crate) fn push(&mut self, item: T) {
        match self.pages.last_mut() {
            Some(last) if last.len() < PAGE => last.push(item),
            // The first page is as long as it has to be: few have a second one.
            None => self.pages.push(vec![item]),
            Some(_) => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(item);
                self.pages.push(page);
            }
        }
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flatten()
    }
}

impl<T> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Paged<T> {
        let mut paged = Paged::default();
        items.into_iter().for_each(|item| paged.push(item));
        paged
    }
}

impl<T> Index<u32> for Paged<T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, ix: u32) -> &T {
        &self.pages[ix as usize / PAGE][ix as usize % PAGE]
    }
}

impl<T> IndexMut<u32> for Paged<T> {
    #[inline(always)]
    fn index_mut(&mut self, ix: u32) -> &mut T {
        &mut self.pages[ix as usize / PAGE][ix as usize % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGE, Paged};

    #[test]
    fn items_are_found_where_they_were_put_and_stay_there() {
        let count = 3 * PAGE as u32 + 1;
        let mut paged: Paged<u32> = (0..PAGE as u32 + 1).collect();
        let place: *const u32 = &raw const paged[PAGE as u32];
        for item in PAGE as u32 + 1..count {
            assert_eq!(paged.len(), item as usize);
            paged.push(item);
        }
        assert!((0..count).all(|ix| paged[ix] == ix));
        assert!(paged.iter().copied().eq(0..count));
        assert!(std::ptr::eq(place, &raw const paged[PAGE as u32]));
        paged[PAGE as u32] = 7;
        assert_eq!(paged.clone()[PAGE as u32], 7);
    }

    #[test]
    #[should_panic(expected = "out of bounds")]
    fn what_is_not_there_is_not_found() {
        let paged: Paged<u32> = (0..5).collect();
        let _ = paged[5];
    }
}

//! A list that grows page by page. A vector that is full moves all it has into a larger place: with a million
//! orders that takes a tenth of a second, in which nobody is answered. Here nothing ever moves.

use std::ops::{Index, IndexMut};

/// Items in a page: some tens of kilobytes, which take microseconds to come by. All pages are of this length, so
/// that only the page's number is checked when an item is looked for.
const PAGE: usize = 256;

/// What can stand where nothing is yet.
pub(crate) trait Blank {
    fn blank() -> Self;
}

/// A list by index, to whose end items are added.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    pages: Vec<Box<[T; PAGE]>>,
    /// How many there are; what comes after them is blank.
    len: usize,
}

impl<T> Default for Paged<T> {
    fn default() -> Paged<T> {
        Paged {
            pages: Vec::new(),
            len: 0,
        }
    }
}

impl<T: Blank> Paged<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds an item behind the last one.
    pub(crate) fn push(&mut self, item: T) {
        let (page, place) = (self.len / PAGE, self.len % PAGE);
        if place == 0 {
            self.pages
                .push(Box::new(std::array::from_fn(|_| T::blank())));
        }
        self.pages[page][place] = item;
        self.len += 1;
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|page| &**page).take(self.len)
    }
}

impl<T: Blank> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Paged<T> {
        let mut paged = Paged::default();
        items.into_iter().for_each(|item| paged.push(item));
        paged
    }
}

/// An index below [`Paged::len`]: what is found behind it is blank or a panic.
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
    use super::{Blank, PAGE, Paged};

    impl Blank for u32 {
        fn blank() -> u32 {
            0
        }
    }

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
    fn a_page_that_is_not_there_is_not_found() {
        let paged: Paged<u32> = (0..5).collect();
        let _ = paged[PAGE as u32];
    }
}

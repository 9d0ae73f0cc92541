//! A hash table in many parts. A table that is full is made anew, and so is one in which much was removed: with
//! a million entries that takes a tenth of a second, in which nobody is answered. Each part does it at
//! another time and in well under a millisecond.

use hashbrown::HashTable;

/// Parts: ten million entries are forty thousand in each.
const PARTS: usize = 256;

/// A table of entries whose hash the caller knows. All of its bits must depend on what is looked for: the table
/// uses the lowest and the highest ones, and the part is told by others.
#[derive(Clone, Debug)]
pub(crate) struct Sharded<T> {
    parts: Box<[HashTable<T>; PARTS]>,
}

impl<T> Default for Sharded<T> {
    fn default() -> Sharded<T> {
        Sharded {
            parts: Box::new([const { HashTable::new() }; PARTS]),
        }
    }
}

/// Which part has what has this hash.
#[inline(always)]
fn part(hash: u64) -> usize {
    (hash >> 40) as usize % PARTS
}

impl<T> Sharded<T> {
    /// With room for so many entries.
    pub(crate) fn with_capacity(entries: usize) -> Sharded<T> {
        let each = entries.div_ceil(PARTS);
        Sharded {
            parts: Box::new(std::array::from_fn(|_| HashTable::with_capacity(each))),
        }
    }

    /// The entry of which this is so.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<&T> {
        self.parts[part(hash)].find(hash, is_it)
    }

    /// Adds an entry that is not there.
    #[inline(always)]
    pub(crate) fn insert(&mut self, hash: u64, entry: T, hash_of: impl Fn(&T) -> u64) {
        self.parts[part(hash)].insert_unique(hash, entry, hash_of);
    }

    /// Takes out the entry of which this is so.
    #[inline(always)]
    pub(crate) fn remove(&mut self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<T> {
        let found = self.parts[part(hash)].find_entry(hash, is_it).ok()?;
        Some(found.remove().0)
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTS, Sharded, part};

    fn hash(number: &u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn entries_are_found_until_they_are_removed() {
        let mut table = Sharded::default();
        for number in 0..10_000_u64 {
            table.insert(hash(&number), number, hash);
        }
        for number in (0..10_000).step_by(2) {
            assert_eq!(
                table.remove(hash(&number), |it| *it == number),
                Some(number)
            );
            assert_eq!(table.remove(hash(&number), |it| *it == number), None);
        }
        for number in 0..10_000 {
            let found = table.find(hash(&number), |it| *it == number).copied();
            assert_eq!(found, (number % 2 == 1).then_some(number));
        }
    }

    #[test]
    fn ids_in_a_row_are_spread_over_all_parts() {
        let mut counts = [0_u32; PARTS];
        (0..256_000_u64).for_each(|number| counts[part(hash(&number))] += 1);
        assert!(
            counts.iter().all(|count| (900..1_100).contains(count)),
            "{counts:?}"
        );
    }
}

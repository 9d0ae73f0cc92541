//! What is on the platter of the files that are watched, where that is not what the page cache says.
//!
//! Only differences are kept, page by page: what a page was when it was last synced. A page that is
//! written is *dirty* until the file is synced. A sync that fails makes dirty pages *doomed*: they count as
//! clean, so nobody will write them, but what is on the platter is still what was there before. Writing
//! to one makes it dirty again, whole.

use std::collections::BTreeMap;

/// The kernel's unit of what is dirty.
const PAGE: u64 = 4_096;

/// A file as this process has it.
pub(crate) trait Content {
    /// Its length.
    fn size(&self) -> u64;
    /// What is in it, as far as it goes.
    fn read(&self, at: u64, length: u64) -> Vec<u8>;
    /// Makes that its content.
    fn write(&self, at: u64, bytes: &[u8]);
    /// Cuts or lengthens it.
    fn resize(&self, size: u64);
}

/// A file on the platter.
#[derive(Debug)]
pub(crate) struct Platter<F> {
    file: F,
    /// Its length there.
    size: u64,
    dirty: BTreeMap<u64, Vec<u8>>,
    doomed: BTreeMap<u64, Vec<u8>>,
}

impl<F: Content> Platter<F> {
    /// A file that counts as synced.
    pub(crate) fn of(file: F) -> Platter<F> {
        Platter {
            size: file.size(),
            file,
            dirty: BTreeMap::new(),
            doomed: BTreeMap::new(),
        }
    }

    /// Whether a sync has anything to do.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Bytes are about to be written.
    pub(crate) fn before_write(&mut self, at: u64, length: u64) {
        // What lies between the end and the place becomes zeros, and belongs to it.
        let from = at.min(self.file.size());
        for page in from / PAGE..(at + length).div_ceil(PAGE) {
            self.touch(page);
        }
    }

    /// The file is about to be cut.
    pub(crate) fn before_truncate(&mut self, len: u64) {
        for page in len / PAGE..self.file.size().div_ceil(PAGE) {
            self.touch(page);
        }
    }

    /// All that was written is on the platter, but for what was doomed before.
    pub(crate) fn synced(&mut self) {
        self.dirty.clear();
        self.size = self.file.size();
    }

    /// Nothing that was written is on the platter, and nobody will write it.
    pub(crate) fn sync_failed(&mut self) {
        self.doomed.append(&mut self.dirty);
    }

    /// The power fails: the file is what the platter has.
    pub(crate) fn power_cut(&mut self) {
        for (page, bytes) in self.dirty.iter().chain(&self.doomed) {
            self.file.write(page * PAGE, bytes);
        }
        self.file.resize(self.size);
        self.dirty.clear();
        self.doomed.clear();
    }

    fn touch(&mut self, page: u64) {
        if self.dirty.contains_key(&page) {
            return;
        }
        let former = self.doomed.remove(&page);
        let former = former.unwrap_or_else(|| {
            let mut bytes = self.file.read(page * PAGE, PAGE);
            bytes.resize(usize::try_from(PAGE).expect("a page is small"), 0);
            bytes
        });
        self.dirty.insert(page, former);
    }
}

//! A draft in the model: read by others than its author, until it may open.

use tidings_core::Reject;
use tidings_core::id::AccountId;

/// How somebody reads a draft, or says that they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who: the author, or one of two others.
    pub by: usize,
    /// Whether it is of the words that the draft has.
    pub current: bool,
    /// Whether every story is read as its author means it.
    pub alike: bool,
    /// Whether a story is left out.
    pub short: bool,
    /// Whether it may open.
    pub approve: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Whether it opens only once it was read; none, where it has no stories.
    pub required: Option<bool>,
    pub author: Option<AccountId>,
    /// How often its words changed.
    version: u32,
    read: Vec<(AccountId, u32, Reading)>,
}

impl Draft {
    pub fn read(&mut self, by: AccountId, reading: Reading) -> Result<(), Reject> {
        if self.required.is_none() {
            return Err(Reject::NothingToReview);
        }
        if self.author == Some(by) {
            return Err(Reject::ReviewByAuthor);
        }
        if !reading.current {
            return Err(Reject::DraftChanged);
        }
        let own =
            |(who, version, _): &(AccountId, u32, Reading)| *who == by && *version == self.version;
        if self.read.iter().any(own) {
            return Err(Reject::ReviewedAlready);
        }
        if reading.short {
            let fault = tidings_core::reject::MarketFault::Worlds;
            return Err(Reject::MarketInvalid { fault });
        }
        self.read.push((by, self.version, reading));
        Ok(())
    }

    /// Other words: what was read before counts no more.
    pub fn rewrite(&mut self) {
        self.version += 1;
    }

    pub fn open(&self) -> Result<(), Reject> {
        if self.required != Some(true) {
            return Ok(());
        }
        let read = self.read.iter();
        let read: Vec<Reading> = read
            .filter(|(_, version, _)| *version == self.version)
            .map(|(_, _, reading)| *reading)
            .collect();
        if read.iter().any(|reading| !reading.alike) {
            return Err(Reject::WorldsDiffer);
        }
        match read.last() {
            Some(reading) if reading.approve => Ok(()),
            _ => Err(Reject::ReviewMissing),
        }
    }
}

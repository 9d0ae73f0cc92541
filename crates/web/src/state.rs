//! Where a market stands, in word and shape: the two never differ by colour alone.

use tidings_core::market::Status;

use crate::words::Lang;

/// A market's status as readers see it, or that nobody knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A status that the engine gave.
    Known(Status),
    /// None could be had.
    Unknown,
}

impl State {
    /// Its name in `data-state`, the one of the API.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            State::Known(status) => status.word(),
            State::Unknown => "unknown",
        }
    }

    /// Its word.
    pub(crate) const fn word(self, lang: Lang) -> &'static str {
        lang.words().states[self.ix()]
    }

    /// Its shape: a path in a box of 12 × 12, filled by the even-odd rule.
    pub(crate) const fn shape(self) -> &'static str {
        SHAPES[self.ix()]
    }

    /// Whether the odds are of a question that is still open to the world.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, State::Known(status) if status.is_final())
    }

    /// Whether something stands in the way of trade that was not meant to.
    pub(crate) const fn is_amber(self) -> bool {
        matches!(
            self,
            State::Known(Status::Halted) | State::Known(Status::Disputed)
        )
    }

    /// Whether orders are taken.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, State::Known(Status::Open))
    }

    const fn ix(self) -> usize {
        match self {
            State::Known(Status::Draft) => 0,
            State::Known(Status::Open) => 1,
            State::Known(Status::Halted) => 2,
            State::Known(Status::Closed) => 3,
            State::Known(Status::Proposed) => 4,
            State::Known(Status::Disputed) => 5,
            State::Known(Status::Settled) => 6,
            State::Known(Status::Voided) => 7,
            State::Unknown => 8,
        }
    }
}

const SHAPES: [&str; 9] = [
    // Draft: a ring.
    "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1Zm0 1.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 1 1 0-6.8Z",
    // Open: a disc.
    "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1Z",
    // Halted: two bars.
    "M2 1h3v10H2ZM7 1h3v10H7Z",
    // Closed: a square.
    "M1.5 1.5h9v9h-9Z",
    // Proposed: half a disc.
    "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1Zm0 1.6a3.4 3.4 0 0 1 0 6.8Z",
    // Disputed: a diamond with an exclamation mark.
    "M6 0l6 6-6 6-6-6ZM5.2 2.8v4h1.6v-4ZM5.2 7.8v1.5h1.6V7.8Z",
    // Settled: a tick.
    "M.8 6.4 2.4 4.8 4.8 7.2 9.8 2.2l1.5 1.5-6.5 6.6Z",
    // Voided: a cross.
    "M2.5 1 6 4.5 9.5 1 11 2.5 7.5 6 11 9.5 9.5 11 6 7.5 2.5 11 1 9.5 4.5 6 1 2.5Z",
    // Unknown: a dash.
    "M1 5h10v2H1Z",
];

#[cfg(test)]
mod tests;

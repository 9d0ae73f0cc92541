//! What happened in a market last, for readers who are a little behind and for those who come back.

use std::collections::VecDeque;
use std::sync::Arc;

use tidings_core::id::Seq;

use super::event::Event;
use super::frame::Frame;

/// Frames kept of a market: some 64 KiB, which is what may wait for a reader. Whoever is further behind is told
/// everything anew.
const KEPT: usize = 256;

/// The last trades and changes of phase of a market. Frames are counted from 0; `first` is the oldest kept.
pub(super) struct Log {
    frames: VecDeque<Arc<Frame>>,
    first: u64,
    /// Every trade of a later command is here.
    whole_after: Seq,
}

impl Log {
    /// Nothing; trades up to a place may have been before.
    pub(super) fn after(seq: Seq) -> Log {
        Log {
            frames: VecDeque::new(),
            first: 0,
            whole_after: seq,
        }
    }

    /// Where the next frame will be.
    pub(super) fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    pub(super) fn push(&mut self, frame: Frame) {
        self.frames.push_back(Arc::new(frame));
        if self.frames.len() > KEPT
            && let Some(oldest) = self.frames.pop_front()
        {
            self.first += 1;
            self.whole_after = self.whole_after.max(oldest.order().0);
        }
    }

    /// Something up to a place was lost: every reader has missed it.
    pub(super) fn lose(&mut self, seq: Seq) {
        self.first = self.end() + 1;
        self.frames.clear();
        self.whole_after = seq;
    }

    /// The frames from a count on; none when some of them are no longer kept.
    pub(super) fn from(&self, next: u64) -> Option<impl Iterator<Item = &Arc<Frame>>> {
        let skipped = usize::try_from(next.checked_sub(self.first)?).ok()?;
        Some(self.frames.iter().skip(skipped))
    }

    /// The trades of the commands after a place; none when some of them are no longer kept.
    pub(super) fn trades_after(&self, seq: Seq) -> Option<impl Iterator<Item = &Arc<Frame>>> {
        let is_later =
            move |frame: &&Arc<Frame>| frame.event() == Event::Trade && frame.order().0 > seq;
        (seq >= self.whole_after).then(|| self.frames.iter().filter(is_later))
    }
}

#[cfg(test)]
mod tests;

//! One reader: what it follows, and what it has been told of it. Nothing is kept for a reader but where it is;
//! what it will be told it finds on the board when it comes to look, at its own pace.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use tidings_core::id::{MarketId, Seq};

use super::board::Board;
use super::crowd::Ear;
use super::event::{Event, Place, Wanted};
use super::frame::{Frame, Told};
use super::{Shared, SubscribeOptions};

/// Room for frames that a reader keeps when it has taken them.
const USUAL_QUEUE: usize = 8;

/// A reader of some markets. It is no longer one when it is dropped.
pub struct Subscription {
    shared: Arc<Shared>,
    name: u64,
    wanted: Wanted,
    declared: bool,
    following: Vec<Following>,
    ear: Arc<Ear>,
    /// Found on the board, not yet taken.
    found: VecDeque<Told>,
    /// Whether it was told that nobody knows how things stand.
    stale: bool,
}

/// A market of a reader's, and what it was told of it.
pub(super) struct Following {
    pub(super) market: MarketId,
    /// The next frame of the log.
    pub(super) next: u64,
    /// What the odds were as of.
    pub(super) odds: Seq,
    /// The version of the books.
    pub(super) books: u64,
}

impl Subscription {
    /// A reader of markets that are on the board.
    pub(super) fn enter(
        shared: &Arc<Shared>,
        board: &mut Board,
        markets: &[MarketId],
        options: &SubscribeOptions,
    ) -> Subscription {
        board.readers += 1;
        let mut reader = Subscription {
            shared: Arc::clone(shared),
            name: board.readers,
            wanted: options.wanted,
            declared: options.declared,
            following: Vec::with_capacity(markets.len()),
            ear: Arc::default(),
            found: VecDeque::new(),
            stale: false,
        };
        for market in markets {
            let Some(feed) = board.feeds.get_mut(market) else {
                continue;
            };
            feed.crowd.enter(reader.name, options.wanted, &reader.ear);
            feed.readers += 1;
            feed.book_readers += usize::from(options.wanted.books);
            reader.following.push(Following {
                market: *market,
                next: feed.log.end(),
                odds: Seq(0),
                books: 0,
            });
        }
        reader
    }

    /// The next event, once there is one. There always will be: a subscription has no end of its own.
    /// Nothing is lost when this is dropped before it is done.
    pub async fn next(&mut self) -> Told {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The same for whoever polls.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Told> {
        if let Some(told) = self.found.pop_front() {
            return Poll::Ready(told);
        }
        // Before looking: what comes after the look wakes. Whoever took the last of what it found is here again.
        match self.ear.listen(cx.waker()) {
            true => self.look_and_take().map_or(Poll::Pending, Poll::Ready),
            false => Poll::Pending,
        }
    }

    /// An event that is there already, for whoever sends several at once.
    pub fn try_next(&mut self) -> Option<Told> {
        if let Some(told) = self.found.pop_front() {
            return Some(told);
        }
        self.ear.looks();
        self.look_and_take()
    }

    fn look_and_take(&mut self) -> Option<Told> {
        let shared = Arc::clone(&self.shared);
        self.look(&shared.read());
        let told = self.found.pop_front();
        if self.found.is_empty() && self.found.capacity() > USUAL_QUEUE {
            self.found.shrink_to_fit();
        }
        told
    }

    /// Finds what is new.
    fn look(&mut self, board: &Board) {
        let mut told = Vec::new();
        for following in &mut self.following {
            if let Some(feed) = board.feeds.get(&following.market) {
                feed.tell(board.place, self.wanted, following, &mut told);
            }
        }
        // Of several rounds, or several markets. What happened at one place stays in its order.
        told.sort_by_key(|told| told.frame.order());
        let well = self.stale && board.stale.is_none();
        if well {
            // The state comes after what happened, and once.
            told.retain(|told| !matches!(told.frame.event(), Event::Odds | Event::Book));
        }
        self.found.extend(told);
        if well {
            self.stale = false;
            self.welcome(board, Event::Odds, board.place);
        }
        if let Some(stale) = board.stale.as_ref().filter(|_| !self.stale) {
            self.stale = true;
            self.found.push_back(Told::as_is(stale));
        }
    }

    /// Finds what a reader is told first: what the stream carries, and the state of everything, to one who has
    /// everything up to a place.
    pub(super) fn welcome(&mut self, board: &Board, event: Event, has: Place) {
        let id = Some(has);
        if self.declared {
            let declared = self.shared.declared(self.wanted);
            let frame = Arc::new(Frame::made(Event::Stream, None, id, &declared));
            self.found.push_back(Told { id, frame });
        }
        let mut told = Vec::new();
        for following in &mut self.following {
            let Some(feed) = board.feeds.get(&following.market) else {
                continue;
            };
            let (as_of, frame) = feed.picture(event, board.place);
            following.odds = as_of;
            if self.wanted.takes(event) {
                told.push(Told { id, frame });
            } else if self.wanted.phases {
                let frame = Arc::new(Frame::phase(feed.view(), has));
                told.push(Told { id, frame });
            }
            if self.wanted.books {
                let books = told.len();
                following.books = feed.books.tell(0, &mut told);
                told[books..].iter_mut().for_each(|told| told.id = id);
            }
        }
        self.found.extend(told);
    }

    /// The trades of the commands after a place, if all of them are kept; nothing for one who wants none.
    pub(super) fn missed(&self, board: &Board, seq: Seq) -> Option<Vec<Told>> {
        let mut missed = Vec::new();
        if !self.wanted.trades {
            return Some(missed);
        }
        for following in &self.following {
            let Some(feed) = board.feeds.get(&following.market) else {
                continue;
            };
            missed.extend(feed.missed(seq)?);
        }
        missed.sort_by_key(|told| told.frame.order());
        Some(missed)
    }

    /// Has it told these next.
    pub(super) fn find(&mut self, told: Vec<Told>) {
        self.found.extend(told);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut board = self.shared.write();
        for following in &self.following {
            let Some(feed) = board.feeds.get_mut(&following.market) else {
                continue;
            };
            feed.crowd.leave(self.name);
            feed.readers -= 1;
            feed.book_readers -= usize::from(self.wanted.books);
            if feed.readers == 0 {
                board.feeds.remove(&following.market);
            }
        }
    }
}

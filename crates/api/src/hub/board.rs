//! What all readers look at: the followed markets, as they are told at one place in the journal. It moves on in
//! rounds, each of which is seen wholly or not at all: so a reader of several markets has everything up to
//! the place that it is told, whichever of them moved.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::id::MarketId;
use tokio::time::Instant;

use super::books::{Computed, Wish};
use super::crowd::Crowd;
use super::event::{Place, Wanted};
use super::feed::Feed;
use super::frame::Frame;

/// The followed markets.
pub(super) struct Board {
    pub(super) feeds: HashMap<MarketId, Feed>,
    /// Up to where everything is told.
    pub(super) place: Place,
    /// That nobody knows whether this is how things stand, when it is so.
    pub(super) stale: Option<Arc<Frame>>,
    /// Whether a publisher moves it on: as long as somebody follows a market.
    pub(super) running: bool,
    /// Names for readers.
    pub(super) readers: u64,
    /// What the publisher has to do.
    pub(super) round: Round,
}

/// What is to be done about what the board has moved on by.
#[derive(Default)]
pub(super) struct Round {
    /// Who has something to look at, and what is new.
    pub(super) told: Vec<(Arc<Crowd>, Wanted)>,
    /// Books to compute.
    pub(super) wishes: Vec<Wish>,
    /// When something falls due.
    pub(super) next: Option<Instant>,
}

impl Board {
    pub(super) fn at(place: Place) -> Board {
        Board {
            feeds: HashMap::new(),
            place,
            stale: None,
            running: false,
            readers: 0,
            round: Round::default(),
        }
    }

    /// Moves everything on to a place.
    pub(super) fn advance(&mut self, place: Place, interval: Duration) {
        self.place = place;
        self.round.next = None;
        for feed in self.feeds.values_mut() {
            let news = feed.advance(place, interval);
            if news != Wanted::NOTHING {
                self.round.told.push((Arc::clone(&feed.crowd), news));
            }
            let mut next = feed.next();
            if feed.book_readers > 0 {
                let view = feed.view();
                self.round.wishes.extend(feed.books.ask(&view, interval));
                next = next.into_iter().chain(feed.books.next(&view)).min();
            }
            self.round.next = self.round.next.into_iter().chain(next).min();
        }
    }

    /// Shows books that were computed.
    pub(super) fn show(&mut self, computed: Computed) {
        let Some(feed) = self.feeds.get_mut(&computed.market) else {
            return;
        };
        let view = feed.view();
        if feed.books.take(computed, &view, self.place) {
            let news = Wanted {
                books: true,
                ..Wanted::NOTHING
            };
            self.round.told.push((Arc::clone(&feed.crowd), news));
        }
    }

    /// Notes whether anybody knows that this is how things stand.
    pub(super) fn note(&mut self, stale: Option<Arc<Frame>>) {
        if self.stale.is_some() != stale.is_some() {
            let all = self.feeds.values().map(|feed| Arc::clone(&feed.crowd));
            self.round
                .told
                .extend(all.map(|crowd| (crowd, Wanted::ALL)));
        }
        self.stale = stale;
    }
}

//! The hub: what happens in markets, for everyone who follows them live, whatever their line is.
//!
//! [`App::subscribe`] takes markets and [`SubscribeOptions`] and gives a [`Subscription`], whose `next` gives one
//! [`Told`] after the other: a [`Frame`] that is shared by all readers, with the `id` that this reader has once
//! it has the frame. `frame.event()`, `frame.market()` and `frame.json()` say what it is; [`Told::sse`] is the whole
//! of it as a server-sent event, [`Frame::in_form`] in one other form, such as a message of a WebSocket.
//! Each form is encoded once, by the first who needs it. `next` can be dropped at any time, and `try_next` gives what
//! is there already, for one write of several. Several subscriptions of one connection may be made, one for
//! each market: what an id stands for is what that subscription follows.
//!
//! A reader is first told the state of every market that it follows. Then come, in the order of the journal:
//! each trade; a change of phase, at once; odds and books when they have changed, at most once in
//! the interval that is declared, as whole states. `After::Place` is answered with the trades since, or with `Reset`.
//! `Stale` says that the journal does not answer; then the state comes anew.
//!
//! Readers pull. The `publisher`, one task, moves the `board` on in rounds and calls the `crowd` of a market;
//! a reader that is called looks at what its `feed` has that it has not been told. A reader that does not read
//! costs nobody anything: it holds its place in the `log`, and when the log has moved past it, it is reset.
//! Nothing here ends a reader: whoever holds the line does.
//!
//! What must never happen: an id that stands for less than the reader has been told of up to there.

mod board;
mod books;
mod crowd;
mod event;
mod feed;
mod frame;
mod log;
mod publisher;
mod reader;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tidings_core::id::MarketId;
use tidings_exchange::Exchange;
use tokio::sync::Notify;

use crate::app::App;
use crate::wire::stream::DeclaredJson;

pub use books::LEVELS;
pub use event::{After, Event, NoPlace, Place, Wanted};
pub use frame::{Frame, Told};
pub use reader::Subscription;

use board::Board;
use feed::Feed;

/// Between two heartbeats: proxies close connections on which nothing moves for half a minute. Whoever holds the
/// line sends them.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// What a reader wants.
#[derive(Clone, Copy, Debug)]
pub struct SubscribeOptions {
    /// Which events.
    pub wanted: Wanted,
    /// Where it comes from.
    pub after: After,
    /// Whether it is told first what it will be told: [`Event::Stream`].
    pub declared: bool,
}

impl SubscribeOptions {
    /// Some events, from here on.
    pub fn of(wanted: Wanted) -> SubscribeOptions {
        SubscribeOptions {
            wanted,
            after: After::Nothing,
            declared: false,
        }
    }
}

/// The board and what goes with it.
pub(crate) struct Hub(Arc<Shared>);

struct Shared {
    board: RwLock<Board>,
    /// Between two odds, and two books, of a market.
    interval: Duration,
    /// Something is due that was not when the publisher looked.
    look_again: Notify,
}

impl Hub {
    /// Of an exchange, whose odds and books are told no more often than in an interval.
    pub(crate) fn of(exchange: &Exchange, interval: Duration) -> Hub {
        Hub(Arc::new(Shared {
            board: RwLock::new(Board::at(publisher::place(exchange))),
            interval,
            look_again: Notify::new(),
        }))
    }

    /// Follows markets from here on, or from where the reader was. Markets that there are not are left out.
    pub(crate) fn subscribe(
        &self,
        app: &App,
        markets: &[MarketId],
        options: SubscribeOptions,
    ) -> Subscription {
        let shared = &self.0;
        let mut board = shared.write();
        // Whoever was answered finds here what the answer was about.
        let place = publisher::place(app.exchange());
        if !board.running {
            *board = Board::at(place);
            board.running = true;
            tokio::spawn(publisher::run(app.clone(), Arc::clone(shared)));
        } else if place != board.place {
            board.advance(place, shared.interval);
        }
        let mut followed: Vec<MarketId> = Vec::with_capacity(markets.len());
        for market in markets {
            if followed.contains(market) {
                continue;
            }
            if !board.feeds.contains_key(market) {
                let Some(feed) = Feed::of(app.exchange(), *market, place, shared.interval) else {
                    continue;
                };
                board.feeds.insert(*market, feed);
            }
            followed.push(*market);
        }
        let mut reader = Subscription::enter(shared, &mut board, &followed, &options);
        greet(&mut reader, &board, options.after);
        drop(board);
        // Its books may be the first that are asked for, and others have something to look at.
        shared.look_again.notify_one();
        reader
    }
}

/// Tells a reader the state, and what it missed since it was here.
fn greet(reader: &mut Subscription, board: &Board, after: After) {
    let place = board.place;
    let missed = match after {
        After::Nothing => Some((place, Vec::new())),
        After::Place(has) if has.epoch == place.epoch && has.seq <= place.seq => {
            let missed = reader.missed(board, has.seq);
            // Until the missed trades are told, the reader has no more than it came with.
            missed.map(|missed| match missed.is_empty() {
                true => (place, missed),
                false => (has, missed),
            })
        }
        After::Place(_) | After::Unknown => None,
    };
    match missed {
        Some((has, missed)) => {
            reader.welcome(board, Event::Odds, has);
            reader.find(missed);
        }
        None => reader.welcome(board, Event::Reset, place),
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Board> {
        self.board.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Board> {
        self.board.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reader will be told, and how often.
    fn declared(&self, wanted: Wanted) -> DeclaredJson {
        DeclaredJson {
            events: wanted.words(),
            interval_ms: u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX),
            levels: LEVELS,
            heartbeat_seconds: HEARTBEAT.as_secs(),
        }
    }
}

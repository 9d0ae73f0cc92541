//! The publisher: one task that moves the board on, for as long as anybody looks at it.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::id::Seq;
use tidings_exchange::Exchange;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::board::Round;
use super::books::Computed;
use super::event::{Event, Place};
use super::frame::Frame;
use crate::app::App;
use crate::wire::stream::StaleJson;
use crate::wire::time::Time;

/// Between two rounds: a reader is woken at most fifty times a second, and what happened meanwhile goes out
/// together. What happens after a quiet moment goes out at once.
const ROUND: Duration = Duration::from_millis(20);
/// Between two rounds of which nobody heard the first: what falls due after it does not wait for [`ROUND`], and however
/// many markets have something due that nobody wants, the publisher is not busy with nothing else.
const QUIET_ROUND: Duration = Duration::from_millis(2);
/// How often it is looked whether the journal answers when nothing else happens.
const WATCH: Duration = Duration::from_millis(250);
/// A silence of the journal that is told. A commit takes milliseconds, a disk that is busy may take a second;
/// after a lease of five another server may be at work.
pub(super) const STALE_AFTER: Duration = Duration::from_secs(2);

pub(super) async fn run(app: App, shared: Arc<Shared>) {
    let mut publisher = Publisher {
        books: JoinSet::new(),
        computed: Vec::new(),
        stale: None,
        app,
        shared,
    };
    let shutdown = publisher.app.shutdown().clone();
    tokio::select! {
        () = publisher.publish() => {}
        // Streams end by themselves then.
        () = shutdown.cancelled() => {}
    }
}

struct Publisher {
    app: App,
    shared: Arc<Shared>,
    /// Being computed.
    books: JoinSet<Computed>,
    /// For the next round.
    computed: Vec<Computed>,
    stale: Option<Arc<Frame>>,
}

impl Publisher {
    /// Publishes until nobody reads.
    async fn publish(&mut self) {
        loop {
            let started = Instant::now();
            let Some(round) = self.round() else { return };
            let Round { told, wishes, next } = round;
            for wish in wishes {
                self.books.spawn(wish.compute(self.app.clone()));
            }
            let mut called = false;
            for (crowd, news) in told {
                called |= crowd.call(news).await;
            }
            let round = started + ROUND;
            let due = next.filter(|_| !called).unwrap_or(round);
            sleep_until(due.clamp(started + QUIET_ROUND, round)).await;
            self.wait(next).await;
        }
    }

    /// Moves the board on; nothing when nobody looks at it any more.
    fn round(&mut self) -> Option<Round> {
        let place = place(self.app.exchange());
        let stale = self.staleness();
        let mut board = self.shared.write();
        if board.feeds.is_empty() {
            board.running = false;
            return None;
        }
        board.advance(place, self.shared.interval);
        for computed in self.computed.drain(..) {
            board.show(computed);
        }
        board.note(stale);
        Some(std::mem::take(&mut board.round))
    }

    /// Waits until there is something to do.
    async fn wait(&mut self, next: Option<Instant>) {
        let exchange = self.app.exchange();
        let at = self.shared.read().place.seq;
        let latest = Instant::now() + WATCH;
        let next = next.map_or(latest, |next| next.min(latest));
        tokio::select! {
            _ = exchange.committed_past(Seq(at.0 + 1), WATCH) => {}
            () = sleep_until(next) => {}
            () = self.shared.look_again.notified() => {}
            Some(computed) = self.books.join_next() => self.computed.extend(computed.ok()),
        }
        while let Some(computed) = self.books.try_join_next() {
            self.computed.extend(computed.ok());
        }
    }

    /// The frame that says that the journal has been silent for long, while it is.
    fn staleness(&mut self) -> Option<Arc<Frame>> {
        let silence = self.app.exchange().silence();
        let Some(silence) = silence.filter(|silence| silence.lasts >= STALE_AFTER) else {
            self.stale = None;
            return None;
        };
        let frame = self.stale.get_or_insert_with(|| {
            let since = Time(silence.since);
            Arc::new(Frame::made(Event::Stale, None, None, &StaleJson { since }))
        });
        Some(Arc::clone(frame))
    }
}

/// Where the journal ends.
pub(super) fn place(exchange: &Exchange) -> Place {
    let head = exchange.head();
    Place {
        epoch: head.epoch,
        seq: head.last_seq,
    }
}

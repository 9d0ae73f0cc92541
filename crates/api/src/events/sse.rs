//! A subscription as the body of an answer. It is asked for the next piece when the line has taken the one before:
//! there is no task behind a reader, and nothing waits for it but its place. Whether it reads at all is the
//! business of whoever serves the connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::hub::{HEARTBEAT, Subscription};
use crate::limits::Ticket;

/// What says that the stream lives when there is nothing to say.
const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");

/// What a subscription tells, as server-sent events with a heartbeat, until the server stops or `gone` is
/// done. The ticket is given back at the end.
pub fn body(
    app: &App,
    subscription: Subscription,
    gone: impl Future<Output = ()> + Send + 'static,
    ticket: Ticket,
) -> Body {
    let shutdown = app.shutdown().clone();
    let end = async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = gone => {}
        }
    };
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Body::from_stream(Events {
        subscription,
        heartbeat,
        end: FuturesUnordered::from_iter([end]),
        _ticket: ticket,
    })
}

struct Events<E> {
    subscription: Subscription,
    heartbeat: Interval,
    /// One, looked at when it has woken us: at each look it takes a lock that all readers share.
    end: FuturesUnordered<E>,
    _ticket: Ticket,
}

impl<E: Future<Output = ()>> Stream for Events<E> {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.end.poll_next_unpin(cx).is_ready() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(told) = self.subscription.poll_next(cx) {
            return Poll::Ready(Some(Ok(told.sse())));
        }
        self.heartbeat.poll_tick(cx).map(|_| Some(Ok(STILL_HERE)))
    }
}

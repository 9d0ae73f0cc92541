//! A subscription as the body of an answer. It is asked for the next piece when the line has taken the one before:
//! there is no task behind a reader, and nothing waits for it but its place. Whether it reads at all is the
//! business of whoever serves the connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use futures_util::Stream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::hub::{HEARTBEAT, Subscription};
use crate::limits::Ticket;
use crate::rarely::Rarely;

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
        beats: false,
        beside: Rarely::new(),
        beat: heartbeat,
        end: Box::pin(end),
        _ticket: ticket,
    })
}

struct Events<E> {
    subscription: Subscription,
    /// It is to say that it lives, unless it has something else to say.
    beats: bool,
    /// Whether one of these two has come.
    beside: Rarely,
    beat: Interval,
    end: Pin<Box<E>>,
    _ticket: Ticket,
}

impl<E: Future<Output = ()>> Stream for Events<E> {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let events = &mut *self;
        let ended = events.beside.look(cx, |cx| {
            let ended = events.end.as_mut().poll(cx).is_ready();
            // Each tick is taken, so that there is a next one to be woken by.
            while events.beat.poll_tick(cx).is_ready() {
                events.beats = true;
            }
            if ended {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        if ended.is_ready() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(told) = events.subscription.poll_next(cx) {
            return Poll::Ready(Some(Ok(told.sse())));
        }
        match std::mem::take(&mut events.beats) {
            true => Poll::Ready(Some(Ok(STILL_HERE))),
            false => Poll::Pending,
        }
    }
}

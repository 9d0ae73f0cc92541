//! How fast a client is: when its head began, since when it asks nothing, since when it does not take
//! what it was given. A request that is being read or answered has bounds of its own, in its handler.
//!
//! Nobody is woken when a bound changes, which it does several times a request. Whoever waits looks again within the
//! shortest of these times, so that what begins after one look is not over before the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidings_api::limits::{HEAD_TIME, IDLE_TIME, STALL_TIME};
use tokio::time::{Instant, sleep_until};

/// The longest time between two looks.
const LOOK: Duration = HEAD_TIME;
const _: () = assert!(LOOK.as_nanos() <= IDLE_TIME.as_nanos());
const _: () = assert!(LOOK.as_nanos() <= STALL_TIME.as_nanos());

/// One connection's pace. Clones are the same.
#[derive(Clone)]
pub(super) struct Pace(Arc<Mutex<State>>);

struct State {
    /// Requests that are read or answered.
    busy: usize,
    /// When what there is to wait for began: a head, or silence.
    since: Instant,
    /// Whether a head has begun.
    head: bool,
    /// Whether requests share the connection: then bytes between them need not be a head's.
    shared: bool,
    /// Since when nothing went of what is to go; none while it goes.
    held_up: Option<Instant>,
    /// Where requests share the connection: pieces of answers that were given and after which nobody has asked for more,
    /// by their answer.
    given: HashMap<u64, Instant>,
    answers: u64,
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// A head.
    Head,
    /// The next request.
    Request,
    /// The reader.
    Reader,
}

/// A request that is read or answered, until its last clone is dropped.
#[derive(Clone)]
pub(super) struct Busy(Arc<BusyOne>);

struct BusyOne {
    pace: Pace,
    /// Its name, where it shares the connection.
    answer: Option<u64>,
}

impl Pace {
    /// A connection that has just begun: its first head is waited for.
    pub(super) fn new() -> Pace {
        Pace(Arc::new(Mutex::new(State {
            busy: 0,
            since: Instant::now(),
            head: true,
            shared: false,
            held_up: None,
            given: HashMap::new(),
            answers: 0,
        })))
    }

    /// Bytes came.
    pub(super) fn came(&self) {
        let mut state = self.state();
        if state.busy == 0 && !state.head && !state.shared {
            state.head = true;
            state.since = Instant::now();
        }
    }

    /// Bytes went: a reader takes what it was given, however slowly. Where requests share the connection
    /// they may be another one's.
    pub(super) fn went(&self) {
        let mut state = self.state();
        state.held_up = None;
        // The end of an answer may still be on its way when nobody is busy with it.
        if state.busy == 0 && !state.head && !state.shared {
            state.since = Instant::now();
        }
    }

    /// Bytes are to go, and there is no room for them.
    pub(super) fn held_up(&self) {
        self.state().held_up.get_or_insert_with(Instant::now);
    }

    /// Whether bytes are to go that there is no room for.
    pub(super) fn is_held_up(&self) -> bool {
        self.state().held_up.is_some()
    }

    /// A head is whole.
    pub(super) fn begin(&self, shared: bool) -> Busy {
        let mut state = self.state();
        state.busy += 1;
        state.head = false;
        state.shared = shared;
        state.answers += 1;
        Busy(Arc::new(BusyOne {
            pace: self.clone(),
            answer: shared.then_some(state.answers),
        }))
    }

    /// Waits until something takes too long.
    pub(super) async fn late(&self) -> Late {
        loop {
            let now = Instant::now();
            let bound = self.state().bound();
            let look = match bound {
                Some((at, late)) if at <= now => return late,
                Some((at, _)) => at.min(now + LOOK),
                None => now + LOOK,
            };
            sleep_until(look).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When what has to happen next has to have happened.
    fn bound(&self) -> Option<(Instant, Late)> {
        let reader = self.given.values().chain(&self.held_up).min();
        let reader = reader.map(|since| (*since + STALL_TIME, Late::Reader));
        let next = match (self.busy, self.head) {
            (0, true) => Some((self.since + HEAD_TIME, Late::Head)),
            (0, false) => Some((self.since + IDLE_TIME, Late::Request)),
            _ => None,
        };
        [reader, next]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }
}

impl Busy {
    /// A piece of the answer was given.
    pub(super) fn gave(&self) {
        if let Some(answer) = self.0.answer {
            self.0.pace.state().given.insert(answer, Instant::now());
        }
    }

    /// The next piece is asked for. It tells that the one before was taken where requests share the connection, and
    /// nothing where it has room for several.
    pub(super) fn asked(&self) {
        if let Some(answer) = self.0.answer {
            self.0.pace.state().given.remove(&answer);
        }
    }
}

impl Drop for BusyOne {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        if let Some(answer) = self.answer {
            state.given.remove(&answer);
        }
        state.busy -= 1;
        if state.busy == 0 {
            state.since = Instant::now();
        }
    }
}

//! How fast a client is: when its head began, since when it asks nothing, since when it does not take
//! what it was given. A request that is being read or answered has bounds of its own, in its handler.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidings_api::limits::{HEAD_TIME, IDLE_TIME, STALL_TIME};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// One connection's pace. Clones are the same.
#[derive(Clone)]
pub(super) struct Pace(Arc<Kept>);

struct Kept {
    state: Mutex<State>,
    /// A bound may come sooner than was thought.
    sooner: Notify,
}

struct State {
    /// Requests that are read or answered.
    busy: usize,
    /// When what there is to wait for began: a head, or silence.
    since: Instant,
    /// Whether a head has begun.
    head: bool,
    /// Whether requests share the connection: then bytes between them need not be a head's.
    shared: bool,
    /// Pieces of answers that were given and after which nobody has asked for more, by their answer.
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
    answer: u64,
}

impl Pace {
    /// A connection that has just begun: its first head is waited for.
    pub(super) fn new() -> Pace {
        Pace(Arc::new(Kept {
            state: Mutex::new(State {
                busy: 0,
                since: Instant::now(),
                head: true,
                shared: false,
                given: HashMap::new(),
                answers: 0,
            }),
            sooner: Notify::new(),
        }))
    }

    /// Bytes came.
    pub(super) fn came(&self) {
        let mut state = self.state();
        if state.busy == 0 && !state.head && !state.shared {
            state.head = true;
            state.since = Instant::now();
            self.0.sooner.notify_one();
        }
    }

    /// Bytes went: a reader takes what it was given, however slowly. Where requests share the connection
    /// they may be another one's.
    pub(super) fn went(&self) {
        let mut state = self.state();
        if state.shared {
            return;
        }
        let now = Instant::now();
        state.given.values_mut().for_each(|since| *since = now);
        // The end of an answer may still be on its way when nobody is busy with it.
        if state.busy == 0 && !state.head {
            state.since = now;
        }
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
            answer: state.answers,
        }))
    }

    /// Waits until something takes too long.
    pub(super) async fn late(&self) -> Late {
        loop {
            let Some((at, late)) = self.state().bound() else {
                self.0.sooner.notified().await;
                continue;
            };
            if at <= Instant::now() {
                return late;
            }
            tokio::select! {
                () = sleep_until(at) => {}
                () = self.0.sooner.notified() => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When what has to happen next has to have happened.
    fn bound(&self) -> Option<(Instant, Late)> {
        let reader = self.given.values().min();
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
        let mut state = self.0.pace.state();
        state.given.insert(self.0.answer, Instant::now());
        self.0.pace.0.sooner.notify_one();
    }

    /// The next piece is asked for.
    pub(super) fn asked(&self) {
        self.0.pace.state().given.remove(&self.0.answer);
    }
}

impl Drop for BusyOne {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        state.given.remove(&self.answer);
        state.busy -= 1;
        if state.busy == 0 {
            state.since = Instant::now();
            self.pace.0.sooner.notify_one();
        }
    }
}

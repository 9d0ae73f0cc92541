//! How time is told: medians over rounds, percentiles over commands, and how much of anything is done
//! when all that is asked is whether it still works.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tidings_core::Engine;

use crate::flow::Flow;

/// How much to do, and which part of it.
pub struct Asked {
    full: bool,
    parts: Vec<String>,
}

impl Asked {
    /// What the command line asks for. `cargo bench` passes `--bench`; without it, or with `--test`,
    /// everything runs once and small. Words without dashes choose the parts whose names have them.
    pub fn by_arguments() -> Asked {
        let (flags, parts): (Vec<_>, Vec<_>) = std::env::args()
            .skip(1)
            .partition(|argument| argument.starts_with('-'));
        let has = |flag: &str| flags.iter().any(|given| given == flag);
        Asked {
            full: has("--bench") && !has("--test"),
            parts,
        }
    }

    /// One of two sizes.
    pub fn size<T>(&self, full: T, small: T) -> T {
        match self.full {
            true => full,
            false => small,
        }
    }

    /// Whether a part was asked for by its name.
    pub fn part(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| name.contains(part.as_str()))
    }
}

/// Carries out a flow from its start and says how long it took. The state that it leads to is compared
/// outside the clock.
///
/// # Panics
/// When the state is not the one that the flow led to when it was thought up.
pub fn run(flow: &Flow) -> Duration {
    let mut engine = flow.start.clone();
    let start = Instant::now();
    drive(flow, &mut engine);
    let taken = start.elapsed();
    assert_eq!(engine.state_hash(), flow.end_hash, "the same state again");
    taken
}

/// All that is timed of the engine: its function on commands, with events that somebody looks at.
#[inline(never)]
pub fn drive(flow: &Flow, engine: &mut Engine) {
    let mut events = Vec::with_capacity(EVENTS);
    for (stamp, request) in &flow.requests {
        events.clear();
        black_box(engine.apply(*stamp, request, &mut events));
        black_box(&events);
    }
}

/// More than any command of a flow gives, so that the list never grows on the clock.
const EVENTS: usize = 4_096;

/// How long each of a flow's commands took.
pub fn run_one_by_one(flow: &Flow) -> Latencies {
    let mut engine = flow.start.clone();
    let mut events = Vec::with_capacity(EVENTS);
    Latencies::of(flow.requests.iter(), |(stamp, request)| {
        events.clear();
        black_box(engine.apply(*stamp, request, &mut events));
    })
}

/// How long each of many calls took.
pub struct Latencies {
    /// In nanoseconds, shortest first, what the clock takes left out.
    sorted: Vec<u64>,
}

impl Latencies {
    /// Calls `call` on each of `items`.
    pub fn of<T>(items: impl Iterator<Item = T>, mut call: impl FnMut(T)) -> Latencies {
        let cost = clock_cost();
        let mut sorted: Vec<u64> = items
            .map(|item| nanos(|| call(item)).saturating_sub(cost))
            .collect();
        sorted.sort_unstable();
        Latencies { sorted }
    }

    /// Calls `call` on copies of `start`, made and dropped off the clock.
    pub fn on_copies<T: Clone>(start: &T, times: usize, mut call: impl FnMut(&mut T)) -> Latencies {
        let cost = clock_cost();
        let one = |_| {
            let mut copy = start.clone();
            nanos(|| call(&mut copy)).saturating_sub(cost)
        };
        let mut sorted: Vec<u64> = (0..times).map(one).collect();
        sorted.sort_unstable();
        Latencies { sorted }
    }

    /// What `part` of a thousand calls were not slower than.
    pub fn per_mille(&self, part: usize) -> u64 {
        self.sorted[self.sorted.len() * part / 1_000]
    }
}

/// What reading the clock adds to the time of one call: the median of many empty ones.
fn clock_cost() -> u64 {
    let mut empty: Vec<u64> = (0..10_001).map(|_| nanos(|| {})).collect();
    empty.sort_unstable();
    empty[empty.len() / 2]
}

fn nanos(call: impl FnOnce()) -> u64 {
    let start = Instant::now();
    call();
    u64::try_from(start.elapsed().as_nanos()).expect("less than 500 years")
}

/// The middle one of some times, in nanoseconds for each of `commands`.
pub fn median_each(times: &[Duration], commands: usize) -> f64 {
    median(times.iter().map(|time| each(*time, commands)))
}

/// A time's share for each of `commands`, in nanoseconds.
pub fn each(time: Duration, commands: usize) -> f64 {
    time.as_nanos() as f64 / commands as f64
}

/// The middle one.
///
/// # Panics
/// When there is none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

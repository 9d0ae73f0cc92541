//! Clients that each ask for one thing after the other, and wait for each answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::line::Line;
use crate::script::{ACCEPTED, Script};

/// What a run told.
pub(crate) struct Told {
    /// How long each answer took, in microseconds, shortest first.
    pub(crate) took: Vec<u32>,
    /// From the first request to the last answer.
    pub(crate) time: Duration,
}

impl Told {
    /// Runs of several clients, as one.
    pub(crate) fn all(runs: Vec<Vec<u32>>, time: Duration) -> Told {
        let mut took = runs.concat();
        took.sort_unstable();
        Told { took, time }
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.took.len() as f64 / self.time.as_secs_f64()
    }

    /// What so many of a thousand answers took at most, in milliseconds.
    pub(crate) fn per_mille(&self, part: usize) -> f64 {
        let ix = (self.took.len() * part / 1_000).min(self.took.len().saturating_sub(1));
        self.took
            .get(ix)
            .map_or(f64::NAN, |took| f64::from(*took) / 1_000.0)
    }
}

/// A connection for each script, which goes through it again and again for a while.
///
/// # Panics
/// When an answer is another one than was expected: a server that refuses is fast.
pub(crate) async fn run(address: &str, scripts: Vec<Arc<Script>>, time: Duration) -> Told {
    let all_there = Arc::new(Barrier::new(scripts.len() + 1));
    let mut clients = JoinSet::new();
    for script in scripts {
        let mut line = Line::to(address).await;
        let all_there = Arc::clone(&all_there);
        clients.spawn(async move {
            all_there.wait().await;
            ask(&mut line, &script, Instant::now() + time).await
        });
    }
    all_there.wait().await;
    let start = Instant::now();
    let runs = clients.join_all().await;
    Told::all(runs, start.elapsed())
}

async fn ask(line: &mut Line, script: &Script, end: Instant) -> Vec<u32> {
    let mut took = Vec::with_capacity(1 << 16);
    let mut sent = Instant::now();
    for request in script.requests.iter().cycle() {
        if sent >= end {
            break;
        }
        let answer = line.ask(request).await;
        let now = Instant::now();
        took.push(micros(now - sent));
        sent = now;
        let accepted = match script.accepted {
            0 => 0,
            _ => memmem::find_iter(answer.body, ACCEPTED).count(),
        };
        assert!(
            answer.status == script.status && accepted == script.accepted,
            "{} {}",
            answer.head,
            String::from_utf8_lossy(answer.body)
        );
    }
    took
}

pub(crate) fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

//! How long answers take at a steady load, while the database moves its log into its files and while it does
//! not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

use crate::Bench;
use crate::crowd::{Answer, Crowd, Pace, per_mille};
use crate::{MARKETS, RATE, TRADERS, start, stop};

impl Bench<'_> {
    /// A steady load, and what the longest answers waited for.
    pub(crate) async fn steady(&self, name: &str, database: &str) {
        let exchange = start(database, None).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(TRADERS, 50), MARKETS).await;
        let time = self
            .asked
            .size(Duration::from_secs(30), Duration::from_millis(300));
        let watches = Watch::all(name, database, time / 6);
        let from = exchange.committed().seq;
        let told = crowd.trade(time, Pace::PerSecond(RATE)).await;
        let done = exchange.committed().seq.0 - from.0;
        println!(
            "{name}: steady at {:.0} commands/s; {told}",
            done as f64 / time.as_secs_f64()
        );
        for watch in watches {
            let (what, spans) = watch.end().await;
            let (during, outside) = told.split(|answer| spans.iter().any(|span| span.has(answer)));
            println!(
                "{name}: {} checkpoints {what}; of {} answers meanwhile p50 {} us, p99 {} us; of {} others p50 {} us, p99 {} us",
                spans.len(),
                during.len(),
                per_mille(&during, 500),
                per_mille(&during, 990),
                outside.len(),
                per_mille(&outside, 500),
                per_mille(&outside, 990),
            );
        }
        stop(exchange).await;
    }
}

/// From when to when a checkpoint was under way, in microseconds since the crowd began to trade.
#[derive(Clone, Copy)]
struct Span {
    from: u32,
    to: u32,
}

impl Span {
    /// Whether an answer was waited for meanwhile.
    fn has(self, answer: &Answer) -> bool {
        answer.at >= self.from && answer.at - answer.took.min(answer.at) <= self.to
    }
}

/// Notes when there are checkpoints.
struct Watch {
    what: &'static str,
    over: Arc<AtomicBool>,
    noting: JoinHandle<Vec<Span>>,
}

impl Watch {
    /// Over every kind of them that a database has.
    fn all(name: &str, database: &str, between: Duration) -> Vec<Watch> {
        if name != "sqlite" {
            let database = database.to_owned();
            let noting = |over| tokio::spawn(asked_for(database, between, over));
            return vec![Watch::begin("of the server", noting)];
        }
        let main = Path::new(database).to_owned();
        let derived = main.with_extension("derived.db");
        let noting = |file| {
            move |over: Arc<AtomicBool>| tokio::task::spawn_blocking(move || written_to(file, over))
        };
        vec![
            Watch::begin("of the journal's file", noting(main)),
            Watch::begin("of history's file", noting(derived)),
        ]
    }

    fn begin(
        what: &'static str,
        noting: impl FnOnce(Arc<AtomicBool>) -> JoinHandle<Vec<Span>>,
    ) -> Watch {
        let over = Arc::new(AtomicBool::new(false));
        let noting = noting(Arc::clone(&over));
        Watch { what, over, noting }
    }

    async fn end(self) -> (&'static str, Vec<Span>) {
        self.over.store(true, Ordering::Relaxed);
        (self.what, self.noting.await.expect("noting"))
    }
}

/// On SQLite nothing but a checkpoint writes to a database's own file. Its sync comes last and leaves
/// no trace there: so much time is added.
fn written_to(file: PathBuf, over: Arc<AtomicBool>) -> Vec<Span> {
    const LOOK: Duration = Duration::from_millis(2);
    const SYNC: u32 = 10_000;
    let started = Instant::now();
    let now = || u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
    let modified = || file.metadata().and_then(|file| file.modified()).ok();
    let (mut spans, mut last, mut before) = (Vec::<Span>::new(), modified(), now());
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
        let (is, at) = (modified(), now());
        if is != last {
            let to = at + SYNC;
            match spans.last_mut().filter(|span| span.to >= before) {
                Some(span) => span.to = to,
                None => spans.push(Span { from: before, to }),
            }
        }
        (last, before) = (is, at);
    }
    spans
}

/// PostgreSQL makes one when it is asked to, and says when it is done; its own would come later than the
/// load ends.
async fn asked_for(database: String, between: Duration, over: Arc<AtomicBool>) -> Vec<Span> {
    let mut to = PgConnection::connect(&database).await.expect("a database");
    let started = Instant::now();
    let now = || u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
    let mut spans = Vec::new();
    while !over.load(Ordering::Relaxed) {
        tokio::time::sleep(between).await;
        let from = now();
        let made = sqlx::query("CHECKPOINT").execute(&mut to).await;
        made.expect("a checkpoint, which a superuser may ask for");
        spans.push(Span { from, to: now() });
    }
    spans
}

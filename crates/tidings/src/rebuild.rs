//! `tidings rebuild`: the read tables, made again from the journal alone. Every transaction moves the
//! tables' cursor with their rows, so a rebuild that was stopped is gone on with, by another one or by the
//! server.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tidings_core::id::Seq;
use tidings_exchange::{Home, LEASE, StartError, as_owner, holds, project_journal};
use tidings_store::{Mark, Store};

use crate::cli::RebuildArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

const WHAT: &str = "the read tables cannot be made again";

/// Between two lines about how far it has come.
const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Empties the read tables, unless it is to go on, and fills them.
pub(crate) async fn rebuild(args: RebuildArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    let store = database::to_read(&place).await?;
    // A server that writes the same tables meanwhile would be in its own way; and where the database has
    // a server of its own, another machine's would.
    let home = Home::open(&place.data).map_err(failed(WHAT))?;
    let work = Box::pin(make(&store, args.resume));
    let made = as_owner(&store, &home, LEASE, work).await;
    store.close().await;
    say(&made.map_err(failed(WHAT))?);
    Ok(ExitCode::SUCCESS)
}

async fn make(store: &Store, resume: bool) -> Result<String, StartError> {
    let end = store.head().await?.last_seq;
    let from = beginning(store, resume).await?;
    let mut progress = Progress::from(from, end);
    project_journal(store, store, end, |done| progress.told(done)).await?;
    let records = end.0.saturating_sub(from.0);
    let (took, rate) = (progress.start.elapsed(), progress.rate(end));
    Ok(format!(
        "The read tables have records 1 to {end}: {records} were projected in {:.3} s, {rate} a second.",
        took.as_secs_f64()
    ))
}

/// Where it starts. Tables of another journal are no beginning.
async fn beginning(store: &Store, resume: bool) -> Result<Seq, StartError> {
    let mark = store.projected().await?;
    if resume && holds(store, &mark).await? {
        return Ok(mark.seq);
    }
    store.unproject().await?;
    Ok(Mark::START.seq)
}

/// How far it has come, told on standard error now and then.
struct Progress {
    from: Seq,
    end: Seq,
    start: Instant,
    told: Instant,
}

impl Progress {
    fn from(from: Seq, end: Seq) -> Progress {
        let start = Instant::now();
        Progress {
            from,
            end,
            start,
            told: start,
        }
    }

    fn told(&mut self, done: Seq) {
        if self.told.elapsed() >= BETWEEN_LINES {
            self.told = Instant::now();
            eprintln!("{done} of {}, {} a second", self.end, self.rate(done));
        }
    }

    /// Records a second.
    fn rate(&self, done: Seq) -> u64 {
        let records = u128::from(done.0.saturating_sub(self.from.0));
        let micros = self.start.elapsed().as_micros().max(1);
        u64::try_from(records * 1_000_000 / micros).unwrap_or(u64::MAX)
    }
}

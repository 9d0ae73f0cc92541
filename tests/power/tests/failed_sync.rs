//! A sync fails, the exchange stops, and is started again on the same machine: what the failed sync
//! should have written is in the system's memory, so the start finds it, and on no disk. Then the power
//! fails as well.

use tempfile::TempDir;
use tidings_exchange::SubmitError;
use tidings_power::disk::{FileId, Habit};
use tidings_power::judge::{Fault, Look, judge};
use tidings_power::life::{DATABASE, Life, Plan, Promise, business, open, start_exchange};
use tidings_power::{Cut, Disk, Event, Image, Platter, vfs};
use tidings_tests::left_out::aloud;
use tidings_tests::seed::{Random, seed};

/// What happens between the failure and the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    /// The process closes its database.
    Closed,
    /// It is killed before it can.
    Killed,
    /// It is killed, and whoever starts next first writes the log over itself and syncs it: every page
    /// of it is written then, whatever the system took for written.
    Rewritten,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_closed_after_a_failed_sync_loses_nothing() {
    let mut random = Random::of(seed("power, failed sync, closed"));
    for _ in 0..2 {
        let images = fail_and_start_again(Between::Closed, &mut random).await;
        let images = images.unwrap_or_else(|fault| panic!("{fault}"));
        aloud(&format!(
            "power, failed sync, closed: {images} images, lost 0"
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_written_again_before_it_is_read_loses_nothing() {
    let mut random = Random::of(seed("power, failed sync, rewritten"));
    for _ in 0..4 {
        let images = fail_and_start_again(Between::Rewritten, &mut random).await;
        let images = images.unwrap_or_else(|fault| panic!("{fault}"));
        aloud(&format!(
            "power, failed sync, rewritten: {images} images, lost 0"
        ));
    }
}

/// Why it has to be written again: the start would build on what is on no disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_only_read_again_is_not_on_the_platter() {
    let mut random = Random::of(seed("power, failed sync, killed"));
    // The sync that fails may be one of the log's head alone, which is written again anyway.
    for _ in 0..10 {
        if let Err(fault) = fail_and_start_again(Between::Killed, &mut random).await {
            aloud(&format!("power, failed sync, killed: {fault}"));
            return;
        }
    }
    panic!("nothing was ever lost");
}

async fn fail_and_start_again(between: Between, random: &mut Random) -> Result<usize, Fault> {
    vfs::install();
    let directory = TempDir::new().expect("a directory");
    let plan = |starts_certain| Plan {
        starts_certain,
        bursts: 10,
    };
    let (empty, honest) = (Image::default(), Habit::Honest);
    let first = Life::live(directory.path(), empty, honest, plan(true), random).await;
    let mut platter = Platter::of(&first.start);
    first.history.iter().for_each(|event| platter.follow(event));
    let start = platter.image(Cut::Fullest, random);

    let failure = Failure::make(&directory, &start, between, random).await;
    let before = first.promised(first.history.len()).and(failure.answered);
    let cached = failure.cached.clone();
    let life = Life::live(directory.path(), cached, honest, plan(false), random).await;

    let mut platter = Platter::of(&start);
    failure
        .history
        .iter()
        .for_each(|event| platter.follow(event));
    let mut images = 0;
    let mut judge_here = async |platter: &Platter, promise: Promise| {
        for cut in [Cut::Barest, Cut::UpTo] {
            let image = platter.image(cut, random);
            judge(directory.path(), &image, &life, promise, Look::Once).await?;
            images += 1;
        }
        Ok::<(), Fault>(())
    };
    if between == Between::Rewritten {
        for event in failure.rewrite(&start) {
            platter.follow(&event);
            judge_here(&platter, before).await?;
        }
    }
    let mut platter = platter.reopened();
    judge_here(&platter, before).await?;
    for (moment, event) in (1..).zip(&life.history) {
        platter.follow(event);
        judge_here(&platter, before.and(life.promised(moment))).await?;
    }
    Ok(images)
}

/// What a failed sync left.
struct Failure {
    /// All that was done to the disk.
    history: Vec<Event>,
    /// What the system has cached.
    cached: Image,
    /// What was answered until then.
    answered: Promise,
}

impl Failure {
    /// Runs an exchange until a sync of its journal fails.
    async fn make(
        directory: &TempDir,
        start: &Image,
        between: Between,
        random: &mut Random,
    ) -> Failure {
        let disk = Disk::new(start, Habit::Honest);
        let _mounted = vfs::mount(directory.path(), &disk);
        let store = open(directory.path()).await.expect("it opens");
        let exchange = start_exchange(store.clone()).await.expect("it starts");
        let mut answered = Promise {
            seq: exchange.committed().seq,
            epoch: exchange.epoch(),
            articles: 0,
        };
        let after = usize::try_from(random.below(6)).expect("a count");
        disk.fail_sync(&log(), after);
        loop {
            match exchange.submit(business()).await {
                Ok(record) => answered.seq = record.stamp.seq,
                Err(SubmitError::Stopped) => break,
                Err(other) => panic!("{other}"),
            }
        }
        let left = || {
            let (history, cached) = disk.at_once();
            Failure {
                history,
                cached,
                answered,
            }
        };
        let killed = left();
        exchange.shutdown().await;
        drop(exchange);
        store.close().await;
        match between {
            Between::Closed => left(),
            Between::Killed | Between::Rewritten => killed,
        }
    }

    /// What the store does before it connects: the log is written over itself and synced, then the
    /// database is, with its directory.
    fn rewrite(&self, start: &Image) -> Vec<Event> {
        let bytes = self.cached.files.get(&log());
        let bytes = bytes.expect("a process that was killed leaves its log");
        let (log, database) = (self.file(start, &log()), self.file(start, DATABASE));
        let pieces = (0..).step_by(PIECE).zip(bytes.chunks(PIECE));
        let written = pieces.map(|(at, bytes)| Event::Written {
            file: log,
            at,
            bytes: bytes.into(),
        });
        let synced = [log, database].map(|file| Event::Synced { file });
        let mut events: Vec<Event> = written.chain(synced).collect();
        events.push(Event::DirectorySynced);
        events
    }

    fn file(&self, start: &Image, wanted: &str) -> FileId {
        let created = self.history.iter().rev().find_map(|event| match event {
            Event::Created { name, file } if name == wanted => Some(*file),
            _ => None,
        });
        let there = || start.files.keys().position(|name| name == wanted);
        let file = created.or_else(|| there().map(FileId));
        file.expect("it is some file")
    }
}

/// Smaller than the store's, so that there are moments between two.
const PIECE: usize = 16 * 1_024;

fn log() -> String {
    format!("{DATABASE}-wal")
}

//! A sync fails, the exchange stops, and is started again on the same machine: what the failed sync
//! should have written is in the system's memory, so the start finds it, and on no disk. Then the power
//! fails as well.

use std::sync::Arc;

use tempfile::TempDir;
use tidings_exchange::SubmitError;
use tidings_power::disk::Habit;
use tidings_power::judge::{Fault, Look, judge};
use tidings_power::life::{DATABASE, Life, Plan, business, open, start_exchange};
use tidings_power::{Cut, Disk, Event, Image, Platter, vfs};
use tidings_tests::left_out::aloud;
use tidings_tests::seed::{Random, seed};

/// How the process ends after the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It closes its database.
    Closed,
    /// It is killed before it can.
    Killed,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_start_finds_after_a_failed_sync_is_on_the_platter_before_anything_builds_on_it() {
    let mut random = Random::of(seed("power, failed sync"));
    for end in [End::Closed, End::Killed, End::Closed, End::Killed] {
        let images = fail_and_start_again(end, &mut random).await;
        let images = images.unwrap_or_else(|fault| panic!("{end:?}: {fault}"));
        aloud(&format!(
            "power, failed sync, {end:?}: {images} images, lost 0"
        ));
    }
}

async fn fail_and_start_again(end: End, random: &mut Random) -> Result<usize, Fault> {
    vfs::install();
    vfs::checkpoint_every(1_000);
    let directory = TempDir::new().expect("a directory");
    let plan = |starts_certain| Plan {
        starts_certain,
        bursts: 10,
    };
    let (first, honest) = (Image::default(), Habit::Honest);
    let first = Life::live(directory.path(), first, honest, plan(true), random).await;
    let start = follow(Platter::of(&first.start), &first.history).image(Cut::Fullest, random);

    let (history, cached) = fail(&directory, &start, end, random).await;
    let platter = follow(Platter::of(&start), &history);
    let life = Life::live(directory.path(), cached, honest, plan(false), random).await;

    let mut platter = platter.reopened();
    let mut images = 0;
    for moment in 0..=life.history.len() {
        if moment > 0 {
            platter.follow(&life.history[moment - 1]);
        }
        for cut in [Cut::Barest, Cut::UpTo] {
            let image = platter.image(cut, random);
            let promised = life.promised(moment);
            judge(directory.path(), &image, &life, promised, Look::Once).await?;
            images += 1;
        }
    }
    Ok(images)
}

/// Runs an exchange until a sync of its journal fails. Gives what was done to the disk until its end,
/// and what the system has cached then.
async fn fail(
    directory: &TempDir,
    start: &Image,
    end: End,
    random: &mut Random,
) -> (Vec<Event>, Image) {
    let disk = Disk::new(start, Habit::Honest);
    let _mounted = vfs::mount(directory.path(), &disk);
    let store = open(directory.path()).await.expect("it opens");
    let exchange = start_exchange(store.clone()).await.expect("it starts");
    let log = format!("{DATABASE}-wal");
    // A fault may meet history, if that is in the same file: it is tried again and nothing stops.
    'running: loop {
        disk.fail_sync(&log, usize::try_from(random.below(6)).expect("a count"));
        for _ in 0..10 {
            match exchange.submit(business()).await {
                Ok(_) => {}
                Err(SubmitError::Stopped) => break 'running,
                Err(other) => panic!("{other}"),
            }
        }
    }
    let left = |disk: &Arc<Disk>| (disk.history(), disk.image());
    let killed = left(&disk);
    exchange.shutdown().await;
    drop(exchange);
    store.close().await;
    match end {
        End::Killed => killed,
        End::Closed => left(&disk),
    }
}

fn follow(mut platter: Platter, history: &[Event]) -> Platter {
    history.iter().for_each(|event| platter.follow(event));
    platter
}

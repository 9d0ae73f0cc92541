//! The database's sync fails when its log has been moved into it: what was moved is in the system's memory
//! and on no disk, and a later sync would succeed without it. Then the power fails as well.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tidings_core::id::Seq;
use tidings_exchange::{SubmitError, replay};
use tidings_power::disk::Habit;
use tidings_power::life::{DATABASE, business, groups, open, start_exchange};
use tidings_power::{Cut, Disk, Event, Image, Platter, vfs};
use tidings_store::{Chain, Store};
use tidings_tests::left_out::aloud;
use tidings_tests::seed::{Random, seed};

/// How the process ends that the sync failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Killed,
    /// It closes its database before, which would move the rest of the log and take it away.
    Closed,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_killed_after_a_failed_move_loses_nothing() {
    fail(End::Killed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_closed_after_a_failed_move_loses_nothing() {
    fail(End::Closed).await;
}

async fn fail(end: End) {
    vfs::install();
    Store::begin_logs_again_at(PAGES);
    let mut random = Random::of(seed(&format!("power, failed move, {end:?}")));
    let mut images = 0;
    for round in 0..ROUNDS {
        let failed = Failed::make(end, round, &mut random).await;
        let mut platter = Platter::of(&Image::default());
        for (moment, event) in (1..).zip(&failed.history) {
            platter.follow(event);
            // Before the failure there is nothing here that other tests do not see.
            if moment < failed.at {
                continue;
            }
            let promised = failed.promised(moment);
            for cut in [Cut::Barest, Cut::UpTo, Cut::Scattered { sector: 512 }] {
                let image = platter.image(cut, &mut random);
                let found = found(&image).await;
                assert!(
                    found >= promised,
                    "{end:?}, round {round}, event {moment}, {cut:?}: {promised} was answered, {found} is there"
                );
                images += 1;
            }
        }
    }
    aloud(&format!(
        "power, failed move, {end:?}: {images} images, lost 0"
    ));
}

/// A life in which a sync of the database failed.
struct Failed {
    /// All that was done to the disk.
    history: Vec<Event>,
    /// When the sync failed.
    at: usize,
    /// What was answered, and when.
    answered: Vec<(usize, Seq)>,
}

impl Failed {
    async fn make(end: End, round: usize, random: &mut Random) -> Failed {
        let directory = TempDir::new().expect("a directory");
        let disk = Disk::new(&Image::default(), Habit::Honest);
        // The store keeps its connections for the process's whole life then, so the disk stays.
        std::mem::forget(vfs::mount(directory.path(), &disk));
        let store = open(directory.path()).await.expect("it opens");
        let exchange = start_exchange(store.clone()).await.expect("it starts");
        let mut answered = Vec::new();
        disk.fail_sync(DATABASE, round);
        for _ in 0..MOST {
            // Sometimes together, so that some moves come to the log's end and some do not.
            let count = 1 + random.below(8);
            let sent = (0..count).map(|_| {
                let (exchange, disk) = (exchange.clone(), Arc::clone(&disk));
                tokio::spawn(async move {
                    let answer = exchange.submit(business()).await;
                    answer.map(|record| (disk.moment(), record.stamp.seq))
                })
            });
            let sent: Vec<_> = sent.collect();
            let mut is_stopped = false;
            for answer in sent {
                match answer.await.expect("a trader") {
                    Ok(answer) => answered.push(answer),
                    Err(SubmitError::Stopped) => is_stopped = true,
                    Err(other) => panic!("{other}"),
                }
            }
            if is_stopped {
                return Failed::over(end, &disk, answered, exchange, store).await;
            }
        }
        panic!("it goes on after the disk failed it");
    }

    async fn over(
        end: End,
        disk: &Disk,
        answered: Vec<(usize, Seq)>,
        exchange: tidings_exchange::Exchange,
        store: Store,
    ) -> Failed {
        let killed = disk.history();
        let refused = exchange.submit(business()).await;
        assert!(matches!(refused, Err(SubmitError::Stopped)), "{refused:?}");
        exchange.shutdown().await;
        drop(exchange);
        store.close().await;
        drop(store);
        // Threads that close what they have may take a moment more.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let history = match end {
            End::Killed => killed,
            End::Closed => disk.history(),
        };
        let failed = |event: &Event| matches!(event, Event::SyncFailed { .. });
        let at = 1 + history.iter().position(failed).expect("a sync failed");
        Failed {
            history,
            at,
            answered,
        }
    }

    /// The last that was answered by then.
    fn promised(&self, moment: usize) -> Seq {
        let by_then = self.answered.iter().filter(|(when, _)| *when <= moment);
        by_then.map(|(_, seq)| *seq).max().unwrap_or(Seq(0))
    }
}

/// The end of the journal that the next start finds, which is whole and leads to a state.
async fn found(image: &Image) -> Seq {
    let directory = TempDir::new().expect("a directory");
    let disk = Disk::new(image, Habit::Forgetful);
    let _mounted = vfs::mount(directory.path(), &disk);
    let store = open(directory.path()).await.expect("it opens");
    let head = store.head().await.expect("a head");
    let mut chain = Chain::start();
    for group in groups(&store).await.expect("a journal") {
        chain.follow(&group).expect("a whole journal");
    }
    chain.finish(&head).expect("with its end");
    let state = replay(&store, |_, _, _| true).await.expect("a state");
    assert_eq!(state.engine.last().seq, head.last_seq);
    store.close().await;
    head.last_seq
}

/// The log is begun again all the time.
const PAGES: u64 = 24;
/// The first sync of the database fails, the second in the next round, and so on.
const ROUNDS: usize = 6;
/// Bursts of requests after which the log has been moved so often that its syncs cannot all have been
/// spared.
const MOST: usize = 2_000;

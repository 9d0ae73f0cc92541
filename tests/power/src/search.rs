//! Cuts the power at moment after moment of life after life, and looks for one after which something
//! is missing or too much.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tidings_store::Store;
use tidings_tests::seed::Random;
use tokio::runtime::Runtime;

use crate::cut::{Cut, Platter};
use crate::disk::{Habit, Image};
use crate::judge::{Fault, Look, judge};
use crate::life::{DERIVED, Life, Plan, Promise};
use crate::moves::Moves;
use crate::vfs;

/// What is searched, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Where all chance comes from.
    pub seed: u64,
    /// Moments at which the power is cut.
    pub points: usize,
    /// How the disk treats syncs.
    pub habit: Habit,
    /// How it is cut, in turn.
    pub cuts: &'static [Cut],
    /// What happens in one life.
    pub plan: Plan,
}

/// How far a search came without finding anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Lives that were lived; each begins with what a cut left of the one before.
    pub lives: usize,
    /// Events in their histories.
    pub events: usize,
    /// Moments at which the power was cut.
    pub points: usize,
    /// Images that were opened.
    pub images: usize,
    /// What the lives did with their logs.
    pub moves: Moves,
}

/// What was found, and where, so that it can be looked at again.
#[derive(Debug)]
pub struct Found {
    /// What is wrong.
    pub fault: Fault,
    seed: u64,
    place: Place,
    /// What the cut left.
    image: Image,
}

/// A cut.
#[derive(Clone, Copy, Debug)]
struct Place {
    life: usize,
    moment: usize,
    harm: Harm,
}

/// What befell the disk.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// The power was cut.
    Cut(Cut),
    /// Only what can be made again was: the rest is there as it last was.
    DerivedTorn,
    /// What can be made again was taken away by somebody.
    DerivedMissing,
}

/// Cuts at one moment: several at each, as they are all different.
const CUTS: usize = 3;
/// A start of the exchange takes longer than a look, so only one image in so many gets one.
const GO_ON: usize = 8;
/// Of the moments, one in so many also meets what can be made again alone. Those images all get a
/// start, which makes it again.
const DERIVED_ALONE: usize = 16;
/// Lives that a search is spread over, at least.
const LIVES: usize = 4;
/// Lives after which the disk is empty again: journals grow, and longer ones find nothing more.
const ERA: usize = 4;
/// Pages at which the write-ahead log is begun again, life after life: from all the time to SQLite's
/// own number. A fourth of them are moved into the database at once.
const CHECKPOINTS: [u64; 4] = [40, 200, 15, 1_000];

impl Search {
    /// Searches with as many threads as there are processors.
    ///
    /// # Errors
    /// With the first fault that is found.
    ///
    /// # Panics
    /// When a life fails by itself, without any cut.
    pub fn run(self) -> Result<Tally, Box<Found>> {
        vfs::install();
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let (send, receive) = sync_channel::<Case>(4 * threads);
        let desk = Desk {
            cases: Mutex::new(receive),
            found: Mutex::new(None),
        };
        let tally = std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| self.work(&desk));
            }
            self.walk(send, &desk)
        });
        match desk.found.into_inner() {
            Ok(None) => Ok(tally),
            Ok(Some(found)) => Err(found),
            Err(_) => panic!("a judge panicked"),
        }
    }

    /// Lives life after life and hands out what cuts leave of each.
    fn walk(self, send: SyncSender<Case>, desk: &Desk) -> Tally {
        let runtime = runtime();
        let mut tally = Tally::default();
        let mut random = Random::of(self.seed);
        let mut start = Image::default();
        while tally.points < self.points && !desk.is_closed() {
            let number = tally.lives;
            if number.is_multiple_of(ERA) {
                start = Image::default();
            }
            Store::begin_logs_again_at(CHECKPOINTS[number % CHECKPOINTS.len()]);
            let directory = TempDir::new().expect("a directory for a life");
            let (habit, plan) = (self.habit, self.plan);
            let life = Life::live(directory.path(), start, habit, plan, &mut random);
            let life = Arc::new(runtime.block_on(life));
            tally.lives += 1;
            tally.events += life.history.len();
            tally.moves += Moves::of(&life.start, &life.history);
            start = self.cut(number, &life, &mut random, &mut tally, &mut |case| {
                // The judges are there until they have judged all, and they stop early together.
                !desk.is_closed() && send.send(case).is_ok()
            });
        }
        tally
    }

    /// Cuts a life at moments that are evenly spread, if not at all of them. Gives one of the images, for
    /// the next life to begin with.
    fn cut(
        self,
        number: usize,
        life: &Arc<Life>,
        random: &mut Random,
        tally: &mut Tally,
        hand_out: &mut impl FnMut(Case) -> bool,
    ) -> Image {
        let moments = life.history.len() + 1;
        let stride = (moments * LIVES / self.points).max(1);
        let first = index(random, stride);
        let next_life = index(random, moments.div_ceil(stride));
        let mut platter = Platter::of(&life.start);
        let mut next_start = Image::default();
        for moment in 0..moments {
            if moment > 0 {
                platter.follow(&life.history[moment - 1]);
            }
            if moment % stride != first || tally.points >= self.points {
                continue;
            }
            for harm in self.harms(&platter, tally) {
                let image = harm.image(&platter, random);
                if moment / stride <= next_life {
                    next_start = image.clone();
                }
                let place = Place {
                    life: number,
                    moment,
                    harm,
                };
                let look = match harm {
                    Harm::Cut(_) if !tally.images.is_multiple_of(GO_ON) => Look::Once,
                    _ => Look::GoOn,
                };
                let promise = life.promised(moment);
                let life = Arc::clone(life);
                tally.images += 1;
                let case = Case {
                    life,
                    image,
                    promise,
                    place,
                    look,
                };
                if !hand_out(case) {
                    return next_start;
                }
            }
            tally.points += 1;
        }
        next_start
    }

    /// What is to befall the disk at a moment.
    fn harms(self, platter: &Platter, tally: &Tally) -> Vec<Harm> {
        // Nothing is uncertain: all cuts leave the same.
        let cuts = match platter.uncertain() {
            0 => 1,
            _ => CUTS.min(self.cuts.len()),
        };
        let turns = tally.images..tally.images + cuts;
        let cuts = turns.map(|turn| Harm::Cut(self.cuts[turn % self.cuts.len()]));
        let mut harms: Vec<Harm> = cuts.collect();
        // A disk that lies is found out by what it loses of the rest.
        if self.habit == Habit::Honest && tally.points.is_multiple_of(DERIVED_ALONE) {
            harms.push(match (tally.points / DERIVED_ALONE).is_multiple_of(2) {
                true => Harm::DerivedTorn,
                false => Harm::DerivedMissing,
            });
        }
        harms
    }

    /// Judges what is handed out, until there is nothing more or something was found.
    fn work(self, desk: &Desk) {
        let runtime = runtime();
        let directory = TempDir::new().expect("a directory for a judge");
        while let Some(case) = desk.next() {
            let judged = judge(
                directory.path(),
                &case.image,
                &case.life,
                case.promise,
                case.look,
            );
            let Err(fault) = runtime.block_on(judged) else {
                continue;
            };
            desk.close(self.found(fault, case));
        }
    }

    fn found(self, fault: Fault, case: Case) -> Box<Found> {
        Box::new(Found {
            fault,
            seed: self.seed,
            place: case.place,
            image: case.image,
        })
    }
}

impl Harm {
    fn image(self, platter: &Platter, random: &mut Random) -> Image {
        let is_derived = |name: &str| name.starts_with(DERIVED);
        let torn = Cut::Scattered { sector: 512 };
        match self {
            Harm::Cut(cut) => platter.image(cut, random),
            Harm::DerivedTorn => {
                let cut = |name: &str| match is_derived(name) {
                    true => torn,
                    false => Cut::Fullest,
                };
                platter.image_by_name(cut, random)
            }
            Harm::DerivedMissing => {
                let mut image = platter.image(Cut::Fullest, random);
                image.files.retain(|name, _| !is_derived(name));
                image
            }
        }
    }
}

impl Found {
    /// Writes the files that the cut left into a directory, for whoever looks into it, and gives that.
    pub fn kept(&self) -> PathBuf {
        let Place { life, moment, .. } = self.place;
        let name = format!("power-cut-{}-{life}-{moment}", self.seed);
        let kept = std::env::temp_dir().join(name);
        let written = self.image.write_to(&kept);
        written.expect("what was found can be written down");
        kept
    }
}

/// What a judge gets.
struct Case {
    life: Arc<Life>,
    image: Image,
    promise: Promise,
    place: Place,
    look: Look,
}

/// Where the judges take their cases from and leave what they find.
struct Desk {
    cases: Mutex<Receiver<Case>>,
    found: Mutex<Option<Box<Found>>>,
}

impl Desk {
    /// None when there are no more, or when something was found: then the rest is thrown away, so
    /// that nobody waits to hand it in.
    fn next(&self) -> Option<Case> {
        let cases = self.cases.lock().expect("no judge panics here");
        loop {
            let case = cases.recv().ok()?;
            if !self.is_closed() {
                return Some(case);
            }
        }
    }

    fn close(&self, found: Box<Found>) {
        let mut first = self.found.lock().expect("no judge panics here");
        first.get_or_insert(found);
    }

    fn is_closed(&self) -> bool {
        self.found.lock().expect("no judge panics here").is_some()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { life, moment, harm } = self.place;
        write!(
            f,
            "TIDINGS_SEED={}, life {life}, after event {moment}, {harm:?}: {}",
            self.seed, self.fault
        )?;
        let mut cause = std::error::Error::source(&self.fault);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // The exchange's writer blocks a thread of its own; one is enough for the rest.
    runtime.worker_threads(1).enable_all();
    runtime.build().expect("a runtime")
}

fn index(random: &mut Random, end: usize) -> usize {
    usize::try_from(random.below(end as u64)).expect("an index")
}

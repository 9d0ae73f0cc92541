//! When the two differ: the smallest list of commands that still tells them apart.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Duel, Line, Scene};

/// Plays a scene to its end; says how many orders filled something.
pub fn play(scene: &Scene, lines: &[Line]) -> Played {
    let mut duel = Duel::new(scene);
    let mut played = Played::default();
    for line in lines {
        played.commands += 1;
        match duel.play(line) {
            Ok(Some(done)) if done.filled > 0 => played.filled += 1,
            Ok(_) => {}
            Err(reject) => *played.refused.entry(reject.code()).or_default() += 1,
        }
    }
    duel.compare_replay();
    played.short_spends = duel.short_spends;
    played.corrected = duel.corrected;
    played.left_band = duel.left_band;
    played.left_band_on_books = duel.left_band_on_books;
    played.deposits = u64::from(duel.model.funds.last);
    played
}

#[derive(Clone, Debug, Default)]
pub struct Played {
    pub commands: u64,
    /// Orders that filled something at once.
    pub filled: u64,
    /// Spends that took fewer lots than the most.
    pub short_spends: u64,
    /// Markets' ends that were corrected.
    pub corrected: u64,
    /// Times that a market halted itself.
    pub left_band: u64,
    /// The same of markets without a maker.
    pub left_band_on_books: u64,
    /// What one administrator proposed about deposits.
    pub deposits: u64,
    /// Refusals by code.
    pub refused: BTreeMap<&'static str, u64>,
}

impl std::ops::AddAssign for Played {
    fn add_assign(&mut self, other: Played) {
        self.commands += other.commands;
        self.filled += other.filled;
        self.short_spends += other.short_spends;
        self.corrected += other.corrected;
        self.left_band += other.left_band;
        self.left_band_on_books += other.left_band_on_books;
        self.deposits += other.deposits;
        for (code, count) in other.refused {
            *self.refused.entry(code).or_default() += count;
        }
    }
}

/// Plays what seeds make, on every core; a seed that fails ends it, and is shrunk.
pub fn play_seeds(seeds: Range<u64>, scene: impl Fn(u64) -> (Scene, Vec<Line>) + Sync) -> Played {
    let next = AtomicU64::new(seeds.start);
    let play = || {
        let mut all = Played::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return (all, None);
            }
            let (scene, lines) = scene(seed);
            match attempt(&scene, &lines) {
                Ok(played) => all += played,
                Err(_) => {
                    next.store(seeds.end, Ordering::Relaxed);
                    return (all, Some(seed));
                }
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let played: Vec<(Played, Option<u64>)> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..cores).map(|_| scope.spawn(play)).collect();
        let played = players.into_iter().map(|player| player.join());
        played
            .map(|played| played.expect("a failure is given back"))
            .collect()
    });
    // Shrinking hushes the panics of the whole process: here, alone.
    if let Some(seed) = played.iter().filter_map(|(_, failed)| *failed).min() {
        let (scene, lines) = scene(seed);
        play_or_shrink(&format!("seed {seed}"), &scene, &lines);
        panic!("seed {seed} failed, and did not when it was played again");
    }
    let mut all = Played::default();
    for (played, _) in played {
        all += played;
    }
    all
}

/// Plays a scene; when it fails, leaves out what it can and fails with what is left.
fn play_or_shrink(name: &str, scene: &Scene, lines: &[Line]) -> Played {
    match attempt(scene, lines) {
        Ok(played) => played,
        Err(_) => {
            let (smallest, why) = smallest(scene, lines.to_vec());
            let list: Vec<String> = smallest.iter().map(|line| format!("  {line:?}")).collect();
            let list = list.join("\n");
            panic!(
                "{name} tells them apart: {why}\n{scene:?}\n{} of {} commands:\n{list}",
                smallest.len(),
                lines.len()
            );
        }
    }
}

/// Delta debugging: leaves out halves, then quarters, down to single lines, as long as it still fails.
fn smallest(scene: &Scene, mut lines: Vec<Line>) -> (Vec<Line>, String) {
    // The panics on the way are no news.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut part = lines.len().div_ceil(2);
    while part > 0 {
        let mut from = 0;
        let mut left_out = false;
        while from < lines.len() {
            let to = (from + part).min(lines.len());
            let fewer: Vec<Line> = lines[..from].iter().chain(&lines[to..]).cloned().collect();
            if attempt(scene, &fewer).is_err() {
                lines = fewer;
                left_out = true;
            } else {
                from = to;
            }
        }
        if !left_out || part > 1 {
            part /= 2;
        }
    }
    let why = attempt(scene, &lines).err();
    std::panic::set_hook(hook);
    (
        lines,
        why.unwrap_or_else(|| "it does not fail again".to_owned()),
    )
}

fn attempt(scene: &Scene, lines: &[Line]) -> Result<Played, String> {
    catch_unwind(AssertUnwindSafe(|| play(scene, lines))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_else(|| "a panic without words".to_owned())
    })
}

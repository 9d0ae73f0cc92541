//! The fuzz targets without a fuzzer: on the corpus that was kept, and on bytes from seeds. See
//! `fuzz/` for the targets themselves.

#[path = "../fuzz/src/decode.rs"]
mod decode;
mod duel;
#[path = "../fuzz/src/life.rs"]
mod life;
mod model;
mod support;

use std::path::PathBuf;

use support::{Random, seeds};
use tidings_core::command::{Request, Stamp};
use tidings_core::event::Record;

#[test]
fn the_kept_corpus_still_passes() {
    let decoded = corpus("decode")
        .iter()
        .filter(|bytes| decode::run(bytes) > 0)
        .count();
    let filled: usize = corpus("engine").iter().map(|bytes| life::run(bytes)).sum();
    println!("{decoded} inputs could be read, {filled} orders filled something");
    assert!(
        decoded > 10 && filled > 10,
        "the corpus is there and says something"
    );
}

#[test]
fn lives_from_random_bytes_pass() {
    let mut filled = 0;
    let seeds = seeds(0..3_000);
    let lives = seeds.end - seeds.start;
    for seed in seeds {
        filled += life::run(&bytes(seed, 400));
    }
    println!("{filled} orders filled something");
    assert!(filled as u64 > lives);
}

#[test]
fn damaged_records_are_read_or_refused() {
    // Real lives give real records; a few bytes are then changed, lost or moved.
    let mut read = 0;
    for seed in seeds(0..300) {
        let mut random = Random(seed);
        for record in records(seed) {
            let mut bytes = minicbor::to_vec(&record).expect("memory takes what it is given");
            assert!(decode::run(&bytes) > 0, "an honest record can be read");
            for _ in 0..random.below(4) {
                damage(&mut random, &mut bytes);
            }
            read += decode::run(&bytes);
        }
        decode::run(&self::bytes(seed, 60));
    }
    assert!(
        read > 300,
        "some damage goes unseen here: the journal's digests are for that"
    );
}

#[expect(clippy::disallowed_methods, reason = "a corpus is made of files")]
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = std::fs::read_dir(folder).expect("the corpus is in the tree");
    let read =
        |file: std::io::Result<std::fs::DirEntry>| std::fs::read(file.expect("a file").path());
    files
        .map(|file| read(file).expect("a readable file"))
        .collect()
}

fn bytes(seed: u64, most: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let length = random.below(most);
    (0..length)
        .map(|_| random.next().to_le_bytes()[0])
        .collect()
}

/// What the journal would keep of a life from a seed.
fn records(seed: u64) -> Vec<Record> {
    let (scene, lines) = duel::asks::from_seed(seed, 30);
    let mut duel = duel::Duel::new(&scene);
    for line in &lines {
        let _refusals_are_records_too = duel.play(line);
    }
    let mut engine = tidings_core::Engine::new();
    let record = |(stamp, request): &(Stamp, Request)| {
        let mut events = Vec::new();
        let refusal = match engine.apply(*stamp, request, &mut events) {
            tidings_core::Answer::Refused(reject) => Some(reject),
            _ => None,
        };
        Record {
            stamp: *stamp,
            request: request.clone(),
            events,
            refusal,
        }
    };
    duel.desk.journal.iter().map(record).collect()
}

fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = usize::try_from(random.below(bytes.len() as u64)).expect("a length");
    match random.below(4) {
        0 => bytes.truncate(at + 1),
        1 => bytes.insert(at, random.next().to_le_bytes()[0]),
        2 => bytes.swap(at, 0),
        _ => bytes[at] ^= 1 << random.below(8),
    }
}

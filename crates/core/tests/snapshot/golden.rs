//! Snapshots that earlier versions wrote: each format has one, and it is restored for ever, or until the
//! program says that it reads that format no more.
//!
//! Another format needs another file beside the ones that are there:
//! `cargo test -p tidings-core --test snapshot -- --ignored --nocapture write` writes it and prints its hash, to be
//! added to the table below. A field that is added to a format needs none.

use std::path::PathBuf;

use tidings_core::Engine;
use tidings_core::snapshot::{self, FORMAT};

use crate::lives::Author;
use crate::{IN_A_STATE, Seen, WANTED, note_state};

/// Each format with the state that its file is of.
const GOLDEN: [(u32, &str); 1] = [(
    1,
    "c6b626a0035c92f9327f93e357433b361ecd3b8e7abbff934ab0b46b8ec0682b",
)];

/// This life ends with everything that a state may have, amended orders at other places than their ids'
/// among it.
const SEED: u64 = 10_408;
const COMMANDS: usize = 900;
const MARKETS: u64 = 14;

#[test]
#[expect(clippy::disallowed_methods, reason = "golden files are files")]
fn the_snapshot_of_every_format_is_restored() {
    assert_eq!(
        GOLDEN[GOLDEN.len() - 1].0,
        FORMAT,
        "every format has a file"
    );
    for (format, hash) in GOLDEN {
        let bytes = std::fs::read(path(format)).expect("the files are in the tree");
        let engine = Engine::restore(&bytes).expect("an earlier version wrote it");
        assert_eq!(hex(&engine.state_hash()), hash, "format {format}");
        assert_eq!(snapshot::head(&bytes).expect("a head").last, engine.last());
        if format == FORMAT {
            assert!(engine.snapshot() == bytes, "the same bytes again");
        }
        let mut seen = Seen::new();
        note_state(&engine, &mut seen);
        for what in &WANTED[..IN_A_STATE] {
            assert!(seen.contains_key(what), "no {what} in format {format}");
        }
    }
}

#[test]
#[ignore = "writes the file of this format"]
#[expect(clippy::disallowed_methods, reason = "golden files are files")]
fn write_the_snapshot_of_this_format() {
    let engine = Author::long_life(SEED, COMMANDS, MARKETS);
    std::fs::write(path(FORMAT), engine.snapshot()).expect("a writable tree");
    println!("({FORMAT}, {:?})", hex(&engine.state_hash()));
}

fn path(format: u32) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("snapshot-{format}.bin"))
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

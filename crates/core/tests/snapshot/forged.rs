//! Bytes that are no snapshot, or not one any more: every one is refused or read, none does more.

use tidings_core::Engine;
use tidings_core::deposit::Deposits;
use tidings_core::snapshot::{self, FORMAT, Head, SnapshotError};

use crate::lives::Author;
use crate::support::{Random, seeds};

#[test]
fn what_is_no_snapshot_or_of_another_format_says_so() {
    let bytes = Engine::new().snapshot();
    for length in 0..12 {
        let restored = Engine::restore(&bytes[..length]);
        assert!(
            matches!(restored, Err(SnapshotError::NoSnapshot)),
            "{length}"
        );
    }
    let mut later = bytes.clone();
    later[8] += 1;
    let found = FORMAT + 1;
    let restored = Engine::restore(&later);
    let refused = matches!(restored, Err(SnapshotError::OtherFormat { found: it }) if it == found);
    assert!(refused, "{restored:?}");
    let more = [bytes, vec![0]].concat();
    assert!(matches!(
        Engine::restore(&more),
        Err(SnapshotError::Unsound(_))
    ));
}

#[test]
fn a_field_that_a_later_version_adds_is_passed_over() {
    // One that has all that a state may have, its last member among it.
    let lives = (0..).map(|seed| Author::life(seed, 100));
    let mut lives = lives.filter(|engine| *engine.deposits() != Deposits::default());
    let engine = lives.next().expect("there is no end of them");
    let mut bytes = engine.snapshot();
    // The state is an array of nine, and nothing follows it.
    let state = 12 + head_bytes(snapshot::head(&bytes).expect("a head")).len();
    assert_eq!(bytes[state], 0x89);
    bytes[state] += 1;
    let added = [0x83, 0x01, 0x61, b'x', 0xf6];
    bytes.extend_from_slice(&added);
    let restored = Engine::restore(&bytes).expect("what is known is there");
    assert_eq!(restored.state_hash(), engine.state_hash());
}

#[test]
fn no_beginning_of_a_snapshot_is_one() {
    let bytes = Author::life(5, 120).snapshot();
    for length in 0..bytes.len() {
        assert!(Engine::restore(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn damaged_bytes_are_refused_or_the_same_engine() {
    let mut same = 0;
    for seed in seeds(0..400).step_by(4) {
        let mut random = Random(seed);
        let engine = Author::life(seed, 100);
        let bytes = engine.snapshot();
        for _ in 0..50 {
            let mut damaged = bytes.clone();
            for _ in 0..=random.below(2) {
                damage(&mut random, &mut damaged);
            }
            if let Ok(restored) = Engine::restore(&damaged) {
                assert_eq!(restored.state_hash(), engine.state_hash(), "seed {seed}");
                same += 1;
            }
        }
    }
    println!("{same} were damaged where it does not matter");
}

/// Whoever can write a snapshot can give it hashes that fit. What it says has to be sound all the same.
#[test]
fn forged_bytes_with_the_right_hashes_are_refused_or_sound() {
    let (mut sound, mut other) = (0, 0);
    for seed in seeds(0..400).step_by(4) {
        let mut random = Random(!seed);
        let engine = Author::life(seed, 140);
        let (bytes, hash) = (engine.snapshot(), engine.state_hash());
        for _ in 0..50 {
            let mut forged = bytes.clone();
            damage(&mut random, &mut forged);
            if let Some(restored) = with_right_hashes(forged) {
                let again = Engine::restore(&restored.snapshot());
                let again = again.expect("what was restored can be restored again");
                assert_eq!(again.state_hash(), restored.state_hash(), "seed {seed}");
                sound += 1;
                other += u32::from(restored.state_hash() != hash);
            }
        }
    }
    println!("{sound} are sound, {other} of them of another state");
    assert!(other > 0, "some damage leads to another sound state");
}

/// The engine that bytes lead to once the hashes in their head are those of what they lead to.
fn with_right_hashes(mut bytes: Vec<u8>) -> Option<Engine> {
    // One hash after the other is put right.
    for _ in 0..3 {
        let head = snapshot::head(&bytes).ok()?;
        let head = match Engine::restore(&bytes) {
            Ok(engine) => return Some(engine),
            Err(SnapshotError::OtherState { restored }) => Head {
                state_hash: restored,
                ..head
            },
            Err(SnapshotError::OtherRequests { restored }) => Head {
                requests_hash: restored,
                ..head
            },
            Err(_) => return None,
        };
        let head = head_bytes(head);
        bytes.splice(12..12 + head.len(), head);
    }
    None
}

fn head_bytes(head: Head) -> Vec<u8> {
    minicbor::to_vec(head).expect("memory takes what it is given")
}

fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let place = |random: &mut Random, length: usize| {
        usize::try_from(random.below(length as u64)).expect("a length")
    };
    let at = place(random, bytes.len());
    match random.below(8) {
        0 => bytes.truncate(at + 1),
        1 => bytes.insert(at, random.next().to_le_bytes()[0]),
        2 => {
            let other = place(random, bytes.len());
            bytes.swap(at, other);
        }
        // An array, a text or bytes as long as memory is not.
        3 => {
            let kind = random.one_of(&[0x9b, 0xbb, 0x7b, 0x5b]);
            let longer = [kind, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
            bytes.splice(at..=at, longer);
        }
        4 => bytes[at] = bytes[at].wrapping_add(1),
        5 => {
            // The largest number there is, and the smallest.
            let kind = random.one_of(&[0x1b, 0x3b]);
            bytes.splice(at..=at, [kind, 0x7f, 255, 255, 255, 255, 255, 255, 255]);
        }
        _ => bytes[at] ^= 1 << random.below(8),
    }
}

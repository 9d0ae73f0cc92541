use std::sync::Arc;

use tidings_core::command::{Command, Request, Stamp};
use tidings_core::event::Record;
use tidings_core::id::AccountId;
use tidings_store::Group;

use super::*;

/// The groups of a small journal.
fn groups() -> Vec<StoredGroup> {
    let mut head = Chain::start().head();
    head.epoch = 1;
    let group = |seq: u64| {
        let stamp = Stamp {
            seq: Seq(seq),
            at: Timestamp::from_micros(i64::try_from(seq).expect("small")),
        };
        let record = Record {
            stamp,
            request: Request::new(AccountId::WORLD, Command::Tick),
            events: Vec::new(),
            refusal: None,
        };
        let group = Group {
            records: &[Arc::new(record)],
            odds: &[],
            state_hash: (seq == 2).then_some([7; 32]),
        };
        let sealed = StoredGroup::seal(&head, &group);
        head = sealed.head();
        sealed
    };
    (1..=3).map(group).collect()
}

fn file(groups: &[StoredGroup]) -> Vec<u8> {
    let mut writer = Writer::start(Vec::new()).expect("a title");
    for group in groups {
        writer.group(group).expect("it follows");
    }
    writer.finish().expect("an end").0
}

fn read(bytes: &[u8]) -> Result<Vec<StoredGroup>, NotPortable> {
    let mut reader = Reader::start(bytes)?;
    let mut groups = Vec::new();
    while let Some(group) = reader.next()? {
        groups.push(group);
    }
    Ok(groups)
}

#[test]
fn what_is_written_is_read_again() {
    let groups = groups();
    for count in 0..=groups.len() {
        let some = &groups[..count];
        assert_eq!(read(&file(some)).expect("a journal"), some);
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_found() {
    let groups = groups();
    let whole = file(&groups);
    for at in 0..whole.len() {
        assert!(read(&whole[..at]).is_err(), "cut at {at}");
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let read = read(&bytes);
            assert!(read.is_err(), "bit {bit} of byte {at}: {read:?}");
        }
    }
    assert!(matches!(
        read(&[whole.as_slice(), b"\n"].concat()),
        Err(NotPortable::Longer)
    ));
}

#[test]
fn groups_that_are_no_chain_are_not_written() {
    let groups = groups();
    let mut writer = Writer::start(Vec::new()).expect("a title");
    writer.group(&groups[0]).expect("the first");
    assert!(writer.group(&groups[2]).is_err(), "one is left out");
    assert!(writer.group(&groups[0]).is_err(), "one comes twice");
}

#[test]
fn an_end_that_was_left_out_is_missed() {
    let groups = groups();
    let (whole, short) = (file(&groups), file(&groups[..2]));
    // The shorter file's groups with the longer one's end.
    let end = 1 + 8 + 32;
    let joined = [&short[..short.len() - end], &whole[whole.len() - end..]].concat();
    assert!(matches!(read(&joined), Err(NotPortable::Journal(_))));
}

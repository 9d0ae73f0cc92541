//! What a cut may leave, written out.

use std::collections::BTreeSet;

use super::*;

const SECTOR: usize = 512;

fn file(content: &[u8]) -> Image {
    Image {
        files: [("f".to_owned(), content.to_vec())].into(),
    }
}

fn write(at: usize, bytes: &[u8]) -> Event {
    Event::Written {
        file: FileId(0),
        at,
        bytes: bytes.into(),
    }
}

/// Everything that cuts of one kind leave of the file.
fn left(start: &Image, events: &[Event], cut: Cut) -> BTreeSet<Option<Vec<u8>>> {
    let mut platter = Platter::of(start);
    events.iter().for_each(|event| platter.follow(event));
    let images = (0..2_000).map(|seed| platter.image(cut, &mut Random::of(seed)));
    images.map(|image| image.files.get("f").cloned()).collect()
}

fn only(content: &[u8]) -> BTreeSet<Option<Vec<u8>>> {
    [Some(content.to_vec())].into()
}

#[test]
fn what_was_synced_is_there_however_the_power_fails() {
    let synced = Event::Synced { file: FileId(0) };
    let events = [write(0, b"new"), synced];
    for cut in Cut::ALL {
        assert_eq!(left(&file(b"old"), &events, *cut), only(b"new"), "{cut:?}");
    }
}

#[test]
fn the_barest_cut_leaves_what_was_synced_and_the_fullest_all() {
    let events = [
        write(0, b"new"),
        Event::Truncated {
            file: FileId(0),
            len: 2,
        },
    ];
    assert_eq!(left(&file(b"old"), &events, Cut::Barest), only(b"old"));
    assert_eq!(left(&file(b"old"), &events, Cut::Fullest), only(b"ne"));
}

#[test]
fn until_a_moment_writes_are_there_in_their_order_and_the_last_is_torn() {
    let events = [write(0, b"AB"), write(2, b"CD")];
    let expected = ["....", "A...", "AB..", "ABC.", "ABCD"];
    let expected = expected.map(|text| Some(text.as_bytes().to_vec())).into();
    assert_eq!(left(&file(b"...."), &events, Cut::UpTo), expected);
}

#[test]
fn scattered_sectors_are_old_or_written_or_torn_in_any_order() {
    let start = vec![b'.'; 2 * SECTOR];
    let events = [
        write(0, &vec![b'A'; 2 * SECTOR]),
        write(0, &vec![b'B'; SECTOR]),
    ];
    let left = left(&file(&start), &events, Cut::Scattered { sector: SECTOR });
    let has = |first: u8, second: u8| {
        let wanted = [vec![first; SECTOR], vec![second; SECTOR]].concat();
        left.contains(&Some(wanted))
    };
    for first in *b".AB" {
        for second in *b".A" {
            assert!(has(first, second), "{}{}", first as char, second as char);
        }
    }
    let torn = |bytes: &[u8]| bytes[0] != bytes[SECTOR - 1];
    assert!(
        left.iter().flatten().any(|bytes| torn(&bytes[..SECTOR])),
        "one is torn"
    );
    assert!(left.iter().flatten().all(|bytes| bytes.len() == 2 * SECTOR));
}

#[test]
fn a_file_can_be_longer_before_what_made_it_longer_is_there() {
    let left = left(
        &file(b""),
        &[write(0, b"new")],
        Cut::Scattered { sector: SECTOR },
    );
    let lengths: BTreeSet<usize> = left.iter().flatten().map(Vec::len).collect();
    assert!(lengths.contains(&0) && lengths.contains(&3));
    assert!(left.contains(&Some(vec![0; 3])), "zeros in its place");
}

#[test]
fn a_name_is_certain_once_the_directory_is_synced() {
    let created = Event::Created {
        name: "f".to_owned(),
        file: FileId(0),
    };
    let deleted = Event::Deleted {
        name: "f".to_owned(),
    };
    let synced = || Event::Synced { file: FileId(0) };
    let scattered = Cut::Scattered { sector: SECTOR };
    let there = Some(b"new".to_vec());

    // A file's own sync says nothing about its name.
    let events = [created.clone(), write(0, b"new"), synced()];
    assert_eq!(left(&Image::default(), &events, Cut::Barest), [None].into());
    let either = [None, there.clone()].into();
    assert_eq!(left(&Image::default(), &events, scattered), either);

    let events = [
        created,
        write(0, b"new"),
        synced(),
        Event::DirectorySynced,
        deleted,
    ];
    assert_eq!(
        left(&Image::default(), &events, Cut::Barest),
        [there].into()
    );
    assert_eq!(left(&Image::default(), &events, scattered), either);
}

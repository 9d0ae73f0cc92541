//! `tidings verify` on journals that hold, and on one in which a single bit was changed.

mod support;

use support::{Server, database, output, tidings, words};

#[test]
fn a_journal_that_holds_gets_its_page() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let verified = output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, errors) = words(&verified);
    assert_eq!(verified.status.code(), Some(0), "{page}{errors}");
    for words in [
        "10 records",
        "9 applied, 1 refused",
        "3 and the exchange's own 2",
        "1: 1 open",
        "open orders    1",
        "world -6000 = 0",
        "rain-on-friday: holds ",
        "state hash",
        "requests hash",
        "✓ all money sums to 0",
    ] {
        assert!(page.contains(words), "{words:?} in\n{page}");
    }
    assert!(!page.contains('✗'), "{page}");
}

#[test]
fn verifying_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let hash = || {
        let (page, _) = words(&output(
            tidings(&["verify", "--data"]).arg(directory.path()),
        ));
        let line = page
            .lines()
            .find(|line| line.contains("chain head"))
            .map(str::to_owned);
        line.expect("a chain head")
    };
    assert_eq!(hash(), hash());
}

#[test]
fn one_changed_bit_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = database(directory.path());
    let mut bytes = std::fs::read(&path).expect("the file");
    // The trader's name, as the journal has it.
    let name = b"Heliotrope";
    let places: Vec<usize> = bytes
        .windows(name.len())
        .enumerate()
        .filter_map(|(place, window)| (window == name).then_some(place))
        .collect();
    assert_eq!(places.len(), 1, "the name is in the journal alone");
    bytes[places[0]] ^= 1;
    std::fs::write(&path, bytes).expect("written");

    let verified = output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, errors) = words(&verified);
    assert_eq!(verified.status.code(), Some(1));
    assert!(page.contains('✗'), "{page}");
    assert!(
        errors.starts_with("tidings: the database does not hold: "),
        "{errors}"
    );
    assert!(
        errors.contains("was changed after it was written"),
        "{errors}"
    );

    let served = output(
        tidings(&["serve", "--no-demo", "--listen", "127.0.0.1:0", "--data"]).arg(directory.path()),
    );
    assert_eq!(served.status.code(), Some(1));
    let (_, errors) = words(&served);
    assert!(
        errors.contains("tidings: the exchange cannot start: the journal is damaged"),
        "{errors}"
    );
}

#[test]
fn a_database_in_use_cannot_be_verified() {
    let directory = tempfile::tempdir().expect("a directory");
    let _server = Server::start(directory.path(), &["--no-demo"]);
    let refused = output(tidings(&["verify", "--data"]).arg(directory.path()));
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        words(&refused).1.contains("is in use by another process"),
        "{refused:?}"
    );
}

use csv::ReaderBuilder;

use super::*;
use crate::limits::{EXPORTS, Place};
use tidings_core::id::AccountId;

fn read(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_cell_that_a_spreadsheet_would_carry_out_is_text() {
    for (text, written) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''-1", "'''-1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ("", ""),
    ] {
        assert_eq!(Cell::text(text), Cell::plain(written), "{text:?}");
        let back = match written.strip_prefix('\'') {
            Some(rest)
                if rest
                    .trim_start_matches('\'')
                    .starts_with(|c| "=+-@\t\r\n＝＋－＠".contains(c)) =>
            {
                rest
            }
            _ => written,
        };
        assert_eq!(back, text, "one ' off gives the text back");
    }
    assert_eq!(Cell::plain("-71.002913"), Cell::plain(-71.002913_f64));
}

#[test]
fn rows_are_those_of_rfc_4180() {
    let cells = ["a", "b,c", "d \"e\"", "two\r\nlines", ""];
    let row = csv_row(cells.map(Cell::text));
    assert_eq!(
        String::from_utf8(row.clone()).expect("text"),
        "a,\"b,c\",\"d \"\"e\"\"\",\"two\r\nlines\",\r\n"
    );
    assert_eq!(read(&row), [cells]);
}

#[test]
fn one_export_of_an_account_runs_at_a_time_and_public_ones_take_no_ones_room() {
    let exports = Exports::default();
    let account = |n| Who::Account(AccountId(n));
    let first = exports.begin(account(1)).ok();
    assert!(first.is_some());
    let again = exports
        .begin(account(1))
        .err()
        .map(|problem| problem.code());
    assert_eq!(again, Some("export_running"));
    drop(first);
    let place = |n| Who::Place(Place::of(std::net::Ipv4Addr::from_bits(n).into()));
    let readers = u32::try_from(EXPORTS).expect("few");
    let running: Vec<_> = (0..readers).map(|n| exports.begin(place(n)).ok()).collect();
    assert!(running.iter().all(Option::is_some));
    let full = exports
        .begin(place(readers))
        .err()
        .map(|problem| problem.code());
    assert_eq!(full, Some("too_many_exports"));
    assert!(exports.begin(account(1)).is_ok());
    assert_eq!(exports.count(), EXPORTS);
}

//! Checksums of odds and books: what was told is what was meant. The text is made of the very strings of the
//! document, so it is made before they become numbers; `tests/vectors/checksums` says how.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// What is wrong with a document of odds, if its checksum is not that of what it shows.
pub(crate) fn fault_of_odds(document: &str) -> Option<String> {
    let shown: OddsShown = serde_json::from_str(document).ok()?;
    let mut text = shown.status;
    for (key, odds) in &shown.odds.0 {
        text += &format!("\n{key} {}", odds.as_deref().unwrap_or("null"));
    }
    fault("odds", &text, shown.checksum?)
}

/// The same of a book.
pub(crate) fn fault_of_book(document: &str) -> Option<String> {
    let shown: BookShown = serde_json::from_str(document).ok()?;
    let mut text = shown.outcome;
    for (side, levels) in [("bid", &shown.bids), ("ask", &shown.asks)] {
        for at in levels {
            let (price, resting) = (&at.price, &at.resting);
            let (implied, maker) = (&at.implied, &at.maker);
            text += &format!("\n{side} {price} {resting} {implied} {maker}");
        }
    }
    fault("book", &text, shown.checksum?)
}

fn fault(of: &str, text: &str, told: u32) -> Option<String> {
    let found = crc32fast::hash(text.as_bytes());
    (found != told).then(|| format!("the {of} came with the checksum {told}, and has {found}"))
}

#[derive(Deserialize)]
struct OddsShown {
    status: String,
    odds: InOrder,
    checksum: Option<u32>,
}

#[derive(Deserialize)]
struct BookShown {
    outcome: String,
    bids: Vec<LevelShown>,
    asks: Vec<LevelShown>,
    checksum: Option<u32>,
}

#[derive(Deserialize)]
struct LevelShown {
    price: String,
    resting: String,
    implied: String,
    maker: String,
}

/// A map in the order of the document.
struct InOrder(Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InOrder, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = InOrder;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("odds by outcome")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::{fault_of_book, fault_of_odds};

    #[derive(Deserialize)]
    struct Case {
        document: Box<RawValue>,
        checksum: u32,
    }

    /// The documents that everybody's clients are held against, as they stand in the file: a map that had
    /// been sorted on the way would be another document.
    #[test]
    fn the_worked_examples_have_their_checksums_and_no_others() {
        let cases = include_str!("../../../tests/vectors/checksums/checksums.json");
        let cases: Vec<Case> = serde_json::from_str(cases).expect("cases");
        let mut seen = [0, 0];
        for case in cases {
            let document = case.document.get().trim_end();
            let open = document.strip_suffix('}').expect("an object");
            let is_odds = document.contains("\"odds\"");
            seen[usize::from(is_odds)] += 1;
            let fault = |checksum: u32| {
                let document = format!("{open}, \"checksum\": {checksum}}}");
                match is_odds {
                    true => fault_of_odds(&document),
                    false => fault_of_book(&document),
                }
            };
            assert_eq!(fault(case.checksum), None, "{document}");
            let other = fault(case.checksum ^ 1).expect("another checksum");
            assert!(other.contains(&case.checksum.to_string()), "{other}");
        }
        assert!(seen[0] > 1 && seen[1] > 1, "books and odds: {seen:?}");
    }
}

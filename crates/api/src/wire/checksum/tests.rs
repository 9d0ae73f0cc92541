use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tidings_core::units::Lots;

use super::*;
use crate::wire::unit::{PriceText, Shares};

/// Printed by a client that shares no code with this.
const EXAMPLES: &str = include_str!("../../../../../tests/vectors/checksums/checksums.json");

#[derive(Deserialize)]
struct Example {
    document: Document,
    checksum: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Odds {
        status: StatusWord,
        odds: BTreeMap<String, Option<String>>,
    },
    Book {
        outcome: String,
        bids: Vec<Level>,
        asks: Vec<Level>,
    },
}

#[derive(Deserialize)]
struct Level {
    price: PriceText,
    resting: String,
    implied: String,
    maker: String,
}

/// An example's keys are in order in the file, and not in a map.
fn in_order(example: &Value) -> Vec<String> {
    let text = example["text"].as_str().expect("a text");
    let keys = text.lines().skip(1).map(|line| line.split(' ').next());
    keys.map(|key| key.expect("a key").to_owned()).collect()
}

fn levels(levels: &[Level]) -> Vec<LevelJson> {
    let level = |level: &Level| LevelJson {
        price: level.price,
        resting: shares(&level.resting),
        implied: shares(&level.implied),
        maker: shares(&level.maker),
    };
    levels.iter().map(level).collect()
}

fn shares(text: &str) -> Shares {
    Shares(Lots::new(scaled(text, 2)))
}

fn millionths(text: &str) -> OddsText {
    OddsText(scaled(text, 6).try_into().expect("at most a million"))
}

/// A decimal text as a whole number of its smallest part.
fn scaled(text: &str, places: usize) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<places$}").parse().expect("digits")
}

#[test]
fn the_worked_examples_have_the_checksums_that_a_client_comes_to() {
    let examples: Vec<Value> = serde_json::from_str(EXAMPLES).expect("examples");
    assert!(examples.len() >= 7);
    for value in examples {
        let example: Example = serde_json::from_value(value.clone()).expect("an example");
        let checksum = match example.document {
            Document::Odds { status, mut odds } => {
                let keys = in_order(&value).into_iter();
                let odds: Vec<_> = keys
                    .map(|key| {
                        let odds = odds.remove(&key).expect("an outcome");
                        (key, odds.as_deref().map(millionths))
                    })
                    .collect();
                of_odds(status, &odds)
            }
            Document::Book {
                outcome,
                bids,
                asks,
            } => of_book(&outcome, &levels(&bids), &levels(&asks)),
        };
        assert_eq!(checksum, example.checksum, "{value:#}");
    }
}

//! A first look at a JSON body, whatever it is about: how deep it nests, how long its lists and
//! texts are, that no key comes twice, and that no character in it could deceive a reader.
//!
//! Also that lists and objects are only where they can be: a derived reader would take a list for an
//! object, field by field, and `{"buy": null}` for `"buy"`.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tidings_news::text::not_allowed;

use crate::limits::{JSON_DEPTH, JSON_ITEMS, JSON_KEYS, TEXT_BYTES};
use crate::problem::Problem;

/// Outcomes of one market, whose payout vector is an object.
const OUTCOMES: usize = tidings_core::market::MAX_OUTCOMES;

/// Fields that are lists, of texts or of objects.
pub(super) const LISTS: [&str; 16] = [
    "accounts",
    "orders",
    "outcomes",
    "edge_cases",
    "early_close",
    "sources",
    "tags",
    "articles",
    "evidence",
    "items",
    "scopes",
    "addresses",
    "section",
    "markets",
    "worlds",
    "verdicts",
];
/// Fields that are objects.
pub(super) const OBJECTS: [&str; 9] = [
    "rules",
    "payout",
    "scale",
    "price_band",
    "order",
    "change",
    "halt",
    "comes_to",
    "blanks",
];
/// Lists of objects.
pub(super) const LISTS_OF_OBJECTS: [&str; 7] = [
    "outcomes", "sources", "articles", "orders", "worlds", "verdicts", "items",
];
/// Fields with as many entries as a market has outcomes.
const BY_OUTCOME: [&str; 2] = ["outcomes", "payout"];
/// Fields whose texts may have several lines, and are as long as their type says.
const PROSE: [&str; 10] = [
    "criteria",
    "story",
    "edge_cases",
    "early_close",
    "note",
    "quotation",
    "reason",
    "text",
    "body",
    "rsa_public_key",
];

/// Keys of an order that says all that it can.
const USUAL_KEYS: usize = 16;

/// Refuses a body whose form is not acceptable, whatever it means. `checks_prose` is off where the
/// texts are cleaned rather than refused.
pub(crate) fn scan(body: &[u8], checks_prose: bool) -> Result<(), Problem> {
    let mut state = State {
        path: Vec::new(),
        fault: None,
        checks_prose,
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let outcome = Look { state: &mut state }
        .deserialize(&mut json)
        .and_then(|()| json.end());
    match (outcome, state.fault.take()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(fault)) => Err(fault),
        (Err(error), None) => Err(Problem::invalid_body(&state.place(), error)),
    }
}

struct State<'de> {
    path: Vec<Step<'de>>,
    fault: Option<Problem>,
    checks_prose: bool,
}

enum Step<'de> {
    Key(Cow<'de, str>),
    Item(usize),
}

/// A key of an object: a part of the body, where nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> State<'de> {
    /// Where the look is: `rules.sources[0].url`.
    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if place.is_empty() => place.push_str(key),
                Step::Key(key) => place.extend([".", key.as_ref()]),
                Step::Item(ix) => place.push_str(&format!("[{ix}]")),
            }
        }
        place
    }

    /// The innermost key that leads here.
    fn field(&self) -> &str {
        let keys = self.path.iter().rev().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_ref()),
            Step::Item(_) => None,
        });
        keys.into_iter().next().unwrap_or_default()
    }

    /// Whether the look is at a field of its own, rather than at an item of a list.
    fn at_field(&self) -> bool {
        matches!(self.path.last(), Some(Step::Key(_)))
    }

    fn may_be_list(&self) -> bool {
        self.at_field() && LISTS.contains(&self.field())
    }

    fn may_be_object(&self) -> bool {
        match self.path.last() {
            None => true,
            Some(Step::Key(key)) => OBJECTS.contains(&key.as_ref()),
            Some(Step::Item(_)) => LISTS_OF_OBJECTS.contains(&self.field()),
        }
    }

    fn refuse<T, E: de::Error>(&mut self, fault: impl fmt::Display) -> Result<T, E> {
        self.fault = Some(Problem::invalid_body(&self.place(), fault));
        Err(E::custom("refused"))
    }

    fn enter<E: de::Error>(&mut self, step: Step<'de>) -> Result<(), E> {
        self.path.push(step);
        match self.path.len() > JSON_DEPTH {
            true => self.refuse(format_args!("nested deeper than {JSON_DEPTH} levels")),
            false => Ok(()),
        }
    }

    fn check_text<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        let prose = PROSE.contains(&self.field());
        if prose && !self.checks_prose {
            return Ok(());
        }
        if text.len() > TEXT_BYTES && !prose {
            return self.refuse(format_args!("a text has at most {TEXT_BYTES} bytes"));
        }
        let Some(found) = not_shown(text, prose) else {
            return Ok(());
        };
        self.fault = Some(text_not_allowed(&self.place(), found));
        Err(E::custom("refused"))
    }
}

/// Refuses a text that comes by another way than a body, when it has a character that could deceive a
/// reader.
pub(super) fn check_text(field: &str, text: &str) -> Result<(), Problem> {
    match not_shown(text, PROSE.contains(&field)) {
        None => Ok(()),
        Some(found) => Err(text_not_allowed(field, found)),
    }
}

/// The first character that may not be shown. Prose may have several lines.
fn not_shown(text: &str, prose: bool) -> Option<char> {
    // Most texts are short names and numbers.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let bad = |c: &char| not_allowed(*c).is_some() && !(prose && matches!(c, '\n' | '\t'));
    text.chars().find(bad)
}

fn text_not_allowed(place: &str, found: char) -> Problem {
    let kind = not_allowed(found).unwrap_or_default();
    let detail = format!("{place}: U+{:04X} is a {kind}", u32::from(found));
    Problem::new("text_not_allowed", detail).with("field", place)
}

/// Looks at one value.
struct Look<'a, 'de> {
    state: &'a mut State<'de>,
}

impl<'de> DeserializeSeed<'de> for Look<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.state.check_text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let state = self.state;
        if !state.may_be_list() {
            return state.refuse("a list is not what is expected here");
        }
        let most = if BY_OUTCOME.contains(&state.field()) {
            OUTCOMES
        } else {
            JSON_ITEMS
        };
        for ix in 0.. {
            state.enter(Step::Item(ix))?;
            if items
                .next_element_seed(Look { state: &mut *state })?
                .is_none()
            {
                break;
            }
            if ix >= most {
                return state.refuse(format_args!("a list has at most {most} items"));
            }
            state.path.pop();
        }
        state.path.pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let state = self.state;
        if !state.may_be_object() {
            return state.refuse("an object is not what is expected here");
        }
        let most = if BY_OUTCOME.contains(&state.field()) {
            OUTCOMES
        } else {
            JSON_KEYS
        };
        // Few keys, of which most differ in length: looking at each is faster than any tree.
        let mut seen: Vec<Cow<'de, str>> = Vec::with_capacity(USUAL_KEYS);
        while let Some(Key(key)) = entries.next_key()? {
            state.enter(Step::Key(key.clone()))?;
            if key.len() > TEXT_BYTES || not_shown(&key, false).is_some() {
                state.path.pop();
                return state.refuse("a key has characters that may not be shown");
            }
            if seen.len() >= most {
                return state.refuse(format_args!("an object has at most {most} keys"));
            }
            if seen.contains(&key) {
                return state.refuse("the key comes twice");
            }
            seen.push(key);
            entries.next_value_seed(Look { state: &mut *state })?;
            state.path.pop();
        }
        Ok(())
    }
}

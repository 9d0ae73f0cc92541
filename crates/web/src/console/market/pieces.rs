//! Evidence as it is typed into a form, piece by piece, and as it is asked of the API. No script is needed: the form has
//! room for several pieces, and the hash of a text is made here of what was pasted.

use std::fmt::Write as _;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tidings_core::id::AccountId;
use tidings_core::view::MarketView;

use super::form::Filled;
use crate::console::call::Refused;
use crate::evidence::short;

/// Pieces that a form has room for. The API takes more.
const ROOM: usize = 5;

/// A piece as it was typed.
pub(crate) struct Typed {
    pub(crate) number: usize,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) publisher: String,
    /// As a form writes a moment: `2026-01-13T09:00`.
    pub(crate) published: String,
    pub(crate) clause: String,
    pub(crate) quotation: String,
    /// The whole text; empty, where only its hash came along.
    pub(crate) text: String,
    pub(crate) sha256: String,
    pub(crate) primary: bool,
    pub(crate) is_open: bool,
}

impl Typed {
    fn of(form: &Filled, number: usize) -> Typed {
        let typed = |field: &str| form.typed(&format!("item.{number}.{field}")).to_owned();
        // Forms send lines that end in CR and LF.
        let text = typed("text").replace("\r\n", "\n");
        let sha256 = match text.is_empty() {
            true => typed("sha256"),
            false => sha256(&text),
        };
        let piece = Typed {
            number,
            title: String::new(),
            url: typed("url"),
            publisher: typed("publisher"),
            published: typed("published"),
            clause: typed("clause"),
            quotation: typed("quotation").replace("\r\n", "\n"),
            text,
            sha256,
            primary: !typed("primary").is_empty(),
            is_open: number == 1,
        };
        let title = match piece.publisher.is_empty() {
            true if number == 1 => "Piece 1".to_owned(),
            true => format!("Piece {number}, if there is another"),
            false => format!("Piece {number}: {}", piece.publisher),
        };
        let is_open = piece.is_open || piece.is_filled();
        Typed {
            title,
            is_open,
            ..piece
        }
    }

    /// Whether anything was typed into it that a form has not of itself.
    pub(crate) fn is_filled(&self) -> bool {
        let texts = [&self.url, &self.publisher, &self.quotation, &self.text];
        self.primary || texts.iter().any(|text| !text.is_empty())
    }

    /// Why it cannot be sent.
    fn fault(&self) -> Option<String> {
        let number = self.number;
        let missing = [
            (&self.url, "its address"),
            (&self.publisher, "who published it"),
            (&self.quotation, "the words that matter"),
            (&self.sha256, "the text that you read"),
        ];
        let missing = missing.into_iter().find(|(text, _)| text.is_empty());
        if let Some((_, what)) = missing {
            return Some(format!("Piece {number} lacks {what}."));
        }
        let quoted = self.text.is_empty() || words(&self.text).contains(&words(&self.quotation));
        (!quoted).then(|| format!("The words of piece {number} are not in the text that it has."))
    }

    fn json(&self) -> Value {
        let mut body = Map::new();
        let mut put = |field: &str, value: &str| body.insert(field.to_owned(), value.into());
        put("url", &self.url);
        put("publisher", &self.publisher);
        put("sha256", &self.sha256);
        put("quotation", &self.quotation);
        put("clause", &self.clause);
        if !self.published.is_empty() {
            put("published_at", &moment(&self.published));
        }
        body.insert("primary".to_owned(), self.primary.into());
        body.into()
    }
}

/// A form's pieces: those that were typed, and room for others.
pub(crate) fn typed(form: &Filled) -> Vec<Typed> {
    (1..=ROOM).map(|number| Typed::of(form, number)).collect()
}

/// Puts a form's evidence into a command's body.
pub(super) fn put(form: &Filled, body: &mut Map<String, Value>) {
    let pieces = typed(form);
    let filled = pieces.iter().filter(|piece| piece.is_filled());
    let items: Vec<Value> = filled.map(Typed::json).collect();
    body.insert("items".to_owned(), items.into());
    body.insert("evidence".to_owned(), references(form).into());
}

/// What is refused of a form before anybody is asked: that it names nothing, or a piece by half.
pub(super) fn fault(form: &Filled) -> Option<Refused> {
    let pieces = typed(form);
    let mut filled = pieces.iter().filter(|piece| piece.is_filled()).peekable();
    let words = match filled.peek() {
        None if references(form).is_empty() => {
            "Give at least one piece of evidence: where one can read what happened.".to_owned()
        }
        _ => filled.find_map(Typed::fault)?,
    };
    Some(Refused::here(StatusCode::UNPROCESSABLE_ENTITY, &words))
}

/// The clauses of a market's rules, to choose from.
pub(crate) fn clauses(view: &MarketView) -> Vec<(String, String)> {
    let rules = &view.spec.rules;
    let mut clauses = vec![(
        "criteria".to_owned(),
        format!("Criteria: {}", short(&rules.criteria)),
    )];
    for (text, number) in rules.edge_cases.iter().zip(1..) {
        clauses.push((
            format!("edge_case_{number}"),
            format!("Case {number}: {}", short(text)),
        ));
    }
    for (said, number) in view.clarifications.iter().zip(1..) {
        clauses.push(clarification(number, &said.text));
    }
    clauses.extend(early_closes(view));
    clauses
}

/// The clauses by which a market closes before its time, to choose from.
fn early_closes(view: &MarketView) -> Vec<(String, String)> {
    let each = view.spec.rules.early_close().iter().zip(1..);
    each.map(|(text, number)| {
        (
            format!("early_close_{number}"),
            format!("Early close {number}: {}", short(text)),
        )
    })
    .collect()
}

/// The clauses by which somebody may close a market before its time, to choose from: those of the rules, and what
/// others added to them.
pub(crate) fn closes_by(view: &MarketView, who: AccountId) -> Vec<(String, String)> {
    let mut clauses = early_closes(view);
    for (said, number) in view.clarifications.iter().zip(1..) {
        if said.by != who {
            clauses.push(clarification(number, &said.text));
        }
    }
    clauses
}

fn clarification(number: u32, text: &str) -> (String, String) {
    (
        format!("clarification_{number}"),
        format!("Clarification {number}: {}", short(text)),
    )
}

/// Other references, one a line.
fn references(form: &Filled) -> Vec<String> {
    let lines = form.typed("evidence").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A form's moment as the API takes it; what is none is left to the API to refuse.
fn moment(typed: &str) -> String {
    match typed.len() {
        16 => format!("{typed}:00Z"),
        _ => format!("{typed}Z"),
    }
}

/// A text's words, however its lines are broken.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Filled, Typed, fault, moment, sha256};

    fn form(fields: &[(&str, &str)]) -> Filled {
        let fields = fields.iter();
        let fields = fields.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Filled::of("resolve", fields.collect::<HashMap<String, String>>())
    }

    const WHOLE: [(&str, &str); 5] = [
        ("item.1.url", "https://www.mofa.go.jp/1"),
        ("item.1.publisher", "MOFA"),
        ("item.1.quotation", "one\r\ntext"),
        ("item.1.text", "  They published one\r\n text.\r\n"),
        ("item.1.clause", "criteria"),
    ];

    #[test]
    fn a_text_has_one_hash_however_a_form_sends_it() {
        let piece = Typed::of(&form(&WHOLE), 1);
        assert_eq!(piece.sha256, sha256("They published one\n text."));
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(fault(&form(&WHOLE)).is_none());
    }

    #[test]
    fn a_piece_by_half_is_told_with_what_it_lacks() {
        let said = |fields: &[(&str, &str)]| fault(&form(fields)).map(|refused| refused.detail);
        for (ix, lacks) in [
            "its address",
            "who published it",
            "words that matter",
            "the text",
        ]
        .iter()
        .enumerate()
        {
            let mut fields = WHOLE.to_vec();
            fields.remove(ix);
            let words = said(&fields).expect("it is refused");
            assert!(words.contains(lacks), "{words}");
        }
        let mut other = WHOLE;
        other[2].1 = "two texts";
        let words = said(&other).expect("it is refused");
        assert!(words.contains("are not in the text"), "{words}");
        assert!(said(&[]).expect("nothing").contains("at least one piece"));
        assert!(said(&[("evidence", "a log")]).is_none());
    }

    #[test]
    fn a_moment_of_a_form_is_one_of_the_apis() {
        assert_eq!(moment("2026-01-13T09:00"), "2026-01-13T09:00:00Z");
        assert_eq!(moment("2026-01-13T09:00:30"), "2026-01-13T09:00:30Z");
    }
}

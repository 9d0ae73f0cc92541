//! Pieces of evidence and clauses of rules as people read them, on the site and in the console.

use tidings_api::wire::journal::hex;
use tidings_core::evidence::{Clause, Item};

use crate::moment::Moment;
use crate::words::Lang;

/// A piece of evidence.
pub(crate) struct Piece {
    /// The engine takes addresses of the web alone.
    pub(crate) url: String,
    pub(crate) publisher: String,
    pub(crate) published: Option<Moment>,
    pub(crate) sha256: String,
    pub(crate) quotation: String,
    pub(crate) clause: ClauseText,
    pub(crate) primary: bool,
    /// The article here that has its address.
    pub(crate) article: Option<String>,
}

/// A part of a market's rules: its name, and where it is on a page that has them.
#[derive(Clone, Debug)]
pub(crate) struct ClauseText {
    pub(crate) name: String,
    pub(crate) anchor: String,
}

impl Piece {
    pub(crate) fn of(item: &Item) -> Piece {
        Piece {
            url: item.url.clone(),
            publisher: item.publisher.clone(),
            published: item.published_at.map(|at| Moment::prose(at, Lang::En)),
            sha256: hex(&item.sha256),
            quotation: item.quotation.clone(),
            clause: ClauseText::of(item.clause),
            primary: item.primary,
            article: item.article.clone(),
        }
    }

    /// All of them; none where there are none.
    pub(crate) fn all(items: Option<&Vec<Item>>) -> Vec<Piece> {
        items.into_iter().flatten().map(Piece::of).collect()
    }
}

impl ClauseText {
    pub(crate) fn of(clause: Clause) -> ClauseText {
        ClauseText {
            name: match clause {
                Clause::Criteria => "Criteria".to_owned(),
                Clause::EdgeCase(number) => format!("Case {number}"),
                Clause::Clarification(number) => format!("Clarification {number}"),
                Clause::EarlyClose(number) => format!("Early close {number}"),
            },
            anchor: clause.to_string(),
        }
    }
}

//! An outcome's book as two ladders around the spread: what rests, what orders on the other outcomes
//! imply, and the maker's depth.

use tidings_api::App;
use tidings_core::units::Lots;
use tidings_core::view::{BookView, LevelView, MarketView};

use super::depth::Depth;
use super::outcome_at;
use crate::card::shown_odds;
use crate::figures;
use crate::site::{Unavailable, principal};

/// Levels of a side in the ladder.
const LADDER: usize = 8;
/// Levels of a side in the drawing: each cent there is.
const LEVELS: usize = 100;

pub(super) struct Book {
    pub(super) outcome: String,
    /// Worst first: a ladder is read from the top down to the spread.
    pub(super) asks: Vec<Level>,
    /// Best first.
    pub(super) bids: Vec<Level>,
    pub(super) spread: String,
    /// Whether orders on other outcomes can imply any: with two, they are on this very book.
    pub(super) implies: bool,
    /// Whether there is a maker.
    pub(super) made: bool,
    pub(super) depth: Option<Depth>,
}

impl Book {
    /// Columns after the first.
    pub(super) fn columns(&self) -> usize {
        3 + usize::from(self.implies) + usize::from(self.made)
    }
}

pub(super) struct Level {
    pub(super) price: String,
    pub(super) resting: String,
    pub(super) implied: String,
    pub(super) maker: String,
    pub(super) resting_length: String,
    pub(super) implied_length: String,
    /// Where the maker's part begins.
    pub(super) maker_start: String,
    pub(super) maker_length: String,
}

pub(super) struct Tab {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) current: bool,
}

/// The outcome whose book is shown: the one asked for, or the one that speaks for the market.
pub(super) fn chosen(view: &MarketView, key: Option<&str>) -> usize {
    let asked = |outcome: &tidings_core::market::OutcomeSpec| Some(outcome.key.as_str()) == key;
    let found = view.spec.outcomes.iter().position(asked);
    found.unwrap_or_else(|| principal(view, &shown_odds(view)))
}

/// The choice between books. A market of two outcomes has one book and its mirror.
pub(super) fn tabs(view: &MarketView, on: usize) -> Vec<Tab> {
    let tab = |(ix, outcome): (usize, &tidings_core::market::OutcomeSpec)| Tab {
        key: outcome.key.clone(),
        name: outcome.name.clone(),
        current: ix == on,
    };
    view.spec.outcomes.iter().enumerate().map(tab).collect()
}

pub(super) async fn load(app: &App, view: &MarketView, on: usize) -> Result<Book, Unavailable> {
    let outcome = view.spec.outcomes[on].name.clone();
    if view.phase.status().is_final() {
        return Ok(Book {
            outcome,
            asks: Vec::new(),
            bids: Vec::new(),
            spread: String::new(),
            implies: view.spec.outcomes.len() > 2,
            made: false,
            depth: None,
        });
    }
    let id = view.id;
    let read = app
        .read(move |engine| engine.book_view(id, outcome_at(on), LEVELS, true))
        .await?;
    let Some(BookView { bids, asks, .. }) = read else {
        return Err(Unavailable);
    };
    let depth = Depth::draw(&bids, &asks, view.spec.tick);
    let [bids, asks] = [&bids, &asks].map(|side| &side[..side.len().min(LADDER)]);
    let most = bids
        .iter()
        .chain(asks)
        .map(total)
        .max()
        .unwrap_or(Lots::ZERO);
    let level = |level: &LevelView| Level {
        price: figures::price(level.price, view.spec.tick),
        resting: dash(level.resting),
        implied: dash(level.implied),
        maker: dash(level.maker),
        resting_length: share(level.resting, most),
        implied_length: share(level.implied, most),
        maker_start: share(level.resting + level.implied, most),
        maker_length: share(level.maker, most),
    };
    let spread = match (bids.first(), asks.first()) {
        (Some(bid), Some(ask)) => {
            let ticks = ask.price.ticks().saturating_sub(bid.price.ticks());
            format!(
                "Spread {}",
                tidings_core::units::Price::new(ticks)
                    .map_or_else(|| "0".to_owned(), |gap| figures::price(gap, view.spec.tick))
            )
        }
        (None, Some(_)) => "Nobody buys".to_owned(),
        (Some(_), None) => "Nobody sells".to_owned(),
        (None, None) => String::new(),
    };
    let mut asks: Vec<Level> = asks.iter().rev().map(level).collect();
    let mut bids: Vec<Level> = bids.iter().map(level).collect();
    let columns: [fn(&mut Level) -> &mut String; 3] = [
        |level| &mut level.resting,
        |level| &mut level.implied,
        |level| &mut level.maker,
    ];
    for column in columns {
        figures::align(asks.iter_mut().chain(&mut bids).map(column));
    }
    Ok(Book {
        outcome,
        asks,
        bids,
        spread,
        implies: view.spec.outcomes.len() > 2,
        made: view.liquidity.is_some(),
        depth,
    })
}

fn total(level: &LevelView) -> Lots {
    level.resting + level.implied + level.maker
}

fn dash(lots: Lots) -> String {
    if lots == Lots::ZERO {
        "–".to_owned()
    } else {
        figures::shares(lots)
    }
}

/// A part of the deepest level, as a length.
fn share(lots: Lots, most: Lots) -> String {
    let most = i128::from(most.get()).max(1);
    let tenths = i128::from(lots.get()) * 1_000 / most;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

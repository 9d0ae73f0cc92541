//! `/markets/{ticker}/orderbook`: bids for Yes and bids for No. An ask for Yes at 0.60 is a bid for No at
//! 0.40.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::extract::{InPath, Params};
use tidings_api::public::document;
use tidings_api::wire::book::LevelJson;
use tidings_api::{App, Problem, book};
use tidings_core::units::TICKS;
use tidings_core::view::MAX_DEPTH;

use crate::amount::{contracts, dollars};
use crate::market::TickerPath;
use crate::ticker::{self, Listing};

/// What can be traded at which price, the maker's shares and complete sets included: all that an order
/// would meet. The best price comes last, as that venue has it.
pub(crate) async fn orderbook(
    State(app): State<App>,
    InPath(path): InPath<TickerPath>,
    Params(query): Params<BookQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let depth = match query.depth {
        None | Some(0) => MAX_DEPTH,
        Some(depth) if depth <= MAX_DEPTH => depth,
        Some(_) => {
            let detail = format!("1 to {MAX_DEPTH}, or 0 for all of them");
            return Err(Problem::invalid_query("depth", detail));
        }
    };
    let Listing { market, outcome } = ticker::find(&app, &path.ticker)?;
    let book = book::load(&app, &market, outcome, depth, true).await?;
    let level = |level: &LevelJson, ticks: u16| {
        let lots = level.resting.0 + level.implied.0 + level.maker.0;
        [dollars(ticks), contracts(lots)]
    };
    let yes = book.bids.iter().rev();
    let no = book.asks.iter().rev();
    let sides = Sides {
        yes_dollars: yes.map(|bid| level(bid, bid.price.0.ticks())).collect(),
        no_dollars: no
            .map(|ask| level(ask, TICKS - ask.price.0.ticks()))
            .collect(),
    };
    let body = BookJson {
        orderbook: sides.clone(),
        orderbook_fp: sides,
    };
    document(&asked, book.seq, &body)
}

/// How much of a book.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookQuery {
    depth: Option<usize>,
}

/// A book under both of the names that clients look for it by.
#[derive(Debug, Serialize)]
struct BookJson {
    orderbook: Sides,
    orderbook_fp: Sides,
}

/// Prices and contracts.
#[derive(Clone, Debug, Serialize)]
struct Sides {
    yes_dollars: Vec<[String; 2]>,
    no_dollars: Vec<[String; 2]>,
}

//! `/v1/markets/{m}/book`: how much can be traded at which price.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Reject;
use tidings_core::id::Outcome;
use tidings_core::view::{MAX_DEPTH, MarketView};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::extract::{InPath, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::book::BookJson;
use crate::wire::order::outcome;

/// Levels on one side when the caller does not say.
const USUAL_DEPTH: usize = 20;

/// The book of one outcome. Levels say how much rests there, how much the orders on the other outcomes
/// imply, and how much is the maker's.
#[utoipa::path(get, path = "/v1/markets/{m}/book", tag = "markets", params(MarketPath, BookQuery),
    responses((status = 200, body = BookJson)))]
pub(crate) async fn get_book(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    Params(query): Params<BookQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let depth = query.depth.unwrap_or(USUAL_DEPTH);
    if !(1..=MAX_DEPTH).contains(&depth) {
        return Err(Problem::invalid_query(
            "depth",
            format_args!("1 to {MAX_DEPTH} are allowed"),
        ));
    }
    let on = query
        .outcome
        .as_deref()
        .map(|key| outcome(&market, key))
        .transpose()?;
    let with_maker = query.maker == Maker::Include;
    let book = load(&app, &market, on.unwrap_or(Outcome(0)), depth, with_maker).await?;
    document(&headers, book.seq, &book)
}

/// Which part of which book.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BookQuery {
    /// The outcome's key; the first outcome when absent.
    outcome: Option<String>,
    /// Levels on each side, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    depth: Option<usize>,
    /// Whether the maker's shares are shown; they are when absent.
    #[serde(default)]
    maker: Maker,
}

/// Whether the maker's shares are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MakerDepth)]
pub(crate) enum Maker {
    /// With the maker's shares at each price.
    #[default]
    Include,
    /// Resting orders only.
    Exclude,
}

/// The book of an outcome.
pub async fn load(
    app: &App,
    market: &MarketView,
    outcome: Outcome,
    depth: usize,
    with_maker: bool,
) -> Result<BookJson, Problem> {
    let id = market.id;
    let book = app
        .read(move |engine| engine.book_view(id, outcome, depth, with_maker))
        .await?;
    let book = book.ok_or(Reject::OutcomeNotFound)?;
    Ok(BookJson::of(&book, market, outcome))
}

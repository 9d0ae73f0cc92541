//! `/v1/quotes`: what an order would do. Changes nothing.

use axum::extract::State;
use axum::response::Response;
use tidings_core::access::Role;
use tidings_core::id::AccountId;

use crate::app::App;
use crate::auth::MaybeAccount;
use crate::extract::{Asked, Orders};
use crate::markets;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::order::OrderBody;
use crate::wire::quote::QuoteJson;

/// What an order would do at once. A refusal is the one that the order would get; with a trader's
/// key, also for want of means.
#[utoipa::path(post, path = "/v1/quotes", tag = "orders", request_body = OrderBody,
    security((), ("key" = [])),
    responses((status = 200, body = QuoteJson)))]
pub(crate) async fn quote_order(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    asked: Asked<OrderBody, Orders>,
) -> Result<Response, Problem> {
    let trader = caller.filter(|caller| caller.role == Role::Trader);
    private(&quote(&app, trader.map(|trader| trader.account), asked.body).await?)
}

/// What an order would do, for a trader or for nobody in particular.
pub async fn quote(
    app: &App,
    trader: Option<AccountId>,
    body: OrderBody,
) -> Result<QuoteJson, Problem> {
    let market = markets::find(app, &body.market)?;
    let order = body.into_order(&market)?;
    let (side, at) = (order.side, app.now());
    let quote = app.read(move |engine| engine.quote(at.max(engine.last().at), trader, &order));
    Ok(QuoteJson::of(&quote.await??, side, &market))
}

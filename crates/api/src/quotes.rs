//! `/v1/quotes`: what an order would do. Changes nothing.

use axum::extract::State;
use axum::response::Response;
use tidings_core::access::Role;
use tidings_core::command::{PlaceOrder, Side, Size};
use tidings_core::id::AccountId;
use tidings_core::units::Lots;
use tidings_core::view::QuoteView;
use tidings_core::{Engine, Reject};

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
    let quote = app.read(move |engine| quoted(engine, at.max(engine.last().at), trader, &order));
    Ok(QuoteJson::of(&quote.await??, side, &market))
}

fn quoted(
    engine: &Engine,
    at: tidings_core::units::Timestamp,
    trader: Option<AccountId>,
    order: &PlaceOrder,
) -> Result<QuoteView, Reject> {
    let quote = engine.quote(at, trader, order)?;
    if let Some(trader) = trader {
        check_means(engine, trader, order, &quote)?;
    }
    let booked = engine
        .market(order.market)
        .is_some_and(|market| market.book.is_some());
    match quote.rests > Lots::ZERO && !booked {
        true => Err(Reject::RestingNotSupported),
        false => Ok(quote),
    }
}

/// What the order would be refused for if it came from `trader`.
fn check_means(
    engine: &Engine,
    trader: AccountId,
    order: &PlaceOrder,
    quote: &QuoteView,
) -> Result<(), Reject> {
    let taken = |name: &String| engine.orders().by_client_id(trader, name).is_some();
    if order.client_order_id.as_ref().is_some_and(taken) {
        return Err(Reject::ClientOrderIdTaken);
    }
    match (order.side, order.size) {
        (Side::Buy, _) => {
            let (available, required) = (engine.ledger().cash(trader).available, quote.required);
            match required <= available {
                true => Ok(()),
                false => Err(Reject::InsufficientFunds {
                    available,
                    required,
                }),
            }
        }
        (Side::Sell, Size::Quantity(required)) => {
            let PlaceOrder {
                market,
                outcome,
                contract,
                ..
            } = *order;
            let available = engine.ledger().free_lots(trader, market, outcome, contract);
            match required <= available {
                true => Ok(()),
                false => Err(Reject::InsufficientPosition {
                    available,
                    required,
                }),
            }
        }
        (Side::Sell, Size::Spend(_)) => Ok(()),
    }
}

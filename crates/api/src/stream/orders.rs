//! Orders that come by a stream: the same requests as over HTTP, at the same cost, with the same answers.
//!
//! A message under an idempotency key is the same request as its counterpart over HTTP, as long as the JSON
//! of its order is the same: whoever has lost the stream can ask again either way.

use axum::http::Method;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tidings_core::command::{Command, Request, RequestKey};
use tidings_core::id::OrderId;

use crate::answer::{Answer, answer};
use crate::app::{App, Outcome};
use crate::auth::Caller;
use crate::extract::{key_text, request_key};
use crate::limits::BATCH_ORDERS;
use crate::markets;
use crate::problem::Problem;
use crate::stream::ask::{
    AmendMessage, AmendOp, Ask, CancelAllMessage, CancelAllOp, CancelMessage, CancelOp,
    PlaceMessage, PlaceOp, parse_part,
};
use crate::wire::id;
use crate::wire::order::{AmendBody, OrderBody};

/// Commands that were handed in: their answers, when they are there.
pub(super) type InFlight = BoxFuture<'static, Vec<Done>>;

/// What a command came to.
pub(super) struct Done {
    pub(super) id: String,
    pub(super) op: &'static str,
    pub(super) outcome: Result<Answer, Problem>,
}

/// The route that a message stands for.
pub(super) fn route(ask: &Ask<'_>) -> Option<(Method, &'static str)> {
    match ask {
        Ask::Place(_) => Some((Method::POST, "/v1/orders")),
        Ask::Amend(_) => Some((Method::PATCH, "/v1/orders/{id}")),
        Ask::Cancel(_) => Some((Method::DELETE, "/v1/orders/{id}")),
        Ask::CancelAll(_) => Some((Method::DELETE, "/v1/orders")),
        Ask::Auth(_) | Ask::Subscribe(_) | Ask::Unsubscribe(_) => None,
    }
}

/// Commands of a frame that are not handed in yet. Orders and changes go together, in their order, and are
/// committed together; a cancel goes at once, past those that wait.
#[derive(Default)]
pub(super) struct Group {
    asked: Vec<(String, &'static str)>,
    requests: Vec<Request>,
}

impl Group {
    /// Adds a command of a trader's, and says whether the group is to be handed in before the next one.
    pub(super) fn add(&mut self, trader: Caller, id: String, order: Order) -> bool {
        let Order { op, command, key } = order;
        self.asked.push((id, op));
        let request = Request::new(trader.account, command).under(key);
        self.requests.push(request);
        self.requests.len() >= BATCH_ORDERS
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len()
    }

    /// Hands them in; each is answered, also when none was accepted.
    pub(super) fn hand_in(self, app: &App) -> InFlight {
        let Group { asked, requests } = self;
        let pending = app.hand_in_all(requests);
        let app = app.clone();
        async move {
            let outcomes = match pending {
                Ok(pending) => pending.await,
                Err(problem) => Err(problem),
            };
            let outcomes = match outcomes {
                Ok(outcomes) => outcomes,
                Err(problem) => vec![Err(problem); asked.len()],
            };
            let mut done = Vec::with_capacity(asked.len());
            for ((id, op), outcome) in asked.into_iter().zip(outcomes) {
                done.push(Done::of(&app, id, op, outcome).await);
            }
            done
        }
        .boxed()
    }
}

/// Hands a command in by itself.
pub(super) fn hand_in(app: &App, trader: Caller, id: String, order: Order) -> InFlight {
    let Order { op, command, key } = order;
    let pending = app.hand_in(Request::new(trader.account, command).under(key));
    let app = app.clone();
    async move {
        let outcome = match pending {
            Ok(pending) => pending.await,
            Err(problem) => Err(problem),
        };
        vec![Done::of(&app, id, op, outcome).await]
    }
    .boxed()
}

impl Done {
    async fn of(app: &App, id: String, op: &'static str, outcome: Outcome) -> Done {
        let outcome = match outcome {
            Ok(record) => answer(app, &record, false).await,
            Err(problem) => Err(problem),
        };
        Done { id, op, outcome }
    }
}

/// A message as a command.
pub(super) struct Order {
    op: &'static str,
    command: Command,
    key: Option<RequestKey>,
}

impl Order {
    /// Whether it lets its trader out.
    pub(super) fn is_cancel(&self) -> bool {
        matches!(
            self.command,
            Command::Cancel { .. } | Command::CancelAll { .. }
        )
    }

    pub(super) fn place(app: &App, message: PlaceMessage<'_>) -> Result<Order, Problem> {
        let text = message.order.get();
        let key = under(message.idempotency_key, "POST", "/v1/orders", text)?;
        let body: OrderBody = parse_part("order", message.order)?;
        let market = markets::find(app, &body.market)?;
        Ok(Order {
            op: PlaceOp::WORD,
            command: Command::Place(body.into_order(&market)?),
            key,
        })
    }

    pub(super) fn amend(message: AmendMessage<'_>) -> Result<Order, Problem> {
        let (order, target) = named(&message.order)?;
        let text = message.change.get();
        let key = under(message.idempotency_key, "PATCH", &target, text)?;
        let body: AmendBody = parse_part("change", message.change)?;
        Ok(Order {
            op: AmendOp::WORD,
            command: Command::Amend(body.into_amend(order)),
            key,
        })
    }

    pub(super) fn cancel(message: CancelMessage) -> Result<Order, Problem> {
        let (order, target) = named(&message.order)?;
        Ok(Order {
            op: CancelOp::WORD,
            command: Command::Cancel { order },
            key: under(message.idempotency_key, "DELETE", &target, "")?,
        })
    }

    pub(super) fn cancel_all(app: &App, message: CancelAllMessage) -> Result<Order, Problem> {
        let market = markets::named(app, message.market.as_deref())?;
        let target = match &message.market {
            Some(market) => format!("/v1/orders?market={market}"),
            None => "/v1/orders".to_owned(),
        };
        Ok(Order {
            op: CancelAllOp::WORD,
            command: Command::CancelAll { market },
            key: under(message.idempotency_key, "DELETE", &target, "")?,
        })
    }
}

/// The order with an id, and its address.
fn named(text: &str) -> Result<(OrderId, String), Problem> {
    let order = id::parse_order(text).ok_or(tidings_core::Reject::OrderNotFound)?;
    Ok((order, format!("/v1/orders/{text}")))
}

/// The idempotency key, if one was given, with a digest of what the request would be over HTTP.
fn under(
    key: Option<String>,
    method: &str,
    target: &str,
    body: &str,
) -> Result<Option<RequestKey>, Problem> {
    let Some(key) = key else {
        return Ok(None);
    };
    let key = key_text(key.as_bytes())?;
    Ok(Some(request_key(key, method, target, body.as_bytes())))
}

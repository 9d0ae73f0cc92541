//! Orders that are sent at once, with an answer each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidings_core::command::Command;
use tidings_core::view::MarketView;
use utoipa::ToSchema;

use crate::limits::BATCH_ORDERS;
use crate::problem::{Problem, ProblemShape};
use crate::wire::order::OrderBody;
use crate::wire::placed::PlacedJson;

/// Orders to be placed one after the other, with nobody else's between them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceOrders, example = json!({"orders": [
    {"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy", "type": "limit",
     "price": "0.40", "quantity": "100"},
    {"market": "jpkr-joint-statement-2026", "outcome": "yes", "contract": "no", "side": "buy",
     "type": "limit", "price": "0.58", "quantity": "100", "post_only": true}
]}))]
pub struct BatchBody {
    /// 1 to 100 orders, as `POST /v1/orders` takes them.
    #[schema(min_items = 1, max_items = 100)]
    pub orders: Vec<OrderBody>,
}

impl BatchBody {
    /// How many orders there are.
    pub(crate) fn count(&self) -> Result<usize, Problem> {
        match self.orders.len() {
            count @ 1..=BATCH_ORDERS => Ok(count),
            _ => Err(Problem::invalid_body(
                "orders",
                format_args!("1 to {BATCH_ORDERS} orders can be sent at once"),
            )),
        }
    }

    /// The commands. An order that has no meaning refuses all of them, which any reader of the body could
    /// have told; what depends on the state of the exchange, a market that is not there included, is for
    /// the engine to answer.
    pub(crate) fn into_commands(
        self,
        find: impl Fn(&str) -> Option<Arc<MarketView>>,
    ) -> Result<Vec<Command>, Problem> {
        let mut last: Option<(String, Option<Arc<MarketView>>)> = None;
        let mut commands = Vec::with_capacity(self.orders.len());
        for (ix, mut order) in self.orders.into_iter().enumerate() {
            // Many are for one market.
            let name = std::mem::take(&mut order.market);
            let (_, market) = match last.take() {
                Some(known) if known.0 == name => last.insert(known),
                _ => {
                    let market = find(&name);
                    last.insert((name, market))
                }
            };
            let placed = order.anywhere(market.as_deref());
            let placed = placed.map_err(|problem| problem.inside(&format!("orders[{ix}]")))?;
            commands.push(Command::Place(placed));
        }
        Ok(commands)
    }
}

/// The answers to orders that were sent at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrdersPlaced)]
pub struct BatchJson {
    /// The place in the journal of the last of them.
    #[schema(example = 1842)]
    pub seq: u64,
    /// An answer for each, in their order.
    pub results: Vec<BatchResultJson>,
}

/// The answer to one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderResult)]
pub struct BatchResultJson {
    /// 201, or the problem's status.
    #[schema(example = 201)]
    pub status: u16,
    /// What `POST /v1/orders` would have answered.
    pub body: BatchResultBody,
}

/// An accepted order, or why it was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = OrderAnswer)]
pub enum BatchResultBody {
    /// It was accepted.
    Placed(PlacedJson),
    /// It was refused, and changed nothing.
    #[schema(value_type = ProblemShape)]
    Refused(Problem),
}

impl From<Result<PlacedJson, Problem>> for BatchResultJson {
    fn from(answer: Result<PlacedJson, Problem>) -> BatchResultJson {
        match answer {
            Ok(placed) => BatchResultJson {
                status: 201,
                body: BatchResultBody::Placed(placed),
            },
            Err(problem) => BatchResultJson {
                status: problem.status().as_u16(),
                body: BatchResultBody::Refused(problem),
            },
        }
    }
}

//! What is compared with: a handler that parses an order and answers the same JSON, made of the same wire types and
//! served by the same libraries, and does nothing in between. No key is looked at, nothing is matched, nothing is kept.
//!
//! It is a process of its own, this program again, and ends when its standard input does.

use std::sync::Arc;

use axum::extract::{Json, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tidings_api::wire::batch::{BatchBody, BatchJson};
use tidings_api::wire::draft::CreateMarketBody;
use tidings_api::wire::odds::LiveJson;
use tidings_api::wire::order::OrderBody;
use tidings_api::wire::placed::PlacedJson;
use tidings_core::access::Role;
use tidings_core::command::{
    Command, OpenAccount, PlaceOrder, Request, Stamp, TimeInForce, Transfer,
};
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::{Micros, Timestamp};
use tidings_core::view::MarketView;
use tidings_core::{Answer, Engine};
use tidings_tests::again::serves_at;
use tokio::net::TcpListener;

use crate::script;

/// Has this program be the handler.
pub(crate) const FLAG: &str = "--bare-handler";

/// Serves, on as many threads as the server does.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        serves_at(listener.local_addr().expect("its address"));
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = axum::Router::new()
            .route("/v1/orders", post(place))
            .route("/v1/orders/batch", post(place_many))
            .route("/v1/markets/{m}/odds", get(odds))
            .with_state(Arc::new(Answers::once()));
        axum::serve(listener, router).await.expect("it serves");
    });
}

/// What is answered, again and again: the records of an order that rests and of one that fills, as the engine
/// made them once.
struct Answers {
    market: MarketView,
    rested: Record,
    filled: Record,
}

async fn place(State(answers): State<Arc<Answers>>, Json(body): Json<OrderBody>) -> Response {
    (StatusCode::CREATED, Json(answers.placed(body))).into_response()
}

async fn place_many(
    State(answers): State<Arc<Answers>>,
    Json(body): Json<BatchBody>,
) -> Json<BatchJson> {
    let placed = body
        .orders
        .into_iter()
        .map(|order| Ok(answers.placed(order)).into());
    Json(BatchJson {
        seq: answers.filled.stamp.seq.0,
        results: placed.collect(),
    })
}

async fn odds(State(answers): State<Arc<Answers>>, headers: HeaderMap) -> Response {
    let tag = HeaderValue::from_static("\"7-0123456789abcdef\"");
    match headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        true => (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response(),
        false => ([(header::ETAG, tag)], Json(LiveJson::of(&answers.market))).into_response(),
    }
}

impl Answers {
    fn once() -> Answers {
        let mut journal = Journal::default();
        let (world, admin, ann) = (
            AccountId::WORLD,
            AccountId::ADMIN,
            AccountId(AccountId::ADMIN.0 + 1),
        );
        let open = |role| {
            let (name, grant) = (String::new(), None);
            Command::OpenAccount(OpenAccount { name, role, grant })
        };
        journal.take(world, open(Role::Admin));
        journal.take(admin, open(Role::Operator));
        journal.take(admin, open(Role::Trader));
        let trader = AccountId(ann.0 + 1);
        for account in [ann, trader] {
            let amount = Micros::new(1_000_000_000_000);
            journal.take(admin, Command::Deposit(Transfer { account, amount }));
        }
        let draft: CreateMarketBody = serde_json::from_value(script::market(0)).expect("a market");
        let spec = draft.into_spec().expect("a market");
        journal.take(ann, Command::CreateMarket(Box::new(spec)));
        journal.take(
            ann,
            Command::OpenMarket {
                market: MarketId(0),
            },
        );
        let market = journal.engine.market_view(MarketId(0)).expect("a market");
        let [rests, fills] = script::orders(0).map(|order| {
            let body: OrderBody = serde_json::from_value(order).expect("an order");
            Command::Place(body.into_order(&market).expect("an order"))
        });
        // Another trader's order is met, not one's own.
        journal.take(admin, open(Role::Trader));
        let other = AccountId(trader.0 + 1);
        let amount = Micros::new(1_000_000_000);
        journal.take(
            admin,
            Command::Deposit(Transfer {
                account: other,
                amount,
            }),
        );
        Answers {
            rested: journal.take(trader, rests),
            filled: journal.take(other, fills),
            market,
        }
    }

    fn placed(&self, body: OrderBody) -> PlacedJson {
        let order: PlaceOrder = body.into_order(&self.market).expect("an order");
        let record = match order.time_in_force {
            TimeInForce::Ioc => &self.filled,
            _ => &self.rested,
        };
        PlacedJson::of(record, &order, &self.market).expect("an accepted order")
    }
}

/// An engine, and the place of the next command.
#[derive(Default)]
struct Journal {
    engine: Engine,
    seq: u64,
}

impl Journal {
    fn take(&mut self, actor: AccountId, command: Command) -> Record {
        self.seq += 1;
        let now = std::time::UNIX_EPOCH
            .elapsed()
            .expect("after 1970")
            .as_micros();
        let stamp = Stamp {
            seq: Seq(self.seq),
            at: Timestamp::from_micros(i64::try_from(now).expect("a moment")),
        };
        let request = Request::new(actor, command);
        let mut events = Vec::new();
        let answer = self.engine.apply(stamp, &request, &mut events);
        assert!(matches!(answer, Answer::Done), "{answer:?}");
        Record {
            stamp,
            request,
            events,
            refusal: None,
        }
    }
}

//! Every message that there is, by name, with its schema: what the AsyncAPI document is made of.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::stream::ask::{
    AmendMessage, AmendOp, AuthMessage, AuthOp, CancelAllMessage, CancelAllOp, CancelMessage,
    CancelOp, PlaceMessage, PlaceOp, SubscribeMessage, SubscribeOp, UnsubscribeMessage,
    UnsubscribeOp,
};
use crate::stream::tell::{
    AuthenticatedJson, BalancesMessage, BookMessage, FillsMessage, HeartbeatMessage, HelloMessage,
    MarketMessage, OddsMessage, OrdersMessage, ProblemMessage, ProposalsMessage, StaleMessage,
    SubscriptionJson, TradeMessage,
};
use crate::wire::placed::{AllCancelledJson, AmendedJson, CancelledJson, PlacedJson};

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A client asks.
    Asked,
    /// The server answers what was asked.
    Answered,
    /// The server tells what happened.
    Told,
}

/// A schema's name, and the schemas that it needs, its own included.
type Schemas = (String, Vec<(String, RefOr<Schema>)>);

/// One kind of message.
pub(crate) struct Message {
    pub(crate) name: &'static str,
    pub(crate) way: Way,
    /// The `op` and the status of what it answers, where it answers something: then the schema is its body's.
    pub(crate) answers: Option<(&'static str, u16)>,
    pub(crate) schemas: fn() -> Schemas,
}

/// Every `op`, as it is written.
pub(crate) const OPS: [&str; 7] = [
    AuthOp::WORD,
    SubscribeOp::WORD,
    UnsubscribeOp::WORD,
    PlaceOp::WORD,
    AmendOp::WORD,
    CancelOp::WORD,
    CancelAllOp::WORD,
];

/// The name of the answer to each `op`.
pub(crate) const ANSWERS: [&str; 7] = [
    "auth.answer",
    "subscribe.answer",
    "unsubscribe.answer",
    "order.place.answer",
    "order.amend.answer",
    "order.cancel.answer",
    "order.cancel_all.answer",
];

/// All of them.
pub(crate) fn messages() -> Vec<Message> {
    let [
        auth,
        subscribe,
        unsubscribe,
        place,
        amend,
        cancel,
        cancel_all,
    ] = OPS;
    vec![
        asked::<AuthMessage>(auth),
        asked::<SubscribeMessage>(subscribe),
        asked::<UnsubscribeMessage>(unsubscribe),
        asked::<PlaceMessage<'_>>(place),
        asked::<AmendMessage<'_>>(amend),
        asked::<CancelMessage>(cancel),
        asked::<CancelAllMessage>(cancel_all),
        answered::<AuthenticatedJson>(0, 200),
        answered::<SubscriptionJson>(1, 200),
        answered::<SubscriptionJson>(2, 200),
        answered::<PlacedJson>(3, 201),
        answered::<AmendedJson>(4, 200),
        answered::<CancelledJson>(5, 200),
        answered::<AllCancelledJson>(6, 200),
        Message {
            way: Way::Answered,
            ..asked::<ProblemMessage<'_>>("problem")
        },
        told::<HelloMessage>("hello"),
        told::<HeartbeatMessage>("heartbeat"),
        told::<OddsMessage>("odds"),
        told::<TradeMessage>("trade"),
        told::<BookMessage>("book"),
        told::<MarketMessage>("market"),
        told::<StaleMessage>("stale"),
        told::<OrdersMessage>("orders"),
        told::<FillsMessage>("fills"),
        told::<BalancesMessage>("balances"),
        told::<ProposalsMessage>("proposals"),
    ]
}

fn asked<T: ToSchema>(name: &'static str) -> Message {
    Message {
        name,
        way: Way::Asked,
        answers: None,
        schemas: schemas::<T>,
    }
}

fn told<T: ToSchema>(name: &'static str) -> Message {
    Message {
        way: Way::Told,
        ..asked::<T>(name)
    }
}

fn answered<T: ToSchema>(ix: usize, status: u16) -> Message {
    Message {
        way: Way::Answered,
        answers: Some((OPS[ix], status)),
        ..asked::<T>(ANSWERS[ix])
    }
}

fn schemas<T: ToSchema>() -> Schemas {
    let mut all = Vec::new();
    T::schemas(&mut all);
    all.push((T::name().into_owned(), T::schema()));
    (T::name().into_owned(), all)
}

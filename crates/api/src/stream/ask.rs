//! What a client says: frames, the messages in them, and what each of these means.
//!
//! A message is looked over like a body, and refused alone: the others of its frame are carried out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::extract::{is_in_order, scan};
use crate::limits::FRAME_MESSAGES;
use crate::problem::Problem;
use crate::stream::catalog::OPS;
use crate::wire::order::{AmendBody, OrderBody};

/// Bytes of a message's `id`.
const ID_BYTES: usize = 64;

/// What is wrong with a frame.
#[derive(Debug)]
pub(super) enum BadFrame {
    /// It is no JSON, or neither an object nor a list.
    NotJson,
    /// Nothing of it is done.
    Refused(Problem),
}

/// The messages of a frame: one, or those of a list.
pub(super) fn messages(frame: &str) -> Result<Vec<&RawValue>, BadFrame> {
    let frame = frame.trim_ascii();
    let messages = match frame.as_bytes().first() {
        Some(b'{') => serde_json::from_str(frame).map(|one| vec![one]),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(frame),
        _ => return Err(BadFrame::NotJson),
    };
    let messages = messages.map_err(|_| BadFrame::NotJson)?;
    match messages.len() <= FRAME_MESSAGES {
        true => Ok(messages),
        false => {
            let detail = format!("a frame has at most {FRAME_MESSAGES} messages; nothing was done");
            let problem = Problem::invalid_body("", detail).with("most", FRAME_MESSAGES);
            Err(BadFrame::Refused(problem))
        }
    }
}

/// What a message asks for.
pub(super) enum Ask<'a> {
    Auth(AuthMessage),
    Subscribe(SubscribeMessage),
    Unsubscribe(UnsubscribeMessage),
    Place(PlaceMessage<'a>),
    Amend(AmendMessage<'a>),
    Cancel(CancelMessage),
    CancelAll(CancelAllMessage),
}

/// A message that was refused, with what its answer has to say of it.
#[derive(Debug)]
pub(super) struct BadMessage {
    pub(super) id: Option<String>,
    pub(super) problem: Problem,
}

/// What every message has.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    op: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Reads a message: its id, and what it asks for.
pub(super) fn read(message: &RawValue) -> Result<(String, Ask<'_>), BadMessage> {
    let text = message.get();
    let head: Result<Head<'_>, _> = serde_json::from_str(text);
    let id = head.as_ref().ok().map(|head| &head.id);
    let id = id
        .filter(|id| id.len() <= ID_BYTES)
        .map(|id| id.to_string());
    let refuse = |problem| BadMessage {
        id: id.clone(),
        problem,
    };
    // It is JSON: the frame that it came in was read.
    if !is_in_order(text.as_bytes()) {
        scan(text.as_bytes(), true).map_err(refuse)?;
    }
    let head = head.map_err(|fault| refuse(Problem::invalid_body("", fault)))?;
    if head.id.is_empty() || head.id.len() > ID_BYTES {
        let fault = format!("an id has 1 to {ID_BYTES} bytes");
        return Err(refuse(Problem::invalid_body("id", fault)));
    }
    let ask = match &*head.op {
        AuthOp::WORD => parse(text).map(Ask::Auth),
        SubscribeOp::WORD => parse(text).map(Ask::Subscribe),
        UnsubscribeOp::WORD => parse(text).map(Ask::Unsubscribe),
        PlaceOp::WORD => parse(text).map(Ask::Place),
        AmendOp::WORD => parse(text).map(Ask::Amend),
        CancelOp::WORD => parse(text).map(Ask::Cancel),
        CancelAllOp::WORD => parse(text).map(Ask::CancelAll),
        _ => {
            let fault = format!("there are {}", OPS.join(", "));
            Err(Problem::invalid_body("op", fault))
        }
    };
    match ask {
        Ok(ask) => Ok((head.id.into_owned(), ask)),
        Err(problem) => Err(refuse(problem)),
    }
}

/// To know where a fault is costs as much as to read a message: only who needs to know pays for it.
fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Problem> {
    serde_json::from_str(text).or_else(|_| {
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Problem::invalid_body(&error.path().to_string(), error.inner()))
    })
}

/// Reads a part that is a body of its own elsewhere.
pub(super) fn parse_part<T: DeserializeOwned>(name: &str, part: &RawValue) -> Result<T, Problem> {
    serde_json::from_str(part.get()).or_else(|_| {
        let mut json = serde_json::Deserializer::from_str(part.get());
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = match error.path().to_string().as_str() {
                "." => name.to_owned(),
                path => format!("{name}.{path}"),
            };
            Problem::invalid_body(&field, error.inner())
        })
    })
}

/// Types for words that are always the same: `Type = "word";`.
macro_rules! constant {
    ($($name:ident = $word:literal;)+) => {
        $(
            #[doc = concat!("Always `", $word, "`.")]
            #[derive(Clone, Copy, Debug)]
            pub(crate) struct $name;

            #[allow(dead_code, reason = "some are only read, some only written")]
            impl $name {
                pub(crate) const WORD: &str = $word;
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                    deserializer.deserialize_str($crate::stream::ask::Constant($word)).map(|()| $name)
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str($word)
                }
            }

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::Type::String)
                        .enum_values(Some([$word]))
                        .into()
                }
            }

            impl utoipa::ToSchema for $name {}
        )+
    };
}
pub(super) use constant;

/// Takes one word and no other.
pub(super) struct Constant(pub(super) &'static str);

impl Visitor<'_> for Constant {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<(), E> {
        match word == self.0 {
            true => Ok(()),
            false => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }
}

constant! {
    AuthOp = "auth";
    SubscribeOp = "subscribe";
    UnsubscribeOp = "unsubscribe";
    PlaceOp = "order.place";
    AmendOp = "order.amend";
    CancelOp = "order.cancel";
    CancelAllOp = "order.cancel_all";
}

/// What can be listened to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = Channel)]
pub(crate) enum ChannelWord {
    /// A market's odds and status, at most once a second.
    Odds,
    /// A market's trades, each of them.
    Trade,
    /// A market's books, at most once a second.
    Book,
    /// A market's changes of phase.
    Market,
    /// The account's orders: each change of each of them.
    Orders,
    /// The account's fills, each of them.
    Fills,
    /// The account's money and shares: each change.
    Balances,
    /// What is proposed for the ends of markets that the account holds: each step of it.
    Proposals,
}

impl ChannelWord {
    /// Its name on the wire.
    pub(super) const fn word(self) -> &'static str {
        match self {
            ChannelWord::Odds => "odds",
            ChannelWord::Trade => "trade",
            ChannelWord::Book => "book",
            ChannelWord::Market => "market",
            ChannelWord::Orders => "orders",
            ChannelWord::Fills => "fills",
            ChannelWord::Balances => "balances",
            ChannelWord::Proposals => "proposals",
        }
    }

    /// Whether it is a market's, rather than the account's.
    pub(super) const fn is_of_markets(self) -> bool {
        match self {
            ChannelWord::Odds | ChannelWord::Trade | ChannelWord::Book | ChannelWord::Market => {
                true
            }
            ChannelWord::Orders
            | ChannelWord::Fills
            | ChannelWord::Balances
            | ChannelWord::Proposals => false,
        }
    }
}

/// Says who is there, where headers cannot be sent. Only as the first message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthMessage, example = json!({"op": "auth", "id": "1", "key": "tdg_3f1c0e"}))]
pub(crate) struct AuthMessage {
    #[expect(dead_code, reason = "it was looked at before")]
    op: AuthOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// The key's text.
    pub(super) key: String,
}

/// Listens to a channel. Asked for again, it starts anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubscribeMessage, examples(
    json!({"op": "subscribe", "id": "2", "channel": "odds", "markets": ["jpkr-joint-statement-2026"]}),
    json!({"op": "subscribe", "id": "3", "channel": "orders", "after": "3:1841"})
))]
pub(crate) struct SubscribeMessage {
    #[expect(dead_code, reason = "it was looked at before")]
    op: SubscribeOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// What to listen to.
    pub(super) channel: ChannelWord,
    /// Slugs or ids of the markets, of the channels that are markets'.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) markets: Option<Vec<String>>,
    /// The last `place` that the client has of this channel, and of these markets: what came after it
    /// follows, or a `reset` where that is not kept.
    #[schema(example = "3:1841")]
    pub(super) after: Option<String>,
}

/// Listens no longer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnsubscribeMessage, example = json!({"op": "unsubscribe", "id": "4", "channel": "orders"}))]
pub(crate) struct UnsubscribeMessage {
    #[expect(dead_code, reason = "it was looked at before")]
    op: UnsubscribeOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// What was listened to.
    pub(super) channel: ChannelWord,
    /// Slugs or ids of the markets; all of them when absent.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) markets: Option<Vec<String>>,
}

/// Places an order: `POST /v1/orders`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceMessage, example = json!({
    "op": "order.place", "id": "5", "idempotency_key": "a-17",
    "order": {"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy",
              "type": "limit", "price": "0.41", "quantity": "250"}
}))]
pub(crate) struct PlaceMessage<'a> {
    #[expect(dead_code, reason = "it was looked at before")]
    op: PlaceOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// As in the header: the same key with the same order gets the same answer.
    pub(super) idempotency_key: Option<String>,
    /// The order.
    #[serde(borrow)]
    #[schema(value_type = OrderBody)]
    pub(super) order: &'a RawValue,
}

/// Changes an open order: `PATCH /v1/orders/{id}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmendMessage, example = json!({
    "op": "order.amend", "id": "6", "order": "ord_12", "change": {"price": "0.42"}
}))]
pub(crate) struct AmendMessage<'a> {
    #[expect(dead_code, reason = "it was looked at before")]
    op: AmendOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// As in the header.
    pub(super) idempotency_key: Option<String>,
    /// The order's id.
    #[schema(example = "ord_12")]
    pub(super) order: String,
    /// What changes.
    #[serde(borrow)]
    #[schema(value_type = AmendBody)]
    pub(super) change: &'a RawValue,
}

/// Cancels an open order: `DELETE /v1/orders/{id}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelMessage, example = json!({"op": "order.cancel", "id": "7", "order": "ord_12"}))]
pub(crate) struct CancelMessage {
    #[expect(dead_code, reason = "it was looked at before")]
    op: CancelOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// As in the header.
    pub(super) idempotency_key: Option<String>,
    /// The order's id.
    #[schema(example = "ord_12")]
    pub(super) order: String,
}

/// Cancels all open orders, in one market or in all: `DELETE /v1/orders`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelAllMessage, example = json!({"op": "order.cancel_all", "id": "8"}))]
pub(crate) struct CancelAllMessage {
    #[expect(dead_code, reason = "it was looked at before")]
    op: CancelAllOp,
    #[expect(dead_code, reason = "it was looked at before")]
    id: String,
    /// As in the header.
    pub(super) idempotency_key: Option<String>,
    /// Only in this market: its slug or id.
    pub(super) market: Option<String>,
}

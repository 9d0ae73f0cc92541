//! What the server says: messages, and the frames that carry them. What is ready together goes together:
//! a frame is a list, and the system is asked to send once for all of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use tidings_core::id::Seq;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::hub::Place;
use crate::limits::STREAM_BYTES;
use crate::problem::{Problem, ProblemShape};
use crate::stream::ask::{ChannelWord, constant};
use crate::wire::account::{BalanceJson, OwnFillJson};
use crate::wire::book::BookJson;
use crate::wire::held::HeldProposalJson;
use crate::wire::odds::{LiveJson, PhaseJson};
use crate::wire::order::OrderJson;
use crate::wire::stream::StaleJson;
use crate::wire::trade::TradeJson;

constant! {
    HelloType = "hello";
    AnswerType = "answer";
    ProblemType = "problem";
    HeartbeatType = "heartbeat";
    StaleType = "stale";
    OddsWord = "odds";
    TradeWord = "trade";
    BookWord = "book";
    MarketWord = "market";
    OrdersWord = "orders";
    FillsWord = "fills";
    BalancesWord = "balances";
    ProposalsWord = "proposals";
}

/// The first message of a stream.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HelloMessage, example = json!({
    "type": "hello", "place": "3:1840", "seq": 1840, "account": "acc_3", "heartbeat_seconds": 15
}))]
pub(crate) struct HelloMessage {
    pub(super) r#type: HelloType,
    /// Where the journal ends.
    pub(super) place: String,
    /// The same without its epoch.
    pub(super) seq: u64,
    /// Whose key the stream was opened with; null without one.
    pub(super) account: Option<String>,
    /// How often something comes at least. When nothing does for twice as long, the connection is lost.
    pub(super) heartbeat_seconds: u64,
}

/// Says that the stream lives, and where the journal ends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeartbeatMessage, example = json!({"type": "heartbeat", "seq": 1852}))]
pub(crate) struct HeartbeatMessage {
    pub(super) r#type: HeartbeatType,
    /// The place of the last record of the journal.
    pub(super) seq: u64,
}

/// What was asked for was not done, or it is not known whether it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemMessage, example = json!({
    "type": "problem", "id": "5", "problem": {
        "type": "/problems/insufficient_funds", "title": "Insufficient funds", "status": 409,
        "detail": "102.5 is needed and 12 is available", "code": "insufficient_funds", "retry": "after_fix",
        "available": "12", "required": "102.5", "seq": 1843
    }
}))]
pub(crate) struct ProblemMessage<'a> {
    pub(super) r#type: ProblemType,
    /// The `id` of what was asked; null where that cannot be told.
    pub(super) id: Option<&'a str>,
    /// The same document as over HTTP.
    #[schema(value_type = ProblemShape)]
    pub(super) problem: &'a Problem,
}

/// Whose key it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authenticated)]
pub(crate) struct AuthenticatedJson {
    /// The account's id.
    #[schema(example = "acc_3")]
    pub(super) account: String,
}

/// What is listened to, or no longer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(crate) struct SubscriptionJson {
    /// The channel.
    pub(super) channel: ChannelWord,
    /// The slugs of the markets, of the channels that are markets'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markets: Option<Vec<String>>,
}

/// How a message of a channel is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventType {
    /// All that there is, at the start.
    Snapshot,
    /// What a command changed.
    Update,
    /// All that there is, because something was missed that is not kept.
    Reset,
}

impl EventType {
    pub(super) const fn word(self) -> &'static str {
        match self {
            EventType::Snapshot => "snapshot",
            EventType::Update => "update",
            EventType::Reset => "reset",
        }
    }
}

macro_rules! private_message {
    ($(#[$doc:meta])* $name:ident as $schema:ident of $word:ident, $data:ty, $about:literal) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub(crate) struct $name {
            pub(super) r#type: EventType,
            pub(super) channel: $word,
            /// Up to here the client has everything of this channel: what it comes back with as `after`.
            #[schema(example = "3:1841")]
            pub(super) place: String,
            /// The command's place in the journal.
            #[schema(example = 1841)]
            pub(super) seq: u64,
            #[doc = $about]
            pub(super) data: $data,
        }
    };
}

private_message! {
    /// The account's orders: those that are open, or those that a command changed, as it left them.
    OrdersMessage as OrdersMessage of OrdersWord, Vec<OrderJson>, "The orders, oldest first."
}
private_message! {
    /// The account's fills: those of one command. A snapshot has none: `GET /v1/account/fills` has all.
    FillsMessage as FillsMessage of FillsWord, Vec<OwnFillJson>, "The fills, in their order."
}
private_message! {
    /// The account's money, and its shares: all of them, or those that a command changed.
    BalancesMessage as BalancesMessage of BalancesWord, BalanceJson, "What there is from here on."
}

private_message! {
    /// What is proposed for the ends of markets that the account holds: all that stands, or what a command said. That
    /// one is confirmed is told by what is paid, as `balances`, and by the market's status.
    ProposalsMessage as ProposalsMessage of ProposalsWord, Vec<HeldProposalJson>, "Market by market."
}

// Described here, and written by `Outbox::push_said` from parts that all readers share.
macro_rules! public_message {
    ($(#[$doc:meta])* $name:ident as $schema:ident of $word:ident, $data:ty, $about:literal) => {
        $(#[$doc])*
        #[derive(Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub(crate) struct $name {
            r#type: EventType,
            channel: $word,
            /// The market's slug.
            market: String,
            /// Up to here the client has everything of this channel and market: what it comes back with as
            /// `after`.
            #[schema(example = "3:1841")]
            place: String,
            /// The same without its epoch.
            #[schema(example = 1841)]
            seq: u64,
            #[doc = $about]
            data: $data,
        }
    };
}

public_message! {
    /// A market's odds and status: all of them, each time.
    OddsMessage as OddsMessage of OddsWord, LiveJson, "The odds as they stand."
}
public_message! {
    /// A market's trades: those of one command. A snapshot has none: `GET /v1/markets/{m}/trades` has all; a
    /// reset has none either, and says that some were missed.
    TradeMessage as TradeMessage of TradeWord, Vec<TradeJson>, "The trades, in their order."
}
public_message! {
    /// The book of one outcome, whole each time: its best levels, as they stand.
    BookMessage as BookMessage of BookWord, BookJson, "The book."
}
public_message! {
    /// A market's phase.
    MarketMessage as MarketMessage of MarketWord, PhaseJson, "The phase from here on."
}

/// The journal does not answer, so nobody knows whether what was said of a market is still how things stand.
#[derive(Serialize, ToSchema)]
#[schema(as = StaleMessage)]
pub(crate) struct StaleMessage {
    r#type: StaleType,
    /// Of which channel it was said.
    channel: ChannelWord,
    /// The market's slug.
    market: String,
    /// What the client has.
    #[schema(example = "3:1841")]
    place: String,
    /// The same without its epoch.
    #[schema(example = 1841)]
    seq: u64,
    /// Since when.
    data: StaleJson,
}

/// The type of a [`StaleMessage`].
pub(super) const STALE: &str = StaleType::WORD;

/// A message of a market's channel, whose documents are JSON already: all readers share them.
pub(super) struct Said {
    pub(super) word: &'static str,
    pub(super) channel: ChannelWord,
    pub(super) market: Arc<str>,
    pub(super) place: Place,
    pub(super) documents: Vec<Bytes>,
}

/// What waits to be sent, as the text of one frame.
#[derive(Default)]
pub(super) struct Outbox(Vec<u8>);

impl Outbox {
    /// Whether there is enough of it to be sent before more is said.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= STREAM_BYTES
    }

    pub(super) fn push(&mut self, message: &impl Serialize) {
        self.begin();
        serde_json::to_writer(&mut self.0, message).expect("messages are plain data");
    }

    pub(super) fn push_said(&mut self, said: &Said) {
        let Said {
            word,
            channel,
            market,
            place,
            documents,
        } = said;
        self.begin();
        let (channel_word, seq) = (channel.word(), place.seq);
        // Slugs have no character that would have to be escaped.
        let head = format!(
            "{{\"type\":\"{word}\",\"channel\":\"{channel_word}\",\"market\":\"{market}\",\
             \"place\":\"{place}\",\"seq\":{seq},\"data\":"
        );
        self.0.extend_from_slice(head.as_bytes());
        let is_list = *channel == ChannelWord::Trade && *word != STALE;
        if is_list {
            self.0.push(b'[');
        }
        for (document, ix) in documents.iter().zip(0..) {
            if ix > 0 {
                self.0.push(b',');
            }
            self.0.extend_from_slice(document);
        }
        self.0.extend_from_slice(if is_list { b"]}" } else { b"}" });
    }

    /// Adds what waits in another one.
    pub(super) fn append(&mut self, mut other: Outbox) {
        if let Some(first) = other.0.first_mut()
            && !self.0.is_empty()
        {
            *first = b',';
        }
        self.0.append(&mut other.0);
    }

    /// The answer to what was asked with an id: the body is that of HTTP, byte for byte.
    pub(super) fn push_answer(&mut self, id: &str, op: &str, answer: &Answer) {
        self.answer_head(id, op, answer.status.as_u16());
        self.0.extend_from_slice(answer.bytes());
        self.0.push(b'}');
    }

    /// The answer to what needs no record.
    pub(super) fn push_done(&mut self, id: &str, op: &str, body: &impl Serialize) {
        self.answer_head(id, op, 200);
        serde_json::to_writer(&mut self.0, body).expect("answers are plain data");
        self.0.push(b'}');
    }

    pub(super) fn push_problem(&mut self, id: Option<&str>, problem: &Problem) {
        self.push(&ProblemMessage {
            r#type: ProblemType,
            id,
            problem,
        });
    }

    /// The frame, if there is anything to send.
    pub(super) fn take(&mut self) -> Option<Utf8Bytes> {
        if self.0.is_empty() {
            return None;
        }
        let mut frame = std::mem::take(&mut self.0);
        frame.push(b']');
        let frame = String::from_utf8(frame).expect("JSON is UTF-8");
        Some(frame.into())
    }

    fn begin(&mut self) {
        self.0.push(if self.0.is_empty() { b'[' } else { b',' });
    }

    fn answer_head(&mut self, id: &str, op: &str, status: u16) {
        self.begin();
        let id = serde_json::to_string(id).expect("a text is plain data");
        let head = format!(
            "{{\"type\":\"answer\",\"id\":{id},\"op\":\"{op}\",\"status\":{status},\"body\":"
        );
        self.0.extend_from_slice(head.as_bytes());
    }
}

/// A place in the journal, with its epoch: what a client comes back with.
pub(super) fn place(epoch: u64, seq: Seq) -> String {
    format!("{epoch}:{seq}")
}

//! What is told, encoded once into bytes that all readers share, by the first who needs them.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use serde::Serialize;
use tidings_core::id::{MarketId, Seq};
use tidings_core::market::MarketSpec;
use tidings_core::view::MarketView;
use tidings_exchange::TradeEvent;

use super::event::{Event, Place};
use crate::wire::odds::{LiveJson, PhaseJson};
use crate::wire::trade::TradeJson;

/// One event, for any number of readers.
pub struct Frame {
    event: Event,
    market: Option<MarketId>,
    id: Option<Place>,
    order: (Seq, u32),
    document: Document,
    encoded: OnceLock<Encoded>,
    other: OnceLock<Bytes>,
}

/// What a frame says, until it is encoded.
enum Document {
    State(Arc<MarketView>),
    Phase(Arc<MarketView>),
    /// With the version of the rules that it was made under.
    Trade(Arc<TradeEvent>, Arc<MarketSpec>, u32),
    /// It was encoded as it was made.
    Encoded,
}

/// An event of a stream of server-sent events, whose document starts at `json`.
struct Encoded {
    bytes: Bytes,
    json: usize,
}

/// Behind the last part of the last trade of any command.
const LAST: u32 = u32::MAX;

impl Frame {
    /// The odds of a market, or all of it for a reader who missed something, as told at a place.
    pub(super) fn state(event: Event, view: Arc<MarketView>, id: Place) -> Frame {
        let market = Some(view.id);
        Frame::of(
            event,
            market,
            Some(id),
            (id.seq, LAST),
            Document::State(view),
        )
    }

    /// A market's phase.
    pub(super) fn phase(view: Arc<MarketView>, id: Place) -> Frame {
        let market = Some(view.id);
        let order = (id.seq, LAST);
        Frame::of(
            Event::Market,
            market,
            Some(id),
            order,
            Document::Phase(view),
        )
    }

    /// A trade. The last one of a command says the place that a reader has with it.
    pub(super) fn trade(
        trade: Arc<TradeEvent>,
        spec: Arc<MarketSpec>,
        rules: u32,
        id: Option<Place>,
    ) -> Frame {
        let (market, order) = (Some(trade.market), (trade.seq, trade.part));
        Frame::of(
            Event::Trade,
            market,
            id,
            order,
            Document::Trade(trade, spec, rules),
        )
    }

    /// What is encoded at once. Without a place, the one before it stands.
    pub(super) fn made(
        event: Event,
        market: Option<MarketId>,
        id: Option<Place>,
        document: &impl Serialize,
    ) -> Frame {
        let order = (id.map_or(Seq(u64::MAX), |id| id.seq), LAST);
        let frame = Frame::of(event, market, id, order, Document::Encoded);
        drop(frame.encoded.set(encode(event, id, document)));
        frame
    }

    fn of(
        event: Event,
        market: Option<MarketId>,
        id: Option<Place>,
        order: (Seq, u32),
        document: Document,
    ) -> Frame {
        Frame {
            event,
            market,
            id,
            order,
            document,
            encoded: OnceLock::new(),
            other: OnceLock::new(),
        }
    }

    /// What it tells.
    pub fn event(&self) -> Event {
        self.event
    }

    /// Of which market; none of the stream itself.
    pub fn market(&self) -> Option<MarketId> {
        self.market
    }

    /// The event's document, in JSON.
    pub fn json(&self) -> Bytes {
        let Encoded { bytes, json } = self.encoded();
        bytes.slice(*json..bytes.len() - END.len())
    }

    /// The whole frame in another form, such as a message of a WebSocket: made once, by the first who asks,
    /// and shared. There is one other form.
    pub fn in_form(&self, make: impl FnOnce(&Frame) -> Bytes) -> Bytes {
        self.other.get_or_init(|| make(self)).clone()
    }

    /// In the order of places; what a command did is before what is shown after it.
    pub(super) fn order(&self) -> (Seq, u32) {
        self.order
    }

    fn encoded(&self) -> &Encoded {
        self.encoded.get_or_init(|| match &self.document {
            Document::State(view) => encode(self.event, self.id, &LiveJson::of(view)),
            Document::Phase(view) => encode(self.event, self.id, &PhaseJson::of(view)),
            Document::Trade(trade, spec, rules) => {
                encode(self.event, self.id, &TradeJson::live(trade, spec, *rules))
            }
            Document::Encoded => unreachable!("it was encoded as it was made"),
        })
    }
}

const END: &[u8] = b"\n\n";

fn encode(event: Event, id: Option<Place>, document: &impl Serialize) -> Encoded {
    let mut bytes = head(event, id).into_bytes();
    let json = bytes.len();
    // JSON has no line ends, so one line of data holds all of it.
    serde_json::to_writer(&mut bytes, document).expect("events are plain data");
    bytes.extend_from_slice(END);
    bytes.shrink_to_fit();
    let bytes = bytes.into();
    Encoded { bytes, json }
}

fn head(event: Event, id: Option<Place>) -> String {
    let event = event.word();
    match id {
        Some(id) => format!("id: {id}\nevent: {event}\ndata: "),
        None => format!("event: {event}\ndata: "),
    }
}

/// A frame for one reader.
#[derive(Clone)]
pub struct Told {
    /// What the reader has once it has this; none: what it had before. Mostly what the frame itself says, and then
    /// the bytes are shared.
    pub id: Option<Place>,
    /// The event.
    pub frame: Arc<Frame>,
}

impl Told {
    /// As the frame says.
    pub(super) fn as_is(frame: &Arc<Frame>) -> Told {
        Told {
            id: frame.id,
            frame: Arc::clone(frame),
        }
    }

    /// The bytes of a server-sent event.
    pub fn sse(&self) -> Bytes {
        let Encoded { bytes, json } = self.frame.encoded();
        if self.id == self.frame.id {
            return bytes.clone();
        }
        let head = head(self.frame.event, self.id);
        [head.as_bytes(), &bytes[*json..]].concat().into()
    }
}

//! Messages: frames in, and out what they say, in their order.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::places::Key;
use super::{Data, Feed, FeedEvent, Said};
use crate::checksum::{fault_of_book, fault_of_odds};
use crate::events::AFTER_A_FAULT;
use crate::problem::Problem;
use crate::types::Channel;

/// What any message may have.
#[derive(Deserialize)]
struct Message<'a> {
    r#type: String,
    id: Option<String>,
    channel: Option<Channel>,
    market: Option<String>,
    place: Option<String>,
    seq: Option<u64>,
    problem: Option<Problem>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl Feed {
    /// Takes in a frame. What comes after a message that is not what it says it is comes again.
    pub(super) fn hear(&mut self, frame: &str) {
        let messages: Vec<&RawValue> = match serde_json::from_str(frame) {
            Ok(messages) => messages,
            Err(error) => return self.lost(format!("a frame is no list: {error}"), None),
        };
        for message in messages {
            if let Err(fault) = self.hear_one(message) {
                return self.lost(fault, Some(AFTER_A_FAULT));
            }
        }
    }

    fn hear_one(&mut self, raw: &RawValue) -> Result<(), String> {
        let Ok(message) = serde_json::from_str::<Message<'_>>(raw.get()) else {
            self.other(raw);
            return Ok(());
        };
        match (message.r#type.as_str(), &message.id) {
            ("hello" | "heartbeat", _) => {}
            ("answer", Some(id)) => {
                let slugs = message.body.and_then(|body| {
                    #[derive(Deserialize)]
                    struct Subscription {
                        #[serde(default)]
                        markets: Vec<String>,
                    }
                    read::<Subscription>(body)
                });
                self.accepted(id, slugs.map_or_else(Vec::new, |said| said.markets));
            }
            ("problem", Some(id)) if message.problem.is_some() => {
                let id = id.clone();
                if let Some(problem) = message.problem {
                    self.refused(&id, problem);
                }
            }
            ("stale", _) => match stale(&message) {
                Some(event) => self.told.push_back((event, None)),
                None => self.other(raw),
            },
            ("snapshot" | "update" | "reset", _) => return self.hear_channel(message, raw),
            _ => self.other(raw),
        }
        Ok(())
    }

    fn hear_channel(&mut self, message: Message<'_>, raw: &RawValue) -> Result<(), String> {
        let Message {
            channel: Some(channel),
            place: Some(place),
            data: Some(data),
            market,
            seq,
            ..
        } = message
        else {
            self.other(raw);
            return Ok(());
        };
        let fault = match channel {
            Channel::Odds => fault_of_odds(data.get()),
            Channel::Book => fault_of_book(data.get()),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(fault);
        }
        let key = Key {
            channel,
            market: market.clone(),
        };
        let seq = seq.unwrap_or_default();
        if market.is_none() {
            // The account's lists have what its stream told.
            self.client.saw(seq);
        }
        let event = match read_data(channel, data) {
            None => FeedEvent::Other(read(raw).unwrap_or_default()),
            Some(data) => {
                let said = Said { market, seq, data };
                match message.r#type.as_str() {
                    "snapshot" => FeedEvent::Snapshot(said),
                    "reset" => FeedEvent::Reset(said),
                    _ => FeedEvent::Update(said),
                }
            }
        };
        self.read.put(&key, place.clone());
        self.told.push_back((event, Some((key, place))));
        Ok(())
    }

    fn other(&mut self, raw: &RawValue) {
        let value: Value = read(raw).unwrap_or_default();
        self.told.push_back((FeedEvent::Other(value), None));
    }
}

fn read<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

fn read_data(channel: Channel, data: &RawValue) -> Option<Data> {
    match channel {
        Channel::Odds => read(data).map(Data::Odds),
        Channel::Trade => read(data).map(Data::Trades),
        Channel::Book => read(data).map(Data::Book),
        Channel::Market => read(data).map(Data::Market),
        Channel::Orders => read(data).map(Data::Orders),
        Channel::Fills => read(data).map(Data::Fills),
        Channel::Balances => read(data).map(Data::Balances),
        Channel::Proposals => read(data).map(Data::Proposals),
    }
}

fn stale(message: &Message<'_>) -> Option<FeedEvent> {
    #[derive(Deserialize)]
    struct Since {
        since: jiff::Timestamp,
    }
    Some(FeedEvent::Stale {
        channel: message.channel?,
        market: message.market.clone()?,
        since: read::<Since>(message.data?)?.since,
    })
}

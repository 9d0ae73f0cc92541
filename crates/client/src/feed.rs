//! `/v1/stream`, a WebSocket that goes on: an account's own orders, fills and balances, and what everyone may
//! see of markets. After a lost connection the client comes back with the place of each channel up to which
//! it has everything, and gets what it missed or is told that it missed something.

mod line;
mod message;
mod places;
mod socket;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::client::Client;
use crate::error::{Error, said};
use crate::problem::{Problem, Retry};
use crate::send::{Pauses, is_worth_another};
use crate::types::{
    Balance, Book, Channel, HeldProposal, MarketEvent, Odds, Order, OwnFill, Trade,
};
use socket::{Socket, Wake};

pub use line::Line;
use places::Key;
pub use places::Places;

/// Markets that one message can name.
const MARKETS_OF_A_MESSAGE: usize = 100;

/// What a [`Feed`] tells: of a channel, or of the stream itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FeedEvent {
    /// The connection is there, for the first time or again. What was missed comes after this, or a
    /// [`FeedEvent::Reset`].
    Connected,
    /// All that there is of a channel: at its start and, of odds and books, whenever the connection is there
    /// again. Trades and fills begin with none: lists have what was before.
    Snapshot(Said),
    /// All that one command changed, in absolute numbers. None is left out, and none comes twice.
    Update(Said),
    /// All that there is, because something was missed that is not kept any more. What was added up has to
    /// begin again; of trades and fills it is none, and lists have what was missed.
    Reset(Said),
    /// The exchange's own journal does not answer: nobody knows whether what was told of a market is how
    /// things stand. Once it answers, what changed comes.
    Stale {
        /// What was told of it.
        channel: Channel,
        /// The market's slug.
        market: String,
        /// The last moment at which it was certain.
        since: Timestamp,
    },
    /// A channel was refused; the others go on.
    Refused {
        /// The channel.
        channel: Channel,
        /// Its markets that were asked for together.
        markets: Vec<String>,
        /// Why.
        problem: Problem,
        /// After how long it is asked for again; none when it is not.
        retry_in: Option<Duration>,
    },
    /// The connection was lost, or went silent, or what came was not what its checksum says: what was told
    /// before may be old. The feed tries again by itself.
    Disconnected {
        /// What happened.
        why: String,
        /// After how long the next attempt is made.
        retry_in: Duration,
    },
    /// The stream was refused, at first or when it came back, such as when its key has ended. Nothing comes
    /// after it.
    Ended(Problem),
    /// A message that this version of the client does not know.
    Other(Value),
}

/// What was said on a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The market's slug, of channels of markets.
    pub market: Option<String>,
    /// Of the command that it is about, or that it is as of: its place in the journal.
    pub seq: u64,
    /// What.
    pub data: Data,
}

/// What a channel says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// A market's odds and status.
    Odds(Odds),
    /// Trades of one command, in their order.
    Trades(Vec<Trade>),
    /// The book of one outcome.
    Book(Book),
    /// A market's phase.
    Market(MarketEvent),
    /// The account's orders: those that are open, or those that changed.
    Orders(Vec<Order>),
    /// The account's fills of one command, in their order.
    Fills(Vec<OwnFill>),
    /// The account's money, and its shares: all, or those that changed.
    Balances(Balance),
    /// What is proposed for the ends of markets that the account holds: all that stands, or what was said of one.
    Proposals(Vec<HeldProposal>),
}

/// A stream of everything that was asked for, of [`Client::stream`]. It is opened when it is first read, and
/// goes on until it is dropped, ends with [`FeedEvent::Ended`], or has nothing to listen to.
///
/// The exchange lets a reader go that takes nothing for 30 s; the feed then comes back as after any loss.
pub struct Feed {
    client: Client,
    state: State,
    listening: BTreeSet<Key>,
    /// Up to where each channel was read: all of it is in `told`, or was.
    read: Places,
    /// What the reader is to be told next, with the place that it has everything up to once it knows.
    told: VecDeque<(FeedEvent, Option<(Key, String)>)>,
    /// Up to where the reader has each channel.
    taken: Places,
    pauses: Pauses,
}

enum State {
    /// To be opened, not before this moment.
    Closed(Instant),
    Open(Box<Socket>),
    Over,
}

impl Client {
    /// One stream for an account's own orders, fills and balances, and for what happens in markets. Say what
    /// of it with [`Feed::own`] and [`Feed::market`], then read.
    pub fn stream(&self) -> Feed {
        Feed {
            client: self.clone(),
            state: State::Closed(Instant::now()),
            listening: BTreeSet::new(),
            read: Places::default(),
            told: VecDeque::new(),
            taken: Places::default(),
            pauses: Pauses::default(),
        }
    }
}

impl Feed {
    /// With the account's orders, fills and balances. What is proposed for the ends of its markets is a channel of
    /// its own, for [`Feed::only`].
    #[must_use]
    pub fn own(self) -> Feed {
        self.only(&[Channel::Orders, Channel::Fills, Channel::Balances])
    }

    /// With some of them.
    #[must_use]
    pub fn only(mut self, channels: &[Channel]) -> Feed {
        let keys = channels.iter().map(|&channel| Key {
            channel,
            market: None,
        });
        self.listening.extend(keys);
        self
    }

    /// With a market, by its slug or id: its odds, trades, books or phases.
    #[must_use]
    pub fn market(mut self, market: &str, channels: &[Channel]) -> Feed {
        let keys = channels.iter().map(|&channel| Key {
            channel,
            market: Some(market.to_owned()),
        });
        self.listening.extend(keys);
        self
    }

    /// From where an earlier feed of the same account was, such as before a restart: what came since follows,
    /// or a [`FeedEvent::Reset`]. Places of markets count where they are named by their slugs.
    #[must_use]
    pub fn from(mut self, places: Places) -> Feed {
        self.read = places.clone();
        self.taken = places;
        self
    }

    /// Up to where [`Feed::next`] has given everything, to go on from with [`Feed::from`].
    pub fn places(&self) -> &Places {
        &self.taken
    }

    /// The next event; none when the feed has ended. It can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<FeedEvent> {
        loop {
            if let Some((event, place)) = self.told.pop_front() {
                if let Some((key, place)) = place {
                    self.taken.put(&key, place);
                }
                return Some(event);
            }
            if self.listening.is_empty() {
                self.state = State::Over;
            }
            match &mut self.state {
                State::Over => return None,
                State::Closed(not_before) => {
                    sleep_until(*not_before).await;
                    match socket::connect(&self.client).await {
                        Ok(socket) => self.connected(socket),
                        Err(error) => self.failed(error),
                    }
                }
                State::Open(socket) => match socket.wake().await {
                    Wake::Text(frame) => self.hear(&frame),
                    Wake::Again(keys) => self.ask(keys),
                    Wake::Lost(why) => self.lost(why, None),
                },
            }
        }
    }

    /// The events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = FeedEvent> + Send {
        stream::unfold(self, |mut feed| async {
            let event = feed.next().await?;
            Some((event, feed))
        })
    }

    fn connected(&mut self, socket: Socket) {
        self.state = State::Open(Box::new(socket));
        self.told.push_back((FeedEvent::Connected, None));
        self.ask(self.listening.clone());
    }

    fn failed(&mut self, error: Error) {
        match error {
            Error::Problem(problem) if !is_worth_another(&Error::Problem(problem.clone())) => {
                self.state = State::Over;
                self.told.push_back((FeedEvent::Ended(*problem), None));
            }
            error => {
                let again_in = error.problem().and_then(|problem| problem.again_in);
                self.lost(said(&error), again_in);
            }
        }
    }

    fn lost(&mut self, why: String, again_in: Option<Duration>) {
        let retry_in = self.pauses.next(again_in);
        self.state = State::Closed(Instant::now() + retry_in);
        let event = FeedEvent::Disconnected { why, retry_in };
        self.told.push_back((event, None));
    }

    /// Asks for channels, from where each was read. Markets of one channel and place go together, since each
    /// message has its cost.
    fn ask(&mut self, keys: BTreeSet<Key>) {
        let State::Open(socket) = &mut self.state else {
            return;
        };
        let mut groups: BTreeMap<(Channel, Option<String>), Vec<Key>> = BTreeMap::new();
        for key in keys {
            // What says all of how things stand each time has nothing that could be missed.
            let after = self.read.of(&key).filter(|_| !key.channel.is_state());
            let group = (key.channel, after.map(str::to_owned));
            groups.entry(group).or_default().push(key);
        }
        let mut messages = Vec::new();
        for ((channel, after), keys) in groups {
            for keys in keys.chunks(MARKETS_OF_A_MESSAGE) {
                let markets: Vec<&str> = keys.iter().filter_map(|key| key.market()).collect();
                let id = socket.asks(keys.to_vec());
                let mut message = json!({ "op": "subscribe", "id": id, "channel": channel });
                if !markets.is_empty() {
                    message["markets"] = json!(markets);
                }
                if let Some(after) = &after {
                    message["after"] = json!(after);
                }
                messages.push(message);
            }
        }
        socket.say(Value::from(messages).to_string());
    }

    /// A subscription was refused: for good, or until there is an allowance for it again.
    fn refused(&mut self, id: &str, problem: Problem) {
        let State::Open(socket) = &mut self.state else {
            return;
        };
        let Some(keys) = socket.answered(id) else {
            return;
        };
        let retry_in = (problem.retry == Retry::Safe).then(|| self.pauses.next(problem.again_in));
        let Some(channel) = keys.first().map(|key| key.channel) else {
            return;
        };
        let markets = keys.iter().filter_map(|key| key.market.clone()).collect();
        match retry_in {
            Some(retry_in) => socket.again(keys, Instant::now() + retry_in),
            None => self.listening.retain(|key| !keys.contains(key)),
        }
        let event = FeedEvent::Refused {
            channel,
            markets,
            problem,
            retry_in,
        };
        self.told.push_back((event, None));
    }

    /// A subscription was accepted: what comes of it names markets by their slugs.
    fn accepted(&mut self, id: &str, slugs: Vec<String>) {
        let State::Open(socket) = &mut self.state else {
            return;
        };
        let Some(keys) = socket.answered(id) else {
            return;
        };
        self.pauses = Pauses::default();
        let Some(channel) = keys.first().map(|key| key.channel) else {
            return;
        };
        if !slugs.is_empty() {
            self.listening.retain(|key| !keys.contains(key));
            let keys = slugs.into_iter().map(|slug| Key {
                channel,
                market: Some(slug),
            });
            self.listening.extend(keys);
        }
    }
}

#[cfg(test)]
mod tests;

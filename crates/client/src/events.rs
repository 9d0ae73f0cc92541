//! Server-sent events that go on: after a lost connection the client comes back with the id of the last
//! event that it has, and gets what it missed or is told that it missed something. Nothing is silent: a
//! reader always knows whether what it has is how things stand.

mod parse;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, Response, Url};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::checksum::{fault_of_book, fault_of_odds};
use crate::client::Client;
use crate::error::{Error, said};
use crate::problem::Problem;
use crate::send::{Ask, Pauses, is_worth_another};
use crate::types::{Book, Channel, Declared, MarketEvent, Odds, Trade};
use parse::{Frame, Parser};

/// The exchange says every 15 s that it is there. Twice that, and a little for the way, is silence.
pub(crate) const SILENCE: Duration = Duration::from_secs(35);
/// The pause after a document that is not what its checksum says: what is wrong with it is hardly over at
/// once.
pub(crate) const AFTER_A_FAULT: Duration = Duration::from_secs(1);

/// An event, or what there is to know of the stream itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The connection is there, for the first time or again. What was missed comes after this, or an
    /// [`Event::Reset`].
    Connected,
    /// What the stream carries and how often: first, where [`Events::of`] chose.
    Declared(Declared),
    /// A market's odds as they stand, at most one a second.
    Odds(Odds),
    /// A trade. None is left out, and none comes twice.
    Trade(Trade),
    /// A book's best levels as they stand, at most one a second; only where [`Events::of`] chose it. One for
    /// each outcome, but only the first one's where there are two: the other's is its mirror.
    Book(Book),
    /// A market entered another phase of its life.
    Market(MarketEvent),
    /// Trades were missed that this stream cannot tell any more: what was added up has to begin again,
    /// with [`Client::trades`] where single ones count. The odds are as they stand.
    Reset(Odds),
    /// The exchange's own journal does not answer: nobody knows whether what was told is how things stand.
    /// Once it answers, odds and books come anew.
    Stale {
        /// The last moment at which it was certain.
        since: Timestamp,
    },
    /// The connection was lost, or went silent, or what came was not what its checksum says: what was told
    /// before may be old. The stream tries again by itself.
    Disconnected {
        /// What happened.
        why: String,
        /// After how long the next attempt is made.
        retry_in: Duration,
    },
    /// The stream was refused, at first or when it came back: the market is not there, or the key that
    /// opened it has ended. Nothing comes after it.
    Ended(Problem),
    /// An event that this version of the client does not know.
    Other {
        /// Its name.
        name: String,
        /// What it says.
        data: Value,
    },
}

/// A stream of events, of [`Client::market_events`] or [`Client::article_events`]. It goes on until it is dropped,
/// or ends with [`Event::Ended`].
pub struct Events {
    client: Client,
    state: State,
    /// The id of the last event that was read: all trades up to its place are.
    last: Option<String>,
    /// Trades whose record is not whole yet. They come again when the connection is lost, so nobody is
    /// told of them before.
    partial: Vec<Trade>,
    /// What the reader is to be told next, and the id that it has everything up to once it knows.
    told: VecDeque<(Event, Option<String>)>,
    /// The id up to which the reader has everything.
    taken: Option<String>,
    pauses: Pauses,
}

enum State {
    /// To be opened, not before this moment.
    Closed(Url, Instant),
    Open(Url, Box<Open>),
    Over,
}

struct Open {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    parser: Parser,
    /// When something came last.
    heard: Instant,
}

impl Events {
    pub(crate) fn open(client: Client, url: Result<Url, Problem>) -> Events {
        let mut told = VecDeque::new();
        let state = match url {
            Ok(url) => State::Closed(url, Instant::now()),
            Err(problem) => {
                told.push_back((Event::Ended(problem), None));
                State::Over
            }
        };
        Events {
            client,
            state,
            last: None,
            partial: Vec::new(),
            told,
            taken: None,
            pauses: Pauses::default(),
        }
    }

    /// With these events, of odds, trades, books and phases; all but books when nothing is said. An
    /// account's own are not told this way: see [`Client::stream`].
    #[must_use]
    pub fn of(mut self, channels: &[Channel]) -> Events {
        if let State::Closed(url, _) = &mut self.state {
            let words: Vec<&str> = channels.iter().map(|channel| channel.word()).collect();
            url.set_query(None);
            url.query_pairs_mut()
                .append_pair("events", &words.join(","));
        }
        self
    }

    /// Goes on after an event of an earlier stream of the same address, such as before a restart.
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Events {
        self.last = Some(id.into());
        self.taken.clone_from(&self.last);
        self
    }

    /// The id up to which [`Events::next`] has given everything, to go on after with [`Events::after`].
    pub fn last_id(&self) -> Option<&str> {
        self.taken.as_deref()
    }

    /// The next event; none when the stream has ended. It can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, id)) = self.told.pop_front() {
                self.taken = id.or(self.taken.take());
                return Some(event);
            }
            match &mut self.state {
                State::Over => return None,
                State::Closed(url, not_before) => {
                    let url = url.clone();
                    sleep_until(*not_before).await;
                    match connect(&self.client, &url, self.last.as_deref()).await {
                        Ok(response) => self.connected(url, response),
                        Err(error) => self.failed(url, error),
                    }
                }
                State::Open(url, open) => {
                    match timeout_at(open.heard + SILENCE, open.bytes.next()).await {
                        Ok(Some(Ok(bytes))) => {
                            open.heard = Instant::now();
                            let frames = open.parser.take(&bytes);
                            let url = url.clone();
                            self.read_all(url, frames);
                        }
                        ended => {
                            let why = match ended {
                                Err(_) => format!("nothing came for {} s", SILENCE.as_secs()),
                                Ok(Some(Err(error))) => said(&error),
                                Ok(_) => "the exchange closed the stream".to_owned(),
                            };
                            let url = url.clone();
                            self.lost(url, why, None);
                        }
                    }
                }
            }
        }
    }

    /// The events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Event> + Send {
        stream::unfold(self, |mut events| async {
            let event = events.next().await?;
            Some((event, events))
        })
    }

    fn connected(&mut self, url: Url, response: Response) {
        let open = Open {
            bytes: response.bytes_stream().boxed(),
            parser: Parser::default(),
            heard: Instant::now(),
        };
        self.state = State::Open(url, Box::new(open));
        self.told.push_back((Event::Connected, None));
    }

    fn failed(&mut self, url: Url, error: Error) {
        match error {
            Error::Problem(problem) if !is_worth_another(&Error::Problem(problem.clone())) => {
                self.state = State::Over;
                self.told.push_back((Event::Ended(*problem), None));
            }
            error => {
                let again_in = error.problem().and_then(|problem| problem.again_in);
                self.lost(url, said(&error), again_in);
            }
        }
    }

    fn lost(&mut self, url: Url, why: String, again_in: Option<Duration>) {
        let retry_in = self.pauses.next(again_in);
        self.partial.clear();
        self.state = State::Closed(url, Instant::now() + retry_in);
        let event = Event::Disconnected { why, retry_in };
        self.told.push_back((event, None));
    }

    /// Takes in frames, up to one that is not what it says it is: that one is asked for again.
    fn read_all(&mut self, url: Url, frames: Vec<Frame>) {
        for frame in frames {
            if let Err(fault) = self.read(frame) {
                return self.lost(url, fault, Some(AFTER_A_FAULT));
            }
        }
    }

    /// Takes in what a frame says.
    ///
    /// # Errors
    /// When its checksum is another one. Nothing of it is told.
    fn read(&mut self, frame: Frame) -> Result<(), String> {
        let event = event(frame.name, &frame.data)?;
        self.pauses = Pauses::default();
        match (event, &frame.id) {
            (Event::Trade(trade), None) => self.partial.push(trade),
            (Event::Trade(trade), id) => {
                let others = self.partial.drain(..);
                self.told
                    .extend(others.map(|trade| (Event::Trade(trade), None)));
                self.told.push_back((Event::Trade(trade), id.clone()));
            }
            (event, id) => self.told.push_back((event, id.clone())),
        }
        self.last = frame.id.or(self.last.take());
        Ok(())
    }
}

/// What an event says, as far as this client knows it.
///
/// # Errors
/// When its checksum is another one.
fn event(name: String, data: &str) -> Result<Event, String> {
    #[derive(Deserialize)]
    struct Stale {
        since: Timestamp,
    }
    let fault = match name.as_str() {
        "odds" | "reset" => fault_of_odds(data),
        "book" => fault_of_book(data),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(fault);
    }
    let known = match name.as_str() {
        "stream" => read(data).map(Event::Declared),
        "odds" => read(data).map(Event::Odds),
        "trade" => read(data).map(Event::Trade),
        "book" => read(data).map(Event::Book),
        "market" => read(data).map(Event::Market),
        "reset" => read(data).map(Event::Reset),
        "stale" => read(data).map(|Stale { since }| Event::Stale { since }),
        _ => None,
    };
    Ok(known.unwrap_or_else(|| {
        let data = serde_json::from_str(data).unwrap_or(Value::Null);
        Event::Other { name, data }
    }))
}

fn read<T: serde::de::DeserializeOwned>(data: &str) -> Option<T> {
    serde_json::from_str(data).ok()
}

async fn connect(client: &Client, url: &Url, last: Option<&str>) -> Result<Response, Error> {
    let ask = Ask::new(Method::GET, url.clone(), None::<&()>);
    let mut request = client
        .request(&ask)?
        .header(ACCEPT, HeaderValue::from_static("text/event-stream"));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = timeout(client.attempt, request.send()).await;
    let response = answer
        .map_err(|_| Error::TimeOver)?
        .map_err(Error::NoAnswer)?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_success() {
        return Ok(response);
    }
    let body = timeout(client.attempt, response.bytes()).await;
    let body = body
        .map_err(|_| Error::TimeOver)?
        .map_err(Error::NoAnswer)?;
    Err(Problem::read(status, &headers, &body).into())
}

#[cfg(test)]
mod tests;

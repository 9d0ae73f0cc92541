//! Server-sent events that go on: after a lost connection the client comes back with the id of the last
//! event that it has, and gets what it missed or is told that it missed something. Nothing is silent: a
//! reader always knows whether what it has is how things stand.

mod parse;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, Response, Url};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};

use crate::client::Client;
use crate::error::Error;
use crate::problem::Problem;
use crate::send::{Ask, Pauses, is_worth_another};
use crate::types::{MarketEvent, Odds, Trade};
use parse::{Frame, Parser};

/// The exchange says every 15 s that it is there. Twice that, and a little for the way, is silence.
const SILENCE: Duration = Duration::from_secs(35);

/// An event, or what there is to know of the stream itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The connection is there, for the first time or again. What was missed comes after this, or an
    /// [`Event::Reset`].
    Connected,
    /// A market's odds as they stand, at most one a second.
    Odds(Odds),
    /// A trade. None is left out, and none comes twice.
    Trade(Trade),
    /// A market entered another phase of its life.
    Market(MarketEvent),
    /// Trades were missed that this stream cannot tell any more: what was added up has to begin again,
    /// with [`Client::trades`] where single ones count. The odds are as they stand.
    Reset(Odds),
    /// The connection was lost, or went silent: what was told before may be old. The stream tries again by
    /// itself.
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
                State::Open(url, open) => match timeout(SILENCE, open.bytes.next()).await {
                    Ok(Some(Ok(bytes))) => {
                        for frame in open.parser.take(&bytes) {
                            self.read(frame);
                        }
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
                },
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

    /// Takes in what a frame says.
    fn read(&mut self, frame: Frame) {
        self.pauses = Pauses::default();
        let data = serde_json::from_str(&frame.data).unwrap_or(Value::Null);
        match (event(frame.name, data), &frame.id) {
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
    }
}

/// What an event says, as far as this client knows it.
fn event(name: String, data: Value) -> Event {
    let known = match name.as_str() {
        "odds" => read(&data).map(Event::Odds),
        "trade" => read(&data).map(Event::Trade),
        "market" => read(&data).map(Event::Market),
        "reset" => read(&data).map(Event::Reset),
        _ => None,
    };
    known.unwrap_or(Event::Other { name, data })
}

fn read<T: serde::de::DeserializeOwned>(data: &Value) -> Option<T> {
    T::deserialize(data).ok()
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

/// An error with what is behind it: the library's own text ends before the reason.
fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut behind = error.source();
    while let Some(source) = behind {
        said += &format!(": {source}");
        behind = source.source();
    }
    said
}

#[cfg(test)]
mod tests;

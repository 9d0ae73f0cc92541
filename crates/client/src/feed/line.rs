//! Orders over `/v1/stream`: many in a frame, each with an answer of its own, matched by its message's id.
//!
//! A message under an idempotency key is the same request as its counterpart over HTTP under that key. So what
//! the stream leaves open is asked for again, at first over another stream and then over HTTP, and what
//! [`Command`] promises holds here, too.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::socket::{self, Socket, Wake};
use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::problem::Problem;
use crate::send::{Answer, is_worth_another, leaves_doubt};
use crate::types::{Amend, Amended, Cancelled, NewOrder, Placed};

/// Messages of a frame: as many as the exchange carries out together.
const MESSAGES: usize = 100;
/// Frames that wait for their answers: while one is answered the exchange reads the next.
const AHEAD: usize = 2;
/// Streams that are tried before the rest is asked for over HTTP.
const STREAMS: usize = 2;
/// Commands that are asked for over HTTP at once.
const AT_ONCE: usize = 8;

/// A line for orders, of [`Client::line`]: a WebSocket that is opened when something is first sent, and opened
/// again when it was lost. Each command is sent under an idempotency key of its own, and an [`Outcome`] says what
/// became of it.
///
/// Commands that are sent together are carried out in their order. Where the connection is lost, those that were
/// not answered are sent again, each once; what others do may then come between them.
///
/// ```no_run
#[doc = include_str!("../../examples/ladder.rs")]
/// ```
pub struct Line {
    client: Client,
    socket: Option<Box<Socket>>,
    last_id: u64,
}

impl Client {
    /// A line for many orders at once: see [`Line`].
    pub fn line(&self) -> Line {
        Line {
            client: self.clone(),
            socket: None,
            last_id: 0,
        }
    }
}

impl Line {
    /// Places orders, in their order. The outcomes are in the same order.
    pub async fn place(&mut self, orders: &[NewOrder]) -> Vec<Outcome<Placed>> {
        let asked = orders.iter().map(|order| Asked {
            op: "order.place",
            order: None,
            command: self.client.place(order),
        });
        let asked = asked.collect();
        self.carry_out(asked).await
    }

    /// Changes open orders, by their ids.
    pub async fn amend(&mut self, changes: &[(&str, Amend)]) -> Vec<Outcome<Amended>> {
        let asked = changes.iter().map(|(order, change)| Asked {
            op: "order.amend",
            order: Some((*order).to_owned()),
            command: self.client.amend(order, change),
        });
        let asked = asked.collect();
        self.carry_out(asked).await
    }

    /// Cancels open orders, by their ids. It overtakes commands that wait.
    pub async fn cancel(&mut self, orders: &[&str]) -> Vec<Outcome<Cancelled>> {
        let asked = orders.iter().map(|order| Asked {
            op: "order.cancel",
            order: Some((*order).to_owned()),
            command: self.client.cancel(order),
        });
        let asked = asked.collect();
        self.carry_out(asked).await
    }

    async fn carry_out<T>(&mut self, asked: Vec<Asked<T>>) -> Vec<Outcome<T>>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let mut steps: Vec<Step<T>> = asked
            .into_iter()
            .map(|asked| Step::Open(Box::new(asked)))
            .collect();
        for _ in 0..STREAMS {
            if self.over_a_stream(&mut steps).await.is_ok() {
                break;
            }
            self.socket = None;
        }
        // What is open was not sent, or lost its stream, or came too soon: a command knows how to go on.
        let outcomes = steps.into_iter().map(|step| async {
            match step {
                Step::Over(outcome) => outcome,
                Step::Open(asked) => asked.command.await,
            }
        });
        stream::iter(outcomes).buffered(AT_ONCE).collect().await
    }

    /// Sends what is open, and takes in the answers; why it ended, when the stream is lost.
    async fn over_a_stream<T: DeserializeOwned>(
        &mut self,
        steps: &mut [Step<T>],
    ) -> Result<(), Error> {
        let mut open = VecDeque::new();
        for (ix, step) in steps.iter().enumerate() {
            if matches!(step, Step::Open(asked) if asked.command.sendable().is_some()) {
                open.push_back(ix);
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let mut socket = match self.socket.take() {
            Some(socket) => socket,
            None => Box::new(socket::connect(&self.client).await?),
        };
        let mut waiting: HashMap<String, usize> = HashMap::new();
        let mut lost = None;
        while lost.is_none() {
            while waiting.len() <= MESSAGES * (AHEAD - 1) && !open.is_empty() {
                let mut frame = Vec::new();
                for ix in open.drain(..open.len().min(MESSAGES)) {
                    self.last_id += 1;
                    let id = self.last_id.to_string();
                    if let Step::Open(asked) = &steps[ix] {
                        frame.extend(asked.message(&id));
                        waiting.insert(id, ix);
                    }
                }
                socket.say(format!("[{}]", frame.join(",")));
            }
            if waiting.is_empty() {
                self.socket = Some(socket);
                return Ok(());
            }
            lost = match timeout(self.client.attempt, socket.wake()).await {
                Ok(Wake::Text(frame)) => self.hear(&frame, &mut waiting, steps),
                Ok(Wake::Again(_)) => None,
                Ok(Wake::Lost(why)) => Some(why),
                Err(_) => Some("no answer came in time".to_owned()),
            };
        }
        let why = lost.unwrap_or_default();
        for ix in waiting.into_values() {
            if let Step::Open(asked) = &mut steps[ix] {
                asked.command.doubt(Error::Lost(why.clone()));
            }
        }
        Err(Error::Lost(why))
    }

    /// Takes in the answers of a frame; why the stream is of no more use, if it is not.
    fn hear<T: DeserializeOwned>(
        &self,
        frame: &str,
        waiting: &mut HashMap<String, usize>,
        steps: &mut [Step<T>],
    ) -> Option<String> {
        let messages: Vec<&RawValue> = match serde_json::from_str(frame) {
            Ok(messages) => messages,
            Err(error) => return Some(format!("a frame is no list: {error}")),
        };
        for raw in messages {
            let Ok(message) = serde_json::from_str::<Message<'_>>(raw.get()) else {
                continue;
            };
            let ix = message.id.as_deref().and_then(|id| waiting.remove(id));
            match (ix, message) {
                (
                    Some(ix),
                    Message {
                        problem: Some(problem),
                        ..
                    },
                ) => {
                    steps[ix].refused(problem.in_a_message());
                }
                (
                    Some(ix),
                    Message {
                        status: Some(status),
                        body: Some(body),
                        ..
                    },
                ) => {
                    let body = Bytes::from(body.get().to_owned());
                    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                    steps[ix].answered(&self.client, &Answer { status, body });
                }
                // Nothing of a frame was done.
                (
                    None,
                    Message {
                        id: None,
                        problem: Some(problem),
                        ..
                    },
                ) => {
                    return Some(problem.to_string());
                }
                _ => {}
            }
        }
        None
    }
}

/// What is asked for, and the words for it that no command has.
struct Asked<T> {
    op: &'static str,
    order: Option<String>,
    command: Command<T>,
}

enum Step<T> {
    Open(Box<Asked<T>>),
    Over(Outcome<T>),
}

impl<T> Asked<T> {
    /// The message. A body goes as the same bytes as over HTTP: the key stands for them.
    fn message(&self, id: &str) -> Option<String> {
        #[derive(Serialize)]
        struct Words<'a> {
            op: &'static str,
            id: &'a str,
            idempotency_key: &'a str,
            order: Option<Order<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            change: Option<&'a RawValue>,
        }
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Order<'a> {
            Named(&'a str),
            Whole(&'a RawValue),
        }
        let body = self.command.sendable()?.body.as_deref();
        let body: Option<&RawValue> = body.and_then(|body| serde_json::from_slice(body).ok());
        let (order, change) = match &self.order {
            Some(order) => (Some(Order::Named(order)), body),
            None => (body.map(Order::Whole), None),
        };
        let words = Words {
            op: self.op,
            id,
            idempotency_key: self.command.key(),
            order,
            change,
        };
        serde_json::to_string(&words).ok()
    }
}

impl<T> Step<T> {
    fn answered(&mut self, client: &Client, answer: &Answer)
    where
        T: DeserializeOwned,
    {
        if let Step::Open(asked) = self {
            *self = Step::Over(client.done(answer, asked.command.key().to_owned()));
        }
    }

    /// A refusal ends it, unless it can be sent again, or an earlier attempt may have been carried out.
    fn refused(&mut self, problem: Problem) {
        let Step::Open(asked) = self else {
            return;
        };
        let error = Error::from(problem);
        if leaves_doubt(&error) {
            return asked.command.doubt(error);
        }
        if is_worth_another(&error) {
            return;
        }
        if let Error::Problem(problem) = error
            && (!asked.command.is_in_doubt() || problem.is_of_every_attempt())
        {
            *self = Step::Over(Outcome::Refused(*problem));
        }
    }
}

/// What any message may have.
#[derive(Deserialize)]
struct Message<'a> {
    id: Option<String>,
    status: Option<u16>,
    problem: Option<Problem>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

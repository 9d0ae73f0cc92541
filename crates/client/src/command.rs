//! A command on its way: sent under one key until somebody says what became of it.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::outcome::{Doubt, Outcome};
use crate::problem::Problem;
use crate::send::{Answer, Ask, Pauses, is_worth_another, leaves_doubt};
use crate::types::Recalled;

/// The part of its time that a command in doubt keeps for asking what became of it: a fifth, and at most
/// this.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Characters of an idempotency key.
const KEY_CHARS: usize = 128;

/// A command. It is sent when it is awaited, under an idempotency key of its own, and sent again under
/// the same key when no answer came or the answer says that it can be.
///
/// One that is dropped while it is awaited may have been carried out. Whoever wants to know, also after a
/// crash of their own, gives it a key with [`Command::under`] and keeps that.
#[must_use = "a command is sent when it is awaited"]
pub struct Command<T> {
    client: Client,
    /// What is asked; a problem, when it cannot even be asked.
    ask: Result<Ask, Problem>,
    key: String,
    /// What happened to an attempt of which nobody knows whether it was carried out.
    doubt: Option<Error>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Command<T> {
    pub(crate) fn new(client: Client, ask: Result<Ask, Problem>) -> Command<T> {
        Command {
            client,
            ask,
            // Keys of one program sort by time, which helps whoever reads logs.
            key: Uuid::now_v7().to_string(),
            doubt: None,
            answer: PhantomData,
        }
    }

    /// Under a key of the caller's: 1 to 128 visible ASCII characters. Another command under the same key is
    /// refused.
    pub fn under(mut self, key: impl Into<String>) -> Command<T> {
        self.key = key.into();
        self
    }

    /// With another time in which it is tried than the client's.
    pub fn within(mut self, deadline: Duration) -> Command<T> {
        self.client.deadline = deadline;
        self
    }

    /// The key that it is sent under.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is asked, if it can be.
    pub(crate) fn sendable(&self) -> Option<&Ask> {
        self.ask.as_ref().ok()
    }

    /// Whether an attempt by another way may have been carried out.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// An attempt by another way may have been carried out.
    pub(crate) fn doubt(&mut self, error: Error) {
        self.doubt.get_or_insert(error);
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Command<T> {
    type Output = Outcome<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Outcome<T>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T: DeserializeOwned> Command<T> {
    async fn send(self) -> Outcome<T> {
        // What happened to the first attempt of which nobody knows whether it was carried out.
        let Command {
            client,
            ask,
            key,
            mut doubt,
            ..
        } = self;
        let mut ask = match ask {
            Ok(ask) => ask,
            Err(problem) => return Outcome::Refused(problem),
        };
        if !(1..=KEY_CHARS).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Outcome::Refused(Problem::unusable_key());
        }
        ask.once = Some(key.clone());
        let end = Instant::now() + client.deadline;
        let enough = end - (client.deadline / 5).min(LAST_WORD);
        let mut pauses = Pauses::default();
        loop {
            let error = match client.attempt(&ask, enough).await {
                Ok(answer) => return client.done(&answer, key),
                Err(error) => error,
            };
            let again = is_worth_another(&error);
            if leaves_doubt(&error) && doubt.is_none() {
                // Its text is kept; the loop goes on with the error itself.
                if again && pauses.wait(&error, enough).await {
                    doubt = Some(error);
                    continue;
                }
                return client.last_word(key, error, end).await;
            }
            if again && pauses.wait(&error, enough).await {
                continue;
            }
            return match (error, doubt) {
                (Error::Problem(problem), None) => Outcome::Refused(*problem),
                (Error::Problem(problem), Some(_)) if problem.is_of_every_attempt() => {
                    Outcome::Refused(*problem)
                }
                // Nothing of it was ever sent.
                (error, None) => Outcome::Unknown(Doubt { key, error }),
                (_, Some(error)) => client.last_word(key, error, end).await,
            };
        }
    }
}

impl Client {
    pub(crate) fn done<T: DeserializeOwned>(&self, answer: &Answer, key: String) -> Outcome<T> {
        #[derive(Deserialize)]
        struct Place {
            seq: Option<u64>,
        }
        // Articles have no place in the journal.
        if let Ok(Place { seq: Some(seq) }) = answer.parse() {
            self.saw(seq);
        }
        match answer.parse() {
            Ok(answer) => Outcome::Done(answer),
            Err(error) => Outcome::Unknown(Doubt { key, error }),
        }
    }

    /// Asks what became of a command, with what is left of its time.
    async fn last_word<T: DeserializeOwned>(
        &self,
        key: String,
        error: Error,
        end: Instant,
    ) -> Outcome<T> {
        let left = end.saturating_duration_since(Instant::now());
        match self.within(left).recall::<T>(&key).await {
            Ok(Recalled::Applied(answer)) => Outcome::Done(answer),
            Ok(Recalled::Refused(problem)) => Outcome::Refused(problem),
            // An attempt that is still on its way could arrive after this.
            Ok(Recalled::Unknown) | Err(_) => Outcome::Unknown(Doubt { key, error }),
        }
    }
}

//! What became of a command: one of three, and never a guess.

use crate::error::Error;
use crate::problem::Problem;

/// What became of a command.
#[derive(Debug)]
#[must_use = "a command may have been refused, or nobody may know what became of it"]
pub enum Outcome<T> {
    /// It was carried out, once, however often it was sent. This is its answer.
    Done(T),
    /// It was not carried out, and nothing changed.
    Refused(Problem),
    /// Within its time nobody could say. It may have been carried out, and may still be: ask with
    /// [`Client::recall`](crate::Client::recall), or send the same again under the same key. An order with a
    /// `valid_until` does nothing any more once that has passed.
    Unknown(Doubt),
}

/// A command of which nothing is known.
#[derive(Debug)]
pub struct Doubt {
    /// The key that it was sent under.
    pub key: String,
    /// What happened instead of an answer.
    pub error: Error,
}

impl<T> Outcome<T> {
    /// The answer of a command that was carried out.
    ///
    /// # Errors
    /// When it was refused, or when nobody knows.
    pub fn done(self) -> Result<T, Error> {
        match self {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Refused(problem) => Err(problem.into()),
            Outcome::Unknown(doubt) => Err(Error::Unknown(Box::new(doubt))),
        }
    }

    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Problem> {
        match self {
            Outcome::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The same with another answer.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Outcome::Done(answer) => Outcome::Done(to(answer)),
            Outcome::Refused(problem) => Outcome::Refused(problem),
            Outcome::Unknown(doubt) => Outcome::Unknown(doubt),
        }
    }
}

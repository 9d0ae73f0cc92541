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

/// Why a command is not known to be done: [`Outcome`] without its good end.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// It was not carried out, and nothing changed.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// It may or may not have been carried out.
    #[error("what became of the command {} is unknown", .0.key)]
    Unknown(Box<Doubt>),
}

impl<T> Outcome<T> {
    /// The answer of a command that was carried out.
    ///
    /// # Errors
    /// When it was refused, or when nobody knows.
    pub fn done(self) -> Result<T, NotDone> {
        match self {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Refused(problem) => Err(NotDone::Refused(Box::new(problem))),
            Outcome::Unknown(doubt) => Err(NotDone::Unknown(Box::new(doubt))),
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

impl NotDone {
    /// The problem's code; empty when nothing is known.
    pub fn code(&self) -> &str {
        match self {
            NotDone::Refused(problem) => &problem.code,
            NotDone::Unknown(doubt) => doubt.error.code(),
        }
    }

    /// The problem that it is; of an unknown outcome, the last one that was told.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            NotDone::Refused(problem) => Some(problem),
            NotDone::Unknown(doubt) => doubt.error.problem(),
        }
    }

    /// Whether the same command, under the same key, may go through a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            NotDone::Refused(problem) => problem.retry == crate::Retry::Safe,
            NotDone::Unknown(doubt) => doubt.error.may_pass(),
        }
    }
}

//! Why a read has no answer, and why nothing is known of a command.

use crate::problem::Problem;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The exchange answered, but not with what was asked for.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No whole answer came.
    #[error("no answer came")]
    NoAnswer(#[source] reqwest::Error),
    /// There was no time left to ask.
    #[error("the time is over")]
    TimeOver,
    /// An answer came that this version of the client cannot read. With a status of success, what was
    /// asked for was done.
    #[error("the answer, of status {status}, cannot be read")]
    Unreadable {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The client cannot be made so.
    #[error("{0}")]
    Setup(String),
}

impl Error {
    /// The problem's code; empty for everything that is none.
    pub fn code(&self) -> &str {
        self.problem().map_or("", |problem| &problem.code)
    }

    /// The problem that it is.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether the same request may be answered a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Error::Problem(problem) => problem.retry == crate::Retry::Safe,
            Error::NoAnswer(_) | Error::TimeOver => true,
            Error::Unreadable { .. } | Error::Setup(_) => false,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error::Problem(Box::new(problem))
    }
}

//! Why there is no answer, of reads and of commands alike.

use crate::outcome::Doubt;
use crate::problem::Problem;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The exchange answered, but not with what was asked for: nothing was done.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No whole answer came.
    #[error("no answer came")]
    NoAnswer(#[source] reqwest::Error),
    /// A stream ended before it brought an answer.
    #[error("the stream was lost: {0}")]
    Lost(String),
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
    /// A command may or may not have been carried out.
    #[error("what became of the command {} is unknown: {}", .0.key, .0.error)]
    Unknown(Box<Doubt>),
    /// The client cannot be made so.
    #[error("{0}")]
    Setup(String),
}

impl Error {
    /// The problem's code; empty for everything that is none.
    pub fn code(&self) -> &str {
        self.problem().map_or("", |problem| &problem.code)
    }

    /// The problem that it is; of a command in doubt, the last one that was told.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Problem(problem) => Some(problem),
            Error::Unknown(doubt) => doubt.error.problem(),
            _ => None,
        }
    }

    /// The HTTP status of the problem that it is.
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// Whether the same request, of a command under the same key, may be answered a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Error::Problem(problem) => problem.retry == crate::Retry::Safe,
            Error::NoAnswer(_) | Error::Lost(_) | Error::TimeOver => true,
            Error::Unknown(doubt) => doubt.error.may_pass(),
            Error::Unreadable { .. } | Error::Setup(_) => false,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error::Problem(Box::new(problem))
    }
}

/// An error with what is behind it: the library's own text ends before the reason.
pub(crate) fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut behind = error.source();
    while let Some(source) = behind {
        said += &format!(": {source}");
        behind = source.source();
    }
    said
}

//! Why the process cannot go on: one sentence, with its causes behind colons.

use std::error::Error;
use std::fmt;

/// What failed, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure that explains itself.
    pub(crate) fn new(what: impl Into<String>) -> Failure {
        Failure {
            what: what.into(),
            cause: None,
        }
    }
}

/// What an error below means for whoever started the process; for `map_err`.
pub(crate) fn failed<E>(what: impl Into<String>) -> impl FnOnce(E) -> Failure
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    move |cause| Failure {
        what: what.into(),
        cause: Some(cause.into()),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut last = self.what.clone();
        let mut next = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(cause) = next {
            // Some errors repeat what their cause says.
            let words = cause.to_string();
            if !last.ends_with(&words) {
                write!(f, ": {words}")?;
            }
            last = words;
            next = cause.source();
        }
        Ok(())
    }
}

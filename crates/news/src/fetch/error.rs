//! Why nothing came of a fetch.

use std::io;

use crate::fetch::FETCH_BYTES;
use crate::fetch::guard::Refused;

/// Why nothing came of a fetch. What it says can be shown: it tells nothing about our side.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address, or where it led, may not be asked for.
    #[error("the address is not fetched: {0}")]
    Refused(#[from] Refused),
    /// It led on and on.
    #[error("the address redirects too often")]
    TooManyRedirects,
    /// No answer, or not all of it, within the time.
    #[error("the source did not answer in time")]
    TooSlow,
    /// Its name could not be resolved, or nobody listens there.
    #[error("the source could not be reached")]
    Unreachable(#[source] io::Error),
    /// What answers is not who was asked for, or not over TLS.
    #[error("the source could not prove who it is")]
    Tls(#[source] io::Error),
    /// What it answered is not HTTP, or broke off.
    #[error("the source's answer broke off or is no HTTP")]
    Protocol(#[source] hyper::Error),
    /// It answered that it has no page.
    #[error("the source answered with status {0}")]
    Status(u16),
    /// Its answer is larger than a page may be, as sent or decompressed.
    #[error("the source's answer is larger than {FETCH_BYTES} bytes")]
    TooLarge,
    /// Its answer is compressed in a way that was not asked for, or badly.
    #[error("the source's answer cannot be decompressed")]
    Encoding,
}

impl FetchError {
    /// The stable name of this refusal in an answer over HTTP.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::Refused(_) => "source_refused",
            FetchError::TooLarge => "source_too_large",
            FetchError::TooSlow | FetchError::Unreachable(_) | FetchError::Tls(_) => {
                "source_unreachable"
            }
            FetchError::TooManyRedirects
            | FetchError::Protocol(_)
            | FetchError::Status(_)
            | FetchError::Encoding => "source_failed",
        }
    }
}

//! When two imports are the same article: the same canonical URL, or the same body.

use std::fmt;

use ammonia::url::{Host, Url};

use crate::error::ImportError;
use crate::limits::URL_BYTES;
use crate::text::not_allowed;

#[cfg(test)]
mod tests;

/// BLAKE3 of a body's words, whatever their case and the white space between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyHash([u8; 32]);

impl BodyHash {
    /// The 32 bytes, for storage.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight hex digits: enough to tell articles apart in an address.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The hash of a plain-text body, so that line breaks lost or found in copying change nothing.
pub fn body_hash(text: &str) -> BodyHash {
    let mut hasher = blake3::Hasher::new();
    for (nth, word) in text.split_whitespace().enumerate() {
        if nth > 0 {
            hasher.update(b" ");
        }
        hasher.update(word.to_lowercase().as_bytes());
    }
    BodyHash(*hasher.finalize().as_bytes())
}

/// One form for the many addresses of one page.
///
/// The scheme becomes https unless a port was named (that port answers to what it answers to),
/// the host lower case without a final dot; fragment, tracking parameters, default ports and
/// trailing slashes (but the root's) go. The order of the other parameters stays: it can matter.
pub fn canonical_url(url: &str) -> Result<String, ImportError> {
    let url = url.trim();
    if url.len() > URL_BYTES {
        return Err(ImportError::FieldTooLong {
            field: "canonical_url",
            limit: URL_BYTES,
            unit: "bytes",
        });
    }
    // The parser would drop some of these without a word.
    if url
        .chars()
        .any(|c| not_allowed(c).is_some() || c.is_whitespace())
    {
        return invalid("it contains white space or an invisible character");
    }
    let mut url = match Url::parse(url) {
        Ok(url) => url,
        Err(_) => return invalid("it is not an absolute URL like https://example.com/article"),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return invalid("its scheme is not https or http");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("it contains a user name or a password");
    }
    let host = match url.host() {
        Some(Host::Domain(domain)) => domain.trim_end_matches('.').to_owned(),
        Some(host) => host.to_string(),
        None => String::new(),
    };
    if host.is_empty() || url.set_host(Some(&host)).is_err() {
        return invalid("it has no host");
    }
    if url.port().is_none() && url.set_scheme("https").is_err() {
        return invalid("its scheme is not https or http");
    }
    url.set_fragment(None);
    let query = url.query().map(without_tracking).unwrap_or_default();
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url.into())
}

fn invalid<T>(reason: &'static str) -> Result<T, ImportError> {
    Err(ImportError::UrlInvalid { reason })
}

fn without_tracking(query: &str) -> String {
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair));
    kept.collect::<Vec<_>>().join("&")
}

/// Parameters that say how a reader came, not what the page is.
fn is_tracking(pair: &str) -> bool {
    const EXACT: [&str; 12] = [
        "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid",
        "mc_cid", "mc_eid", "_ga",
    ];
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    name.starts_with("utm_") || EXACT.contains(&name.as_str())
}

//! The body of an answer: counted as it comes, and counted again as it decompresses.

use std::io::Read;

use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use hyper::header;

use crate::fetch::error::FetchError;
use crate::fetch::guard::Target;
use crate::fetch::{FETCH_BYTES, Page, Seen, word};

/// Reads a page to its end.
pub(super) async fn read(target: &Target, answer: Response<Incoming>) -> Result<Page, FetchError> {
    let (head, mut body) = answer.into_parts();
    let mut sent = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(FetchError::Protocol)?;
        if let Ok(bytes) = frame.into_data() {
            if sent.len() + bytes.len() > FETCH_BYTES {
                return Err(FetchError::TooLarge);
            }
            sent.extend_from_slice(&bytes);
        }
    }
    let body = match head.headers.get(header::CONTENT_ENCODING) {
        None => sent,
        Some(encoding) if encoding.as_bytes().eq_ignore_ascii_case(b"identity") => sent,
        Some(encoding) if encoding.as_bytes().eq_ignore_ascii_case(b"gzip") => unpacked(&sent)?,
        Some(_) => return Err(FetchError::Encoding),
    };
    Ok(Page {
        url: target.url().to_string(),
        content_type: word(&head.headers, header::CONTENT_TYPE),
        seen: Seen {
            etag: word(&head.headers, header::ETAG).filter(|tag| tag.len() <= VALIDATOR_BYTES),
            last_modified: word(&head.headers, header::LAST_MODIFIED)
                .filter(|date| date.len() <= VALIDATOR_BYTES),
        },
        body,
    })
}

/// What was packed, unless it is more than a page may be: the rest of it is not even unpacked.
fn unpacked(packed: &[u8]) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    let most = u64::try_from(FETCH_BYTES).map_or(u64::MAX, |most| most + 1);
    GzDecoder::new(packed)
        .take(most)
        .read_to_end(&mut body)
        .map_err(|_| FetchError::Encoding)?;
    match body.len() > FETCH_BYTES {
        true => Err(FetchError::TooLarge),
        false => Ok(body),
    }
}

/// Bytes of an `ETag` or a `Last-Modified` that are kept to be sent back. A longer one is no use.
const VALIDATOR_BYTES: usize = 256;

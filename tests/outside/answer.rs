//! What the publisher answers with.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// An answer of the publisher's server.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Bytes as they go over the line, after which it closes.
    Bytes(Vec<u8>),
    /// Nothing, ever: the line stays open.
    Silence,
    /// A page with an `ETag`; `304` to whoever has seen it.
    Tagged {
        /// The tag, quotes and all.
        etag: String,
        /// The answer to whoever has not.
        page: Vec<u8>,
    },
}

impl Answer {
    /// A page.
    pub fn page(content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        Answer::Bytes(ok(
            &format!("Content-Type: {content_type}\r\n"),
            body.as_ref(),
        ))
    }

    /// A page that knows when it changed.
    pub fn tagged(etag: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let head = format!("Content-Type: {content_type}\r\nETag: {etag}\r\n");
        Answer::Tagged {
            etag: etag.to_owned(),
            page: ok(&head, body.as_ref()),
        }
    }

    /// A page that goes over the line compressed.
    ///
    /// # Panics
    /// Never: it is compressed in memory.
    pub fn zipped(content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let mut zip = GzEncoder::new(Vec::new(), Compression::best());
        zip.write_all(body.as_ref()).expect("memory");
        let body = zip.finish().expect("memory");
        let head = format!("Content-Type: {content_type}\r\nContent-Encoding: gzip\r\n");
        Answer::Bytes(ok(&head, &body))
    }

    /// A redirect.
    pub fn redirect(location: &str) -> Answer {
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        Answer::Bytes(head.into_bytes())
    }

    /// No page.
    pub fn status(status: &str) -> Answer {
        Answer::Bytes(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes())
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

//! Another site: a page of another origin, such as a publisher's, that shows what this server gives
//! for embedding. It answers every request with the same page.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// A site of one page. It is there until the process ends.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    base: String,
}

impl Elsewhere {
    /// A site with this page, and with these further headers, each with its line end.
    ///
    /// # Panics
    /// When there is no port for it.
    pub fn with(page: &str, headers: &str) -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let length = page.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n";
        let end = format!("content-length: {length}\r\nconnection: close\r\n\r\n{page}");
        let answer: Arc<str> = format!("{head}{headers}{end}").into();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                // One that asks slowly, or not at all, must not keep the others waiting.
                std::thread::spawn(move || {
                    let mut stream = stream;
                    drop(stream.set_read_timeout(Some(Duration::from_secs(5))));
                    let mut asked = Vec::new();
                    let mut part = [0; 1024];
                    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                        match stream.read(&mut part) {
                            Ok(read) if read > 0 => asked.extend_from_slice(&part[..read]),
                            _ => return,
                        }
                    }
                    drop(stream.write_all(answer.as_bytes()));
                });
            }
        });
        // By another name than the server's, so that it is another site and not only another port.
        Elsewhere {
            base: format!("http://localhost:{port}"),
        }
    }

    /// The address of its page.
    pub fn page(&self) -> String {
        format!("{}/", self.base)
    }

    /// Its origin.
    pub fn origin(&self) -> &str {
        &self.base
    }
}

//! One connection of HTTP/1.1 that is kept: a request that was written down before, and as much of its answer as
//! tells where it ends. Everything that it does is done for two servers alike, and costs both of them.

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for an answer; the longest is that to a hundred orders.
const ROOM: usize = 256 * 1024;

/// A connection.
pub(crate) struct Line {
    socket: TcpStream,
    bytes: Vec<u8>,
}

/// An answer, as it lies in the line's room.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Line {
    pub(crate) async fn to(address: &str) -> Line {
        let socket = TcpStream::connect(address).await.expect("it listens");
        socket.set_nodelay(true).expect("a socket");
        Line {
            socket,
            bytes: Vec::with_capacity(ROOM),
        }
    }

    /// Sends a request and waits for the whole of its answer.
    ///
    /// # Panics
    /// When the connection ends before it.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Answer<'_> {
        self.socket.write_all(request).await.expect("it is sent");
        self.bytes.clear();
        let (head, end) = loop {
            self.more().await;
            if let Some(head) = memmem::find(&self.bytes, b"\r\n\r\n") {
                break (head, head + 4 + length(&self.bytes[..head]));
            }
        };
        while self.bytes.len() < end {
            self.more().await;
        }
        let head_text = std::str::from_utf8(&self.bytes[..head]).expect("a head is text");
        Answer {
            status: head_text[9..12].parse().expect("a status"),
            head: head_text,
            body: &self.bytes[head + 4..end],
        }
    }

    async fn more(&mut self) {
        let read = self.socket.read_buf(&mut self.bytes).await;
        assert!(read.expect("it can be read") > 0, "the connection ended");
    }
}

/// Bytes of the body; none where nothing is said, as of a 304.
fn length(head: &[u8]) -> usize {
    let name = b"\r\ncontent-length: ";
    let Some(at) = memmem::find(head, name) else {
        return 0;
    };
    let digits = head[at + name.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

impl Answer<'_> {
    /// The value of a header, by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

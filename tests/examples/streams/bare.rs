//! What is compared with: a loop that writes the same bytes to the same number of sockets, one after the other, again
//! and again, and does nothing else. It is what the system's own sending leaves room for.
//!
//! It is a process of its own, this program again, so that it can be kept on the same core.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use tidings_tests::again::serves_at;

/// Has this program be the loop; the event and the number of readers come after it.
pub(crate) const FLAG: &str = "--bare-sender";

/// An answer that goes on, as the server begins it.
const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// Takes in the readers, and sends each the event as fast as it goes, with another place each time.
pub(crate) fn serve(event: &str, readers: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    serves_at(listener.local_addr().expect("its address"));
    let (before, after) = around_place(event);
    let mut sockets: Vec<_> = (0..readers).map(|_| let_in(&listener)).collect();
    for seq in 1.. {
        let event = format!("{before}{seq}{after}");
        let piece = format!("{:X}\r\n{event}\r\n", event.len());
        sockets.retain_mut(|socket| match socket.write(piece.as_bytes()) {
            Ok(_) => true,
            // It has not taken the ones before, and misses this one, as with the server; or it has gone.
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        });
    }
}

fn let_in(listener: &TcpListener) -> TcpStream {
    let (mut socket, _) = listener.accept().expect("a reader");
    socket.set_nodelay(true).expect("a socket");
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut some = [0; 512];
        let count = socket.read(&mut some).expect("a request");
        assert!(count > 0, "a request has an end");
        asked.extend_from_slice(&some[..count]);
    }
    socket.write_all(HEAD).expect("it is there");
    socket.set_nonblocking(true).expect("a socket");
    socket
}

/// What of an event is before its place in the journal, and after it.
fn around_place(event: &str) -> (&str, &str) {
    let (before, rest) = event.rsplit_once(crate::PLACE).expect("odds have a place");
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let end = before.len() + crate::PLACE.len();
    (&event[..end], &event[end + digits..])
}

use std::io::{Read, Write};
use std::net::TcpStream;

use axum::Router;
use axum::routing::post;
use tidings_api::limits::Limits;

use super::super::gate::Gate;
use super::super::port::{Stop, crowd, listen};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_that_nobody_reads_does_not_cost_its_sender_the_answer() {
    let gate = Gate::new(Router::new().route("/", post(async || "no, thank you")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("its address");
    listen(
        listener,
        gate,
        crowd(&Limits::default(), None),
        Stop::default(),
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let length = 2 << 20;
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("it reads");
        // The answer is long there before the body has gone.
        for _ in 0..64 {
            std::thread::sleep(std::time::Duration::from_millis(2));
            stream
                .write_all(&vec![b'x'; length / 64])
                .expect("it reads on");
        }
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("the answer");
        answer
    });
    assert_eq!(&answer.await.expect("no panic"), b"HTTP/1.1 200");
}

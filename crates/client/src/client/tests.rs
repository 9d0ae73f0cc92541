//! Addresses: what they may be, and what is under them.

use super::Client;
use crate::error::Error;

#[test]
fn an_address_is_one_of_http_and_keeps_what_it_begins_with() {
    let client = Client::new("http://exchange.example/there/?q=1#top").expect("an address");
    let url = client.url(&["orders", "a b/c"]).expect("an id");
    assert_eq!(
        url.as_str(),
        "http://exchange.example/there/v1/orders/a%20b%2Fc"
    );
    for part in ["", ".", ".."] {
        assert_eq!(
            client.url(&["orders", part]).expect_err("no id").status,
            404
        );
    }
    for wrong in ["", "exchange.example", "mailto:a@b.example", "http://"] {
        let refused = Client::new(wrong);
        assert!(matches!(refused, Err(Error::Setup(_))), "{wrong:?}");
    }
}

#[test]
fn a_client_never_shows_its_key() {
    let client = Client::new("http://127.0.0.1:1").expect("an address");
    let shown = format!("{:?}", client.with_key("tdg_secret"));
    assert!(
        shown.contains("127.0.0.1") && !shown.contains("secret"),
        "{shown}"
    );
}

#[cfg(not(feature = "tls"))]
#[test]
fn https_says_what_it_takes() {
    let refused = Client::new("https://exchange.example").expect_err("no TLS");
    assert!(refused.to_string().contains("`tls`"), "{refused}");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn https_is_not_spoken_to_who_does_not_speak_it() {
    use tokio::io::AsyncWriteExt;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("https://{}", listener.local_addr().expect("its address"));
    let plain = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer).await.expect("written");
    });
    let client = Client::new(&base).expect("TLS is there");
    let within = std::time::Duration::from_millis(300);
    let nothing = client.within(within).account().await.expect_err("no TLS");
    assert!(matches!(nothing, Error::NoAnswer(_)), "{nothing:?}");
    plain.await.expect("it was asked");
}

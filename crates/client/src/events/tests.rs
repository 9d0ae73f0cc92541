//! Events in pieces, and what becomes of a record's trades when the connection goes in the middle of them.

use std::time::Duration;

use serde_json::json;

use super::parse::{Frame, Parser};
use super::{Event, Events, State};
use crate::client::Client;

fn frame(name: &str, data: &str, id: Option<&str>) -> Frame {
    Frame {
        name: name.to_owned(),
        data: data.to_owned(),
        id: id.map(str::to_owned),
    }
}

#[test]
fn an_event_is_the_same_however_its_bytes_are_cut() {
    let text = "id: 1:7\nevent: odds\ndata: {\"yes\":\"0.4 €\"}\n\n: still here\n\nevent:x\r\ndata\r\ndata: b\r\n\r\n";
    let expected = [
        frame("odds", "{\"yes\":\"0.4 €\"}", Some("1:7")),
        frame("x", "\nb", None),
    ];
    for size in 1..=text.len() {
        let mut parser = Parser::default();
        let found: Vec<Frame> = text
            .as_bytes()
            .chunks(size)
            .flat_map(|piece| parser.take(piece))
            .collect();
        assert_eq!(found, expected, "in pieces of {size}");
    }
}

fn events() -> Events {
    Client::new("http://127.0.0.1:1")
        .expect("an address")
        .market_events("m")
}

fn trade(seq: u64, quantity: &str, id: Option<&str>) -> Frame {
    let data = json!({
        "market": "m", "seq": seq, "at": "2026-01-01T00:00:00Z", "outcome": "yes", "side": "buy",
        "price": "0.4", "quantity": quantity, "source": "book", "of_a_later_version": [1]
    });
    frame("trade", &data.to_string(), id)
}

fn told(events: &mut Events) -> Vec<String> {
    let drained = events.told.drain(..);
    drained
        .map(|(event, _)| match event {
            Event::Trade(trade) => trade.quantity.to_string(),
            other => format!("{other:?}")
                .split(['(', ' '])
                .next()
                .unwrap_or("")
                .to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn a_record_s_trades_are_told_when_it_is_whole_and_only_once() {
    let mut events = events();
    events.read(trade(8, "1", None)).expect("read");
    events.read(trade(8, "2", Some("1:8"))).expect("read");
    events.read(trade(9, "3", None)).expect("read");
    let mut ids = Vec::new();
    for _ in 0..2 {
        assert!(matches!(events.next().await, Some(Event::Trade(_))));
        ids.push(events.last_id().map(str::to_owned));
    }
    assert_eq!(ids, [None, Some("1:8".to_owned())]);
    // The connection goes: the exchange tells the record after 1:8 once more, from its beginning.
    let State::Closed(url, _) = &events.state else {
        panic!("nothing was opened")
    };
    events.lost(url.clone(), "cut".to_owned(), None);
    events.read(trade(9, "3", None)).expect("read");
    events.read(trade(9, "4", Some("1:9"))).expect("read");
    assert_eq!(told(&mut events), ["Disconnected", "3", "4"]);
}

#[tokio::test]
async fn what_is_not_known_is_told_as_it_is() {
    let mut events = events();
    events
        .read(frame("stale", r#"{"behind_ms":9}"#, None))
        .expect("read");
    events
        .read(frame("odds", r#"{"odds":"of another form"}"#, Some("2:1")))
        .expect("read");
    assert_eq!(
        events.next().await,
        Some(Event::Other {
            name: "stale".to_owned(),
            data: json!({"behind_ms": 9})
        })
    );
    assert!(matches!(events.next().await, Some(Event::Other { .. })));
    assert_eq!(events.last_id(), Some("2:1"));
}

#[tokio::test]
async fn a_stream_that_cannot_be_opened_says_so_and_waits_longer_each_time() {
    let mut events = events();
    let mut pauses = Vec::new();
    while pauses.len() < 6 {
        match events.next().await {
            Some(Event::Disconnected { retry_in, why }) => {
                assert!(!why.is_empty());
                pauses.push(retry_in);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(pauses[0] <= Duration::from_millis(50), "{pauses:?}");
    assert!(pauses[5] > pauses[0] * 4, "{pauses:?}");
}

#[tokio::test]
async fn an_address_that_nothing_can_have_ends_at_once() {
    let client = Client::new("http://127.0.0.1:1").expect("an address");
    let mut events = client.market_events("..");
    assert!(matches!(events.next().await, Some(Event::Ended(_))));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn odds_that_are_not_what_their_checksum_says_are_told_to_nobody_and_asked_for_again() {
    let odds = |checksum: u32| {
        let data = json!({
            "market": "m", "status": "open", "odds": {"no": "0.65"}, "thin": false,
            "at": "2026-01-01T00:00:00Z", "seq": 8, "checksum": checksum
        });
        frame("odds", &data.to_string(), Some("1:8"))
    };
    let mut events = events();
    let State::Closed(url, _) = &events.state else {
        panic!("nothing was opened")
    };
    let url = url.clone();
    let right = crc32fast::hash(b"open\nno 0.65");
    events.read_all(url.clone(), vec![odds(right), odds(right + 1), odds(right)]);
    assert!(matches!(events.next().await, Some(Event::Odds(_))));
    match events.next().await {
        Some(Event::Disconnected { why, retry_in }) => {
            assert!(why.contains("checksum"), "{why}");
            assert!(retry_in >= Duration::from_secs(1), "{retry_in:?}");
        }
        other => panic!("{other:?}"),
    }
    assert!(events.told.is_empty(), "what came after it comes again");
}

//! Frames of a stream, and what a reader is told of them.

use serde_json::{Value, json};

use super::{Data, Feed, FeedEvent, Places};
use crate::client::Client;
use crate::types::Channel;

fn feed() -> Feed {
    let client = Client::new("http://127.0.0.1:1").expect("an address");
    client.stream().own().market("m", &[Channel::Odds])
}

fn fills(seq: u64) -> Value {
    json!({"type": "update", "channel": "fills", "place": format!("3:{seq}"), "seq": seq, "data": []})
}

fn odds(checksum: u32) -> Value {
    json!({"type": "update", "channel": "odds", "market": "m", "place": "3:9", "seq": 9, "data": {
        "market": "m", "status": "open", "odds": {"yes": "0.35"}, "thin": false,
        "at": "2026-01-01T00:00:00Z", "seq": 9, "checksum": checksum}})
}

#[tokio::test]
async fn a_place_is_the_readers_once_the_reader_has_what_came_up_to_it() {
    let mut feed = feed();
    feed.hear(&json!([fills(7), fills(8)]).to_string());
    assert!(feed.places().is_empty(), "nothing was taken");
    for seq in [7, 8] {
        match feed.next().await {
            Some(FeedEvent::Update(said)) => {
                assert_eq!((said.seq, said.data), (seq, Data::Fills(Vec::new())));
            }
            other => panic!("{other:?}"),
        }
        let kept = serde_json::to_value(feed.places()).expect("plain data");
        assert_eq!(kept, json!({"fills": format!("3:{seq}")}));
        let again: Places = serde_json::from_value(kept).expect("as it was kept");
        assert_eq!(&again, feed.places());
    }
}

#[tokio::test]
async fn what_follows_a_wrong_checksum_in_a_frame_is_not_passed_over() {
    let right = crc32fast::hash(b"open\nyes 0.35");
    let mut feed = feed();
    feed.hear(&json!([odds(right), fills(8), odds(right ^ 1), fills(10)]).to_string());
    assert!(matches!(feed.next().await, Some(FeedEvent::Update(said)) if said.seq == 9));
    assert!(matches!(feed.next().await, Some(FeedEvent::Update(said)) if said.seq == 8));
    match feed.next().await {
        Some(FeedEvent::Disconnected { why, .. }) => assert!(why.contains("checksum"), "{why}"),
        other => panic!("{other:?}"),
    }
    let kept = serde_json::to_value(&feed.read).expect("plain data");
    assert_eq!(kept["fills"], "3:8", "it is asked for again from there");
}

#[tokio::test]
async fn what_is_not_known_is_told_as_it_is() {
    let mut feed = feed();
    let of_a_later_version = json!({"type": "tide", "height": 3});
    let of_another_form =
        json!({"type": "update", "channel": "fills", "place": "3:4", "seq": 4, "data": 1});
    feed.hear(
        &json!([of_a_later_version, of_another_form, {"type": "heartbeat", "seq": 5}]).to_string(),
    );
    for expected in [of_a_later_version, of_another_form] {
        assert_eq!(feed.next().await, Some(FeedEvent::Other(expected)));
    }
    assert!(feed.told.is_empty(), "a heartbeat is nobody's business");
}

#[tokio::test]
async fn a_feed_of_nothing_ends() {
    let client = Client::new("http://127.0.0.1:1").expect("an address");
    assert_eq!(client.stream().next().await, None);
}

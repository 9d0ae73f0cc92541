//! Those who read the week by mail, on the pages.

mod support;

use axum::http::StatusCode;
use support::{BASE, Newsroom};

#[tokio::test]
async fn a_reader_asks_confirms_and_ends_it_on_the_pages() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, _, page) = newsroom.get("/digest").await;
    assert!(page.contains("action=\"/digest/subscribe\""));
    let ask = async |address: &str| {
        newsroom
            .post("/digest/subscribe", &format!("address={address}"))
            .await
    };
    for bad in [
        "",
        "nobody",
        "a%40b",
        "reader%40paper.example%0d%0aBcc%3a+all%40paper.example",
    ] {
        assert_eq!(ask(bad).await.0, StatusCode::BAD_REQUEST, "{bad}");
    }
    let (status, headers, first) = ask("reader%40paper.example").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    let (_, _, again) = ask("READER%40paper.example").await;
    let (_, _, other) = ask("other%40paper.example").await;
    assert_eq!(
        (again, other),
        (first.clone(), first),
        "who asks learns nothing about an address"
    );
    let app = &newsroom.app;
    let due = app.store().due_mails(app.now(), 9).await.unwrap();
    assert_eq!(due.len(), 3, "READER@ and reader@ are two local parts");
    let id = due[0].subscriber;
    let token = tidings_api::subscriptions::confirm_token(app, id, 1);
    let confirm = format!("/digest/confirm/{token}");
    let (status, _, page) = newsroom.get(&confirm).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("<form method=\"post\""),
        "a link that is only looked at confirms nothing"
    );
    let status_of = async || {
        app.store()
            .subscriber(id)
            .await
            .unwrap()
            .unwrap()
            .status
            .word()
    };
    assert_eq!(status_of().await, "asked");
    for wrong in [
        token.replace('-', "-0"),
        token[..token.len() - 1].to_owned(),
        format!("{id}.2-{}", &token[4..]),
        String::from("x"),
        String::from("9.1-"),
    ] {
        let (status, ..) = newsroom.post(&format!("/digest/confirm/{wrong}"), "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(newsroom.post(&confirm, "").await.0, StatusCode::OK);
    assert_eq!(status_of().await, "confirmed");
    let end = format!(
        "/digest/unsubscribe/{}",
        tidings_api::subscriptions::end_token(app, id)
    );
    assert_eq!(newsroom.get(&end).await.0, StatusCode::OK);
    assert_eq!(status_of().await, "confirmed", "looking ends nothing");
    for _ in 0..2 {
        let (status, ..) = newsroom.post(&end, "List-Unsubscribe=One-Click").await;
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(status_of().await, "ended");
    assert_eq!(
        app.store().subscriber(id).await.unwrap().unwrap().address,
        None
    );
    assert_eq!(
        newsroom.post(&confirm, "").await.0,
        StatusCode::NOT_FOUND,
        "its link is used up"
    );
}

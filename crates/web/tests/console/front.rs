//! What waits, and the journal's search.

use axum::http::StatusCode;

use crate::desk::{Desk, closed};
use crate::support::markup::Markup;
use crate::support::{BASE, Newsroom};

#[tokio::test]
async fn the_front_has_what_waits_and_every_page_is_strict() {
    let newsroom = Newsroom::furnished(BASE).await;
    let desk = Desk::of(newsroom).await;
    let session = desk.session().await;
    let front = desk.get("/console", Some(&session)).await;
    for part in ["disputed", "confirm", "resolve", "halted", "opening"] {
        assert!(
            front.body.contains(&format!("id=\"{part}\"")),
            "{part}: {}",
            front.body
        );
    }
    for state in [
        "draft", "halted", "closed", "proposed", "disputed", "settled", "voided",
    ] {
        for end in ["", "/resolve", "/call-off", "/correct"] {
            let path = format!("/console/markets/state-{state}{end}");
            let page = desk.get(&path, Some(&session)).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            Markup::of(&page.body).assert_strict(&path);
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
        }
    }
    let nothing = desk.get("/console/markets/nothing", Some(&session)).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_journal_is_searched_by_operators_and_administrators() {
    let (desk, mika, _) = closed(0).await;
    let page = desk
        .get("/console/journal?kind=close_market", Some(&mika))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let store = desk.newsroom.app.store();
    let close = desk.newsroom.app.exchange().committed().seq;
    let link = store.link(close).await.unwrap().expect("it is there");
    for words in [
        "It is over.",
        "closes the-ferry",
        "operator (acc_3)",
        &tidings_api::wire::journal::hex(&link.hash),
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let all = desk.get("/console/journal", Some(&mika)).await;
    assert!(all.body.contains("opens the-ferry"), "{}", all.body);
    assert!(!page.body.contains("opens the-ferry"), "{}", page.body);
    let wrong = desk
        .get("/console/journal?account=%3Cb%3E", Some(&mika))
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.body.contains("value=\"&#60;b&#62;\""),
        "{}",
        wrong.body
    );
    assert!(
        all.body.contains("href=\"/console/journal\""),
        "it is in the navigation"
    );
}

//! How good the odds were, and who agreed to be seen, on the pages.

mod support;

use axum::http::StatusCode;
use support::{BASE, HOSTILE, Newsroom};

#[tokio::test]
async fn the_record_is_counted_drawn_and_told_in_rows() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, _, page) = newsroom.get("/calibration").await;
    let found = tidings_api::calibration::load(&newsroom.app, None, tidings_api::AtLeast::ANY)
        .await
        .unwrap();
    assert_eq!(found.markets, 1, "the one that was settled");
    assert!(page.contains("1 resolved market counts"));
    assert!(page.contains("<circle class=\"dot\"") && page.contains("The numbers behind it"));
    let score = found.horizons[0].score.as_ref().unwrap();
    assert!(page.contains(&format!("Brier score {}", score.brier)));
    assert!(page.contains("href=\"/calibration?tag=Japan\""));
    let (_, _, tagged) = newsroom.get("/calibration?tag=japan").await;
    assert!(tagged.contains("How good the odds on japan were"));
    let (status, _, none) = newsroom.get("/calibration?tag=%3Cscript%3E").await;
    assert_eq!(status, StatusCode::OK);
    assert!(none.contains("No market on") && !none.contains("<script>"));
    let (_, _, board) = newsroom.get("/leaderboard").await;
    assert!(board.contains("Nobody is on it yet"));
    newsroom
        .app
        .store()
        .agree(support::ANN, HOSTILE, newsroom.app.now())
        .await
        .unwrap();
    let (_, _, board) = newsroom.get("/leaderboard").await;
    assert!(board.contains("&#60;script&#62;") && !board.contains("<script>alert"));
    newsroom.app.store().disagree(support::ANN).await.unwrap();
    let (_, _, board) = newsroom.get("/leaderboard").await;
    assert!(board.contains("Nobody is on it yet"));
    let empty = Newsroom::empty(BASE).await;
    let (status, _, page) = empty.get("/calibration").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("was resolved yet"));
}

//! A week that is over, in the newsroom to show.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::time::Duration;

use tidings_api::digest::{self, Issue, Week};
use tidings_core::units::Timestamp;

use super::{BASE, Newsroom};

pub const UNSUBSCRIBE: &str = "https://odds.example/digest/unsubscribe/7-0123456789abcdef";

/// A newsroom in which the week of its last news is over, and that week.
pub async fn after_the_week() -> (Newsroom, Issue) {
    let newsroom = Newsroom::furnished(BASE).await;
    let week = Week::of(newsroom.app.now());
    until(
        &newsroom,
        Timestamp::from_micros(week.until().as_micros() + 60_000_000),
    )
    .await;
    let issue = digest::make(&newsroom.app, week).await.unwrap();
    (newsroom, issue.expect("the week is over"))
}

/// Lets time pass to a moment.
pub async fn until(newsroom: &Newsroom, moment: Timestamp) {
    let micros = moment.as_micros() - newsroom.app.now().as_micros();
    newsroom
        .clock
        .advance(Duration::from_micros(micros.try_into().unwrap()));
    newsroom.written_down().await;
}

//! The week in odds: told once, and the same for ever, whatever it is read as.

mod support;

use axum::http::StatusCode;
use support::week::{UNSUBSCRIBE, after_the_week, until};
use support::{BASE, Newsroom};
use tidings_api::digest::{self, Week};
use tidings_api::wire::time::Time;
use tidings_core::command::Contract;
use tidings_core::units::Timestamp;
use tidings_web::letters;

/// Everything that is made of a week.
async fn forms(newsroom: &Newsroom, week: Week) -> Vec<String> {
    let issue = digest::kept(&newsroom.app, week).await.unwrap().unwrap();
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    let mut forms = vec![
        letter.subject,
        letter.html,
        letter.text,
        serde_json::to_string(&issue.digest).unwrap(),
    ];
    for path in [
        format!("/digest/{week}"),
        "/feeds/digest.rss".to_owned(),
        "/feeds/digest.atom".to_owned(),
        "/feeds/digest.json".to_owned(),
    ] {
        let (status, headers, body) = newsroom.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        forms.push(format!("{:?} {body}", headers["etag"]));
    }
    forms
}

#[tokio::test]
async fn a_week_is_the_same_bytes_whatever_happens_after_it() {
    let (newsroom, issue) = after_the_week().await;
    assert!(!issue.digest.stories.is_empty() && !issue.digest.movers.is_empty());
    assert!(!issue.digest.closing.is_empty() && !issue.digest.resolved.is_empty());
    let first = forms(&newsroom, issue.week).await;
    assert_eq!(forms(&newsroom, issue.week).await, first, "read twice");
    let market = newsroom
        .app
        .exchange()
        .market_by_slug("jpkr-joint-text")
        .unwrap();
    newsroom.buy(market.id, 0, Contract::Yes, 900).await;
    newsroom.pass(50);
    newsroom.buy(market.id, 1, Contract::Yes, 400).await;
    newsroom
        .settle(market.id, &[10_000, 0], "It was published.")
        .await;
    let slug = &issue.digest.stories[0].article;
    let corrected = newsroom.written(slug, "Another headline", &["Politics"], &["Corrected."]);
    newsroom
        .app
        .store()
        .correct_article(slug, &corrected)
        .await
        .unwrap()
        .unwrap();
    newsroom.written_down().await;
    let again = digest::make(&newsroom.app, issue.week).await.unwrap();
    assert_eq!(again, Some(issue.clone()), "it is told once");
    assert_eq!(
        forms(&newsroom, issue.week).await,
        first,
        "after more news and trade"
    );
    let newsroom = newsroom.restart().await;
    newsroom.pass(24 * 40);
    assert_eq!(
        forms(&newsroom, issue.week).await,
        first,
        "after a restart, and weeks later"
    );
    let (_, _, front) = newsroom.get(&format!("/articles/{slug}")).await;
    assert!(
        front.contains("Another headline"),
        "the article itself is corrected"
    );
}

#[tokio::test]
async fn what_it_says_is_what_was() {
    let (newsroom, issue) = after_the_week().await;
    let (from, until) = (issue.week.from(), issue.week.until());
    let store = newsroom.app.store();
    let market = |slug: &str| newsroom.app.exchange().market_by_slug(slug).unwrap();
    let odds_of = async |slug: &str, name: &str, at: i64| {
        let view = market(slug);
        let ix = view
            .spec
            .outcomes
            .iter()
            .position(|outcome| outcome.name == name)
            .unwrap();
        let row = store
            .odds_at(view.id, Timestamp::from_micros(at))
            .await
            .unwrap();
        row.and_then(|row| row.odds[ix])
    };
    let mut last = u32::MAX;
    for mover in &issue.digest.movers {
        let end = odds_of(&mover.market, &mover.outcome, until.as_micros() - 1).await;
        assert_eq!(end, Some(mover.after.0), "{}", mover.market);
        let start = odds_of(&mover.market, &mover.outcome, from.as_micros() - 1).await;
        // One that opened in the week is told from there on.
        if market(&mover.market).opened_at.unwrap() < from {
            assert_eq!(start, Some(mover.before.0), "{}", mover.market);
        }
        let by = mover.before.0.abs_diff(mover.after.0);
        assert!(
            by >= 20_000 && by <= last,
            "{}: the largest first",
            mover.market
        );
        last = by;
    }
    for closing in &issue.digest.closing {
        let closes = market(&closing.market).spec.closes_at.unwrap();
        assert_eq!(closing.closes_at, Time(closes));
        assert!(
            closes >= until && closes < until.plus_hours(14 * 24),
            "{}",
            closing.market
        );
    }
    let settled = issue
        .digest
        .resolved
        .iter()
        .find(|resolved| resolved.market == "state-settled")
        .unwrap();
    assert_eq!(settled.outcome.as_deref(), Some("Yes"));
    let last = store
        .last_odds_of(&[market("state-settled").id])
        .await
        .unwrap();
    assert_eq!(settled.at_close.map(|odds| odds.0), last[0].odds[0]);
    let voided = issue
        .digest
        .resolved
        .iter()
        .find(|resolved| resolved.market == "state-voided")
        .unwrap();
    assert_eq!((&voided.outcome, voided.at_close), (&None, None));
    for story in &issue.digest.stories {
        assert!(
            story.at.0 >= from && story.at.0 < until,
            "{}",
            story.article
        );
    }
    let (_, _, page) = newsroom.get(&format!("/digest/{}", issue.week)).await;
    for words in [
        "What moved",
        "Closing soon",
        "Resolved",
        "Called off",
        "The market said",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_week_is_told_when_it_is_over_and_shown_so_far_before() {
    let newsroom = Newsroom::furnished(BASE).await;
    let week = Week::of(newsroom.app.now());
    assert_eq!(digest::make(&newsroom.app, week).await.unwrap(), None);
    let (status, _, page) = newsroom.get(&format!("/digest/{week}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("The week is not over"));
    assert_eq!(
        digest::kept(&newsroom.app, week).await.unwrap(),
        None,
        "and nothing is kept of it"
    );
    let (_, _, all) = newsroom.get("/digest").await;
    assert!(
        all.contains("told on the Monday after it") && all.contains(&format!("/digest/{week}"))
    );
    for name in [
        "2025-w01",
        "2025-W44",
        "nonsense",
        "2025-w99",
        &week.before().to_string(),
    ] {
        let (status, ..) = newsroom.get(&format!("/digest/{name}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn nothing_that_nobody_may_see_is_told() {
    let newsroom = Newsroom::furnished(BASE).await;
    let week = Week::of(newsroom.app.now());
    let mut secret = newsroom.written("secret", "Not to be seen", &["Politics"], &["Secret."]);
    secret.embargoed_until = Some(Timestamp::from_micros(
        week.until().as_micros() + 3_600_000_000,
    ));
    newsroom.article(secret, &[]).await;
    until(
        &newsroom,
        Timestamp::from_micros(week.until().as_micros() + 60_000_000),
    )
    .await;
    let issue = digest::make(&newsroom.app, week).await.unwrap().unwrap();
    assert!(
        !serde_json::to_string(&issue.digest)
            .unwrap()
            .contains("Not to be seen")
    );
    // Lifted in the week after, it is of that week.
    newsroom.pass(2);
    let next = digest::so_far(&newsroom.app).await.unwrap();
    assert_eq!(next.stories[0].title, "Not to be seen");
}

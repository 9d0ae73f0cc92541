//! An article under embargo is nowhere before its time, and everywhere after it.

use std::time::Duration;

use serde_json::json;
use tidings_tests::newsroom::{Newsroom, joint_statement, with};
use tidings_tests::server::Server;

/// Words that stand nowhere but in the article.
const SECRET: &str = "Quillfeather";

#[tokio::test(flavor = "multi_thread")]
async fn before_its_time_an_article_is_nowhere() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    // About the same as the article, and linked to it by a plan.
    room.open_market(&with(joint_statement(), &json!({"tags": ["secret-tag"]})))
        .await;
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(6);
    let body = json!({
        "title": format!("{SECRET} Signs the Accord"), "body": format!("{SECRET} signed it today."),
        "section": ["World"], "tags": ["secret-tag"], "canonical_url": "https://example.org/secret",
        "embargoed_until": until.to_string(),
    });
    let posted = room.editor.client.post("/v1/articles", &body).await.is(201);
    let slug = posted["slug"].as_str().expect("a slug").to_owned();
    let plan = json!({"market": "jpkr-joint-statement", "role": "trigger",
                      "halt": {"minutes_before": 1, "minutes_after": 0}});
    let plans = format!("/v1/articles/{slug}/plans");
    room.operator.client.post(&plans, &plan).await.is(201);
    let reader = server.public();
    // The market is halted by now, and says no more than that something is to be published.
    let halted = room.until_status("jpkr-joint-statement", "halted").await;
    assert!(!halted.to_string().contains(&slug), "{halted}");
    let pages = [
        "/".to_owned(),
        "/markets".to_owned(),
        "/tags/secret-tag".to_owned(),
        "/sections/World".to_owned(),
        format!("/articles/{slug}"),
        format!("/embed/v1/articles/{slug}"),
        format!("/v1/articles/{slug}"),
        format!("/v1/articles/{slug}/odds"),
        "/v1/articles".to_owned(),
        format!("/v1/articles?q={SECRET}"),
        format!("/v1/markets?q={SECRET}"),
        format!("/v1/articles/{slug}/versions"),
        format!("/v1/articles/{slug}/versions/1"),
        format!("/v1/articles/{slug}/suggestions"),
        "/v1/feeds".to_owned(),
        "/v1/markets/jpkr-joint-statement/suggestions".to_owned(),
        "/v1/markets/jpkr-joint-statement/moves".to_owned(),
        "/v1/markets/jpkr-joint-statement".to_owned(),
        "/markets/jpkr-joint-statement".to_owned(),
        "/embed/v1/markets/jpkr-joint-statement".to_owned(),
        "/v1/articles?tag=secret-tag".to_owned(),
        "/v1/articles?section=World".to_owned(),
        "/v1/articles/lookup?url=https%3A%2F%2Fexample.org%2Fsecret".to_owned(),
        "/v1/markets".to_owned(),
        format!(
            "/oembed?url={}",
            format!("{}/articles/{slug}", server.base()).replace('/', "%2F")
        ),
    ];
    // Its name is in the address that was asked for; what it says is in no answer.
    for page in &pages {
        for client in [&reader, &room.operator.client] {
            let answer = client.get(page).await;
            assert!(
                !answer.text.contains(SECRET),
                "{page} tells: {}",
                answer.text
            );
        }
    }
    reader
        .get(&format!("/v1/articles/{slug}"))
        .await
        .refused("article_not_found");
    reader
        .get(&format!("/v1/articles/{slug}/events"))
        .await
        .refused("article_not_found");
    // A market is public, and so is the list of its articles: none can be linked before.
    room.pay_in(&room.operator, "5000").await;
    let early = with(
        joint_statement(),
        &json!({"slug": "another", "articles": [{"article": slug, "role": "subject"}]}),
    );
    room.operator
        .client
        .post("/v1/markets", &early)
        .await
        .refused("article_embargoed");

    let left = until.duration_since(jiff::Timestamp::now());
    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
    tokio::time::sleep(left + Duration::from_millis(50)).await;
    let listed = reader.see("/v1/articles").await;
    assert_eq!(listed["data"][0]["slug"], slug.as_str());
    for page in [
        "/".to_owned(),
        format!("/articles/{slug}"),
        format!("/v1/articles/{slug}"),
    ] {
        let answer = reader.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.text.contains(SECRET), "{page} has it now");
    }
    room.operator
        .client
        .post("/v1/markets", &early)
        .await
        .is(201);
    // The plan was carried out by the server itself: linked, and open again.
    let open = room.until_status("jpkr-joint-statement", "open").await;
    assert_eq!(open["articles"][0]["article"], slug.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_a_new_version_of_the_same_article() {
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let editor = &room.editor.client;
    let body = json!({"title": "A Ferry Sails", "body": "It sailed on Monday. It came back."});
    let posted = editor.post("/v1/articles", &body).await.is(201);
    let path = format!("/v1/articles/{}", posted["slug"].as_str().expect("a slug"));
    let fixed = with(
        body,
        &json!({"body": "It sailed on Tuesday. It came back."}),
    );
    let corrected = editor.put(&path, &fixed).await.is(200);
    assert_eq!(
        (&corrected["version"], &corrected["slug"]),
        (&json!(2), &posted["slug"])
    );
    server.kill();
    server.start_again().await;
    let read = server.public().see(&path).await;
    assert_eq!(read["version"], 2);
    assert!(
        read["body_text"]
            .as_str()
            .is_some_and(|text| text.contains("Tuesday"))
    );
    assert_eq!(read["first_seen_at"], posted["first_seen_at"]);
}

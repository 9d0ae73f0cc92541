//! An article under embargo is nowhere before its time, and everywhere after it.

use std::time::Duration;

use serde_json::json;
use tidings_tests::newsroom::{Newsroom, joint_statement, with};
use tidings_tests::server::Server;
use tidings_tests::stream::Events;

/// Words that stand nowhere but in the article.
const SECRET: &str = "Quillfeather";
/// The market that it will be linked to.
const MARKET: &str = "jpkr-joint-statement";

/// An answer has nothing of the article in it, however it is written. Where its name was asked for, an answer may
/// have the name.
#[track_caller]
fn tells_nothing(address: &str, who: &str, answer: &str) {
    let answer = answer.to_lowercase();
    let named = address.to_lowercase();
    let own = named.contains("quillfeather");
    let bare = match own {
        true => answer.replace(NAME, ""),
        false => answer,
    };
    // A page of search repeats what was looked for, and says that there is nothing.
    if own && named.starts_with("/search?") {
        return assert!(bare.contains("nothing with these words"), "{who}: {bare}");
    }
    assert!(
        !bare.contains("quillfeather"),
        "{address} tells {who}: {bare}"
    );
}

/// The article's name in addresses.
const NAME: &str = "quillfeather-signs-the-accord";

/// Every address that the API's document says can be read, in every form, and every page and file beside it.
async fn addresses(server: &Server, slug: &str) -> Vec<String> {
    let asked = "https%3A%2F%2Fexample.org%2Fsecret";
    let document = server.public().see("/openapi.json").await;
    let mut addresses = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        // Streams are read as streams.
        if item["get"].is_null() || path.ends_with("/events") || path == "/v1/stream" {
            continue;
        }
        let mut path = path.clone();
        for (place, value) in [
            ("{a}", slug),
            ("{m}", MARKET),
            ("{n}", "1"),
            ("{f}", "feed_1"),
            ("{h}", "hook_1"),
            ("{id}", "acc_1"),
            ("{key}", "a-key"),
            ("{week}", "2025-w44"),
            ("{seq}", "1"),
        ] {
            path = path.replace(place, value);
        }
        assert!(!path.contains('{'), "{path} has a place of its own");
        addresses.push(path.clone());
        let parameters = item["get"]["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let values: &[&str] = match parameter["name"].as_str().expect("a name") {
                "q" => &[SECRET, "accord"],
                "tag" => &["secret-tag"],
                "section" => &["World"],
                "article" => &[slug],
                "url" => &[asked],
                "format" => &["csv", "ndjson"],
                _ => &[],
            };
            let name = &parameter["name"].as_str().expect("a name");
            addresses.extend(values.iter().map(|value| format!("{path}?{name}={value}")));
        }
    }
    let forms = ["rss", "atom", "json"];
    let feeds = forms.iter().flat_map(|form| {
        ["articles", "moves", "digest"].map(|feed| format!("/feeds/{feed}.{form}"))
    });
    addresses.extend(feeds);
    addresses.extend(forms.map(|form| format!("/feeds/articles.{form}?tag=secret-tag")));
    addresses.extend(forms.map(|form| format!("/feeds/articles.{form}?market={MARKET}")));
    let page = format!("{}/articles/{slug}", server.base()).replace('/', "%2F");
    addresses.push(format!("/oembed?url={page}"));
    addresses.push(format!("/search?q={SECRET}"));
    for (kind, of) in [("articles", slug), ("markets", MARKET)] {
        addresses.push(format!("/{kind}/{of}"));
        addresses.push(format!("/embed/v1/{kind}/{of}"));
    }
    addresses.push(format!("/og/articles/{slug}.png"));
    addresses.push(format!("/markets/{MARKET}/evidence"));
    addresses.push(format!("/embed/v1/markets/{MARKET}.txt"));
    addresses.push(format!("/embed/v1/markets/{MARKET}.svg"));
    let pages = [
        "/",
        "/markets",
        "/tags/secret-tag",
        "/sections/World",
        "/search?q=accord",
        "/digest",
        "/calibration",
        "/leaderboard",
        "/about/embeds",
        "/feeds/closes.ics",
        "/metrics",
        "/health/ready",
        "/console/articles",
        "/console/journal",
    ];
    addresses.extend(pages.map(str::to_owned));
    let week = server.public().get("/digest").await.text;
    let weeks = week.split("href=\"/digest/").skip(1);
    addresses.extend(weeks.filter_map(|rest| Some(format!("/digest/{}", rest.split_once('"')?.0))));
    addresses
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_time_an_article_is_nowhere() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    // About the same as the article, and linked to it by a plan.
    room.open_market(&with(joint_statement(), &json!({"tags": ["secret-tag"]})))
        .await;
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(20);
    let body = json!({
        "title": format!("{SECRET} Signs the Accord"), "body": format!("{SECRET} signed it today."),
        "section": ["World"], "tags": ["secret-tag"], "canonical_url": "https://example.org/secret",
        "embargoed_until": until.to_string(),
    });
    let posted = room.editor.client.post("/v1/articles", &body).await.is(201);
    let slug = posted["slug"].as_str().expect("a slug").to_owned();
    assert_eq!(slug, NAME);
    let plan = json!({"market": "jpkr-joint-statement", "role": "trigger",
                      "halt": {"minutes_before": 1, "minutes_after": 0}});
    let plans = format!("/v1/articles/{slug}/plans");
    room.operator.client.post(&plans, &plan).await.is(201);
    let reader = server.public();
    // The market is halted by now, and says no more than that something is to be published.
    let halted = room.until_status("jpkr-joint-statement", "halted").await;
    assert!(!halted.to_string().contains(&slug), "{halted}");
    // Whoever follows the market hears that it stands still; a reader's search goes on meanwhile.
    let mut streams = Vec::new();
    for path in [
        "/v1/markets/jpkr-joint-statement/events",
        "/embed/v1/events?markets=jpkr-joint-statement",
    ] {
        streams.push((path, Events::open(&reader, path, None).await));
    }
    let trader = room.trader(&server, "Ann", "100").await;
    let addresses = addresses(&server, &slug).await;
    let clients = [
        ("nobody", &reader),
        ("a trader", &trader.client),
        ("an operator", &room.operator.client),
        ("an administrator", &room.admin),
    ];
    for address in &addresses {
        for (who, client) in clients {
            let answer = client.get(address).await;
            assert!(answer.status < 500, "{address}: {}", answer.text);
            tells_nothing(address, who, &answer.text);
            let png = answer.header("content-type") == "image/png";
            assert!(!png || answer.status == 404, "{address} is drawn for {who}");
        }
    }
    assert!(
        jiff::Timestamp::now() < until,
        "all of it was asked before its time"
    );
    for (path, stream) in &mut streams {
        while let Some(event) = stream.next(Duration::from_millis(100)).await {
            tells_nothing(path, "a reader", &event.data.to_string());
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

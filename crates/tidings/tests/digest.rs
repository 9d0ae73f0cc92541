//! `tidings digest --send`: the command itself, to a relay over TLS.

#[path = "../../post/tests/relay/mod.rs"]
mod relay;
mod support;

use std::path::Path;
use std::process::Output;
use std::time::SystemTime;

use relay::{Kept, Relay, certificate};
use support::{database, output, tidings, words};
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_store::{ArticleStatus, Asking, NewArticle, Patience, Store};

const DAY: i64 = 86_400_000_000;

/// A moment before the present, in days.
fn ago(days: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_micros()).expect("a moment");
    Timestamp::from_micros(now - days * DAY)
}

/// A reader who confirmed a month ago, one who never did, and an article of last week.
async fn furnish(path: &Path) {
    let store = Store::open(path.to_str().expect("a path"))
        .await
        .expect("a store");
    for (address, confirms) in [
        ("reader@paper.example", true),
        ("stranger@paper.example", false),
    ] {
        let patience = Patience {
            asked_before: ago(40),
            counted_from: ago(40),
            most: 9,
        };
        let asked = store.ask_subscriber(address, ago(30), patience).await;
        assert_eq!(asked.expect("a subscriber"), Asking::Asked);
        let due = store.due_mails(ago(0), 9).await.expect("mails");
        let id = due.last().expect("a question").subscriber;
        if confirms {
            let confirmed = store.confirm_subscriber(id, 1, ago(30)).await;
            assert!(confirmed.expect("a subscriber"));
        }
    }
    let article = NewArticle {
        slug: "a-ferry-sails".to_owned(),
        canonical_url: None,
        publisher: None,
        language: "en".to_owned(),
        section: Vec::new(),
        tags: Vec::new(),
        flags: Vec::new(),
        title: "A Ferry Sails".to_owned(),
        summary: "It sailed.".to_owned(),
        body_html: "<p>It sailed.</p>".to_owned(),
        body_text: "It sailed.".to_owned(),
        byline: None,
        published_at: Some(ago(7)),
        embargoed_until: None,
        status: ArticleStatus::Usable,
        author: AccountId(3),
        body_hash: [7; 32],
        terms: vec!["ferry".to_owned()],
        at: ago(7),
    };
    store.add_article(&article).await.expect("an article");
    store.close().await;
}

/// The command, with what it is given.
async fn send(data: &Path, relay: &Relay, authority: &Path) -> Output {
    let mut command = tidings(&[
        "digest",
        "--send",
        "--mail-from",
        "The Week <week@odds.example>",
    ]);
    command
        .args(["--public-url", "https://odds.example"])
        .args(["--smtp", &format!("smtps://week@127.0.0.1:{}", relay.port)])
        .arg("--smtp-ca")
        .arg(authority)
        .arg("--data")
        .arg(data)
        .env("TIDINGS_SMTP_PASSWORD", "a password");
    let done = tokio::task::spawn_blocking(move || output(&mut command));
    done.await.expect("it ran")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_week_is_sent_once_by_a_command() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path();
    let made = data.to_owned();
    let path = tokio::task::spawn_blocking(move || database(&made)).await;
    furnish(&path.expect("a database")).await;
    let (tls, authority) = certificate("127.0.0.1", false);
    let relay = Relay::over(Kept::Whole(tls)).await;
    let (_, other) = certificate("127.0.0.1", false);
    let (right, wrong) = (data.join("ca.pem"), data.join("other.pem"));
    std::fs::write(&right, authority).expect("a file");
    std::fs::write(&wrong, other).expect("a file");

    let refused = send(data, &relay, &wrong).await;
    let (said, errors) = words(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}{errors}");
    assert!(errors.contains("the relay for mail is away"), "{errors}");
    assert!(
        relay.taken().is_empty(),
        "nothing goes to a relay that nobody vouches for"
    );

    let sent = send(data, &relay, &right).await;
    let (said, errors) = words(&sent);
    assert_eq!(sent.status.code(), Some(0), "{said}{errors}");
    assert!(
        said.contains(": 1 sent, 0 to be tried later, 0 refused"),
        "{said}"
    );
    let taken = relay.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].to, "reader@paper.example");
    assert_eq!(taken[0].from, "week@odds.example");
    assert!(taken[0].kept_from_others && taken[0].known_as.is_some());
    for part in [
        "A Ferry Sails",
        "List-Unsubscribe:",
        "https://odds.example/digest/unsubscribe/",
    ] {
        let text = taken[0].text.replace("=\r\n", "");
        assert!(text.contains(part), "{part}: {text}");
    }

    let again = send(data, &relay, &right).await;
    let (said, _) = words(&again);
    assert_eq!(again.status.code(), Some(0));
    assert!(said.contains(": 0 sent"), "{said}");
    assert_eq!(relay.taken().len(), 1, "each reader gets a week once");
}

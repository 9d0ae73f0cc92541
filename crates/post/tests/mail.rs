//! The digest by mail, to a relay that speaks SMTP and fails at bad moments.

mod relay;
#[path = "../../web/tests/support/mod.rs"]
mod support;

use std::time::Duration;

use axum::http::StatusCode;
use mail_parser::MessageParser;
use relay::{Does, Kept, Moment, Relay, certificate};
use support::{BASE, HOSTILE, Newsroom};
use tidings_api::digest::Week;
use tidings_core::command::Contract;
use tidings_core::units::Timestamp;
use tidings_post::{Post, Sent, Smtp};
use tidings_store::MailStatus;
use tokio_util::sync::CancellationToken;

fn post(newsroom: &Newsroom, relay: &Relay) -> Post {
    let url = format!("smtp://127.0.0.1:{}", relay.port);
    let smtp = Smtp::read(&url, "The Week <week@odds.example>", None).unwrap();
    Post::new(
        newsroom.app.clone(),
        Some(smtp.within(Duration::from_millis(400))),
    )
}

async fn round(post: &mut Post) {
    post.round(&CancellationToken::new()).await.unwrap();
}

/// An address that is confirmed, by the pages and the mails.
async fn subscribed(newsroom: &Newsroom, relay: &Relay, address: &str) {
    let before = relay.taken().len();
    let (status, ..) = newsroom
        .post(
            "/digest/subscribe",
            &format!("address={}", address.replace('@', "%40")),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    round(&mut post(newsroom, relay)).await;
    let taken = relay.taken();
    assert_eq!(taken.len(), before + 1);
    let link = link_in(&taken[before].text, "/digest/confirm/");
    let (status, ..) = newsroom.post(&link, "").await;
    assert_eq!(status, StatusCode::OK);
}

/// The path of the link of a kind in a mail's plain text.
fn link_in(mail: &str, kind: &str) -> String {
    let message = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let text = message.body_text(0).unwrap().into_owned();
    let start = text
        .find(&format!("{BASE}{kind}"))
        .unwrap_or_else(|| panic!("{kind} in {text}"));
    let link = text[start..].split_whitespace().next().unwrap();
    link.strip_prefix(BASE).unwrap().to_owned()
}

/// Lets time pass to the Monday after the last news, 07:00.
async fn on_monday(newsroom: &Newsroom) -> Week {
    let week = Week::of(newsroom.app.now());
    let monday = week.until().as_micros() + 7 * 3_600_000_000;
    pass_to(newsroom, monday).await;
    week
}

async fn pass_to(newsroom: &Newsroom, micros: i64) {
    let by = micros - newsroom.app.now().as_micros();
    newsroom
        .clock
        .advance(Duration::from_micros(by.try_into().unwrap()));
    newsroom.written_down().await;
}

async fn standing(newsroom: &Newsroom, week: Week) -> Vec<(MailStatus, u64)> {
    newsroom
        .app
        .store()
        .mails_about(&week.to_string())
        .await
        .unwrap()
}

#[tokio::test]
async fn who_confirmed_gets_the_week_once_and_ends_it_with_one_click() {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    subscribed(&newsroom, &relay, "reader@paper.example").await;
    // Somebody gave another address, and nobody confirmed it.
    newsroom
        .post("/digest/subscribe", "address=stranger%40paper.example")
        .await;
    let mut post = post(&newsroom, &relay);
    round(&mut post).await;
    let asked = relay.taken();
    assert_eq!(asked.len(), 2);
    let question = MessageParser::default()
        .parse(asked[1].text.as_bytes())
        .unwrap();
    assert_eq!(question.subject(), Some("Do you want the week in odds?"));
    assert!(question.header_raw("List-Unsubscribe").is_none());
    let week = on_monday(&newsroom).await;
    for _ in 0..3 {
        round(&mut post).await;
    }
    let taken = relay.taken();
    assert_eq!(taken.len(), 3, "one mail, to the one who confirmed");
    let mail = &taken[2];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_str()),
        ("week@odds.example", "reader@paper.example")
    );
    let message = MessageParser::default()
        .parse(mail.text.as_bytes())
        .unwrap();
    assert!(message.subject().unwrap().starts_with("The week in odds, "));
    let header = |name: &str| message.header_raw(name).unwrap().trim().to_owned();
    assert_eq!(
        header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("List-Id").contains("<week.odds.example>"));
    assert!(header("Message-ID").starts_with(&format!("<{week}.")));
    let end = header("List-Unsubscribe");
    let end = end
        .strip_prefix(&format!("<{BASE}"))
        .unwrap()
        .strip_suffix('>')
        .unwrap()
        .to_owned();
    assert_eq!(link_in(&mail.text, "/digest/unsubscribe/"), end);
    let html = message.body_html(0).unwrap();
    assert!(html.contains("The week in odds") && !html.contains("<img"));
    let issue = tidings_api::digest::kept(&newsroom.app, week)
        .await
        .unwrap()
        .unwrap();
    let letter = tidings_web::letters::weekly(&issue, &format!("{BASE}{end}")).unwrap();
    let same = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    assert_eq!(
        same(&html),
        same(&letter.html),
        "what is kept, and nothing else"
    );
    assert_eq!(same(&message.body_text(0).unwrap()), same(&letter.text));
    assert!(
        mail.text
            .lines()
            .all(|line| line.len() <= 998 && line.is_ascii())
    );
    // RFC 8058: posted as it is, without a cookie, without a page.
    let (status, ..) = newsroom.post(&end, "List-Unsubscribe=One-Click").await;
    assert_eq!(status, StatusCode::OK);
    newsroom
        .buy(
            newsroom
                .app
                .exchange()
                .market_by_slug("jpkr-joint-text")
                .unwrap()
                .id,
            0,
            Contract::Yes,
            900,
        )
        .await;
    on_monday(&newsroom).await;
    round(&mut post).await;
    assert_eq!(relay.taken().len(), 3, "no week comes after that");
}

#[tokio::test]
async fn a_mail_arrives_at_most_once_at_whatever_moment_the_relay_fails() {
    for (moment, does, arrives, ends) in [
        (Moment::Greeting, Does::Drops, 1, MailStatus::Sent),
        (Moment::Greeting, Does::Hangs, 1, MailStatus::Sent),
        (
            Moment::Greeting,
            Does::Says("554 Not for you"),
            1,
            MailStatus::Sent,
        ),
        (Moment::Hello, Does::Drops, 1, MailStatus::Sent),
        (Moment::Sender, Does::Drops, 1, MailStatus::Sent),
        (Moment::Sender, Does::Says("451 Later"), 1, MailStatus::Sent),
        (Moment::Recipient, Does::Drops, 1, MailStatus::Sent),
        (
            Moment::Recipient,
            Does::Says("450 Mailbox busy"),
            1,
            MailStatus::Sent,
        ),
        (
            Moment::Recipient,
            Does::Says("550 No such mailbox"),
            0,
            MailStatus::Refused,
        ),
        (Moment::Data, Does::Drops, 1, MailStatus::Sent),
        (Moment::Data, Does::Hangs, 1, MailStatus::Sent),
        (Moment::Data, Does::Says("452 Full"), 1, MailStatus::Sent),
        (Moment::Text, Does::Drops, 0, MailStatus::Unknown),
        (Moment::Taken, Does::Drops, 1, MailStatus::Unknown),
        (Moment::Taken, Does::Hangs, 1, MailStatus::Unknown),
        (
            Moment::Taken,
            Does::Says("451 Not now"),
            1,
            MailStatus::Sent,
        ),
        (
            Moment::Taken,
            Does::Says("554 Spam"),
            0,
            MailStatus::Refused,
        ),
    ] {
        let what = format!("{moment:?} {does:?}");
        let newsroom = Newsroom::furnished(BASE).await;
        let relay = Relay::start().await;
        subscribed(&newsroom, &relay, "reader@paper.example").await;
        let week = on_monday(&newsroom).await;
        relay.plan(moment, does);
        round(&mut post(&newsroom, &relay)).await;
        assert!(relay.is_over(), "{what}: it happened");
        // Other processes after it, for as long as mails are tried.
        for _ in 0..6 {
            newsroom.pass(25);
            let mut again = post(&newsroom, &relay);
            again.begin().await.unwrap();
            round(&mut again).await;
        }
        let weeklies = relay
            .taken()
            .iter()
            .filter(|mail| mail.text.contains(&week.to_string()))
            .count();
        assert_eq!(weeklies, arrives, "{what}");
        assert_eq!(standing(&newsroom, week).await, [(ends, 1)], "{what}");
    }
}

#[tokio::test]
async fn a_process_that_ends_while_a_mail_is_under_way_says_so_and_sends_it_no_more() {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    for name in ["ann", "bob"] {
        subscribed(&newsroom, &relay, &format!("{name}@paper.example")).await;
    }
    let week = on_monday(&newsroom).await;
    relay.plan(Moment::Taken, Does::Hangs);
    let url = format!("smtp://127.0.0.1:{}", relay.port);
    let smtp = Smtp::read(&url, "week@odds.example", None).unwrap();
    let dying = Post::new(newsroom.app.clone(), Some(smtp));
    let dying = tokio::spawn(dying.run(CancellationToken::new()));
    relay.has_taken(3).await;
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    let counts = [(MailStatus::Due, 1), (MailStatus::Sending, 1)];
    assert_eq!(
        standing(&newsroom, week).await,
        counts,
        "written down before it left"
    );
    let newsroom = newsroom.restart().await;
    let mut next = post(&newsroom, &relay);
    next.begin().await.unwrap();
    round(&mut next).await;
    let counts = [(MailStatus::Sent, 1), (MailStatus::Unknown, 1)];
    assert_eq!(standing(&newsroom, week).await, counts);
    let mut to: Vec<String> = relay.taken()[2..]
        .iter()
        .map(|mail| mail.to.clone())
        .collect();
    to.sort();
    assert_eq!(to, ["ann@paper.example", "bob@paper.example"], "each once");
}

#[tokio::test]
async fn a_relay_that_is_away_costs_no_mail_its_turn() {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    subscribed(&newsroom, &relay, "reader@paper.example").await;
    let week = on_monday(&newsroom).await;
    relay.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut away = post(&newsroom, &relay);
    let sent = away.send_week(week).await.unwrap();
    assert_eq!(
        sent,
        Sent {
            away: true,
            ..Sent::default()
        }
    );
    let due = newsroom
        .app
        .store()
        .due_mails(newsroom.app.now(), 9)
        .await
        .unwrap();
    assert_eq!((due.len(), due[0].attempts), (1, 0), "it was not tried");
    let relay = Relay::start().await;
    let sent = post(&newsroom, &relay).send_week(week).await.unwrap();
    assert_eq!(
        sent,
        Sent {
            sent: 1,
            ..Sent::default()
        }
    );
    let again = post(&newsroom, &relay).send_week(week).await.unwrap();
    assert_eq!(again, Sent::default(), "and not once more");
}

#[tokio::test]
async fn who_ends_it_before_the_mail_leaves_gets_none() {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    subscribed(&newsroom, &relay, "reader@paper.example").await;
    let week = on_monday(&newsroom).await;
    let app = &newsroom.app;
    tidings_api::digest::make(app, week).await.unwrap().unwrap();
    app.store()
        .add_mails(&week.to_string(), week.until(), app.now())
        .await
        .unwrap();
    let id = app.store().due_mails(app.now(), 9).await.unwrap()[0].subscriber;
    let token = tidings_api::subscriptions::end_token(app, id);
    assert!(tidings_api::subscriptions::end(app, &token).await.unwrap());
    round(&mut post(&newsroom, &relay)).await;
    assert_eq!(relay.taken().len(), 1, "only the question of before");
    assert_eq!(standing(&newsroom, week).await, [(MailStatus::Dropped, 1)]);
}

#[tokio::test]
async fn an_address_that_nobody_confirms_is_forgotten_and_an_older_link_opens_nothing() {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    let ask = async || {
        newsroom
            .post("/digest/subscribe", "address=reader%40paper.example")
            .await;
        round(&mut post(&newsroom, &relay)).await;
    };
    ask().await;
    ask().await;
    assert_eq!(relay.taken().len(), 1, "one question an hour");
    newsroom.pass(2);
    ask().await;
    let questions = relay.taken();
    assert_eq!(questions.len(), 2);
    let link = |ix: usize| link_in(&questions[ix].text, "/digest/confirm/");
    assert_eq!(newsroom.post(&link(0), "").await.0, StatusCode::NOT_FOUND);
    newsroom.pass(24 * 7 + 1);
    round(&mut post(&newsroom, &relay)).await;
    assert_eq!(newsroom.post(&link(1), "").await.0, StatusCode::NOT_FOUND);
    let first = newsroom.app.store().subscriber(1).await.unwrap().unwrap();
    assert_eq!(first.address, None);
}

#[tokio::test]
async fn hostile_texts_stay_in_their_place_in_a_mail() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    let relay = Relay::start().await;
    subscribed(&newsroom, &relay, "reader@paper.example").await;
    on_monday(&newsroom).await;
    round(&mut post(&newsroom, &relay)).await;
    let mail = relay.taken().pop().unwrap();
    let message = MessageParser::default()
        .parse(mail.text.as_bytes())
        .unwrap();
    assert!(message.body_text(0).unwrap().contains(HOSTILE));
    let html = message.body_html(0).unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert_eq!(message.attachment_count(), 0);
    let moment = Timestamp::from_micros(message.date().unwrap().to_timestamp() * 1_000_000);
    assert!(moment <= newsroom.app.now());
}

/// A relay over TLS: its scheme, and a certificate as it should be or not.
async fn hidden(scheme: &str, of: &str, is_over: bool) -> (Relay, String) {
    let (tls, authority) = certificate(of, is_over);
    let kept = match scheme {
        "smtps" => Kept::Whole(tls),
        _ => Kept::Started(tls),
    };
    (Relay::over(kept).await, authority)
}

fn post_over(newsroom: &Newsroom, scheme: &str, relay: &Relay, authority: Option<&str>) -> Post {
    let url = format!("{scheme}://week@127.0.0.1:{}", relay.port);
    let from = "The Week <week@odds.example>";
    let smtp = Smtp::read(&url, from, Some("a password")).unwrap();
    let smtp = match authority {
        Some(pem) => smtp.trusting(pem.as_bytes()).unwrap(),
        None => smtp,
    };
    Post::new(
        newsroom.app.clone(),
        Some(smtp.within(Duration::from_secs(5))),
    )
}

/// Somebody confirmed, and the week is over and told: one mail is due.
async fn one_mail_due() -> (Newsroom, Week) {
    let newsroom = Newsroom::furnished(BASE).await;
    let relay = Relay::start().await;
    subscribed(&newsroom, &relay, "reader@paper.example").await;
    let week = on_monday(&newsroom).await;
    (newsroom, week)
}

#[tokio::test]
async fn over_tls_the_week_goes_whole_and_so_does_the_password() {
    for scheme in ["smtps", "smtp"] {
        let (newsroom, week) = one_mail_due().await;
        let (relay, authority) = hidden(scheme, "127.0.0.1", false).await;
        let mut post = post_over(&newsroom, scheme, &relay, Some(&authority));
        let sent = post.send_week(week).await.unwrap();
        assert_eq!((sent.sent, sent.away), (1, false), "{scheme}");
        let taken = relay.taken();
        assert_eq!(taken.len(), 1, "{scheme}");
        assert!(taken[0].kept_from_others, "{scheme}");
        assert_eq!(taken[0].to, "reader@paper.example");
        // Nothing, the user, nothing, the password.
        let known = "PLAIN AHdlZWsAYSBwYXNzd29yZA==";
        assert_eq!(taken[0].known_as.as_deref(), Some(known), "{scheme}");
        let mail = MessageParser::default().parse(taken[0].text.as_bytes());
        assert!(mail.unwrap().body_html(0).is_some());
        assert_eq!(standing(&newsroom, week).await, [(MailStatus::Sent, 1)]);
    }
}

#[tokio::test]
async fn a_relay_with_a_wrong_certificate_gets_neither_a_mail_nor_the_password() {
    let (newsroom, week) = one_mail_due().await;
    for scheme in ["smtps", "smtp"] {
        let (_, other) = certificate("127.0.0.1", false);
        for (what, of, is_over, trusts) in [
            ("of another authority", "127.0.0.1", false, Some(&other)),
            ("of another name", "relay.example", false, None),
            ("that is over", "127.0.0.1", true, None),
        ] {
            let (relay, authority) = hidden(scheme, of, is_over).await;
            let trusts = trusts.unwrap_or(&authority);
            let mut post = post_over(&newsroom, scheme, &relay, Some(trusts));
            let sent = post.send_week(week).await.unwrap();
            assert_eq!((sent.sent, sent.away), (0, true), "{scheme}, one {what}");
            assert!(relay.taken().is_empty(), "{scheme}, one {what}");
        }
    }
    // One that the public authorities do not know, where no other is named.
    let (relay, _) = hidden("smtps", "127.0.0.1", false).await;
    let sent = post_over(&newsroom, "smtps", &relay, None)
        .send_week(week)
        .await
        .unwrap();
    assert!(sent.away && relay.taken().is_empty());
    // One that does not offer TLS at all.
    let plain = Relay::start().await;
    let (_, authority) = certificate("127.0.0.1", false);
    let mut post = post_over(&newsroom, "smtp", &plain, Some(&authority));
    let sent = post.send_week(week);
    assert!(sent.await.unwrap().away && plain.taken().is_empty());
    // The mail is still due: it goes to the relay that is the right one.
    assert_eq!(standing(&newsroom, week).await, [(MailStatus::Due, 1)]);
    let (relay, authority) = hidden("smtps", "127.0.0.1", false).await;
    let sent = post_over(&newsroom, "smtps", &relay, Some(&authority))
        .send_week(week)
        .await;
    assert_eq!((sent.unwrap().sent, relay.taken().len()), (1, 1));
}

#[tokio::test]
async fn what_was_mailed_is_forgotten_after_a_quarter_and_is_not_mailed_again() {
    let (newsroom, week) = one_mail_due().await;
    let relay = Relay::start().await;
    let mut post = post(&newsroom, &relay);
    round(&mut post).await;
    assert_eq!(standing(&newsroom, week).await, [(MailStatus::Sent, 1)]);
    let days = |days: i64| week.until().as_micros() + days * 86_400_000_000;
    pass_to(&newsroom, days(89)).await;
    round(&mut post).await;
    assert_eq!(standing(&newsroom, week).await, [(MailStatus::Sent, 1)]);
    let taken = relay.taken().len();
    // Sent by hand within the quarter: everybody has it.
    let again = post.send_week(week).await.unwrap();
    assert_eq!((again.sent, relay.taken().len()), (0, taken));
    pass_to(&newsroom, days(91)).await;
    round(&mut post).await;
    round(&mut post).await;
    assert_eq!(standing(&newsroom, week).await, []);
    let refused = post.send_week(week).await.unwrap_err();
    assert!(
        refused.detail().contains("nobody knows any more"),
        "{}",
        refused.detail()
    );
    assert_eq!(standing(&newsroom, week).await, []);
    assert!(
        relay
            .taken()
            .iter()
            .filter(|mail| mail.text.contains(&week.to_string()))
            .count()
            <= 1
    );
}

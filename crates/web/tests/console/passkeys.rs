//! Passkeys: what adds one, what one opens, and what opens nothing.

use axum::http::StatusCode;
use serde_json::Value;
use tidings_core::access::Role;
use tidings_core::command::Command;

use crate::authenticator::Authenticator;
use crate::desk::{ADMIN, Answer, COOKIE, Desk, OPERATOR, PASSWORD, SECOND, form};
use crate::support::Newsroom;
use crate::support::markup::Markup;

/// What a browser is asked, and what its answer has to come with.
struct Asked {
    attempt: String,
    options: Value,
}

impl Asked {
    fn of(answer: &Answer) -> Asked {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        Asked {
            attempt: told["attempt"].as_str().unwrap().to_owned(),
            options: told["publicKey"].clone(),
        }
    }
}

impl Desk {
    async fn ask_to_add(&self, session: &str) -> Asked {
        let typed = form(&[("password", PASSWORD)]);
        Asked::of(
            &self
                .post("/console/passkeys/ask", &typed, Some(session))
                .await,
        )
    }

    async fn add(&self, session: &str, attempt: &str, name: &str, answer: &str) -> Answer {
        let made = form(&[("attempt", attempt), ("name", name), ("answer", answer)]);
        self.post("/console/passkeys", &made, Some(session)).await
    }

    /// Somebody's new passkey.
    async fn passkey(&self, session: &str, name: &str) -> Authenticator {
        let asked = self.ask_to_add(session).await;
        let (made, answer) = Authenticator::make(&asked.options);
        let added = self.add(session, &asked.attempt, name, &answer).await;
        added.leads_to("/console/sessions?said=added#passkeys");
        made
    }

    async fn ask_to_sign_in(&self) -> Asked {
        Asked::of(&self.post("/console/sign-in/passkey/ask", "", None).await)
    }

    async fn answer(&self, attempt: &str, answer: &str) -> Answer {
        let signed = form(&[("attempt", attempt), ("answer", answer)]);
        self.post("/console/sign-in/passkey", &signed, None).await
    }

    async fn sign_in_with(&self, passkey: &mut Authenticator) -> Answer {
        let asked = self.ask_to_sign_in().await;
        let answer = passkey.sign(&asked.options);
        self.answer(&asked.attempt, &answer).await
    }

    async fn remove(&self, session: &str, passkey: &str, password: &str) -> Answer {
        let path = format!("/console/passkeys/{passkey}/remove");
        let typed = form(&[("password", password)]);
        self.post(&path, &typed, Some(session)).await
    }
}

fn refused(answer: &Answer, status: StatusCode, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(answer.header("set-cookie"), "", "{what}");
}

#[tokio::test]
async fn a_passkey_opens_a_session_like_a_password() {
    let desk = Desk::open().await;
    let here = desk.session().await;
    let mut phone = desk.passkey(&here, "My phone").await;
    let page = desk.get("/console/sessions", Some(&here)).await.body;
    assert!(
        page.contains("<b>My phone</b>") && page.contains("not used yet"),
        "{page}"
    );

    let asked = desk.ask_to_sign_in().await;
    let answer = phone.sign(&asked.options);
    let signed = form(&[
        ("attempt", &asked.attempt),
        ("answer", &answer),
        ("next", "/console/sessions"),
    ]);
    let planted = desk
        .post("/console/sign-in/passkey", &signed, Some(&here))
        .await;
    planted.leads_to("/console/sessions");
    let session = planted.session();
    assert_eq!(
        planted.header("set-cookie"),
        format!("{COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Strict")
    );
    assert!(
        !desk.is_open(&here).await,
        "the browser's former one is over"
    );
    assert!(desk.is_open(&session).await);
    let page = desk.get("/console/sessions", Some(&session)).await.body;
    assert!(
        page.contains("<b>operator</b>") && !page.contains("not used yet"),
        "{page}"
    );
    Markup::of(&page).assert_strict("/console/sessions");

    // Of two people's passkeys each opens its own's session.
    desk.set(SECOND, r#"{"name":"noor","password":"a quiet harbour"}"#)
        .await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    let mut noors = desk.passkey(&noor, "Key of Noor").await;
    let session = desk.sign_in_with(&mut noors).await.session();
    let page = desk.get("/console/sessions", Some(&session)).await.body;
    assert!(
        page.contains("<b>Key of Noor</b>") && !page.contains("<b>My phone</b>"),
        "{page}"
    );
    desk.sign_in_with(&mut phone).await.leads_to("/console");
    // The password is what it was.
    desk.sign_in("mika", PASSWORD).await.leads_to("/console");
}

#[tokio::test]
async fn what_is_not_answered_as_it_was_asked_opens_nothing() {
    let desk = Desk::open().await;
    let mika = desk.session().await;
    desk.set(SECOND, r#"{"name":"noor","password":"a quiet harbour"}"#)
        .await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    let passkey = desk.passkey(&mika, "Phone").await;
    let noors = desk.passkey(&noor, "Key").await;
    let stranger = Authenticator::make(&desk.ask_to_add(&mika).await.options).0;

    type Changed = fn(&mut Authenticator, &Authenticator);
    let changes: [(&str, Changed); 5] = [
        ("another page", |it, _| {
            it.origin = "https://odds.example.evil.example"
        }),
        ("another scheme", |it, _| it.origin = "http://odds.example"),
        ("for somebody else", |it, _| it.party = "evil.example"),
        ("nobody verified", |it, _| it.verifies = false),
        ("another's handle", |it, other| {
            it.handle.clone_from(&other.handle)
        }),
    ];
    for (what, change) in changes {
        let mut changed = passkey.clone();
        change(&mut changed, &noors);
        refused(
            &desk.sign_in_with(&mut changed).await,
            StatusCode::FORBIDDEN,
            what,
        );
    }
    let unknown = desk.sign_in_with(&mut stranger.clone()).await;
    refused(
        &unknown,
        StatusCode::FORBIDDEN,
        "a passkey that was not added",
    );

    // What was asked of another attempt, and what nobody asked.
    let (one, other) = (desk.ask_to_sign_in().await, desk.ask_to_sign_in().await);
    let answer = passkey.clone().sign(&one.options);
    let answered = desk.answer(&other.attempt, &answer).await;
    refused(&answered, StatusCode::FORBIDDEN, "another challenge");
    for attempt in ["", "0", &"0".repeat(64)] {
        let answered = desk.answer(attempt, &answer).await;
        refused(&answered, StatusCode::CONFLICT, "no attempt");
    }
    let asked = desk.ask_to_sign_in().await;
    let mut signed: Value = serde_json::from_str(&passkey.clone().sign(&asked.options)).unwrap();
    signed["response"]["signature"] = signed["response"]["clientDataJSON"].clone();
    let answered = desk.answer(&asked.attempt, &signed.to_string()).await;
    refused(&answered, StatusCode::FORBIDDEN, "another signature");
    for answer in ["", "{}", "[]", "null"] {
        let asked = desk.ask_to_sign_in().await;
        let answered = desk.answer(&asked.attempt, answer).await;
        refused(&answered, StatusCode::FORBIDDEN, answer);
    }
    // An attempt is over with its first answer, right or wrong.
    let asked = desk.ask_to_sign_in().await;
    let right = passkey.clone().sign(&asked.options);
    refused(
        &desk.answer(&asked.attempt, "{}").await,
        StatusCode::FORBIDDEN,
        "wrong",
    );
    refused(
        &desk.answer(&asked.attempt, &right).await,
        StatusCode::CONFLICT,
        "once",
    );
    let asked = desk.ask_to_sign_in().await;
    let right = passkey.clone().sign(&asked.options);
    desk.answer(&asked.attempt, &right)
        .await
        .leads_to("/console");
    refused(
        &desk.answer(&asked.attempt, &right).await,
        StatusCode::CONFLICT,
        "replayed",
    );
    // And with its time.
    let asked = desk.ask_to_sign_in().await;
    desk.newsroom.pass(1);
    let late = passkey.clone().sign(&asked.options);
    refused(
        &desk.answer(&asked.attempt, &late).await,
        StatusCode::CONFLICT,
        "too late",
    );
}

#[tokio::test]
async fn adding_one_takes_the_password_and_the_session_that_asked() {
    let desk = Desk::open().await;
    let (here, there) = (desk.session().await, desk.session().await);
    let wrong = form(&[("password", "another harbour")]);
    let answer = desk
        .post("/console/passkeys/ask", &wrong, Some(&here))
        .await;
    refused(&answer, StatusCode::FORBIDDEN, "another password");
    assert!(
        answer.body.contains("That is not your password."),
        "{}",
        answer.body
    );
    desk.post(
        "/console/passkeys/ask",
        &form(&[("password", PASSWORD)]),
        None,
    )
    .await
    .leads_to("/console/sign-in");

    let asked = desk.ask_to_add(&here).await;
    let (made, answer) = Authenticator::make(&asked.options);
    let added = desk.add(&there, &asked.attempt, "Phone", &answer).await;
    refused(&added, StatusCode::CONFLICT, "another session");
    let added = desk.add(&here, &asked.attempt, "Phone", &answer).await;
    refused(&added, StatusCode::CONFLICT, "over with its first answer");

    let fresh = async |changed: &Authenticator, name: &str| {
        let asked = desk.ask_to_add(&here).await;
        let answer = changed.again(&asked.options);
        desk.add(&here, &asked.attempt, name, &answer).await
    };
    for name in ["", "  ", "a\u{7}b", &"x".repeat(61)] {
        let added = fresh(&made, name).await;
        refused(&added, StatusCode::UNPROCESSABLE_ENTITY, name);
    }
    let (mut elsewhere, mut unverified) = (made.clone(), made.clone());
    elsewhere.origin = "https://evil.example";
    unverified.verifies = false;
    for changed in [elsewhere, unverified] {
        let added = fresh(&changed, "Phone").await;
        refused(
            &added,
            StatusCode::UNPROCESSABLE_ENTITY,
            "not as it was asked",
        );
    }
    let asked = desk.ask_to_add(&here).await;
    let other = made.again(&desk.ask_to_add(&here).await.options);
    let added = desk.add(&here, &asked.attempt, "Phone", &other).await;
    refused(
        &added,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another challenge",
    );
    let asked = desk.ask_to_add(&here).await;
    desk.newsroom.pass(1);
    let late = made.again(&asked.options);
    let added = desk.add(&here, &asked.attempt, "Phone", &late).await;
    refused(&added, StatusCode::CONFLICT, "too late");

    fresh(&made, " Phone ")
        .await
        .leads_to("/console/sessions?said=added#passkeys");
    let twice = fresh(&made, "Again").await;
    refused(&twice, StatusCode::UNPROCESSABLE_ENTITY, "it is there");
    desk.set(SECOND, r#"{"name":"noor","password":"a quiet harbour"}"#)
        .await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    let asked = desk.ask_to_add(&noor).await;
    let answer = made.again(&asked.options);
    let added = desk.add(&noor, &asked.attempt, "Mine", &answer).await;
    refused(&added, StatusCode::CONFLICT, "it is another's");
    let page = desk.get("/console/sessions", Some(&here)).await.body;
    assert_eq!(page.matches("<summary").count(), 1, "{page}");

    // Browsers are told which they need not make again, and there is an end.
    let asked = desk.ask_to_add(&here).await;
    assert_eq!(
        asked.options["excludeCredentials"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for number in 2..=10 {
        desk.passkey(&here, &format!("Key {number}")).await;
    }
    let typed = form(&[("password", PASSWORD)]);
    let full = desk
        .post("/console/passkeys/ask", &typed, Some(&here))
        .await;
    refused(&full, StatusCode::CONFLICT, "as many as there can be");
    let page = desk.get("/console/sessions", Some(&here)).await.body;
    assert!(page.contains("Remove one to add another"), "{page}");
}

#[tokio::test]
async fn a_copy_is_told_by_its_count_and_neither_opens_anything_then() {
    let desk = Desk::open().await;
    let here = desk.session().await;
    let mut phone = desk.passkey(&here, "Phone").await;
    let mut copy = phone.clone();
    for _ in 0..2 {
        desk.sign_in_with(&mut phone).await.leads_to("/console");
    }
    refused(
        &desk.sign_in_with(&mut copy).await,
        StatusCode::FORBIDDEN,
        "a copy",
    );
    refused(
        &desk.sign_in_with(&mut phone).await,
        StatusCode::FORBIDDEN,
        "doubted",
    );
    let page = desk.get("/console/sessions", Some(&here)).await.body;
    assert!(page.contains("as a copy of it would"), "{page}");
    // One that counts nothing, as those that are kept in several places, is not held to it.
    let synced = desk.passkey(&here, "Synced").await;
    for _ in 0..2 {
        let asked = desk.ask_to_sign_in().await;
        let answer = synced.sign_at(0, &asked.options);
        desk.answer(&asked.attempt, &answer)
            .await
            .leads_to("/console");
    }
}

#[tokio::test]
async fn whoever_is_shut_out_is_shut_out_with_a_passkey() {
    let desk = Desk::open().await;
    let here = desk.session().await;
    let mut phone = desk.passkey(&here, "Phone").await;
    let revoke = Command::RevokeKey {
        account: OPERATOR,
        key: 0,
        by: None,
    };
    desk.newsroom.give(ADMIN, revoke).await;
    refused(
        &desk.sign_in_with(&mut phone).await,
        StatusCode::FORBIDDEN,
        "no live key",
    );
    desk.key(OPERATOR, Role::Operator, "another-key").await;
    desk.sign_in_with(&mut phone).await.leads_to("/console");
    // A password that an administrator sets is for whoever lost more than that.
    desk.set(OPERATOR, r#"{"password":"a harbour at night"}"#)
        .await;
    refused(
        &desk.sign_in_with(&mut phone).await,
        StatusCode::FORBIDDEN,
        "another's password",
    );
    let here = desk.sign_in("mika", "a harbour at night").await.session();
    let typed = form(&[("password", "a harbour at night")]);
    let asked = Asked::of(
        &desk
            .post("/console/passkeys/ask", &typed, Some(&here))
            .await,
    );
    let (mut phone, answer) = Authenticator::make(&asked.options);
    desk.add(&here, &asked.attempt, "Phone", &answer).await;
    let own = form(&[
        ("from", "a harbour at night"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ]);
    desk.post("/console/password", &own, Some(&here)).await;
    desk.sign_in_with(&mut phone).await.leads_to("/console");
    desk.api("DELETE", OPERATOR, "").await;
    refused(
        &desk.sign_in_with(&mut phone).await,
        StatusCode::FORBIDDEN,
        "no sign-in",
    );
}

#[tokio::test]
async fn one_is_removed_by_its_owner_who_types_the_password() {
    let desk = Desk::open().await;
    let mika = desk.session().await;
    desk.set(SECOND, r#"{"name":"noor","password":"a quiet harbour"}"#)
        .await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    let mut phone = desk.passkey(&mika, "Phone").await;
    refused(
        &desk.remove(&mika, "1", "another harbour").await,
        StatusCode::FORBIDDEN,
        "password",
    );
    for passkey in ["1", "2", "x"] {
        let removed = desk.remove(&noor, passkey, PASSWORD).await;
        removed.leads_to("/console/sessions?said=removed#passkeys");
    }
    desk.sign_in_with(&mut phone).await.leads_to("/console");
    desk.remove(&mika, "1", PASSWORD).await;
    refused(
        &desk.sign_in_with(&mut phone).await,
        StatusCode::FORBIDDEN,
        "removed",
    );
    let page = desk
        .get("/console/sessions?said=removed", Some(&mika))
        .await
        .body;
    assert!(
        page.contains("opens nothing here any more") && !page.contains("<b>Phone</b>"),
        "{page}"
    );
}

#[tokio::test]
async fn answers_in_vain_have_to_wait() {
    let desk = Desk::open().await;
    for _ in 0..20 {
        let asked = desk.ask_to_sign_in().await;
        refused(
            &desk.answer(&asked.attempt, "{}").await,
            StatusCode::FORBIDDEN,
            "in vain",
        );
    }
    let asked = desk.ask_to_sign_in().await;
    let answer = desk.answer(&asked.attempt, "{}").await;
    refused(&answer, StatusCode::TOO_MANY_REQUESTS, "too often");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn where_browsers_have_none_none_are_offered() {
    let desk = Desk::open().await;
    let page = desk.get("/console/sign-in", None).await.body;
    assert!(
        page.contains("data-origin=\"https://odds.example\""),
        "{page}"
    );
    Markup::of(&page).assert_strict("/console/sign-in");
    for base in ["http://odds.example", "https://192.0.2.7"] {
        let desk = Desk::of(Newsroom::empty(base).await).await;
        let page = desk.get("/console/sign-in", None).await.body;
        assert!(!page.contains("passkey"), "{page}");
        let here = desk.session().await;
        let page = desk.get("/console/sessions", Some(&here)).await.body;
        assert!(!page.contains("data-passkey"), "{page}");
        for path in ["/console/sign-in/passkey/ask", "/console/passkeys/ask"] {
            let typed = form(&[("password", PASSWORD)]);
            let answer = desk.post(path, &typed, Some(&here)).await;
            refused(&answer, StatusCode::NOT_FOUND, path);
        }
    }
}

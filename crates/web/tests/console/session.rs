//! Signing in, and what a session is worth.

use std::time::Instant;

use axum::body::Body;
use axum::http::{Request as HttpRequest, StatusCode};
use tidings_core::access::Role;
use tidings_core::command::Command;

use crate::desk::{ADMIN, ANN, COOKIE, Desk, OPERATOR, PASSWORD, SECOND, form};
use crate::support::BASE;
use crate::support::markup::Markup;

#[tokio::test]
async fn a_sign_in_begins_a_session_that_the_browser_cannot_have_chosen() {
    let desk = Desk::open().await;
    let planted = "0".repeat(64);
    let credentials = form(&[("name", " Mika "), ("password", PASSWORD)]);
    let first = desk
        .post("/console/sign-in", &credentials, Some(&planted))
        .await;
    first.leads_to("/console");
    let session = first.session();
    assert_eq!(
        first.header("set-cookie"),
        format!("{COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Strict")
    );
    assert_eq!(first.header("cache-control"), "no-store");
    assert!(session.len() == 64 && session != planted);
    assert!(desk.is_open(&session).await && !desk.is_open(&planted).await);
    // Signing in again is another session, and the browser's former one is over.
    let second = desk
        .post("/console/sign-in", &credentials, Some(&session))
        .await;
    assert_ne!(second.session(), session);
    assert!(!desk.is_open(&session).await && desk.is_open(&second.session()).await);
}

#[tokio::test]
async fn names_that_nobody_has_are_answered_like_all_others() {
    let desk = Desk::open().await;
    desk.set(SECOND, r#"{"name":"noor"}"#).await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("mika", "another harbour"),
        ("nobody", "another harbour"),
        ("noor", "another harbour"),
        ("mika", ""),
        ("", ""),
        ("acc_3", PASSWORD),
    ] {
        let answer = desk.sign_in(name, password).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(answer.header("set-cookie"), "");
        let typed = format!("value=\"{name}\" autocomplete=\"username\"");
        assert!(answer.body.contains(&typed), "{}", answer.body);
        answers.push(answer.body.replace(&typed, ""));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer to all of them");
}

#[tokio::test]
async fn a_name_that_nobody_has_takes_as_long() {
    let desk = Desk::open().await;
    desk.sign_in("warm", "up").await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        for (name, times) in ["mika", "nobody"].iter().zip(&mut times) {
            let start = Instant::now();
            desk.sign_in(name, "another harbour").await;
            times.push(start.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[0]
    });
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    // A look-up without a hash takes a hundredth of one with it.
    assert!((0.6..1.6).contains(&ratio), "{known:?} and {unknown:?}");
}

#[tokio::test]
async fn guesses_have_to_wait_whoever_they_are_about() {
    let desk = Desk::open().await;
    for name in ["mika", "nobody"] {
        for _ in 0..10 {
            let guess = desk.sign_in(name, "another harbour").await;
            assert_eq!(guess.status, StatusCode::FORBIDDEN);
        }
        let right = desk.sign_in(name, PASSWORD).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        let wait: u64 = right.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(right.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn a_form_is_taken_from_our_own_pages_only() {
    let desk = Desk::open().await;
    let session = desk.session().await;
    let link = desk.set(SECOND, r#"{"name":"noor"}"#).await;
    let welcome = link["link"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let credentials = form(&[("name", "mika"), ("password", PASSWORD)]);
    let chosen = form(&[
        ("password", "a harbour at night"),
        ("again", "a harbour at night"),
    ]);
    for (path, form) in [
        ("/console/sign-in", credentials.as_str()),
        ("/console/sign-out", ""),
        ("/console/sessions/1/end", ""),
        ("/console/password", "from=a&password=b&again=b"),
        ("/console/sign-in/passkey/ask", ""),
        ("/console/sign-in/passkey", "attempt=a&answer=b"),
        ("/console/passkeys/ask", "password=a"),
        ("/console/passkeys", "attempt=a&answer=b&name=c"),
        ("/console/passkeys/1/remove", "password=a"),
        (welcome, chosen.as_str()),
        ("/console/markets/any/halt", "reason=words"),
        ("/console/markets/any/propose", "outcome=yes"),
        ("/console/markets/any/void", "reason=words"),
        ("/console/markets/any/confirm-void", ""),
        ("/console/markets/any/withdraw", "reason=words"),
        ("/console/markets/any/propose-correction", "outcome=yes"),
        ("/console/markets/any/confirm-correction", ""),
        ("/console/markets/any/confirm", ""),
    ] {
        for from in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://evil.example"),
            ],
            &[],
        ] {
            let answer = desk.post_from(path, form, Some(&session), from).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {from:?}");
            assert_eq!(answer.header("set-cookie"), "", "{path} {from:?}");
        }
    }
    assert!(desk.is_open(&session).await, "nothing happened");
    for from in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("origin", "https://odds.example")],
    ] {
        let answer = desk.post_from("/console/sign-in", &credentials, None, from);
        answer.await.leads_to("/console");
    }
}

#[tokio::test]
async fn the_api_takes_no_cookie() {
    let desk = Desk::open().await;
    let session = desk.session().await;
    let answer = desk.get("/v1/account", Some(&session)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("key_missing"), "{}", answer.body);
}

#[tokio::test]
async fn pages_are_kept_nowhere_and_framed_by_nobody() {
    let desk = Desk::open().await;
    let session = desk.session().await;
    let link = desk.set(SECOND, r#"{"name":"noor"}"#).await;
    let welcome = link["link"].as_str().unwrap().strip_prefix(BASE).unwrap();
    for path in [
        "/console",
        "/console/sessions",
        "/console/sign-in",
        "/console/welcome/nothing",
        welcome,
    ] {
        let answer = desk.get(path, Some(&session)).await;
        Markup::of(&answer.body).assert_strict(path);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("etag"), "", "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
    let answer = desk.get(welcome, None).await;
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_there_and_back() {
    let desk = Desk::open().await;
    let asked = desk.get("/console/sessions?a=b", None).await;
    asked.leads_to("/console/sign-in?next=%2Fconsole%2Fsessions%3Fa%3Db");
    let page = desk.get(asked.header("location"), None).await;
    assert!(
        page.body.contains("value=\"/console/sessions?a=b\""),
        "{}",
        page.body
    );
    for (next, to) in [
        ("/console/sessions?a=b", "/console/sessions?a=b"),
        ("https://evil.example/console", "/console"),
        ("//evil.example", "/console"),
        ("/console//evil.example", "/console"),
    ] {
        let credentials = form(&[("name", "mika"), ("password", PASSWORD), ("next", next)]);
        let answer = desk.post("/console/sign-in", &credentials, None).await;
        answer.leads_to(to);
    }
    desk.post("/console/sessions/1/end", "", None)
        .await
        .leads_to("/console/sign-in");
}

#[tokio::test]
async fn a_session_ends_unused_and_at_the_end_of_a_shift() {
    let desk = Desk::open().await;
    let (idle, busy) = (desk.session().await, desk.session().await);
    for hour in 1..=11 {
        desk.newsroom.pass(1);
        assert!(desk.is_open(&busy).await, "hour {hour}");
        if hour == 2 {
            assert!(!desk.is_open(&idle).await, "not used for two hours");
        }
    }
    desk.newsroom.pass(1);
    assert!(!desk.is_open(&busy).await);
}

#[tokio::test]
async fn a_session_ends_when_it_is_told_to() {
    let desk = Desk::open().await;
    let (here, there) = (desk.session().await, desk.session().await);
    let page = desk.get("/console/sessions", Some(&here)).await;
    let markup = Markup::of(&page.body);
    let actions = markup.values("action");
    let ends: Vec<&&str> = actions
        .iter()
        .filter(|path| path.ends_with("/end"))
        .collect();
    assert_eq!(ends.len(), 2, "{actions:?}");
    // The newest comes first.
    desk.post(ends[0], "", Some(&here))
        .await
        .leads_to("/console/sessions");
    assert!(desk.is_open(&here).await && !desk.is_open(&there).await);
    let out = desk.post("/console/sign-out", "", Some(&here)).await;
    out.leads_to("/console/sign-in?said=out");
    assert_eq!(
        out.header("set-cookie"),
        format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    );
    assert!(!desk.is_open(&here).await);
    // Nobody ends another's.
    desk.set(SECOND, r#"{"name":"noor","password":"a quiet harbour"}"#)
        .await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    let mika = desk.session().await;
    for session in 1..9 {
        let path = format!("/console/sessions/{session}/end");
        desk.post(&path, "", Some(&noor)).await;
    }
    assert!(desk.is_open(&mika).await);
}

#[tokio::test]
async fn whoever_loses_their_keys_or_sign_in_is_out_at_once() {
    let desk = Desk::open().await;
    let session = desk.session().await;
    let revoke = Command::RevokeKey {
        account: OPERATOR,
        key: 0,
        by: None,
    };
    desk.newsroom.give(ADMIN, revoke).await;
    assert!(!desk.is_open(&session).await);
    assert_eq!(
        desk.sign_in("mika", PASSWORD).await.status,
        StatusCode::FORBIDDEN
    );
    desk.key(OPERATOR, Role::Operator, "another-key").await;
    assert!(desk.is_open(&session).await, "the key is what was missing");
    let seen = desk.api("GET", OPERATOR, "").await;
    assert_eq!(seen["sessions"].as_array().unwrap().len(), 1, "{seen}");
    desk.api("DELETE", OPERATOR, "").await;
    assert!(!desk.is_open(&session).await);
    assert_eq!(
        desk.sign_in("mika", PASSWORD).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_password_is_chosen_with_a_link_once() {
    let desk = Desk::open().await;
    let set = desk.set(SECOND, r#"{"name":"noor"}"#).await;
    let path = set["link"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let page = desk.get(path, None).await;
    assert!(page.body.contains("<b>noor</b>"), "{}", page.body);
    for (password, again) in [
        ("short", "short"),
        ("noor-noor-noor", "noor-noor-noor"),
        ("a harbour at night", "a harbor at night"),
    ] {
        let typed = form(&[("password", password), ("again", again)]);
        let answer = desk.post(path, &typed, None).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{password}"
        );
    }
    let typed = form(&[
        ("password", "a harbour at night"),
        ("again", "a harbour at night"),
    ]);
    assert_eq!(desk.post(path, &typed, None).await.status, StatusCode::OK);
    assert_eq!(
        desk.post(path, &typed, None).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(desk.get(path, None).await.status, StatusCode::NOT_FOUND);
    desk.sign_in("noor", "a harbour at night")
        .await
        .leads_to("/console");
    // A link that was not used in a day opens nothing.
    let set = desk.set(SECOND, "{}").await;
    let path = set["link"].as_str().unwrap().strip_prefix(BASE).unwrap();
    desk.newsroom.pass(24);
    assert_eq!(desk.get(path, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_password_is_changed_by_who_has_it_and_signs_out_everywhere() {
    let desk = Desk::open().await;
    let (here, there) = (desk.session().await, desk.session().await);
    let change = |from: &str, to: &str| form(&[("from", from), ("password", to), ("again", to)]);
    let wrong = change("another harbour", "a harbour at night");
    let answer = desk.post("/console/password", &wrong, Some(&here)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(desk.is_open(&there).await);
    let right = change(PASSWORD, "a harbour at night");
    let answer = desk.post("/console/password", &right, Some(&here)).await;
    answer.leads_to("/console/sign-in?said=password");
    assert!(!desk.is_open(&here).await && !desk.is_open(&there).await);
    assert_eq!(
        desk.sign_in("mika", PASSWORD).await.status,
        StatusCode::FORBIDDEN
    );
    desk.sign_in("mika", "a harbour at night")
        .await
        .leads_to("/console");
}

#[tokio::test]
async fn traders_do_not_sign_in() {
    let desk = Desk::open().await;
    desk.key(ANN, Role::Trader, "ann-key").await;
    let request = HttpRequest::post("/v1/accounts/acc_5/sign-in")
        .header("authorization", "Bearer admin-key")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"name":"ann","password":"a quiet harbour"}"#));
    let answer = desk.ask(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert_eq!(
        desk.sign_in("ann", PASSWORD).await.status,
        StatusCode::FORBIDDEN
    );
}

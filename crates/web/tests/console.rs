//! The console: who gets in, what keeps others out, and what its pages let nobody do.

mod support;

use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use sha2::Digest as _;
use support::markup::Markup;
use support::{BASE, Newsroom};
use tidings_api::auth::key_digest;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{Command, Contract, OpenAccount};
use tidings_core::id::AccountId;
use tower::ServiceExt;

const ADMIN: AccountId = AccountId::ADMIN;
const OPERATOR: AccountId = AccountId(3);
const SECOND: AccountId = AccountId(4);
const ANN: AccountId = AccountId(5);
const PASSWORD: &str = "a quiet harbour";
const COOKIE: &str = "__Host-tidings";

/// A newsroom whose operators have keys, and sign in.
struct Desk {
    newsroom: Newsroom,
}

/// What something was answered with.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What opens the session that was begun.
    fn session(&self) -> String {
        let set = self.header("set-cookie");
        let rest = set.strip_prefix(&format!("{COOKIE}=")).expect(set);
        rest.split(';').next().unwrap().to_owned()
    }

    fn leads_to(&self, path: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.header("location"), path);
    }
}

impl Desk {
    async fn open() -> Desk {
        Desk::of(Newsroom::empty(BASE).await).await
    }

    async fn of(newsroom: Newsroom) -> Desk {
        let desk = Desk { newsroom };
        desk.key(ADMIN, Role::Admin, "admin-key").await;
        desk.key(OPERATOR, Role::Operator, "operator-key").await;
        desk.key(SECOND, Role::Operator, "second-key").await;
        desk.set(OPERATOR, r#"{"name":"mika","password":"a quiet harbour"}"#)
            .await;
        desk
    }

    async fn key(&self, account: AccountId, role: Role, text: &str) {
        let grant = Box::new(Grant::bearer(key_digest(text), Scopes::all(role)));
        let by = None;
        let issue = Command::IssueKey { account, grant, by };
        self.newsroom.give(ADMIN, issue).await;
    }

    /// Somebody else of the house, who may sign in: by the name in small letters. Gives their session.
    async fn hired(&self, name: &str, role: Role) -> String {
        let open = OpenAccount {
            name: name.to_owned(),
            role,
            grant: None,
        };
        self.newsroom.give(ADMIN, Command::OpenAccount(open)).await;
        let count = |engine: &tidings_core::Engine| engine.accounts().len();
        let count = self.newsroom.app.exchange().query(count).await.unwrap();
        let account = AccountId(u32::try_from(count - 1).unwrap());
        let name = name.to_lowercase();
        self.key(account, role, &format!("{name}-key")).await;
        let body = format!(r#"{{"name":"{name}","password":"{PASSWORD}"}}"#);
        self.set(account, &body).await;
        self.sign_in(&name, PASSWORD).await.session()
    }

    /// Sends a request to the whole server.
    async fn ask(&self, request: HttpRequest<Body>) -> Answer {
        let app = self.newsroom.app.clone();
        let all = tidings_api::router(app.clone()).merge(tidings_web::router(app));
        let answer = all.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// As an administrator, over the API.
    async fn api(&self, method: &str, account: AccountId, body: &str) -> serde_json::Value {
        let answer = self
            .ask(
                HttpRequest::builder()
                    .method(method)
                    .uri(format!("/v1/accounts/acc_{account}/sign-in"))
                    .header("authorization", "Bearer admin-key")
                    .header("content-type", "application/json")
                    .body(Body::from(body.to_owned()))
                    .unwrap(),
            )
            .await;
        assert!(answer.status.is_success(), "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    async fn set(&self, account: AccountId, body: &str) -> serde_json::Value {
        self.api("POST", account, body).await
    }

    async fn get(&self, path: &str, session: Option<&str>) -> Answer {
        let mut request = HttpRequest::builder().uri(path);
        if let Some(session) = session {
            request = request.header("cookie", format!("{COOKIE}={session}"));
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// A form from a page of ours.
    async fn post(&self, path: &str, form: &str, session: Option<&str>) -> Answer {
        let from = &[("sec-fetch-site", "same-origin")];
        self.post_from(path, form, session, from).await
    }

    async fn post_from(
        &self,
        path: &str,
        form: &str,
        session: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = HttpRequest::post(path)
            .header("host", "odds.example")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(session) = session {
            request = request.header("cookie", format!("{COOKIE}={session}"));
        }
        self.ask(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = form(&[("name", name), ("password", password)]);
        self.post("/console/sign-in", &form, None).await
    }

    /// A session of the operator's.
    async fn session(&self) -> String {
        let answer = self.sign_in("mika", PASSWORD).await;
        answer.leads_to("/console");
        answer.session()
    }

    async fn is_open(&self, session: &str) -> bool {
        self.get("/console", Some(session)).await.status == StatusCode::OK
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let plain = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let encoded = |text: &str| text.bytes().map(plain).collect::<String>();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

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

/// A market with shares in it, closed, and a second operator who signs in.
async fn closed(hours: u32) -> (Desk, String, String) {
    let desk = Desk::open().await;
    let second = r#"{"name":"noor","password":"a quiet harbour"}"#;
    desk.set(SECOND, second).await;
    let mut spec = support::binary(
        desk.newsroom.app.now(),
        "the-ferry",
        "Will the ferry sail?",
        240,
    );
    spec.dispute_hours = hours;
    let market = desk.newsroom.market(spec).await;
    desk.newsroom.open(market).await;
    desk.newsroom.buy(market, 0, Contract::Yes, 10).await;
    let reason = "It is over.".to_owned();
    desk.newsroom
        .operate(Command::CloseMarket { market, reason })
        .await;
    let mika = desk.session().await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    (desk, mika, noor)
}

const FERRY: &str = "/console/markets/the-ferry";

/// The value of a hidden field of the form that is sent to an address.
fn hidden(page: &str, action: &str, name: &str) -> String {
    let from = page.find(&format!("action=\"{action}\"")).expect(action);
    let field = format!("name=\"{name}\" value=\"");
    let from = from + page[from..].find(&field).expect(name) + field.len();
    page[from..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_resolution_is_looked_at_proposed_by_one_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let typed = [
        ("outcome", "yes"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("evidence", "https://example.org/\r\nThe harbour log"),
        ("note", "It sailed."),
    ];
    let looked = desk
        .post(&format!("{FERRY}/resolve"), &form(&typed), Some(&mika))
        .await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(
        looked.body.contains("What it does") && looked.body.contains("ann (acc_5)"),
        "{}",
        looked.body
    );
    let status = |desk: &Desk| {
        let view = desk.newsroom.app.exchange().market_by_slug("the-ferry");
        view.unwrap().phase.status().word()
    };
    assert_eq!(status(&desk), "closed", "it only looked");
    let key = hidden(&looked.body, &format!("{FERRY}/propose"), "key");
    let mut send = typed.to_vec();
    send.push(("key", &key));
    // A double click is one proposal.
    for _ in 0..2 {
        let proposed = desk
            .post(&format!("{FERRY}/propose"), &form(&send), Some(&mika))
            .await;
        proposed.leads_to(&format!("{FERRY}?said=proposed"));
    }
    assert_eq!(status(&desk), "proposed");

    let own = desk.get(FERRY, Some(&mika)).await;
    assert!(own.body.contains("You proposed this"), "{}", own.body);
    let page = desk.get(FERRY, Some(&noor)).await;
    // The second one sees what they confirm: who said what, where, and the hash of what was read.
    let text = "On Monday.\nThe ferry sailed.";
    let hash: String = sha2::Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for words in [
        "The ferry sailed.",
        "The harbour office",
        "primary source",
        "https://www.mofa.go.jp/log",
        &hash,
        "The harbour log",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let stamp = hidden(&page.body, &format!("{FERRY}/confirm"), "proposed_at");
    let confirm = form(&[
        ("proposed_at", &stamp),
        ("key", "a"),
        ("reason", "I saw it."),
    ]);
    // The one who proposed may send the form by hand: the engine refuses.
    let refused = desk
        .post(&format!("{FERRY}/confirm"), &confirm, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("second_operator_needed"),
        "{}",
        refused.body
    );
    // What is confirmed is what was looked at.
    let other = form(&[("proposed_at", "2020-01-01T00:00:00Z"), ("key", "b")]);
    let refused = desk
        .post(&format!("{FERRY}/confirm"), &other, Some(&noor))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(status(&desk), "proposed");
    let confirmed = desk
        .post(&format!("{FERRY}/confirm"), &confirm, Some(&noor))
        .await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm"));
    assert_eq!(status(&desk), "settled");
    let page = desk
        .get(&format!("{FERRY}?said=confirm"), Some(&noor))
        .await;
    assert!(page.body.contains("everyone is paid"), "{}", page.body);
}

#[tokio::test]
async fn what_is_refused_is_said_with_its_code_and_what_was_typed() {
    let (desk, mika, noor) = closed(24).await;
    let nothing = form(&[("outcome", "yes"), ("note", "It <b>sailed</b>.")]);
    let refused = desk
        .post(&format!("{FERRY}/resolve"), &nothing, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A piece by half is told by what it lacks, and one that is not enough by the exchange.
    let half = form(&[("outcome", "yes"), ("item.2.url", "https://example.org/")]);
    let lacks = desk
        .post(&format!("{FERRY}/resolve"), &half, Some(&mika))
        .await;
    assert!(
        lacks.body.contains("Piece 2 lacks who published it"),
        "{}",
        lacks.body
    );
    let one = form(&[
        ("outcome", "yes"),
        ("item.1.url", "https://example.org/"),
        ("item.1.publisher", "Example <i>Post</i>"),
        ("item.1.quotation", "It sailed."),
        ("item.1.text", "It sailed."),
        ("item.1.clause", "criteria"),
        ("key", "one"),
    ]);
    let lacks = desk
        .post(&format!("{FERRY}/propose"), &one, Some(&mika))
        .await;
    assert_eq!(lacks.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "evidence_insufficient",
        "Example &#60;i&#62;Post&#60;/i&#62;",
    ] {
        assert!(lacks.body.contains(words), "{}", lacks.body);
    }
    assert!(
        refused.body.contains("one piece of evidence"),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("It &#60;b&#62;sailed&#60;/b&#62;."),
        "{}",
        refused.body
    );
    let shared = form(&[
        ("outcome", "*"),
        ("share.yes", "0.7"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
    ]);
    let refused = desk
        .post(&format!("{FERRY}/resolve"), &shared, Some(&mika))
        .await;
    assert!(refused.body.contains("payout_invalid"), "{}", refused.body);
    let shared = form(&[
        ("outcome", "*"),
        ("share.yes", "0.7"),
        ("share.no", "0.3"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("key", "k"),
    ]);
    let proposed = desk
        .post(&format!("{FERRY}/propose"), &shared, Some(&mika))
        .await;
    proposed.leads_to(&format!("{FERRY}?said=proposed"));
    let page = desk.get(FERRY, Some(&noor)).await;
    assert!(
        page.body.contains("Holders can dispute it until"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains(&format!("action=\"{FERRY}/confirm\"")),
        "there is no button"
    );
    let halt = form(&[("reason", "Too late & odd"), ("key", "h")]);
    let refused = desk
        .post(&format!("{FERRY}/halt"), &halt, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_void_is_looked_at_proposed_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let call_off = format!("{FERRY}/call-off");
    let page = desk.get(FERRY, Some(&mika)).await;
    assert!(page.body.contains(&call_off), "{}", page.body);
    let page = desk.get(&call_off, Some(&mika)).await;
    assert_eq!(page.status, StatusCode::OK);
    let bare = form(&[("rule", "source_gone"), ("reason", "By <b>rule</b> 4")]);
    let refused = desk.post(&call_off, &bare, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "one piece of evidence",
        "By &#60;b&#62;rule&#60;/b&#62; 4",
        "value=\"source_gone\" required checked",
    ] {
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let reasons = [
        ("rule", "source_gone"),
        ("reason", "By rule 4"),
        ("evidence", "a log"),
        ("key", "v"),
    ];
    let whole = form(&reasons);
    let looked = desk.post(&call_off, &whole, Some(&mika)).await;
    for words in ["back to the sponsor", "refunded", "Propose to call it off"] {
        assert!(looked.body.contains(words), "{}", looked.body);
    }
    let entries = |body: &str| {
        let from = body
            .find("<table class=\"figures entries\">")
            .expect("entries");
        let to = body[from..].find("</table>").expect("their end");
        body[from..from + to].to_owned()
    };
    let proposed = desk
        .post(&format!("{FERRY}/void"), &whole, Some(&mika))
        .await;
    proposed.leads_to(&format!("{FERRY}?said=void-proposed"));
    let page = desk.get(FERRY, Some(&mika)).await;
    for words in [
        "no source says what happened",
        "You proposed this",
        "By rule 4",
    ] {
        assert!(page.body.contains(words), "{}", page.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers
            .body
            .contains("to call it off: no source says what happened"),
        "{}",
        readers.body
    );
    // What the second one confirms is what the first one looked at.
    let page = desk.get(FERRY, Some(&noor)).await;
    assert_eq!(entries(&page.body), entries(&looked.body));
    let stale = form(&[("proposed_at", "2020-01-01T00:00:00Z"), ("key", "c")]);
    let confirm = format!("{FERRY}/confirm-void");
    let refused = desk.post(&confirm, &stale, Some(&noor)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let stamp = hidden(&page.body, &confirm, "proposed_at");
    let fresh = form(&[("proposed_at", &stamp), ("key", "d")]);
    let confirmed = desk.post(&confirm, &fresh, Some(&noor)).await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm-void"));
    let page = desk.get(FERRY, Some(&noor)).await;
    assert!(
        page.body.contains("Confirmed and refunded"),
        "{}",
        page.body
    );
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers
            .body
            .contains("and everyone refunded because no source says what happened."),
        "{}",
        readers.body
    );
    assert!(readers.body.contains("By rule 4"), "{}", readers.body);
}

#[tokio::test]
async fn a_correction_is_looked_at_proposed_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    let link = format!("{FERRY}/correct");
    assert!(!page.body.contains(&link), "it has not ended");
    let markets = desk.newsroom.app.exchange().markets();
    let ferry = markets.iter().find(|view| view.spec.slug == "the-ferry");
    let market = ferry.expect("it is there").id;
    desk.newsroom
        .propose(market, &[10_000, 0], "It sailed.")
        .await;
    let confirm = Command::ConfirmResolution { market };
    desk.newsroom.give(SECOND, confirm).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    assert!(page.body.contains(&link), "{}", page.body);

    let typed = [
        ("outcome", "no"),
        ("note", "It sailed a day <i>late</i>."),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("key", "c"),
    ];
    let looked = desk.post(&link, &form(&typed), Some(&mika)).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    for words in ["corrected", "propose-correction", "a day &#60;i&#62;late"] {
        assert!(looked.body.contains(words), "{words}: {}", looked.body);
    }
    let off = form(&[
        ("rule", "source_gone"),
        ("note", "Nobody wrote it down."),
        ("evidence", "a log"),
    ]);
    let called_off = desk.post(&link, &off, Some(&mika)).await;
    assert_eq!(called_off.status, StatusCode::OK, "{}", called_off.body);
    assert!(!called_off.body.contains("Per share"), "it pays nothing");
    let proposed = desk
        .post(
            &format!("{FERRY}/propose-correction"),
            &form(&typed),
            Some(&mika),
        )
        .await;
    proposed.leads_to(&format!("{FERRY}?said=correction-proposed"));
    let own = desk.get(FERRY, Some(&mika)).await;
    for words in ["Proposed correction", "You proposed this"] {
        assert!(own.body.contains(words), "{}", own.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers.body.contains("A correction was proposed on"),
        "{}",
        readers.body
    );
    let page = desk.get(FERRY, Some(&noor)).await;
    let confirm = format!("{FERRY}/confirm-correction");
    let stamp = hidden(&page.body, &confirm, "proposed_at");
    let fresh = form(&[("proposed_at", &stamp), ("key", "d")]);
    let confirmed = desk.post(&confirm, &fresh, Some(&noor)).await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm-correction"));
    let page = desk.get(FERRY, Some(&noor)).await;
    for words in ["Confirmed the correction", "It was: Yes."] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    for words in ["Corrected on", "it was: Yes. It sailed a day"] {
        assert!(readers.body.contains(words), "{words}: {}", readers.body);
    }
}

#[tokio::test]
async fn editors_look_and_operators_act() {
    let (desk, _, _) = closed(0).await;
    let session = desk.hired("Edda", Role::Editor).await;
    let page = desk.get(FERRY, Some(&session)).await;
    assert_eq!(page.status, StatusCode::OK);
    let markup = Markup::of(&page.body);
    assert_eq!(
        markup.values("action"),
        ["/console/sign-out"],
        "nothing to press"
    );
    assert_eq!(
        desk.get(&format!("{FERRY}/resolve"), Some(&session))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let seq = desk.newsroom.app.exchange().committed().seq;
    for step in [
        "open",
        "halt",
        "resume",
        "close",
        "clarify",
        "confirm",
        "void",
        "propose",
        "withdraw",
        "confirm-void",
        "propose-correction",
        "confirm-correction",
    ] {
        let typed = form(&[
            ("reason", "words"),
            ("text", "words"),
            ("rule", "other"),
            ("outcome", "yes"),
            ("evidence", "a log"),
            ("key", step),
        ]);
        let refused = desk
            .post(&format!("{FERRY}/{step}"), &typed, Some(&session))
            .await;
        assert!(
            refused.status.is_client_error(),
            "{step}: {}",
            refused.status
        );
    }
    assert_eq!(
        desk.newsroom.app.exchange().committed().seq,
        seq,
        "nothing was sent on"
    );
}

const EMERGENCY: &str = "/console/emergency";

#[tokio::test]
async fn many_markets_are_looked_at_stopped_once_and_let_go_on() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let mika = desk.session().await;
    let exchange = desk.newsroom.app.exchange().clone();
    let open = || {
        let markets = exchange.markets();
        let open = markets
            .iter()
            .filter(|view| view.phase.status().word() == "open");
        open.map(|view| view.spec.slug.clone())
            .collect::<Vec<String>>()
    };
    let before = open();
    assert!(before.len() > 2, "{before:?}");
    let page = desk.get(EMERGENCY, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(EMERGENCY);
    assert!(page.body.contains("Halted by themselves"), "{}", page.body);

    // What is not said is not guessed.
    let nothing = form(&[("reason", "A <b>fault</b>.")]);
    let refused = desk.post(EMERGENCY, &nothing, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("what is to stand still"),
        "{}",
        refused.body
    );
    let no_tag = form(&[("scope", "tag"), ("tag", ""), ("reason", "A fault.")]);
    let refused = desk.post(EMERGENCY, &no_tag, Some(&mika)).await;
    assert!(refused.body.contains("Choose a tag"), "{}", refused.body);

    let typed = [
        ("scope", "everything"),
        ("tag", "ferries"),
        ("reason", "A <b>fault</b>."),
    ];
    let looked = desk.post(EMERGENCY, &form(&typed), Some(&mika)).await;
    assert_eq!(looked.status, StatusCode::OK);
    Markup::of(&looked.body).assert_strict(EMERGENCY);
    for slug in &before {
        assert!(
            looked.body.contains(&format!("/console/markets/{slug}\"")),
            "{slug}"
        );
    }
    assert_eq!(open(), before, "it only looked");
    let halt = format!("{EMERGENCY}/halt");
    let key = hidden(&looked.body, &halt, "key");
    let mut send = typed.to_vec();
    send.push(("key", &key));
    // A double click is one halt.
    for _ in 0..2 {
        let halted = desk.post(&halt, &form(&send), Some(&mika)).await;
        halted.leads_to(&format!("{EMERGENCY}?said=halted"));
    }
    assert_eq!(open(), Vec::<String>::new());
    assert_eq!(exchange.query(|engine| engine.halts().len()).await, Ok(1));
    let page = desk
        .get(&format!("{EMERGENCY}?said=halted"), Some(&mika))
        .await;
    Markup::of(&page.body).assert_strict(EMERGENCY);
    assert!(page.body.contains("A &#60;b&#62;fault"), "{}", page.body);
    let market = format!("/console/markets/{}", before[0]);
    let market = desk.get(&market, Some(&mika)).await;
    assert!(
        market.body.contains("Halted with everything: A &#60;b"),
        "{}",
        market.body
    );
    assert!(market.body.contains("Keep it halted when the others go on"));
    let readers = desk.get(&format!("/markets/{}", before[0]), None).await;
    assert!(
        readers.body.contains("Trading stands still: A &#60;b"),
        "{}",
        readers.body
    );

    let resume = format!("{EMERGENCY}/resume");
    let key = hidden(&page.body, &resume, "key");
    let typed = form(&[
        ("scope", "everything"),
        ("tag", ""),
        ("reason", "It is right."),
        ("key", &key),
    ]);
    let resumed = desk.post(&resume, &typed, Some(&mika)).await;
    resumed.leads_to(&format!("{EMERGENCY}?said=resumed"));
    assert_eq!(open(), before);
    let again = form(&[("scope", "everything"), ("key", "another")]);
    let again = desk.post(&resume, &again, Some(&mika)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert!(again.body.contains("halt_not_found"), "{}", again.body);
}

const ANNS: &str = "/console/accounts/acc_5";

#[tokio::test]
async fn an_account_is_frozen_by_an_operator_and_its_keys_are_an_administrators() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    desk.key(ANN, Role::Trader, "anns-key").await;
    desk.set(ADMIN, r#"{"name":"ada","password":"a quiet harbour"}"#)
        .await;
    let mika = desk.session().await;
    let ada = desk.sign_in("ada", PASSWORD).await.session();
    let list = desk.get("/console/accounts", Some(&mika)).await;
    Markup::of(&list.body).assert_strict("accounts");
    assert!(
        list.body.contains(&format!("href=\"{ANNS}\"")),
        "{}",
        list.body
    );
    let jump = desk.get("/console/accounts?id=acc_5", Some(&mika)).await;
    jump.leads_to(ANNS);

    let page = desk.get(ANNS, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(ANNS);
    assert!(
        !page.body.contains("id=\"keys\""),
        "keys are an administrator's"
    );
    let freeze = format!("{ANNS}/freeze");
    let key = hidden(&page.body, &freeze, "key");
    let wordless = form(&[("reason", ""), ("key", "x")]);
    let refused = desk.post(&freeze, &wordless, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let typed = form(&[("reason", "Whose <i>key</i> is this?"), ("key", &key)]);
    for _ in 0..2 {
        let frozen = desk.post(&freeze, &typed, Some(&mika)).await;
        frozen.leads_to(&format!("{ANNS}?said=frozen"));
    }
    let frozen = async || {
        let exchange = desk.newsroom.app.exchange();
        let of_ann = |engine: &tidings_core::Engine| engine.account(ANN).unwrap().frozen.is_some();
        exchange.query(of_ann).await.unwrap()
    };
    assert!(frozen().await);
    let page = desk.get(&format!("{ANNS}?said=frozen"), Some(&ada)).await;
    Markup::of(&page.body).assert_strict(ANNS);
    assert!(page.body.contains("Whose &#60;i&#62;key"), "{}", page.body);
    assert!(page.body.contains("id=\"keys\""), "{}", page.body);

    // The administrator ends its key, and lets it go on.
    let revoke = format!("{ANNS}/keys/0/revoke");
    let key = hidden(&page.body, &revoke, "key");
    let by_operator = desk
        .post(&revoke, &form(&[("key", "y")]), Some(&mika))
        .await;
    assert_eq!(by_operator.status, StatusCode::FORBIDDEN);
    let revoked = desk
        .post(&revoke, &form(&[("key", &key)]), Some(&ada))
        .await;
    revoked.leads_to(&format!("{ANNS}?said=revoked"));
    let page = desk.get(ANNS, Some(&ada)).await;
    assert!(!page.body.contains(&revoke), "{}", page.body);
    let unfreeze = format!("{ANNS}/unfreeze");
    let key = hidden(&page.body, &unfreeze, "key");
    let typed = form(&[("reason", "The key is revoked."), ("key", &key)]);
    let unfrozen = desk.post(&unfreeze, &typed, Some(&ada)).await;
    unfrozen.leads_to(&format!("{ANNS}?said=unfrozen"));
    assert!(!frozen().await);
    let nobody = desk.get("/console/accounts/acc_999", Some(&mika)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_large_deposit_is_confirmed_by_another_administrator_in_the_console() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let bea = desk.hired("Bea", Role::Admin).await;
    let body = format!(r#"{{"name":"ada","password":"{PASSWORD}"}}"#);
    desk.set(ADMIN, &body).await;
    let ada = desk.sign_in("ada", PASSWORD).await.session();
    let exchange = desk.newsroom.app.exchange().clone();
    const PAGE: &str = "/console/deposits";
    let page = desk.get(PAGE, Some(&ada)).await;
    Markup::of(&page.body).assert_strict(PAGE);
    assert!(
        page.body.contains("One administrator is enough"),
        "{}",
        page.body
    );
    let threshold = format!("{PAGE}/threshold");
    let key = hidden(&page.body, &threshold, "key");
    let typed = form(&[("from", "5000"), ("reason", "As decided."), ("key", &key)]);
    let set = desk.post(&threshold, &typed, Some(&ada)).await;
    set.leads_to(&format!("{PAGE}?said=set"));

    let anns = desk.get(ANNS, Some(&ada)).await;
    Markup::of(&anns.body).assert_strict(ANNS);
    let deposit = format!("{ANNS}/deposit");
    let key = hidden(&anns.body, &deposit, "key");
    let nonsense = form(&[("amount", "much"), ("key", "n")]);
    let refused = desk.post(&deposit, &nonsense, Some(&ada)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("value=\"much\""), "{}", refused.body);
    let cash = async || {
        let of_ann = |engine: &tidings_core::Engine| engine.ledger().cash(ANN).available.get();
        exchange.query(of_ann).await.unwrap()
    };
    let before = cash().await;
    let small = form(&[("amount", "1"), ("key", "small")]);
    let booked = desk.post(&deposit, &small, Some(&ada)).await;
    booked.leads_to(&format!("{ANNS}?said=deposited"));
    assert_eq!(cash().await, before + 1_000_000);
    let large = form(&[
        ("amount", "5000"),
        ("reason", "Wire <8812>."),
        ("key", &key),
    ]);
    for _ in 0..2 {
        let waits = desk.post(&deposit, &large, Some(&ada)).await;
        waits.leads_to(&format!("{PAGE}?said=waits"));
    }
    assert_eq!(cash().await, before + 1_000_000, "it waits");

    let confirm = format!("{PAGE}/dep_1/confirm");
    let own = desk.get(PAGE, Some(&ada)).await;
    assert!(own.body.contains("You proposed it"), "{}", own.body);
    assert!(!own.body.contains(&confirm));
    let by_hand = desk
        .post(&confirm, &form(&[("key", "h")]), Some(&ada))
        .await;
    assert_eq!(by_hand.status, StatusCode::CONFLICT);
    assert!(
        by_hand.body.contains("second_operator_needed"),
        "{}",
        by_hand.body
    );
    let page = desk.get(PAGE, Some(&bea)).await;
    Markup::of(&page.body).assert_strict(PAGE);
    assert!(page.body.contains("Wire &#60;8812"), "{}", page.body);
    let key = hidden(&page.body, &confirm, "key");
    let typed = form(&[("reason", "I saw the wire."), ("key", &key)]);
    for _ in 0..2 {
        let confirmed = desk.post(&confirm, &typed, Some(&bea)).await;
        confirmed.leads_to(&format!("{PAGE}?said=confirmed"));
    }
    assert_eq!(cash().await, before + 5_001_000_000);

    // That none takes two waits, and is taken back.
    let looser = form(&[("from", ""), ("key", "looser")]);
    let waits = desk.post(&threshold, &looser, Some(&bea)).await;
    waits.leads_to(&format!("{PAGE}?said=waits"));
    let drop = format!("{PAGE}/dep_2/drop");
    let dropped = desk.post(&drop, &form(&[("key", "d")]), Some(&ada)).await;
    dropped.leads_to(&format!("{PAGE}?said=dropped"));
    let mika = desk.session().await;
    for page in [PAGE, "/console/deposits?said=set"] {
        let refused = desk.get(page, Some(&mika)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
    }
    for path in [&deposit, &threshold, &confirm, &drop] {
        let refused = desk.post(path, &large, Some(&mika)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn editors_have_no_brakes() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let session = desk.hired("Edda", Role::Editor).await;
    let seq = desk.newsroom.app.exchange().committed().seq;
    for page in [EMERGENCY, "/console/accounts", ANNS] {
        let refused = desk.get(page, Some(&session)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
    }
    let typed = form(&[("scope", "everything"), ("reason", "words"), ("key", "z")]);
    for path in [
        "/console/emergency",
        "/console/emergency/halt",
        "/console/emergency/resume",
        "/console/accounts/acc_5/freeze",
        "/console/accounts/acc_5/unfreeze",
        "/console/accounts/acc_5/keys/0/revoke",
    ] {
        let refused = desk.post(path, &typed, Some(&session)).await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{path}: {}",
            refused.body
        );
    }
    assert_eq!(
        desk.newsroom.app.exchange().committed().seq,
        seq,
        "nothing was sent on"
    );
}

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

//! A newsroom whose operators sign in, and how it is asked as a browser asks.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use tidings_api::auth::key_digest;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{Command, Contract, OpenAccount};
use tidings_core::id::AccountId;
use tower::ServiceExt;

use crate::support::{BASE, Newsroom};

pub(crate) const ADMIN: AccountId = AccountId::ADMIN;
pub(crate) const OPERATOR: AccountId = AccountId(3);
pub(crate) const SECOND: AccountId = AccountId(4);
pub(crate) const ANN: AccountId = AccountId(5);
pub(crate) const PASSWORD: &str = "a quiet harbour";
pub(crate) const COOKIE: &str = "__Host-tidings";

/// A newsroom whose operators have keys, and sign in.
pub(crate) struct Desk {
    pub(crate) newsroom: Newsroom,
}

/// What something was answered with.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What opens the session that was begun.
    pub(crate) fn session(&self) -> String {
        let set = self.header("set-cookie");
        let rest = set.strip_prefix(&format!("{COOKIE}=")).expect(set);
        rest.split(';').next().unwrap().to_owned()
    }

    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.header("location"), path);
    }
}

impl Desk {
    pub(crate) async fn open() -> Desk {
        Desk::of(Newsroom::empty(BASE).await).await
    }

    pub(crate) async fn of(newsroom: Newsroom) -> Desk {
        let desk = Desk { newsroom };
        desk.key(ADMIN, Role::Admin, "admin-key").await;
        desk.key(OPERATOR, Role::Operator, "operator-key").await;
        desk.key(SECOND, Role::Operator, "second-key").await;
        desk.set(OPERATOR, r#"{"name":"mika","password":"a quiet harbour"}"#)
            .await;
        desk
    }

    pub(crate) async fn key(&self, account: AccountId, role: Role, text: &str) {
        let grant = Box::new(Grant::bearer(key_digest(text), Scopes::all(role)));
        let by = None;
        let issue = Command::IssueKey { account, grant, by };
        self.newsroom.give(ADMIN, issue).await;
    }

    /// Somebody else of the house, who may sign in: by the name in small letters. Gives their session.
    pub(crate) async fn hired(&self, name: &str, role: Role) -> String {
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
    pub(crate) async fn ask(&self, request: HttpRequest<Body>) -> Answer {
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
    pub(crate) async fn api(
        &self,
        method: &str,
        account: AccountId,
        body: &str,
    ) -> serde_json::Value {
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

    pub(crate) async fn set(&self, account: AccountId, body: &str) -> serde_json::Value {
        self.api("POST", account, body).await
    }

    pub(crate) async fn get(&self, path: &str, session: Option<&str>) -> Answer {
        let mut request = HttpRequest::builder().uri(path);
        if let Some(session) = session {
            request = request.header("cookie", format!("{COOKIE}={session}"));
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// A form from a page of ours.
    pub(crate) async fn post(&self, path: &str, form: &str, session: Option<&str>) -> Answer {
        let from = &[("sec-fetch-site", "same-origin")];
        self.post_from(path, form, session, from).await
    }

    pub(crate) async fn post_from(
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

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = form(&[("name", name), ("password", password)]);
        self.post("/console/sign-in", &form, None).await
    }

    /// A session of the operator's.
    pub(crate) async fn session(&self) -> String {
        let answer = self.sign_in("mika", PASSWORD).await;
        answer.leads_to("/console");
        answer.session()
    }

    pub(crate) async fn is_open(&self, session: &str) -> bool {
        self.get("/console", Some(session)).await.status == StatusCode::OK
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
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

/// A market with shares in it, closed, and a second operator who signs in.
pub(crate) async fn closed(hours: u32) -> (Desk, String, String) {
    let desk = Desk::open().await;
    let second = r#"{"name":"noor","password":"a quiet harbour"}"#;
    desk.set(SECOND, second).await;
    let mut spec = crate::support::binary(
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
        .operate(Command::CloseMarket {
            market,
            reason,
            clause: None,
        })
        .await;
    let mika = desk.session().await;
    let noor = desk.sign_in("noor", PASSWORD).await.session();
    (desk, mika, noor)
}

pub(crate) const FERRY: &str = "/console/markets/the-ferry";

/// The value of a hidden field of the form that is sent to an address.
pub(crate) fn hidden(page: &str, action: &str, name: &str) -> String {
    let from = page.find(&format!("action=\"{action}\"")).expect(action);
    let field = format!("name=\"{name}\" value=\"");
    let from = from + page[from..].find(&field).expect(name) + field.len();
    page[from..].split('"').next().unwrap().to_owned()
}

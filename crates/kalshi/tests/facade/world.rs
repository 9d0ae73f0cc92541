//! A small exchange with both of its surfaces, and short words for talking to either.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_api::limits::{Limits, Rate};
use tidings_api::{App, AppOptions, auth};
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{self, Command, OpenAccount};
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_exchange::{Clock, Exchange, Options};
use tidings_store::Store;
use tower::ServiceExt;

use crate::key::{self, sign};

/// 1 November 2025, 00:00 UTC.
pub(crate) const START: i64 = 1_761_955_200;
pub(crate) const ADMIN: &str = "the-first-admin-key";
pub(crate) const BASE: &str = "/trade-api/v2";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) operator: Somebody,
    router: Router,
    dir: TempDir,
}

/// An account that was opened through the front door.
#[derive(Clone, Debug)]
pub(crate) struct Somebody {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl World {
    pub(crate) async fn new() -> World {
        World::with_limits(hardly_any_limits()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> World {
        let dir = TempDir::new().expect("a directory");
        let clock = Clock::manual(Timestamp::from_micros(START * 1_000_000));
        let (app, router) = start(&dir, &clock, limits).await;
        let mut world = World {
            app,
            clock,
            operator: Somebody {
                id: String::new(),
                key: String::new(),
            },
            router,
            dir,
        };
        world.operator = world.account("Olga", "operator", "100000").await;
        world
    }

    /// The process ends, and another one starts on the same file.
    pub(crate) async fn restart(self) -> World {
        let World {
            app,
            clock,
            operator,
            router,
            dir,
        } = self;
        drop(router);
        app.exchange().shutdown().await;
        app.store().close().await;
        drop(app);
        let (app, router) = start(&dir, &clock, hardly_any_limits()).await;
        World {
            app,
            clock,
            operator,
            router,
            dir,
        }
    }

    pub(crate) async fn account(&self, name: &str, role: &str, money: &str) -> Somebody {
        let body = json!({"name": name, "role": role});
        let opened = self.post("/v1/accounts").key(ADMIN).json(&body).await;
        let opened = opened.is(201);
        let somebody = Somebody {
            id: text(&opened["id"]),
            key: text(&opened["key"]),
        };
        if money != "0" {
            let path = format!("/v1/accounts/{}/deposits", somebody.id);
            let body = json!({"amount": money});
            self.post(&path).key(ADMIN).json(&body).await.is(201);
        }
        somebody
    }

    pub(crate) async fn trader(&self, name: &str) -> Somebody {
        self.account(name, "trader", "1000").await
    }

    /// Registers the tests' RSA key for an account, and gives its id.
    pub(crate) async fn signer(&self, owner: &Somebody, mut body: Value) -> String {
        body["rsa_public_key"] = json!(key::PUBLIC);
        let path = format!("/v1/accounts/{}/keys", owner.id);
        let issued = self.post(&path).key(ADMIN).json(&body).await.is(201);
        assert_eq!(issued["key"], Value::Null, "there is no text");
        assert_eq!(issued["rsa_public_key"], key::PUBLIC);
        text(&issued["key_id"])
    }

    /// Drafts a market and opens it.
    pub(crate) async fn market(&self, spec: &Value) {
        let key = &self.operator.key;
        self.post("/v1/markets").key(key).json(spec).await.is(201);
        let open = format!("/v1/markets/{}/open", text(&spec["slug"]));
        self.post(&open).key(key).await.is(200);
    }

    pub(crate) async fn state_hash(&self) -> [u8; 32] {
        let hash = self.app.exchange().query(|engine| engine.state_hash());
        hash.await.expect("a running exchange")
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            world: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            from: None,
        }
    }
}

async fn start(dir: &TempDir, clock: &Clock, limits: Limits) -> (App, Router) {
    let file = dir.path().join("tidings.db");
    let store = Store::open(&file.to_string_lossy()).await.expect("a store");
    let options = Options {
        clock: clock.clone(),
        ..Options::default()
    };
    let exchange = Exchange::start(store, options).await.expect("an exchange");
    let first = OpenAccount {
        name: "admin".into(),
        role: Role::Admin,
        grant: Some(Box::new(Grant::bearer(
            auth::key_digest(ADMIN),
            Scopes::all(Role::Admin),
        ))),
    };
    let request = command::Request::new(AccountId::WORLD, Command::OpenAccount(first));
    let admin = exchange.submit(request).await;
    admin.expect("an administrator, or one that was there");
    let mut options = AppOptions::new([7; 32], "http://tidings.test");
    options.limits = limits;
    let app = App::new(exchange, options);
    let router = tidings_api::router(app.clone()).merge(tidings_kalshi::router(app.clone()));
    (app, router)
}

fn hardly_any_limits() -> Limits {
    let plenty = Rate::new(1_000_000, 1_000_000);
    Limits {
        orders: plenty,
        cancels: plenty,
        reads: plenty,
        staff: plenty,
        public: plenty,
        failures: plenty,
        ..Limits::default()
    }
}

/// A market of two outcomes with a maker at 0.35.
pub(crate) fn summit() -> Value {
    json!({
        "slug": "joint-statement-2026", "kind": "binary",
        "question": "Will Japan and South Korea publish a joint statement?",
        "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.35"},
                     {"key": "no", "name": "No", "prior": "0.65"}],
        "rules": {"criteria": "Yes if both governments publish the same text.",
                  "edge_cases": ["A leak does not count."],
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
        "liquidity": "1000", "tick": "0.01", "taker_fee": "0.02",
        "closes_at": "2026-06-30T15:00:00Z", "dispute_hours": 0, "tags": ["diplomacy"]
    })
}

/// The same without a maker: orders meet orders, in steps of a tenth of a cent.
pub(crate) fn book_only() -> Value {
    let mut spec = summit();
    spec["slug"] = json!("rain-in-nara");
    spec["liquidity"] = Value::Null;
    spec["tick"] = json!("0.001");
    spec["taker_fee"] = json!("0");
    spec["tags"] = json!(["weather"]);
    spec
}

/// Three outcomes and no maker. One has a key that ends as a client's No does.
pub(crate) fn three() -> Value {
    let outcome = |key: &str, name: &str| json!({"key": key, "name": name});
    json!({
        "slug": "next-summit", "kind": "categorical",
        "question": "Where will the next summit be held?",
        "outcomes": [outcome("nara", "Nara"), outcome("seoul", "Seoul"),
                     outcome("better-no", "Nowhere")],
        "rules": {"criteria": "The city named in the announcement.",
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
        "tick": "0.01", "dispute_hours": 0
    })
}

/// A request that is being written.
pub(crate) struct Call<'a> {
    world: &'a World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    from: Option<SocketAddr>,
}

impl Call<'_> {
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    pub(crate) fn raw(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        let address: IpAddr = address.parse().expect("an address");
        self.from = Some(SocketAddr::new(address, 50_000));
        self
    }

    /// Signed with the tests' key, of this id, as it stands at the world's moment.
    pub(crate) fn signed(self, id: &str) -> Self {
        let millis = self.world.clock.now().as_micros() / 1_000;
        self.signed_at(id, millis)
    }

    pub(crate) fn signed_at(self, id: &str, millis: i64) -> Self {
        let path = self.path.split('?').next().expect("a path");
        let signature = sign(&format!("{millis}{}{path}", self.method));
        self.access(id, &millis.to_string(), &signature)
    }

    /// With these headers, whatever they say.
    pub(crate) fn access(self, id: &str, millis: &str, signature: &str) -> Self {
        self.header("kalshi-access-key", id)
            .header("kalshi-access-timestamp", millis)
            .header("kalshi-access-signature", signature)
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Reply;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            let mut request = Request::builder().method(self.method).uri(&self.path);
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            if let Some(from) = self.from {
                request = request.extension(ConnectInfo(from));
            }
            let request = request.body(Body::from(self.body)).expect("a request");
            let answer = self.world.router.clone().oneshot(request).await;
            let (head, body) = answer.expect("the router never fails").into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await;
            Reply {
                what,
                status: head.status.as_u16(),
                headers: head.headers,
                body: body.expect("a body"),
            }
        })
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {:?}", self.what, self.body);
        self.value()
    }

    #[track_caller]
    pub(crate) fn value(&self) -> Value {
        let value = serde_json::from_slice(&self.body);
        value.unwrap_or_else(|_| panic!("{}: {} {:?}", self.what, self.status, self.body))
    }

    /// A refusal in the other venue's form, with its code and with ours.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, theirs: &str, ours: &str) -> Value {
        let what = self.what.clone();
        assert_eq!(self.headers["content-type"], "application/json", "{what}");
        assert_eq!(self.headers["cache-control"], "no-store", "{what}");
        let body = self.is(status);
        let error = &body["error"];
        assert_eq!(error["problem"]["code"], ours, "{what}: {body}");
        assert_eq!(error["code"], theirs, "{what}: {body}");
        assert_eq!(error["service"], "tidings", "{what}");
        for word in ["message", "details"] {
            assert!(error[word].as_str().is_some_and(|text| !text.is_empty()));
        }
        error.clone()
    }
}

pub(crate) fn text(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| panic!("{value} is no text"))
}

//! A small exchange with its HTTP surface, and short words for talking to it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_api::limits::{Limits, Rate};
use tidings_api::{App, AppOptions, auth, router};
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{self, Command, OpenAccount};
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_exchange::{Clock, Exchange, Options};
use tidings_news::fetch::Fetcher;
use tidings_outside::Outside;
use tidings_signature::{SecretKey, Target};
use tidings_store::Store;
use tower::ServiceExt;

use crate::contract;

/// 1 November 2025, 00:00 UTC: the day after the summit.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_761_955_200_000_000);

pub(crate) const ADMIN: &str = "the-first-admin-key";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    router: Router,
    dir: TempDir,
}

/// An account that was opened through the front door.
#[derive(Clone)]
pub(crate) struct Somebody {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl World {
    pub(crate) async fn new() -> World {
        let dir = TempDir::new().expect("a directory");
        World::start(
            dir,
            Clock::manual(START),
            hardly_any_limits(),
            Fetcher::new(),
        )
        .await
    }

    /// One whose fetches go to an outside of a test's own.
    pub(crate) async fn beside(outside: &Outside) -> World {
        let dir = TempDir::new().expect("a directory");
        World::start(
            dir,
            Clock::manual(START),
            hardly_any_limits(),
            outside.fetcher(),
        )
        .await
    }

    /// One in which limits matter.
    pub(crate) async fn with_limits(limits: Limits) -> World {
        let dir = TempDir::new().expect("a directory");
        World::start(dir, Clock::manual(START), limits, Fetcher::new()).await
    }

    async fn start(dir: TempDir, clock: Clock, limits: Limits, fetcher: Fetcher) -> World {
        let file = dir.path().join("tidings.db");
        let store = Store::open(&file.to_string_lossy()).await.expect("a store");
        let options = Options {
            clock: clock.clone(),
            ..Options::default()
        };
        let exchange = Exchange::start(store, options).await.expect("an exchange");
        let grant = Grant::bearer(auth::key_digest(ADMIN), Scopes::all(Role::Admin));
        let first = OpenAccount {
            name: "admin".into(),
            role: Role::Admin,
            grant: Some(Box::new(grant)),
        };
        let request = command::Request::new(AccountId::WORLD, Command::OpenAccount(first));
        exchange
            .submit(request)
            .await
            .expect("an administrator, or one that was there");
        let mut options = AppOptions::new([7; 32], "http://tidings.test");
        options.limits = limits;
        options.sends_mail = true;
        options.fetcher = fetcher;
        let app = App::new(exchange, options);
        World {
            router: router(app.clone()),
            app,
            clock,
            dir,
        }
    }

    /// The same server, where every market has to be reviewed.
    pub(crate) fn asking_for_reviews(self) -> World {
        let mut options = AppOptions::new([7; 32], "http://tidings.test");
        options.limits = hardly_any_limits();
        options.asks_for_reviews = true;
        let app = App::new(self.app.exchange().clone(), options);
        World {
            router: router(app.clone()),
            app,
            ..self
        }
    }

    /// The process ends as asked, and another one starts on the same file.
    pub(crate) async fn restart(self) -> World {
        self.restart_beside(Fetcher::new()).await
    }

    /// The same, with what it fetches with.
    pub(crate) async fn restart_beside(self, fetcher: Fetcher) -> World {
        let World {
            app,
            clock,
            dir,
            router,
        } = self;
        drop(router);
        app.exchange().shutdown().await;
        app.store().close().await;
        drop(app);
        World::start(dir, clock, hardly_any_limits(), fetcher).await
    }

    /// The file of what is made from the journal, such as history.
    pub(crate) fn derived(&self) -> PathBuf {
        self.dir.path().join("tidings.derived.db")
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            world: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            from: None,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Call<'_> {
        self.call(Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Call<'_> {
        self.call(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    /// Opens an account with some money.
    pub(crate) async fn account(&self, name: &str, role: &str, money: &str) -> Somebody {
        let body = json!({"name": name, "role": role});
        let opened = self
            .post("/v1/accounts")
            .key(ADMIN)
            .json(body)
            .await
            .created();
        let somebody = Somebody {
            id: text(&opened["id"]),
            key: text(&opened["key"]),
        };
        if money != "0" {
            let deposits = format!("/v1/accounts/{}/deposits", somebody.id);
            self.post(&deposits)
                .key(ADMIN)
                .json(json!({"amount": money}))
                .await
                .created();
        }
        somebody
    }

    pub(crate) async fn trader(&self, name: &str) -> Somebody {
        self.account(name, "trader", "1000").await
    }

    pub(crate) async fn operator(&self, name: &str) -> Somebody {
        self.account(name, "operator", "100000").await
    }

    pub(crate) async fn editor(&self, name: &str) -> Somebody {
        self.account(name, "editor", "0").await
    }

    /// Drafts and opens a market.
    pub(crate) async fn market(&self, operator: &Somebody, spec: Value) -> String {
        let drafted = self
            .post("/v1/markets")
            .key(&operator.key)
            .json(spec)
            .await
            .created();
        let slug = text(&drafted["slug"]);
        self.post(&format!("/v1/markets/{slug}/open"))
            .key(&operator.key)
            .await
            .ok();
        slug
    }

    pub(crate) async fn order(&self, trader: &Somebody, order: Value) -> Value {
        self.post("/v1/orders")
            .key(&trader.key)
            .json(order)
            .await
            .created()
    }

    pub(crate) async fn state_hash(&self) -> [u8; 32] {
        self.app
            .exchange()
            .query(|engine| engine.state_hash())
            .await
            .expect("a running exchange")
    }

    /// What the router answers; held against the OpenAPI document.
    pub(crate) async fn service(&self, request: Request<Body>) -> axum::response::Response {
        let (method, address) = (request.method().clone(), request.uri().to_string());
        let answered = self.router.clone().oneshot(request).await;
        let (parts, body) = answered.expect("the router never fails").into_parts();
        let kind = parts.headers.get("content-type");
        let events = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        // Who reads it slowly is what some tests are about.
        let streams = events || contract::is_file(&parts.headers);
        let status = parts.status.as_u16();
        if streams {
            contract::check(&method, &address, status, &parts.headers, None);
            return axum::response::Response::from_parts(parts, body);
        }
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("a body");
        contract::check(&method, &address, status, &parts.headers, Some(&bytes));
        axum::response::Response::from_parts(parts, Body::from(bytes))
    }
}

/// For tests that are about something else: everybody asks as much as they like.
pub(crate) fn hardly_any_limits() -> Limits {
    let plenty = Rate::new(1_000_000, 1_000_000);
    Limits {
        orders: plenty,
        cancels: plenty,
        reads: plenty,
        staff: plenty,
        public: plenty,
        failures: plenty,
        streams_per_address: 5_000,
        ..Limits::default()
    }
}

/// Two operators call a market off: what the first and the second step answered. Its window for disputes
/// passes in between.
pub(crate) async fn called_off(
    world: &World,
    market: &str,
    [first, second]: [&Somebody; 2],
) -> [Value; 2] {
    let m = format!("/v1/markets/{market}");
    let hours = world.get(&m).await.ok()["dispute_hours"].as_u64();
    let propose = world.post(&format!("{m}/void")).key(&first.key);
    let proposed = propose.json(unclear()).await.ok();
    let window = std::time::Duration::from_secs(3_600 * hours.expect("hours"));
    world.clock.advance(window);
    let confirm = world.post(&format!("{m}/void/confirm")).key(&second.key);
    [proposed, confirm.await.ok()]
}

/// What a payout can rest on: two publishers.
pub(crate) fn proof() -> Value {
    let of = |host: &str, publisher: &str| {
        json!({"url": format!("https://{host}/1"), "publisher": publisher, "published_at": null,
               "sha256": "ab".repeat(32), "quotation": "It is so.", "clause": "criteria", "primary": false})
    };
    json!([
        of("herald.example", "The Herald"),
        of("courier.example", "Harbour Courier")
    ])
}

/// Why a market is to be called off.
pub(crate) fn unclear() -> Value {
    json!({"rule": "ambiguous_question", "reason": "The question had two readings.",
           "evidence": ["https://www.mofa.go.jp/"]})
}

/// A market whose maker starts at 0.35.
pub(crate) fn summit() -> Value {
    json!({
        "slug": "jpkr-joint-statement-2026", "kind": "binary",
        "question": "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?",
        "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.35"},
                     {"key": "no", "name": "No", "prior": "0.65"}],
        "rules": {"criteria": "Yes if both governments publish the same text.\nElse No.",
                  "edge_cases": ["A text of one side only is No."],
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
        "liquidity": "1000", "tick": "0.01", "taker_fee": "0.02",
        "opens_at": null, "closes_at": "2026-06-30T15:00:00Z", "dispute_hours": 24,
        "tags": ["Japan", "South Korea"]
    })
}

/// A market without a maker: a pure order book.
pub(crate) fn book_only() -> Value {
    let mut spec = summit();
    spec["slug"] = json!("book-only");
    spec["question"] = json!("Will it rain in Nara on 13 January 2026?");
    spec["liquidity"] = Value::Null;
    spec["taker_fee"] = json!("0");
    spec["tags"] = json!(["weather"]);
    spec
}

/// A market of nine outcomes.
pub(crate) fn where_next() -> Value {
    let keys = [
        "tokyo", "nara", "kansai", "japan", "seoul", "jeju", "korea", "third", "none",
    ];
    let outcomes: Vec<Value> = keys
        .iter()
        .map(|key| json!({"key": key, "name": key}))
        .collect();
    json!({
        "slug": "next-summit-where", "kind": "categorical",
        "question": "Where will the next summit be held?", "outcomes": outcomes,
        "rules": {"criteria": "The city named in the joint announcement.",
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
        "liquidity": "500"
    })
}

/// A number between 500,000 and 1,000,000, with a maker who starts in the middle.
pub(crate) fn visitors() -> Value {
    json!({
        "slug": "visitors-november-2025", "kind": "scalar",
        "question": "How many visitors from South Korea will be counted in Japan's first estimate for November 2025?",
        "scale": {"low": "500000", "high": "1000000", "unit": "visitors"},
        "rules": {"criteria": "The first estimate for the whole of November.",
                  "sources": [{"name": "JNTO", "url": "https://www.jnto.go.jp/", "primary": true}]},
        "liquidity": "500", "tick": "0.01", "dispute_hours": 0
    })
}

/// Three outcomes and no maker: orders meet orders, on their own book or as sets.
pub(crate) fn three_books() -> Value {
    let outcome = |key: &str| json!({"key": key, "name": key});
    json!({
        "slug": "three-books", "kind": "categorical",
        "question": "Where will the next summit be held?",
        "outcomes": [outcome("nara"), outcome("seoul"), outcome("other")],
        "rules": {"criteria": "The city named in the joint announcement.",
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
        "tick": "0.01"
    })
}

pub(crate) struct Call<'a> {
    world: &'a World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    from: Option<SocketAddr>,
}

impl Call<'_> {
    pub(crate) fn key(self, key: &str) -> Self {
        let bearer = format!("Bearer {key}");
        self.header("authorization", &bearer)
    }

    pub(crate) fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json")
            .raw(body.to_string())
    }

    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// From an address; else it is not known from where.
    pub(crate) fn from(mut self, address: &str) -> Self {
        let address: IpAddr = address.parse().expect("an address");
        self.from = Some(SocketAddr::new(address, 50_000));
        self
    }

    /// Signed as it stands, at the world's moment.
    pub(crate) fn signed(self, key: &SecretKey) -> Self {
        let moment = self.world.clock.now().as_micros() / 1_000_000;
        self.signed_at(key, moment)
    }

    pub(crate) fn signed_at(mut self, key: &SecretKey, moment: i64) -> Self {
        let once = self
            .headers
            .iter()
            .position(|(name, _)| name == "idempotency-key");
        let once = once.map(|ix| self.headers.remove(ix).1);
        let (path, query) = match self.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.path.as_str(), None),
        };
        let target = Target {
            method: self.method.as_str(),
            path,
            query,
        };
        let body = self.body.as_deref().unwrap_or_default();
        let signed = key.sign(target, body, once.as_deref(), moment);
        let headers = signed.headers.into_iter();
        self.headers
            .extend(headers.map(|(name, value)| (name.to_ascii_lowercase(), value)));
        self
    }

    pub(crate) fn request(self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(from) = self.from {
            request = request.extension(ConnectInfo(from));
        }
        request
            .body(self.body.map_or_else(Body::empty, Body::from))
            .expect("a request")
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Reply;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            let world = self.world;
            let (method, address, asked) =
                (self.method.clone(), self.path.clone(), self.body.clone());
            let response = world.service(self.request()).await;
            if response.status().is_success() {
                contract::check_request(&method, &address, &asked.unwrap_or_default());
            }
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX)
                .await
                .expect("a body");
            Reply {
                what,
                status: parts.status,
                headers: parts.headers,
                body,
            }
        })
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) what: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {} {:?}", self.what, self.status, self.body))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {:?}",
            self.what,
            self.body
        );
        self.value()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        self.expect(200)
    }

    #[track_caller]
    pub(crate) fn created(self) -> Value {
        self.expect(201)
    }

    /// A problem with everything that a problem has, and this code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        let what = self.what.clone();
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{what}: {self:?}"
        );
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{what}: {problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert_eq!(problem["status"], status);
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
        assert!(matches!(
            problem["retry"].as_str(),
            Some("safe" | "after_fix" | "never")
        ));
        problem
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("visible"))
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

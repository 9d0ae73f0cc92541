//! A server with something of everything, and its operations as its own document names them.

use std::fmt;

use reqwest::Method;
use serde_json::{Value, json};
use tidings_tests::Client;
use tidings_tests::article;
use tidings_tests::newsroom::{Newsroom, Person, in_days, joint_statement, proof, with};
use tidings_tests::server::Server;

/// A server with an article, an open market, a resting order, and somebody of each role.
pub(crate) struct World {
    server: Server,
    room: Newsroom,
    trader: Person,
    article: String,
    order: String,
}

/// An operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) needs_key: bool,
    has_body: bool,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Operation {
    fn name(&self) -> String {
        self.to_string()
    }

    /// Whether its address alone says all.
    pub(crate) fn takes_nothing(&self) -> bool {
        !self.has_body
    }
}

impl World {
    pub(crate) async fn open() -> World {
        let server = Server::start().await;
        let room = Newsroom::open(&server).await;
        let text = json!({"text": article::own().text});
        let article = room.editor.client.post("/v1/articles", &text).await.is(201);
        let article = article["slug"].as_str().expect("a slug").to_owned();
        let links = json!({"articles": [{"article": article, "role": "subject"}]});
        room.open_market(&with(closes_early(), &links)).await;
        let trader = room.trader(&server, "Ann", "1000").await;
        let bid = order(&json!({"type": "limit", "price": "0.1", "quantity": "10"}));
        let placed = trader.client.post("/v1/orders", &bid).await.is(201);
        let order = placed["order"]["id"].as_str().expect("an id").to_owned();
        World {
            server,
            room,
            trader,
            article,
            order,
        }
    }

    /// What is there, but for the place in the journal: a refusal has one, too.
    pub(crate) async fn fingerprint(&self) -> Value {
        let mut seen = Vec::new();
        for path in [
            "/v1/accounts?limit=200",
            "/v1/markets?limit=200",
            "/v1/articles?limit=200",
            "/v1/leaderboard",
        ] {
            seen.push(self.room.admin.see(path).await);
        }
        let room = &self.room;
        for person in [&room.editor, &room.operator, &room.second, &self.trader] {
            seen.push(person.account().await);
            let keys = format!("/v1/accounts/{}/keys", person.id);
            seen.push(self.room.admin.see(&keys).await);
            seen.push(person.client.see("/v1/account/ledger?limit=200").await);
        }
        seen.push(
            self.trader
                .client
                .see("/v1/account/orders?status=all&limit=200")
                .await,
        );
        seen.push(self.trader.client.see("/v1/account/fills?limit=200").await);
        seen.push(room.editor.client.see("/v1/hooks").await);
        let article = format!("/v1/articles/{}", self.article);
        seen.push(self.room.admin.see(&article).await);
        let mut seen = Value::Array(seen);
        forget_when(&mut seen);
        seen
    }

    /// Every operation of the document, but for those that tell about the server itself.
    ///
    /// # Panics
    /// When one takes a body of which no valid example is known here.
    pub(crate) async fn operations(&self) -> Vec<Operation> {
        let document = self.public().see("/openapi.json").await;
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let method = method.to_uppercase();
                let Ok(method) = Method::from_bytes(method.as_bytes()) else {
                    continue;
                };
                let needs_key = operation["security"]
                    .as_array()
                    .is_some_and(|ways| !ways.is_empty() && !ways.contains(&json!({})));
                let has_body = operation["requestBody"].is_object();
                operations.push(Operation {
                    method,
                    path: path.clone(),
                    needs_key,
                    has_body,
                });
            }
        }
        assert!(
            operations.len() > 30,
            "the document names only {}",
            operations.len()
        );
        for operation in operations.iter().filter(|operation| operation.has_body) {
            assert!(
                self.valid(operation).is_some(),
                "what is a valid body of {operation}?"
            );
        }
        operations
    }

    /// A body that the operation would accept; none for reads and for what is taken away.
    pub(crate) fn valid(&self, operation: &Operation) -> Option<Value> {
        let reason = json!({"reason": "Because."});
        Some(match operation.name().as_str() {
            "POST /v1/accounts" => with(reason, &json!({"name": "Somebody", "role": "trader"})),
            "POST /v1/accounts/{id}/deposits" | "POST /v1/accounts/{id}/withdrawals" => {
                with(reason, &json!({"amount": "1.5"}))
            }
            "POST /v1/accounts/{id}/keys" | "POST /v1/account/keys" => with(
                reason,
                &json!({"name": "A machine", "scopes": ["read"], "expires_at": in_days(1),
                        "addresses": ["203.0.113.0/24", "2001:db8::1"],
                        "public_key": "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="}),
            ),
            "POST /v1/accounts/{id}/keys/{n}/rotate" | "POST /v1/account/keys/{n}/rotate" => with(
                reason,
                &json!({"overlap_seconds": 60,
                        "public_key": "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="}),
            ),
            "POST /v1/orders" | "POST /v1/quotes" => order(&json!({
                "contract": "yes", "type": "limit", "price": "0.4", "quantity": "2.5",
                "time_in_force": "gtd", "expires_at": in_days(1), "post_only": false,
                "self_trade": "cancel_newest", "client_order_id": "a-17",
                "valid_until": in_days(1),
            })),
            "POST /v1/orders/batch" => {
                let bid = json!({"type": "limit", "price": "0.1", "quantity": "1"});
                json!({"orders": [order(&bid), order(&bid)]})
            }
            "POST /v1/orders/cancel-after" => json!({"seconds": 60}),
            "PATCH /v1/orders/{id}" => {
                json!({"quantity": "5", "price": "0.11", "valid_until": in_days(1)})
            }
            "POST /v1/markets" => with(
                closes_early(),
                &json!({"slug": "another", "opens_at": in_days(1), "reason": "Because.", "review": "required",
                        "worlds": worlds(),
                        "articles": [{"article": self.article, "role": "context"}]}),
            ),
            "PATCH /v1/markets/{m}" => with(
                reason,
                &json!({"question": "Will it?", "dispute_hours": 1, "liquidity": null,
                        "tags": ["ferries"], "closes_at": in_days(2), "review": "none", "worlds": worlds()}),
            ),
            "POST /v1/questions/check" => with(
                reason,
                &json!({"kind": "binary", "question": "Will the next summit be held soon?", "slug": "soon",
                        "rules": {"criteria": "Yes if it is held. No if it is not.", "edge_cases": ["A call is No."],
                                  "early_close": ["Trading ends once it is held."],
                                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
                        "closes_at": in_days(2), "tags": ["summits"], "worlds": worlds(), "review": "required",
                        "articles": [{"article": self.article, "role": "context"}]}),
            ),
            "POST /v1/questions/templates/{t}" => json!({
                "language": "en", "article": self.article, "blanks": {
                    "people": "the two leaders", "deadline": in_days(30), "source": "The ministry",
                    "source_url": "https://www.mofa.go.jp/", "fallback": "The agency",
                    "fallback_url": "https://en.yna.co.kr/"},
            }),
            "POST /v1/markets/{m}/reviews" => json!({
                "text": "ab".repeat(32), "verdicts": [{"outcome": "yes"}, {"void": true}], "approve": true,
                "note": "Both are clear.",
            }),
            "POST /v1/halts" | "POST /v1/halts/resume" => {
                with(reason, &json!({"scope": "tag", "tag": "ferries"}))
            }
            "PUT /v1/deposits/threshold" => with(reason, &json!({"from": "1000000"})),
            "POST /v1/accounts/{id}/allowance" => with(reason, &json!({"percent": 500})),
            "POST /v1/accounts/{id}/freeze"
            | "POST /v1/deposits/{d}/confirm"
            | "POST /v1/accounts/{id}/unfreeze"
            | "POST /v1/markets/{m}/open"
            | "POST /v1/markets/{m}/resume"
            | "POST /v1/markets/{m}/resolution/confirm"
            | "POST /v1/markets/{m}/halt"
            | "POST /v1/markets/{m}/void/confirm"
            | "POST /v1/markets/{m}/correction/confirm"
            | "POST /v1/markets/{m}/withdraw" => reason,
            "POST /v1/markets/{m}/close" => with(reason, &json!({"clause": "early_close_1"})),
            "POST /v1/markets/{m}/correction" => with(
                reason,
                &json!({"payout": {"no": "1"}, "items": proof(), "evidence": ["https://example.org/"]}),
            ),
            "POST /v1/markets/{m}/void" => with(
                reason,
                &json!({"rule": "source_gone", "items": proof(), "evidence": ["https://example.org/"]}),
            ),
            "POST /v1/markets/{m}/liquidity" => with(reason, &json!({"liquidity": "20000.5"})),
            "POST /v1/markets/{m}/clarifications" => with(reason, &json!({"text": "Words."})),
            "POST /v1/markets/{m}/resolution" => {
                json!({"payout": {"yes": "1", "no": "0"}, "evidence": ["https://example.org/"],
                       "items": proof(), "note": "It was published."})
            }
            "POST /v1/markets/{m}/disputes" => with(
                reason,
                &json!({"clause": "criteria", "items": proof(), "evidence": ["https://example.org/"]}),
            ),
            "POST /v1/articles" | "PUT /v1/articles/{a}" => json!({
                "title": "A Title of Its Own", "body": "One sentence. And another one.",
                "body_format": "text", "section": ["World"], "tags": ["ferries"],
                "byline": "Nobody", "publisher": "The Post", "language": "en",
                "canonical_url": "https://example.org/a", "published_at": "2025-10-31T05:00:00Z",
                "summary": "Short.", "embargoed_until": in_days(1),
            }),
            "POST /v1/articles/{a}/markets" => with(
                reason,
                &json!({"market": "jpkr-joint-statement", "role": "context"}),
            ),
            "POST /v1/accounts/{id}/sign-in" => {
                json!({"name": "olga", "password": "a quiet harbour"})
            }
            "POST /v1/digest/subscriptions" => json!({"address": "reader@paper.example"}),
            "POST /v1/hooks" => json!({"url": "https://desk.paper.example/odds"}),
            "PUT /v1/account/leaderboard" => json!({"public": true, "name": "Ann of the North"}),
            "PUT /v1/articles/{a}/desk" => with(reason, &json!({"accounts": [self.trader.id]})),
            "POST /v1/articles/{a}/plans" => json!({
                "market": "jpkr-joint-statement", "role": "trigger",
                "halt": {"minutes_before": 5, "minutes_after": 10},
            }),
            // Of a name that is no public one: nothing leaves the machine when it is taken.
            "POST /v1/feeds" => json!({"url": "https://paper.example/politics/rss.xml"}),
            _ => return None,
        })
    }

    /// The operation's address with things that are there.
    pub(crate) fn path(&self, operation: &Operation) -> String {
        let id = match operation.path.as_str() {
            path if path.starts_with("/v1/orders") => &self.order,
            // Traders do not sign in to the console.
            path if path.ends_with("/sign-in") => &self.room.operator.id,
            _ => &self.trader.id,
        };
        self.filled(&operation.path, id)
    }

    fn filled(&self, path: &str, id: &str) -> String {
        let path = path
            .replace("{id}", id)
            .replace("{n}", "0")
            .replace("{f}", "feed_1")
            .replace("{d}", "dep_1")
            .replace("{key}", "nobody-s")
            .replace("{seq}", "1")
            .replace("{week}", "2025-w44")
            .replace("{h}", "hook_1");
        path.replace("{m}", "jpkr-joint-statement")
            .replace("{a}", &self.article)
            .replace("{t}", "next_meeting")
    }

    /// The operation's address with things that are not there, one at a time.
    pub(crate) fn paths_to_nothing(&self, operation: &Operation) -> Vec<String> {
        let mut paths = Vec::new();
        // Any text may be the name of a request, and is one that nobody has sent.
        for hole in [
            "{id}", "{n}", "{m}", "{a}", "{f}", "{d}", "{seq}", "{week}", "{h}", "{t}",
        ] {
            if !operation.path.contains(hole) {
                continue;
            }
            for nothing in NOTHINGS {
                let template = operation.path.replace(hole, nothing);
                let whole = Operation {
                    path: template,
                    ..operation.clone()
                };
                paths.push(self.path(&whole));
            }
        }
        paths
    }

    /// Somebody who may ask for it.
    pub(crate) fn allowed(&self, operation: &Operation) -> &Client {
        match self.role(operation) {
            "admin" => &self.room.admin,
            "operator" => &self.room.operator.client,
            "editor" => &self.room.editor.client,
            _ => &self.trader.client,
        }
    }

    /// Everybody whose role keeps them from asking for it.
    pub(crate) fn others(&self, operation: &Operation) -> Vec<(&'static str, &Client)> {
        let all = [
            ("admin", &self.room.admin),
            ("operator", &self.room.operator.client),
            ("editor", &self.room.editor.client),
            ("trader", &self.trader.client),
        ];
        let role = self.role(operation);
        let both = [
            "/accounts",
            "/accounts/{id}",
            "/freeze",
            "/unfreeze",
            "/allowance",
            "/markets",
            "/plans",
            "/plans/{m}",
            "/suggestions",
            "/questions/check",
            "/questions/templates",
            "/questions/templates/{t}",
        ];
        let links = both.iter().any(|end| operation.path.ends_with(end));
        let audits = ["/v1/journal/records", "/v1/anomalies"].contains(&operation.path.as_str());
        let is_other = |name: &str| {
            name != role && !(links && name == "operator") && !(audits && name == "admin")
        };
        match role {
            "any" => Vec::new(),
            _ => all.into_iter().filter(|(name, _)| is_other(name)).collect(),
        }
    }

    fn role(&self, operation: &Operation) -> &'static str {
        let path = operation.path.as_str();
        match operation.method == Method::GET {
            true if path.starts_with("/v1/accounts") => "admin",
            true if ["/v1/journal/records", "/v1/anomalies"].contains(&path) => "operator",
            _ if path.starts_with("/v1/halts") => "operator",
            _ if path.starts_with("/v1/deposits") => "admin",
            true if path.starts_with("/v1/markets") && path.ends_with("/preview") => "operator",
            _ if path.starts_with("/v1/hooks") => "editor",
            true if ["/plans", "/suggestions", "/feeds", "/desk", "/templates"]
                .iter()
                .any(|end| path.ends_with(end)) =>
            {
                "editor"
            }
            true => "any",
            false if path == "/v1/digest/subscriptions" => "any",
            false if path.starts_with("/v1/accounts") => "admin",
            false if path.starts_with("/v1/markets") && !path.ends_with("/disputes") => "operator",
            false
                if ["/v1/articles", "/v1/feeds", "/v1/questions"]
                    .iter()
                    .any(|beginning| path.starts_with(beginning)) =>
            {
                "editor"
            }
            false if path == "/v1/quotes" || path.starts_with("/v1/account/keys") => "any",
            false => "trader",
        }
    }

    pub(crate) fn public(&self) -> Client {
        self.server.public()
    }

    pub(crate) fn admin(&self) -> &Client {
        &self.room.admin
    }

    /// Ends the server and holds its journal against its state.
    pub(crate) async fn end(&mut self) {
        let log = self.server.log();
        assert!(!log.contains("panicked"), "nothing panics: {log}");
        assert!(
            self.server.terminate().await.success(),
            "SIGTERM is a good end"
        );
        self.server.verify();
    }
}

fn worlds() -> Value {
    json!([
        {"story": "Both ministries put the same two pages online.", "comes_to": {"outcome": "yes"}},
        {"story": "Both governments are dissolved.", "comes_to": {"void": true}},
    ])
}

/// The market of the newsroom, with rules that say when it ends before its time.
fn closes_early() -> Value {
    let body = joint_statement();
    let clauses = json!({"early_close": ["Trading ends once both governments have published it.", "Or on one's word."]});
    let rules = with(body["rules"].clone(), &clauses);
    with(body, &json!({"rules": rules}))
}

fn order(fields: &Value) -> Value {
    with(
        json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy"}),
        fields,
    )
}

/// Takes out the moments and places that a document is as of, and when keys were last used.
fn forget_when(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.retain(|name, _| !["seq", "as_of", "last_used"].contains(&name.as_str()));
            fields.values_mut().for_each(forget_when);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_when),
        _ => {}
    }
}

/// Names of nothing, some of them badly written.
const NOTHINGS: [&str; 14] = [
    "nothing",
    "acc_999999",
    "mkt_999999",
    "ord_999999",
    "acc_03",
    "mkt_00",
    "ord_99999999999999999999999",
    "-1",
    "18446744073709551616",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "%F0%9F%97%9E",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

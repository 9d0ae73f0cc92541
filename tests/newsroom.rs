//! Who is in the stories: an administrator, an editor, two operators and traders, with the market
//! that they are about.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::Server;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// A client with the account's key.
    pub client: Client,
}

/// The people of a small newsroom.
#[derive(Clone, Debug)]
pub struct Newsroom {
    /// Opens accounts and moves money in and out.
    pub admin: Client,
    /// Publishes articles.
    pub editor: Person,
    /// Runs markets, and sponsors them.
    pub operator: Person,
    /// Confirms what the other operator proposes.
    pub second: Person,
}

impl Newsroom {
    /// Opens everybody's account.
    pub async fn open(server: &Server) -> Newsroom {
        Newsroom {
            admin: server.admin(),
            editor: Person::open(server, "Edda", "editor").await,
            operator: Person::open(server, "Otto", "operator").await,
            second: Person::open(server, "Olga", "operator").await,
        }
    }

    /// Opens a trader's account with money in it.
    pub async fn trader(&self, server: &Server, name: &str, money: &str) -> Person {
        let trader = Person::open(server, name, "trader").await;
        self.pay_in(&trader, money).await;
        trader
    }

    /// Pays money into somebody's account.
    pub async fn pay_in(&self, to: &Person, money: &str) -> Value {
        let path = format!("/v1/accounts/{}/deposits", to.id);
        self.admin
            .post(&path, &json!({"amount": money}))
            .await
            .is(201)
    }

    /// Drafts a market, with money for its subsidy, and opens it. Gives what its page says then.
    pub async fn open_market(&self, body: &Value) -> Value {
        self.pay_in(&self.operator, "10000").await;
        self.operator.client.post("/v1/markets", body).await.is(201);
        let path = format!("/v1/markets/{}", body["slug"].as_str().expect("a slug"));
        let open = format!("{path}/open");
        self.operator.client.post(&open, &json!({})).await.is(200);
        self.admin.see(&path).await
    }

    /// What a market's page says once it stands where it is to stand.
    ///
    /// # Panics
    /// When it does not within 30 seconds.
    pub async fn until_status(&self, market: &str, status: &str) -> Value {
        let path = format!("/v1/markets/{market}");
        for _ in 0..300 {
            let told = self.admin.see(&path).await;
            if told["status"] == status {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{market} was never {status}");
    }
}

impl Person {
    /// Opens an account with a key.
    pub async fn open(server: &Server, name: &str, role: &str) -> Person {
        let body = json!({"name": name, "role": role});
        let opened = server.admin().post("/v1/accounts", &body).await.is(201);
        let key = opened["key"].as_str().expect("a key");
        let id = opened["id"].as_str().expect("an id").to_owned();
        Person {
            id,
            client: server.client(key),
        }
    }

    /// The account as its owner sees it.
    pub async fn account(&self) -> Value {
        self.client.see("/v1/account").await
    }

    /// The same person at another start of the server, which may be somewhere else.
    #[must_use]
    pub fn at(&self, server: &Server) -> Person {
        Person {
            id: self.id.clone(),
            client: server.client(self.client.key()),
        }
    }
}

/// A page of each kind, and every article and market, of a server with the sample newsroom; once
/// that has been set up.
///
/// # Panics
/// When that takes more than a minute.
pub async fn sample_pages(server: &Server) -> Vec<String> {
    let reader = server.public();
    let started = std::time::Instant::now();
    // The last thing that the sample does before its traders trade.
    while !server.log().contains("The sample newsroom is open") {
        assert!(
            started.elapsed().as_secs() < 60,
            "the sample is set up within a minute"
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut pages: Vec<String> = [
        "/",
        "/markets",
        "/search?q=japan",
        "/search?q=nothing-has-these-words",
        "/portfolio",
        "/digest",
        "/calibration",
        "/leaderboard",
        "/docs",
        "/about/embeds",
        "/nothing-stands-here",
    ]
    .map(str::to_owned)
    .into();
    for (list, page, embed) in [
        ("/v1/articles", "/articles", "/embed/v1/articles"),
        ("/v1/markets", "/markets", "/embed/v1/markets"),
    ] {
        let found = reader.see(&format!("{list}?limit=200")).await;
        for (ix, item) in found["data"].as_array().expect("a list").iter().enumerate() {
            let slug = item["slug"].as_str().expect("a slug");
            pages.push(format!("{page}/{slug}"));
            if ix == 0 {
                pages.push(format!("{embed}/{slug}"));
                let of = |kind: &str, names: &Value| {
                    let name = names[0].as_str()?;
                    Some(format!(
                        "/{kind}/{}",
                        name.to_lowercase().replace(' ', "%20")
                    ))
                };
                pages.extend(of("tags", &item["tags"]));
                pages.extend(of("sections", &item["section"]));
            }
        }
    }
    pages
}

/// What a payout can rest on: two publishers.
pub fn proof() -> Value {
    let of = |host: &str, publisher: &str| {
        json!({"url": format!("https://{host}/1"), "publisher": publisher, "published_at": "2025-10-30T09:00:00Z",
               "sha256": "ab".repeat(32), "quotation": "Both governments published one text.",
               "clause": "criteria", "primary": false})
    };
    json!([
        of("herald.example", "The Herald"),
        of("courier.example", "Harbour Courier")
    ])
}

/// The market of the story: binary, with prior odds, a maker of 1,000 shares, ticks of a cent and a
/// taker's fee, that closes in a month.
pub fn joint_statement() -> Value {
    json!({
        "slug": "jpkr-joint-statement",
        "kind": "binary",
        "question":
            "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?",
        "outcomes": [
            {"key": "yes", "name": "Yes", "prior": "0.35"},
            {"key": "no", "name": "No", "prior": "0.65"},
        ],
        "rules": {
            "criteria": "Yes if both governments publish one jointly agreed text.\nNo otherwise.",
            "edge_cases": ["Two texts of the same words count as one.", "A leak does not count."],
            "sources": [
                {"name": "Ministry of Foreign Affairs of Japan", "url": "https://www.mofa.go.jp/",
                 "primary": true},
                {"name": "Two wire agencies", "url": "https://example.org/wire", "primary": false},
            ],
        },
        "liquidity": "1000",
        "tick": "0.01",
        "taker_fee": "0.02",
        "opens_at": null,
        "closes_at": in_days(30),
        "dispute_hours": 0,
        "tags": ["diplomacy"],
    })
}

/// A moment so many days from now, as the wire has it.
pub fn in_days(days: i64) -> String {
    let moment = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    format!("{moment:.0}")
}

/// A document with other fields added or in the place of its own.
///
/// # Panics
/// When either is no object.
#[must_use]
pub fn with(document: Value, fields: &Value) -> Value {
    let (Value::Object(mut document), Value::Object(fields)) = (document, fields) else {
        panic!("two objects");
    };
    document.extend(fields.clone());
    Value::Object(document)
}

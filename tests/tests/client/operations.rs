//! Every operation of the document has its call, or stands in a list of those that have none, with why.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings_client::Client;
use tidings_client::types::{
    Amend, ArticleFilter, BookQuery, CandleQuery, CorrectArticle, Dispute, FillTemplate, HaltScope,
    Interval, IssueKey, LinkRole, MarketFilter, NewArticle, NewMarket, OrderFilter, Placed,
    Propose, ProposeCorrection, ProposeVoid, ReviewMarket, ReviseMarket, Role, RotateKey, Rules,
    VoidRule,
};
use tidings_tests::server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{buy, decimal};

/// What the client has no call for, and why.
const WITHOUT: [(&str, &[&str]); 5] = [
    (
        "what an editor's own program is told, and told once: its address and its secret belong to a deployment",
        &[
            "GET /v1/hooks",
            "POST /v1/hooks",
            "DELETE /v1/hooks/{h}",
            "GET /v1/hooks/{h}/deliveries",
            "POST /v1/digest/subscriptions",
        ],
    ),
    (
        "work of the newsroom's desk, which people do in the console",
        &[
            "GET /v1/articles/{a}/desk",
            "PUT /v1/articles/{a}/desk",
            "GET /v1/articles/{a}/plans",
            "POST /v1/articles/{a}/plans",
            "DELETE /v1/articles/{a}/plans/{m}",
            "GET /v1/articles/{a}/suggestions",
            "GET /v1/markets/{m}/suggestions",
        ],
    ),
    (
        "what operators look through, in the console",
        &["GET /v1/anomalies", "GET /v1/journal/records"],
    ),
    (
        "what readers are told on pages, and what anyone verifies with `tidings verify`",
        &[
            "GET /v1/articles/{a}/versions",
            "GET /v1/articles/{a}/versions/{n}",
            "GET /v1/calibration",
            "GET /v1/digests",
            "GET /v1/digests/{week}",
            "GET /v1/journal/groups/{seq}",
            "GET /v1/journal/head",
            "GET /v1/leaderboard",
            "PUT /v1/account/leaderboard",
            "GET /v1/markets/{m}/moves",
        ],
    ),
    (
        "what a supervisor asks; and limits, which the client keeps to by what answers say",
        &["GET /health/live", "GET /health/ready", "GET /v1/limits"],
    ),
];

/// A server that refuses everything, and what it was asked.
struct Deaf {
    base: String,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Deaf {
    async fn listen() -> Deaf {
        let port = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", port.local_addr().expect("its address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((connection, _)) = port.accept().await {
                tokio::spawn(refuse(connection, Arc::clone(&hears)));
            }
        });
        Deaf { base, asked }
    }

    fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().expect("nobody panicked").clone()
    }
}

/// Notes what one connection asks, and refuses it.
async fn refuse(
    mut connection: TcpStream,
    hears: Arc<Mutex<Vec<(String, String)>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if connection.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split([' ', '?']);
    if let (Some(method), Some(path)) = (words.next(), words.next()) {
        let asked = (method.to_owned(), path.to_owned());
        hears.lock().expect("nobody panicked").push(asked);
    }
    let body = r#"{"type":"about:blank","title":"No","status":404,"code":"not_found","detail":"no","retry":"never"}"#;
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(answer.as_bytes()).await?;
    connection.shutdown().await
}

/// `METHOD /path/{of}/the/document`, by segments.
struct Operation {
    name: String,
    method: String,
    path: Vec<String>,
}

impl Operation {
    async fn all() -> Vec<Operation> {
        let server = Server::start().await;
        let document = server.public().see("/openapi.json").await;
        let paths = document["paths"].as_object().expect("paths");
        let mut all = Vec::new();
        for (path, item) in paths {
            for method in ["get", "post", "put", "patch", "delete"] {
                if item.get(method).is_some() {
                    let method = method.to_uppercase();
                    all.push(Operation {
                        name: format!("{method} {path}"),
                        method,
                        path: path.split('/').map(str::to_owned).collect(),
                    });
                }
            }
        }
        all
    }

    /// How many segments of a request are this operation's own words; none, where it is another's.
    fn fits(&self, (method, path): &(String, String)) -> Option<usize> {
        let path: Vec<&str> = path.split('/').collect();
        if self.method != *method || self.path.len() != path.len() {
            return None;
        }
        let mut own = 0;
        for (wanted, got) in self.path.iter().zip(path) {
            match wanted.starts_with('{') {
                true => {}
                false if wanted == got => own += 1,
                false => return None,
            }
        }
        Some(own)
    }
}

/// Asks all that administrators ask, and what the owners of keys do.
async fn administrate(client: &Client) {
    drop(client.open_account("Ann", Role::Trader).await);
    drop(client.accounts().page().await);
    drop(client.account_of("acc_9").await);
    drop(client.freeze_account("acc_9", "why").await);
    drop(client.unfreeze_account("acc_9").await);
    drop(client.set_allowance("acc_9", 500, "why").await);
    drop(client.deposit("acc_9", decimal("1")).await);
    drop(client.withdraw("acc_9", decimal("1")).await);
    drop(client.large_deposits().await);
    drop(client.set_large_deposits(None).await);
    drop(client.deposits_that_wait().await);
    drop(client.confirm_deposit("dep_1").await);
    drop(client.drop_deposit("dep_1").await);
    drop(client.sign_in_of("acc_9").await);
    drop(client.set_sign_in_of("acc_9", Some("ann"), None).await);
    drop(client.drop_sign_in_of("acc_9").await);
    drop(client.issue_key_of("acc_9", &IssueKey::default()).await);
    drop(client.keys_of("acc_9").page().await);
    let rotate = RotateKey::default();
    drop(client.rotate_key_of("acc_9", "key_1", &rotate).await);
    drop(client.revoke_key_of("acc_9", "key_1").await);
    drop(client.issue_key(&IssueKey::default()).await);
    drop(client.keys().page().await);
    drop(client.rotate_key("key_1", &rotate).await);
    drop(client.revoke_key("key_1").await);
}

/// Asks all that traders ask.
async fn trade(client: &Client) {
    drop(client.account().await);
    drop(client.ledger().page().await);
    drop(client.fills(None).page().await);
    drop(client.statement(None, None).await);
    drop(client.orders(&OrderFilter::default()).page().await);
    drop(client.order("ord_1").await);
    drop(client.place(&buy("1")).await);
    drop(client.place_all(&[buy("1")]).await);
    drop(client.cancel_after(60).await);
    drop(client.amend("ord_1", &Amend::default()).await);
    drop(client.cancel("ord_1").await);
    drop(client.cancel_all(None).await);
    drop(client.quote(&buy("1")).await);
    drop(client.recall::<Placed>("a-key").await);
    let soon = Duration::from_secs(2);
    drop(tokio::time::timeout(soon, client.stream().own().next()).await);
}

/// Asks all that operators ask, and what anyone does.
async fn operate(client: &Client) {
    let draft = NewMarket::binary("a-market", "Will it?", Rules::default());
    let soon = Duration::from_secs(2);
    drop(client.markets(&MarketFilter::default()).page().await);
    drop(client.market("m").await);
    drop(client.evidence("m").await);
    drop(client.book("m", &BookQuery::default()).await);
    drop(client.trades("m").page().await);
    drop(client.odds("m").await);
    let which = CandleQuery::of(Interval::Hour);
    drop(client.candles("m", &which).page().await);
    drop(tokio::time::timeout(soon, client.market_events("m").next()).await);
    drop(client.create_market(&draft).await);
    drop(client.revise_market("m", &ReviseMarket::default()).await);
    drop(client.open_market("m").await);
    drop(client.halt_market("m", "why").await);
    drop(client.resume_market("m").await);
    drop(client.halt_many(&HaltScope::Everything, "why").await);
    drop(client.resume_many(&HaltScope::Everything).await);
    drop(client.halts().await);
    drop(client.close_market("m", "why").await);
    drop(client.clarify("m", "what it means").await);
    drop(client.add_liquidity("m", decimal("1")).await);
    drop(client.withdraw_market("m", "why").await);
    let void = ProposeVoid {
        rule: VoidRule::OperatorMistake,
        reason: "why".to_owned(),
        items: Vec::new(),
        evidence: Vec::new(),
    };
    drop(client.propose_void("m", &void).await);
    drop(client.preview_void("m").await);
    drop(client.confirm_void("m").await);
    drop(client.propose_resolution("m", &Propose::default()).await);
    drop(client.preview_resolution("m", None).await);
    drop(client.confirm_resolution("m").await);
    let correction = ProposeCorrection {
        payout: None,
        value: None,
        rule: Some(VoidRule::OperatorMistake),
        reason: "why".to_owned(),
        items: Vec::new(),
        evidence: Vec::new(),
    };
    drop(client.propose_correction("m", &correction).await);
    drop(client.preview_correction("m", None).await);
    drop(client.confirm_correction("m").await);
    drop(client.dispute("m", &Dispute::default()).await);
    drop(client.check_question(&draft).await);
    drop(client.question_templates().await);
    drop(client.fill_template("t", &FillTemplate::default()).await);
    let review = ReviewMarket {
        text: "0".to_owned(),
        verdicts: Vec::new(),
        approve: false,
        note: None,
    };
    drop(client.review_market("m", &review).await);
}

/// Asks all that editors ask, and what anyone does of articles.
async fn edit(client: &Client) {
    let soon = Duration::from_secs(2);
    drop(client.articles(&ArticleFilter::default()).page().await);
    drop(client.article("a").await);
    drop(client.article_at("https://a.example/1").await);
    drop(client.article_odds("a").await);
    drop(tokio::time::timeout(soon, client.article_events("a").next()).await);
    drop(client.add_article(&NewArticle::default()).await);
    drop(
        client
            .correct_article("a", &CorrectArticle::default())
            .await,
    );
    drop(client.followed_feeds().await);
    drop(client.follow_feed("https://a.example/feed").await);
    drop(client.drop_feed("feed_1").await);
    drop(client.link_article("a", "m", LinkRole::Subject).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_document_has_its_call_or_a_reason_why_not() {
    let all = Operation::all().await;
    let deaf = Deaf::listen().await;
    let client = Client::new(&deaf.base)
        .expect("an address")
        .with_key("tdg_key");
    administrate(&client).await;
    trade(&client).await;
    operate(&client).await;
    edit(&client).await;

    let mut called = BTreeSet::new();
    for request in deaf.asked() {
        let fits = all
            .iter()
            .filter_map(|one| Some((one.fits(&request)?, one)));
        let (_, operation) = fits
            .max_by_key(|(own, _)| *own)
            .unwrap_or_else(|| panic!("{request:?} is no operation of the document"));
        called.insert(operation.name.as_str());
    }
    let without: BTreeSet<&str> = WITHOUT
        .iter()
        .flat_map(|(_, operations)| operations.iter().copied())
        .collect();
    let all: BTreeSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let missing: Vec<_> = all
        .difference(&called)
        .filter(|one| !without.contains(*one))
        .collect();
    assert!(missing.is_empty(), "no call for {missing:#?}");
    let needless: Vec<_> = without.intersection(&called).collect();
    assert!(needless.is_empty(), "there is a call for {needless:#?}");
    let gone: Vec<_> = without.difference(&all).collect();
    assert!(gone.is_empty(), "the document has no {gone:#?}");
}

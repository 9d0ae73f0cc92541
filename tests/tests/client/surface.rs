//! All that people do, through typed calls: traders, operators, editors and administrators.

use futures_util::TryStreamExt;
use tidings_client::types::{
    Amend, ArticleFilter, ArticleStatus, BookQuery, CorrectArticle, EvidenceItem, HaltScope,
    IssueKey, KeyStatus, LinkRole, MakerDepth, MarketFilter, MarketStatus, NewArticle, NewMarket,
    NewOrder, Order, OrderFilter, OrderStatus, Propose, Role, RotateKey, Rules, RulesSource, Scope,
    Side, Source, TimeInForce, Which,
};
use tidings_client::{Client, Error, Outcome, Retry, SecretKey, write_public_key};
use tidings_tests::server::{ADMIN_KEY, Server};

use crate::{MARKET, bid, buy, client, decimal, with_ann};

#[tokio::test(flavor = "multi_thread")]
async fn a_trader_trades() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let quote = trader.quote(&buy("10")).await.expect("a quote");
    let bought = trader.place(&buy("10")).await.done().expect("bought");
    assert_eq!(bought.order.amount, quote.amount, "quoted is what happens");
    assert_eq!(bought.order.status, OrderStatus::Filled);
    assert_eq!(bought.fills[0].source, Source::Maker);
    let resting = bid("20").post_only().named("low");
    let rested = trader.place(&resting).await.done().expect("it rests").order;
    let own_book = BookQuery {
        maker: Some(MakerDepth::Exclude),
        ..BookQuery::default()
    };
    let book = trader.book(MARKET, &own_book).await.expect("a book");
    assert_eq!(book.bids[0].resting, decimal("20"));
    let less = Amend {
        quantity: Some(decimal("15")),
        ..Amend::default()
    };
    let amended = trader.amend(&rested.id, &less).await.done();
    assert_eq!(amended.expect("amended").order.remaining, decimal("15"));
    // Lists have what was just answered, without a word about it.
    let open = OrderFilter {
        status: Some(Which::Open),
        market: Some(MARKET.to_owned()),
    };
    let listed = trader.orders(&open).all().await.expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].client_order_id.as_deref(), Some("low"));
    let cancelled = trader.cancel(&rested.id).await.done().expect("cancelled");
    assert_eq!(cancelled.order.cancelled, decimal("15"));
    let ended = trader.order(&rested.id).await.expect("an order");
    assert_eq!(ended.reason.as_deref(), Some("cancelled"));
    let sale = sale_of_no("0.2");
    trader
        .place(&sale)
        .await
        .done()
        .expect_err("nothing to sell of No");
    for _ in 0..3 {
        trader.place(&bid("1")).await.done().expect("it rests");
    }
    let all = trader.cancel_all(Some(MARKET)).await.done().expect("all");
    assert_eq!(all.cancelled.len(), 3);
    let fills = trader.fills(Some(MARKET)).all().await.expect("fills");
    assert_eq!(fills[0].quantity, decimal("10"));
    let ledger = trader.ledger().all().await.expect("a ledger");
    assert_eq!(ledger.last().expect("a deposit").kind, "deposit");
    let account = trader.account().await.expect("an account");
    assert_eq!(account.cash.available, ledger[0].balance);
    assert_eq!(account.positions[0].shares.free, decimal("10"));

    // Refusals are typed, with their numbers; an id that is none never becomes another request.
    let Outcome::Refused(problem) = trader.place(&buy("9000000")).await else {
        panic!("too dear")
    };
    assert_eq!(
        (problem.code.as_str(), problem.retry),
        ("insufficient_funds", Retry::AfterFix)
    );
    assert_eq!(problem.decimal("available"), Some(account.cash.available));
    assert!(problem.seq().is_some(), "it has its place in the journal");
    trader.place(&bid("1")).await.done().expect("it rests");
    for none in ["", ".", ".."] {
        let refused = trader.cancel(none).await.done().expect_err("no order");
        assert_eq!(refused.status(), Some(404), "{none:?}");
    }
    let left = trader.orders(&open).all().await.expect("a list");
    assert_eq!(left.len(), 1, "nothing else was cancelled");
    let ended = bid("1").until("2020-01-01T00:00:00Z".parse().expect("a moment"));
    assert!(trader.place(&ended).await.done().is_err());
    let reused = trader.place(&bid("2")).under("one").await.done();
    reused.expect("placed");
    let reused = trader.place(&bid("3")).under("one").await.done();
    assert_eq!(
        reused.expect_err("another request").code(),
        "idempotency_key_reused"
    );
    let unusable = trader.place(&bid("3")).under("no space").await.done();
    assert_eq!(
        unusable.expect_err("no key").code(),
        "invalid_idempotency_key"
    );
}

/// No on an outcome, sold at once.
fn sale_of_no(price: &str) -> NewOrder {
    NewOrder::limit(MARKET, "yes", Side::Sell, decimal(price), decimal("1"))
        .on_no()
        .waiting(TimeInForce::Ioc)
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_row_by_row_over_their_pages() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let mut placed = Vec::new();
    for _ in 0..25 {
        placed.push(
            trader
                .place(&bid("1"))
                .await
                .done()
                .expect("it rests")
                .order
                .id,
        );
    }
    placed.reverse();
    let all = OrderFilter::default();
    let rows = trader.orders(&all).pages_of(10).rows();
    let orders: Vec<Order> = rows.try_collect().await.expect("a list");
    let ids: Vec<String> = orders.into_iter().map(|order| order.id).collect();
    assert_eq!(ids, placed, "newest first, each once");
    let page = trader
        .orders(&all)
        .pages_of(10)
        .page()
        .await
        .expect("a page");
    assert_eq!(page.data.len(), 10);
    let cursor = page.next_cursor.expect("more");
    let rest = trader
        .orders(&all)
        .from(cursor)
        .all()
        .await
        .expect("a list");
    assert_eq!(rest.len(), 15);
    let wrong = trader.orders(&all).from("nonsense").page().await;
    assert_eq!(wrong.expect_err("no cursor").code(), "invalid_query");
}

/// A correction says what is other, and can take away what nobody knows after all.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_leaves_puts_right_and_takes_away() {
    let server = Server::start().await;
    let anyone = Client::new(server.base()).expect("an address");
    let admin = anyone.with_key(ADMIN_KEY);
    let opened = admin.open_account("Edda", Role::Editor).await.done();
    let editor = anyone.with_key(opened.expect("opened").key.expect("it is shown once"));
    let article = NewArticle {
        title: Some("A ferry line is planned".to_owned()),
        body: Some("The two harbours have agreed to talk about a ferry.".to_owned()),
        byline: Some("A. Reporter".to_owned()),
        publisher: Some("The Post".to_owned()),
        published_at: Some("2025-10-31T05:00:00Z".parse().expect("a moment")),
        ..NewArticle::default()
    };
    let received = editor.add_article(&article).await.done().expect("received");
    assert_eq!(received.status, ArticleStatus::Usable);
    let slug = received.article.line.slug;
    let correction = CorrectArticle {
        title: Some("A ferry line is agreed".to_owned()),
        byline: Some(None),
        published_at: Some(None),
        ..CorrectArticle::default()
    };
    let corrected = editor.correct_article(&slug, &correction).await.done();
    let now = corrected.expect("corrected").article;
    assert_eq!((now.line.version, now.line.slug.as_str()), (2, &*slug));
    assert_eq!(now.line.title, "A ferry line is agreed");
    assert_eq!((now.line.byline, now.line.published_at), (None, None));
    assert_eq!(now.line.publisher.as_deref(), Some("The Post"));
    assert_eq!(now.body_text, received.article.body_text);
    let withheld = CorrectArticle {
        status: Some(ArticleStatus::Withheld),
        ..CorrectArticle::default()
    };
    let hidden = editor.correct_article(&slug, &withheld).await.done();
    assert_eq!(hidden.expect("withheld").status, ArticleStatus::Withheld);
    let gone = anyone.article(&slug).await;
    assert_eq!(
        gone.expect_err("nobody sees it").code(),
        "article_not_found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsroom_runs_a_market_from_an_article_to_its_payout() {
    let server = Server::start().await;
    let anyone = Client::new(server.base()).expect("an address");
    let admin = anyone.with_key(ADMIN_KEY);
    let open = async |name: &str, role| {
        let opened = admin.open_account(name, role).await.done().expect("opened");
        let key = opened.key.expect("it is shown once");
        (anyone.with_key(key), opened.id)
    };
    let (operator, sponsor) = open("Otto", Role::Operator).await;
    let (second, _) = open("Olga", Role::Operator).await;
    let (editor, _) = open("Edda", Role::Editor).await;
    let (trader, ann) = open("Ann", Role::Trader).await;
    admin
        .deposit(&sponsor, decimal("5000"))
        .await
        .done()
        .expect("paid in");
    admin
        .deposit(&ann, decimal("100"))
        .await
        .done()
        .expect("paid in");
    let out = admin.withdraw(&ann, decimal("10")).await.done();
    assert_eq!(out.expect("paid out").amount, decimal("10"));
    assert_eq!(admin.accounts().all().await.expect("a list").len(), 5);

    let article = NewArticle {
        title: Some("A ferry line is planned".to_owned()),
        body: Some("The two harbours have agreed to talk about a ferry.".to_owned()),
        tags: Some(vec!["Ferries".to_owned()]),
        ..NewArticle::default()
    };
    let received = editor.add_article(&article).await.done().expect("received");
    let slug = received.article.line.slug;
    let rules = Rules {
        criteria: "Yes if a ferry sails before the market closes.".to_owned(),
        edge_cases: vec!["A trial run counts.".to_owned()],
        sources: vec![RulesSource {
            name: "The harbour office".to_owned(),
            url: "https://example.org/harbour".to_owned(),
            primary: true,
        }],
        early_close: Vec::new(),
    };
    let draft = NewMarket {
        liquidity: Some(decimal("500")),
        tick: Some(decimal("0.01")),
        dispute_hours: Some(0),
        tags: vec!["ferries".to_owned()],
        ..NewMarket::binary("ferry-line", "Will a ferry sail this year?", rules)
    };
    let drafted = operator
        .create_market(&draft)
        .await
        .done()
        .expect("drafted");
    assert_eq!(drafted.status, MarketStatus::Draft);
    let market = drafted.slug.as_str();
    operator.open_market(market).await.done().expect("opened");
    let linked = editor.link_article(&slug, market, LinkRole::Subject).await;
    assert_eq!(linked.done().expect("linked").role, LinkRole::Subject);
    operator
        .halt_market(market, "A rumour.")
        .await
        .done()
        .expect("halted");
    let halted = anyone.market(market).await.expect("a market");
    assert_eq!(halted.halt.expect("why").reason, "A rumour.");
    operator
        .resume_market(market)
        .await
        .done()
        .expect("resumed");
    let ferries = HaltScope::Tag("ferries".to_owned());
    let stopped = operator.halt_many(&ferries, "A fault.").await;
    assert_eq!(stopped.done().expect("stopped").halted, [market]);
    let standing = operator.halts().await.expect("a list");
    assert_eq!(standing[0].tag.as_deref(), Some("ferries"));
    assert_eq!((standing[0].count, standing.len()), (1, 1));
    let going = operator.resume_many(&ferries).await.done().expect("going");
    assert_eq!(going.resumed, [market]);
    let whole = HaltScope::Everything;
    let over = operator.resume_many(&whole).await.done();
    assert_eq!(over.expect_err("none stands").code(), "halt_not_found");
    let own = trader.account().await.expect("an account").id;
    let why = "Whose key is this?";
    let frozen = operator.freeze_account(&own, why).await.done();
    assert!(frozen.expect("frozen").frozen);
    let seen = operator.account_of(&own).await.expect("an account");
    let told = trader.account().await.expect("an account");
    assert_eq!(seen.frozen, told.frozen);
    assert_eq!(told.frozen.expect("why").reason, why);
    let order = NewOrder::spend(market, "yes", decimal("1"));
    let refused = trader.place(&order).await.done();
    assert_eq!(refused.expect_err("frozen").code(), "account_frozen");
    let going = operator.unfreeze_account(&own).await.done();
    assert!(!going.expect("it goes on").frozen);
    let why = "It makes the markets of the summit.";
    let set = operator.set_allowance(&own, 500, why).await.done();
    assert_eq!(set.expect("set").percent, 500);
    let told = trader.account().await.expect("an account").allowance;
    let told = told.expect("an allowance of its own");
    assert_eq!((told.percent, told.reason.as_str()), (500, why));
    let set = admin.set_sign_in_of(&sponsor, Some("otto"), None).await;
    assert!(set.done().expect("set").link.is_some());
    let known = admin.sign_in_of(&sponsor).await.expect("it is set");
    assert_eq!((known.name.as_str(), known.has_password), ("otto", false));
    assert!(known.sessions.is_empty() && known.passkeys.is_empty());
    admin.drop_sign_in_of(&sponsor).await.done().expect("gone");
    let gone = admin.sign_in_of(&sponsor).await;
    assert_eq!(gone.expect_err("gone").code(), "sign_in_not_found");
    let large = admin.set_large_deposits(Some(decimal("40000"))).await;
    large.done().expect("set");
    assert_eq!(
        admin.large_deposits().await.expect("set"),
        Some(decimal("40000"))
    );
    operator
        .clarify(market, "Cargo counts, too.")
        .await
        .done()
        .expect("clarified");
    operator
        .add_liquidity(market, decimal("600"))
        .await
        .done()
        .expect("deeper");

    let order = NewOrder::spend(market, "yes", decimal("20"));
    let bought = trader.place(&order).await.done().expect("bought");
    let trades = anyone
        .after(bought.seq)
        .trades(market)
        .all()
        .await
        .expect("trades");
    assert_eq!(trades[0].seq, bought.seq);
    let listed = MarketFilter {
        article: Some(slug.clone()),
        ..MarketFilter::default()
    };
    let listed = anyone.markets(&listed).all().await.expect("a list");
    assert_eq!(listed[0].clarifications[0].text, "Cargo counts, too.");
    let odds = anyone.odds(market).await.expect("odds");
    assert!(odds.odds["yes"].expect("known") > decimal("0.5"));
    let then = anyone.odds_at(market, drafted.as_of).await;
    assert!(then.is_ok() || then.is_err_and(|error| error.code() == "not_found"));
    let line = anyone
        .odds_between(market, None, None, 50)
        .await
        .expect("a line");
    assert!(line.len() >= 2, "{line:?}");
    let article = anyone.article(&slug).await.expect("an article");
    assert_eq!(article.markets[0].now.odds, odds.odds);
    assert_eq!(
        anyone.article_odds(&slug).await.expect("odds").markets[0].odds,
        odds.odds
    );
    let tagged = ArticleFilter {
        tag: Some("ferries".to_owned()),
        ..ArticleFilter::default()
    };
    assert_eq!(
        anyone.articles(&tagged).all().await.expect("a list").len(),
        1
    );

    operator
        .close_market(market, "The year is over.")
        .await
        .done()
        .expect("closed");
    let preview = operator.preview_resolution(market, Some("yes:1")).await;
    assert_eq!(preview.expect("a preview").total_paid, bought.order.filled);
    let witness = |host: &str| EvidenceItem {
        url: format!("https://{host}/log"),
        publisher: host.to_owned(),
        published_at: None,
        sha256: "ab".repeat(32),
        quotation: "The ferry ran all year.".to_owned(),
        clause: "criteria".to_owned(),
        primary: false,
        article: None,
    };
    let one = Propose::winner("yes", vec![witness("herald.example")]);
    let lacks = operator.propose_resolution(market, &one).await.done();
    assert_eq!(
        lacks.expect_err("one publisher").code(),
        "evidence_insufficient"
    );
    let two = vec![witness("herald.example"), witness("courier.example")];
    let proposal = Propose::winner("yes", two.clone());
    operator
        .propose_resolution(market, &proposal)
        .await
        .done()
        .expect("proposed");
    let alone = operator.confirm_resolution(market).await.done();
    assert_eq!(alone.expect_err("by one").code(), "second_operator_needed");
    let paid = second
        .confirm_resolution(market)
        .await
        .done()
        .expect("confirmed");
    assert_eq!(paid.total_paid, Some(bought.order.filled));
    let settled = anyone.market(market).await.expect("a market");
    assert_eq!(settled.status, MarketStatus::Settled);
    let settlement = settled.settlement.expect("how");
    assert_eq!(settlement.payout["yes"], decimal("1"));
    assert_eq!(settlement.items, two);
    let cash = trader.account().await.expect("an account").cash;
    let spent = bought.order.amount + bought.order.fee;
    assert_eq!(cash.available, decimal("90") - spent + bought.order.filled);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_issued_rotated_and_revoked_and_pairs_sign() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let owner = client(server.base(), &ann);
    let pair = SecretKey::from_seed(&[7; 32]);
    let signer = IssueKey {
        name: Some("signer".to_owned()),
        public_key: Some(write_public_key(&pair.public())),
        ..IssueKey::default()
    };
    let issued = owner.issue_key(&signer).await.done().expect("issued");
    assert_eq!(issued.key, None, "there is nothing to show");
    let signing = Client::new(server.base()).expect("an address");
    let signing = signing.signing_with(pair);
    let placed = signing
        .place(&bid("5"))
        .await
        .done()
        .expect("signed and placed");
    signing.quote(&buy("1")).await.expect("a quote");
    signing
        .fills(Some(MARKET))
        .page()
        .await
        .expect("a query is signed, too");
    let less = Amend {
        quantity: Some(decimal("4")),
        ..Amend::default()
    };
    signing
        .amend(&placed.order.id, &less)
        .await
        .done()
        .expect("amended");
    signing
        .cancel_all(Some(MARKET))
        .await
        .done()
        .expect("cancelled");
    assert!(
        !format!("{signing:?}").contains("7, 7"),
        "no secret in a log"
    );
    let stranger = SecretKey::from_seed(&[8; 32]);
    let stranger = Client::new(server.base())
        .expect("an address")
        .signing_with(stranger);
    let refused = stranger.account().await.expect_err("nobody");
    assert!(matches!(refused, Error::Problem(_)), "{refused:?}");

    let reading = IssueKey {
        scopes: Some(vec![Scope::Read]),
        ..IssueKey::default()
    };
    let reading = owner.issue_key(&reading).await.done().expect("issued");
    let reader = owner.with_key(reading.key.expect("shown once"));
    let refused = reader.place(&bid("1")).await.done().expect_err("it reads");
    assert_eq!(refused.code(), "scope_missing");
    let at_once = RotateKey {
        overlap_seconds: Some(0),
        ..RotateKey::default()
    };
    let rotated = owner
        .rotate_key(&reading.id, &at_once)
        .await
        .done()
        .expect("rotated");
    assert_eq!(rotated.replaces, reading.id);
    assert_eq!(
        reader.account().await.expect_err("over").status(),
        Some(401)
    );
    let reader = owner.with_key(rotated.key.expect("shown once"));
    reader.account().await.expect("the other one opens");
    owner.revoke_key(&rotated.id).await.done().expect("revoked");
    reader.account().await.expect_err("revoked");
    let keys = owner.keys().all().await.expect("a list");
    let statuses: Vec<KeyStatus> = keys.iter().map(|key| key.status).collect();
    let expected = [
        KeyStatus::Revoked,
        KeyStatus::Rotated,
        KeyStatus::Live,
        KeyStatus::Live,
    ];
    assert_eq!(statuses, expected, "newest first");
    assert!(keys[3].is_asking);
}

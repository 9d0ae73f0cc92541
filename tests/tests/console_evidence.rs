//! The trap: was a brief encounter on the sidelines "the next summit"? Three operators and two traders act a market out
//! from its draft to its payouts, in a real browser: reviewed by another, traded, closed, proposed, disputed by a clause,
//! proposed again, confirmed by one who holds nothing; and then everyone reads what it rests on.
//!
//! The server is in this process, with a clock that can be moved: a window for disputes takes hours.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tidings_api::auth::key_digest;
use tidings_api::wire::id;
use tidings_api::{App, AppOptions};
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size, TimeInForce,
};
use tidings_core::id::{AccountId, Outcome};
use tidings_core::units::{Lots, Timestamp};
use tidings_exchange::{Clock, Exchange, Options};
use tidings_store::Store;
use tidings_tests::Client;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, looked_at, piece, says, sign_out, type_into};
use tidings_tests::newsroom::in_days;
use tidings_tests::site::{SOON, axe, no_complaints_but};

const SLUG: &str = "the-next-summit";
/// What an agency wrote of the encounter.
const CORRIDOR: &str = "The two leaders spoke for two minutes in a corridor of the forum.";
/// What the ministry wrote of it.
const MINISTRY: &str =
    "No summit meeting was held. The leaders exchanged greetings on the sidelines of the forum.";

/// A server in this process, and who is there.
struct Stage {
    base: String,
    clock: Clock,
    app: App,
    admin: Client,
    ann: Somebody,
    ben: Somebody,
    olga: Somebody,
    _folder: tempfile::TempDir,
}

struct Somebody {
    id: String,
    client: Client,
}

impl Stage {
    async fn open() -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("exchange.db");
        let store = Store::open(path.to_str().expect("a path"))
            .await
            .expect("a database");
        let now = jiff::Timestamp::now().as_microsecond();
        let clock = Clock::manual(Timestamp::from_micros(now));
        let options = Options {
            clock: clock.clone(),
            ..Options::default()
        };
        let exchange = Exchange::start(store, options).await.expect("an exchange");
        let open = OpenAccount {
            name: "admin".to_owned(),
            role: Role::Admin,
            grant: Some(Box::new(Grant::bearer(
                key_digest("admin-key"),
                Scopes::all(Role::Admin),
            ))),
        };
        let open = Request::new(AccountId::WORLD, Command::OpenAccount(open));
        exchange.submit(open).await.expect("an administrator");
        let port = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let base = format!("http://{}", port.local_addr().expect("its address"));
        let app = App::new(exchange, AppOptions::new([7; 32], &base));
        let all = tidings_api::router(app.clone()).merge(tidings_web::router(app.clone()));
        tokio::spawn(async move { axum::serve(port, all).await });
        let admin = Client::new(&base, Some("admin-key"));
        let person = async |name: &str, role: &str| {
            let body = json!({"name": name, "role": role});
            let opened = admin.post("/v1/accounts", &body).await.is(201);
            let id = opened["id"].as_str().expect("an id").to_owned();
            let pays = json!({"amount": "20000"});
            admin
                .post(&format!("/v1/accounts/{id}/deposits"), &pays)
                .await
                .is(201);
            if role == "operator" {
                let body = json!({"name": name.to_lowercase(), "password": PASSWORD});
                admin
                    .post(&format!("/v1/accounts/{id}/sign-in"), &body)
                    .await
                    .is(201);
            }
            Somebody {
                client: Client::new(&base, opened["key"].as_str()),
                id,
            }
        };
        person("Otto", "operator").await;
        let olga = person("Olga", "operator").await;
        person("Ossi", "operator").await;
        let (ann, ben) = (person("Ann", "trader").await, person("Ben", "trader").await);
        Stage {
            base,
            clock,
            app,
            admin,
            ann,
            ben,
            olga,
            _folder: folder,
        }
    }

    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn market(&self) -> Value {
        self.admin.see(&format!("/v1/markets/{SLUG}")).await
    }

    /// Lets time pass, and whoever was signed in come again.
    fn pass(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3_600));
    }

    async fn sign_in(&self, browser: &Browser, name: &str) {
        browser.open(&self.page("/console")).await;
        type_into(browser, "name", name).await;
        type_into(browser, "password", PASSWORD).await;
        browser.find("main button[type=submit]").await.click().await;
        browser
            .wait(SOON, "return document.querySelector('.who b') !== null")
            .await;
    }

    async fn desk(&self, browser: &Browser) {
        browser
            .open(&self.page(&format!("/console/markets/{SLUG}")))
            .await;
    }

    /// Fills in a form of the market's page, and sends it.
    async fn step(&self, browser: &Browser, step: &str, fields: &[(&str, &str)]) {
        console::step(browser, SLUG, step, fields).await;
    }

    /// The draft, from a template, by otto.
    async fn drafted(&self, browser: &Browser, checker: Option<&str>) {
        browser
            .open(&self.page("/console/questions/templates/next_meeting"))
            .await;
        for (field, words) in [
            ("people", "the leaders of Japan and South Korea"),
            ("source", "the Ministry of Foreign Affairs"),
            ("source_url", "https://www.mofa.go.jp/"),
            ("fallback", "Yonhap News Agency"),
            ("fallback_url", "https://en.yna.co.kr/"),
            ("deadline.zone", "+09:00"),
        ] {
            type_into(browser, field, words).await;
        }
        let next = in_days(365);
        let year = &next[..4];
        let put = format!(
            "document.querySelector('[name=deadline]').value = '{year}-07-01T00:00'; return true"
        );
        browser.run(&put).await;
        browser.find("main button[type=submit]").await.click().await;
        says(browser, "The check finds nothing").await;
        type_into(browser, "slug", SLUG).await;
        type_into(browser, "dispute_hours", "24").await;
        let cases = "const cases = document.querySelector('[name=edge_cases]'); \
             cases.value += '\\nAn encounter on the sidelines of another meeting is no meeting.'; return true";
        browser.run(cases).await;
        browser.find("button[value=draft]").await.click().await;
        says(browser, "The draft is written").await;
        looked_at(browser, checker, "trap-draft").await;
    }

    /// Read and opened by olga, who trades in it then.
    async fn reviewed(&self, browser: &Browser) {
        browser
            .open(&self.page(&format!("/console/markets/{SLUG}/review")))
            .await;
        for (ix, answer) in ["yes", "no", "no"].iter().enumerate() {
            let radio = format!("input[name='verdict.{ix}'][value='{answer}']");
            browser.find(&radio).await.click().await;
        }
        browser
            .find("input[name=approve][value=yes]")
            .await
            .click()
            .await;
        browser.find("main button[type=submit]").await.click().await;
        says(browser, "You read every story as its author means it").await;
        browser
            .find("form[action$=open] button")
            .await
            .click()
            .await;
        says(browser, "The market is open").await;
    }

    async fn buys(&self, who: &Somebody, outcome: &str, quantity: &str) {
        let order = json!({"market": SLUG, "outcome": outcome, "side": "buy", "type": "market", "quantity": quantity});
        who.client.post("/v1/orders", &order).await.is(201);
    }

    /// Somebody has shares whose key cannot buy any: an operator's. The engine knows no keys.
    async fn holds(&self, who: &Somebody) {
        let account = id::parse_account(&who.id).expect("an account");
        let order = PlaceOrder {
            market: self.app.exchange().market_id(SLUG).expect("a market"),
            outcome: Outcome(1),
            contract: Contract::Yes,
            side: Side::Buy,
            size: Size::Quantity(Lots::new(500)),
            limit: None,
            time_in_force: TimeInForce::Ioc,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            client_order_id: None,
            valid_until: None,
        };
        let request = Request::new(account, Command::Place(order));
        let exchange = self.app.exchange();
        exchange.submit(request).await.expect("an answer");
    }

    async fn written_down(&self) {
        let seq = self.app.exchange().committed().seq;
        let exchange = self.app.exchange();
        assert!(exchange.projected_past(seq, Duration::from_secs(60)).await);
    }
}

/// Looks at what the form would do, and says each entry.
async fn look(browser: &Browser) -> String {
    browser
        .find("form[action$='/resolve'] button[type=submit]")
        .await
        .click()
        .await;
    browser
        .wait(SOON, "return document.querySelector('#preview') !== null")
        .await;
    entries(browser).await
}

async fn entries(browser: &Browser) -> String {
    let entries = "return [...document.querySelectorAll('.entries tbody tr')].map(row => row.innerText).join()";
    browser
        .run(entries)
        .await
        .as_str()
        .expect("a text")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn was_an_encounter_on_the_sidelines_the_next_summit() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let stage = Arc::new(Stage::open().await);
    browser.look(Look::DESKTOP).await;
    stage.sign_in(&browser, "otto").await;
    stage.drafted(&browser, checker).await;
    sign_out(&browser).await;
    stage.sign_in(&browser, "olga").await;
    stage.reviewed(&browser).await;
    sign_out(&browser).await;
    stage.buys(&stage.ann, "no", "200").await;
    stage.buys(&stage.ben, "yes", "300").await;
    stage.holds(&stage.olga).await;
    let market = stage.market().await;
    let cases = market["rules"]["edge_cases"].as_array().expect("cases");
    let sidelines = cases.iter().position(|case| {
        case.as_str()
            .is_some_and(|case| case.contains("sidelines of another meeting"))
    });
    let sidelines = format!(
        "edge_case_{}",
        sidelines.expect("the case is in the rules") + 1
    );
    let by_it = sidelines.replace("edge_case_", "Case ");

    // Otto takes the encounter for it. One agency is not enough; two are.
    stage.sign_in(&browser, "otto").await;
    stage.desk(&browser).await;
    // The template has written when trading ends before its time.
    let clause = "document.querySelector('form[action$=\"/close\"] [name=clause]').value = \
                  'early_close_1'; return true";
    browser.run(clause).await;
    stage
        .step(
            &browser,
            "close",
            &[("reason", "It is said that they met.")],
        )
        .await;
    browser
        .wait(
            SOON,
            "return document.querySelector('a.button[href$=resolve]') !== null",
        )
        .await;
    browser.find("a.button[href$=resolve]").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('input[value=yes]') !== null",
        )
        .await;
    looked_at(&browser, checker, "trap-resolve-empty").await;
    browser
        .find("input[name=outcome][value=yes]")
        .await
        .click()
        .await;
    type_into(&browser, "note", "They met in person.").await;
    let agency = ["https://agency.example/1", "The Agency", CORRIDOR, CORRIDOR];
    piece(&browser, 1, agency, "criteria", false).await;
    look(&browser).await;
    stage.step(&browser, "propose", &[]).await;
    says(&browser, "evidence_insufficient").await;
    looked_at(&browser, checker, "trap-resolve-refused").await;
    assert_eq!(stage.market().await["status"], "closed", "nothing changed");
    let text = format!("From the forum. {CORRIDOR} Nothing else is known.");
    let other = ["https://wire.example/7", "Harbour Wire", CORRIDOR, &text];
    piece(&browser, 2, other, "criteria", false).await;
    look(&browser).await;
    looked_at(&browser, checker, "trap-resolve").await;
    stage.step(&browser, "propose", &[]).await;
    says(&browser, "You proposed this").await;
    looked_at(&browser, checker, "trap-proposed").await;

    // A holder of No objects, and names the clause.
    let dispute = json!({
        "reason": "They passed each other on the sidelines, and the rules say that that is none.",
        "clause": sidelines, "items": [{
            "url": "https://www.mofa.go.jp/press/1.html", "publisher": "Ministry of Foreign Affairs",
            "sha256": "ab".repeat(32), "quotation": "The leaders exchanged greetings on the sidelines of the forum.",
            "clause": sidelines, "primary": true}]});
    let disputes = format!("/v1/markets/{SLUG}/disputes");
    stage.pass(1);
    stage.ann.client.post(&disputes, &dispute).await.is(200);
    browser
        .open(&stage.page(&format!("/markets/{SLUG}/evidence")))
        .await;
    says(&browser, &format!("A holder objected by {by_it}")).await;
    looked_at(&browser, checker, "trap-disputed").await;

    // Otto reads it, and proposes otherwise, on the primary source.
    stage.desk(&browser).await;
    says(&browser, &format!("Objection by {by_it}")).await;
    looked_at(&browser, checker, "trap-desk-disputed").await;
    browser.find("a.button[href$=resolve]").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('input[value=no]') !== null",
        )
        .await;
    browser
        .find("input[name=outcome][value=no]")
        .await
        .click()
        .await;
    type_into(
        &browser,
        "note",
        "An encounter on the sidelines is no meeting by the rules.",
    )
    .await;
    let ministry = [
        "https://www.mofa.go.jp/press/2.html",
        "Ministry of Foreign Affairs",
        "No summit meeting was held.",
        MINISTRY,
    ];
    piece(&browser, 1, ministry, &sidelines, true).await;
    let said = look(&browser).await;
    stage.pass(1);
    stage.step(&browser, "propose", &[]).await;
    says(&browser, "You proposed this").await;
    sign_out(&browser).await;
    stage.pass(25);

    // Olga holds shares: the exchange does not let her confirm.
    stage.sign_in(&browser, "olga").await;
    stage.desk(&browser).await;
    stage
        .step(&browser, "confirm", &[("reason", "I read it.")])
        .await;
    says(&browser, "conflict_of_interest").await;
    assert_eq!(stage.market().await["status"], "proposed");
    looked_at(&browser, checker, "trap-conflict").await;
    sign_out(&browser).await;

    // Ossi holds nothing, sees what it rests on and what it pays, and confirms.
    stage.sign_in(&browser, "ossi").await;
    stage.desk(&browser).await;
    for words in ["No summit meeting was held.", "primary source", &by_it] {
        says(&browser, words).await;
    }
    assert_eq!(
        entries(&browser).await,
        said,
        "he confirms what was looked at"
    );
    looked_at(&browser, checker, "trap-confirm").await;
    let preview = stage
        .olga
        .client
        .see(&format!("/v1/markets/{SLUG}/resolution/preview"))
        .await;
    stage
        .step(
            &browser,
            "confirm",
            &[("reason", "I read the ministry's text.")],
        )
        .await;
    says(&browser, "everyone is paid").await;
    let market = stage.market().await;
    assert_eq!(market["status"], "settled");
    stage.written_down().await;

    // What was said is what was booked, entry by entry.
    for who in [&stage.ann, &stage.ben, &stage.olga] {
        let due = preview["accounts"].as_array().expect("a list").iter();
        let due = { due }
            .find(|line| line["account"] == who.id.as_str())
            .expect("a holder");
        let ledger = who.client.see("/v1/account/ledger?limit=1").await;
        let last = &ledger["data"][0];
        match due["amount"].as_str() {
            Some("0") => assert_ne!(last["kind"], "payout", "{ledger}"),
            amount => assert_eq!(
                (last["kind"].as_str(), last["amount"].as_str()),
                (Some("payout"), amount)
            ),
        }
    }

    // What was done is found again, with its reason.
    browser
        .open(&stage.page(&format!("/console/journal?market={SLUG}&privileged=true")))
        .await;
    for words in [
        "I read the ministry's text.",
        "Refused: conflict_of_interest",
        "Refused: evidence_insufficient",
    ] {
        says(&browser, words).await;
    }
    looked_at(&browser, checker, "trap-journal").await;
    browser.open(&stage.page("/console/watch")).await;
    says(&browser, "None is a verdict").await;
    looked_at(&browser, checker, "trap-watch").await;

    // And everyone reads how it was decided.
    browser.open(&stage.page(&format!("/markets/{SLUG}"))).await;
    looked_at(&browser, checker, "trap-market").await;
    browser
        .find("#resolution a[href$='/evidence']")
        .await
        .click()
        .await;
    says(&browser, "Rules as they stood").await;
    let words = browser.words().await;
    let hash = market["settlement"]["items"][0]["sha256"]
        .as_str()
        .expect("a hash");
    for wanted in [
        "No summit meeting was held.",
        "They passed each other on the sidelines",
        &format!("Disputed by {}", by_it.to_lowercase()),
        "Confirmed and paid",
        hash,
    ] {
        assert!(words.contains(wanted), "{wanted}: {words}");
    }
    assert!(
        !words.contains(&stage.ann.id),
        "who objected is nobody's business: {words}"
    );
    looked_at(&browser, checker, "trap-evidence").await;
    // Each step's group has the hash that the journal tells everyone.
    let places = "return [...document.querySelectorAll('.steps-of tbody tr')].map(row => \
        [row.querySelector('a').textContent, row.querySelector('code').textContent])";
    let places = browser.run(places).await;
    let places = places.as_array().expect("rows");
    assert!(places.len() >= 8, "{places:?}");
    for place in places {
        let seq = place[0].as_str().expect("a place");
        let group = stage.admin.see(&format!("/v1/journal/groups/{seq}")).await;
        assert_eq!(group["hash"], place[1], "{seq}");
    }
    no_complaints_but(&browser, "4").await;
    browser.close().await;
}

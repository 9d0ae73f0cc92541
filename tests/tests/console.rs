//! The console in a real browser: signing in, a halt, and a market's end by two operators, resolved or called
//! off.

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, looked_at, piece, sign_out};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;
use tidings_tests::site::{SOON, axe, no_complaints, no_complaints_but};

const MARKET: &str = "jpkr-joint-statement";
/// A piece of evidence, of the primary source.
const MINISTRY: [&str; 4] = [
    "https://www.mofa.go.jp/press/1.html",
    "Ministry of Foreign Affairs",
    "Both governments publish one text.",
    "Today. Both governments publish one text. It has two pages.",
];

/// Two operators with passwords, and a market in which somebody holds shares.
struct Room {
    server: Server,
    newsroom: Newsroom,
    ann: Person,
}

impl Room {
    async fn open() -> Room {
        let server = Server::start().await;
        let newsroom = Newsroom::open(&server).await;
        let mut market = joint_statement();
        market["slug"] = json!(MARKET);
        newsroom.open_market(&market).await;
        let ann = newsroom.trader(&server, "Ann", "1000").await;
        let bought = json!({"market": MARKET, "outcome": "yes", "side": "buy", "type": "market", "amount": "100"});
        ann.client.post("/v1/orders", &bought).await.is(201);
        console::staffed(&newsroom).await;
        Room {
            server,
            newsroom,
            ann,
        }
    }

    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.server.base())
    }

    async fn market(&self) -> Value {
        let path = format!("/v1/markets/{MARKET}");
        self.newsroom.admin.see(&path).await
    }

    async fn sign_in(&self, browser: &Browser, name: &str) {
        console::sign_in(browser, &self.server, name).await;
    }

    /// Fills in a form of the market's page, and sends it.
    async fn step(&self, browser: &Browser, step: &str, fields: &[(&str, &str)]) {
        console::step(browser, MARKET, step, fields).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_halt_and_resolve_a_market() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let room = Room::open().await;
    browser.look(Look::DESKTOP).await;
    browser.open(&room.page("/console/sessions")).await;
    looked_at(&browser, checker, "sign-in").await;
    // What fails says so, and keeps the name.
    browser.find("input[name=name]").await.enter("otto").await;
    let password = browser.find("input[name=password]").await;
    password.enter("another harbour").await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return document.querySelector('#refused') !== null")
        .await;
    assert_eq!(
        browser
            .run("return document.querySelector('[name=name]').value")
            .await,
        "otto"
    );
    browser
        .find("input[name=password]")
        .await
        .enter(PASSWORD)
        .await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return location.pathname === '/console/sessions'")
        .await;
    looked_at(&browser, checker, "sessions").await;
    // The browser keeps the cookie on this machine, and shows it to no script.
    let cookies = browser.cookies().await;
    let cookie = &cookies.as_array().expect("a list")[0];
    assert_eq!(cookie["name"], "__Host-tidings", "{cookies}");
    assert_eq!(cookie["httpOnly"], true);
    assert_eq!(cookie["secure"], true);
    assert_eq!(cookie["sameSite"], "Strict");
    assert_eq!(browser.run("return document.cookie").await, "");

    let desk = room.page(&format!("/console/markets/{MARKET}"));
    browser.open(&desk).await;
    looked_at(&browser, checker, "market-open").await;
    worst_case_follows_the_trades(&room, &browser).await;
    room.step(&browser, "halt", &[("reason", "A text is being leaked.")])
        .await;
    browser
        .wait(
            SOON,
            "return document.body.innerText.includes('Trading stands still')",
        )
        .await;
    let market = room.market().await;
    assert_eq!(market["status"], "halted");
    assert_eq!(market["halt"]["reason"], "A text is being leaked.");
    browser.open(&room.page("/console")).await;
    looked_at(&browser, checker, "desk").await;
    browser
        .find("main a[href='/console?by=date']")
        .await
        .click()
        .await;
    console::says(&browser, "By date").await;
    looked_at(&browser, checker, "desk-by-date").await;
    browser.open(&desk).await;
    room.step(
        &browser,
        "clarify",
        &[
            ("about", "criteria"),
            ("text", "A leaked text is no publication."),
        ],
    )
    .await;
    browser
        .wait(
            SOON,
            "return document.body.innerText.includes('Clarification 1, on criteria')",
        )
        .await;
    room.step(&browser, "close", &[("reason", "The deadline has passed.")])
        .await;
    browser
        .wait(SOON, "return document.querySelector('a.button') !== null")
        .await;

    browser.find("a.button").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[name=\"item.1.url\"]') !== null",
        )
        .await;
    browser.find("input[value=yes]").await.click().await;
    piece(&browser, 1, MINISTRY, "criteria", true).await;
    let note = browser.find("[name=note]").await;
    note.enter("Both governments published one text.").await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return document.querySelector('#preview') !== null")
        .await;
    looked_at(&browser, checker, "resolve").await;
    assert_eq!(room.market().await["status"], "closed", "it only looked");
    room.step(&browser, "propose", &[]).await;
    browser
        .wait(SOON, "return document.querySelector('#proposal') !== null")
        .await;
    let words = browser.words().await;
    assert!(words.contains("You proposed this"), "{words}");
    assert_eq!(
        browser
            .run("return document.querySelector('form[action$=confirm]')")
            .await,
        Value::Null
    );
    looked_at(&browser, checker, "market-proposed").await;
    sign_out(&browser).await;

    room.sign_in(&browser, "olga").await;
    let waiting = browser.find("#confirm a").await;
    waiting.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('form[action$=confirm]') !== null",
        )
        .await;
    let said = browser
        .run("return document.querySelector('.entries tbody td:last-child').textContent")
        .await;
    let before = room.ann.account().await;
    room.step(&browser, "confirm", &[("reason", "I read both texts.")])
        .await;
    browser
        .wait(
            SOON,
            "return document.body.innerText.includes('everyone is paid')",
        )
        .await;
    looked_at(&browser, checker, "market-settled").await;
    assert_eq!(room.market().await["status"], "settled");
    let cash = |account: &Value| -> f64 {
        let text = account["cash"]["available"].as_str().expect("money");
        text.parse().expect("a number")
    };
    let paid = cash(&room.ann.account().await) - cash(&before);
    let said: f64 = said
        .as_str()
        .expect("an amount")
        .replace(',', "")
        .parse()
        .expect("a number");
    assert!(
        (paid - said).abs() < 0.005,
        "{paid} was paid, {said} was said"
    );
    // It was a mistake, and what it came to is put right by the same two.
    browser.find("a[href$=correct]").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[name=rule]') !== null",
        )
        .await;
    browser.find("input[value=no]").await.click().await;
    let note = browser.find("[name=note]").await;
    note.enter("The text was one side's alone.").await;
    piece(&browser, 1, MINISTRY, "edge_case_2", true).await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return document.querySelector('#preview') !== null")
        .await;
    looked_at(&browser, checker, "correct").await;
    room.step(&browser, "propose-correction", &[]).await;
    browser
        .wait(
            SOON,
            "return document.querySelector('#correction') !== null",
        )
        .await;
    looked_at(&browser, checker, "market-correction-proposed").await;
    sign_out(&browser).await;
    room.sign_in(&browser, "otto").await;
    browser.open(&desk).await;
    let before = room.ann.account().await;
    room.step(&browser, "confirm-correction", &[]).await;
    browser
        .wait(
            SOON,
            "return document.body.innerText.includes('the difference is booked')",
        )
        .await;
    looked_at(&browser, checker, "market-corrected").await;
    let taken = cash(&before) - cash(&room.ann.account().await);
    assert!((taken - paid).abs() < 0.005, "{taken} of {paid} is back");
    browser
        .open(&room.page(&format!("/markets/{MARKET}")))
        .await;
    let words = browser.words().await;
    assert!(words.contains("it was: Yes."), "{words}");
    // The browser tells of the sign-in that failed.
    no_complaints_but(&browser, "403").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_call_a_market_off() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let room = Room::open().await;
    browser.look(Look::DESKTOP).await;
    room.sign_in(&browser, "otto").await;
    let desk = room.page(&format!("/console/markets/{MARKET}"));
    browser.open(&desk).await;
    browser.find("a[href$=call-off]").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[name=rule]') !== null",
        )
        .await;
    browser
        .find("input[value=ambiguous_question]")
        .await
        .click()
        .await;
    let reason = browser.find("[name=reason]").await;
    reason
        .enter("A chair's summary is one by one reading.")
        .await;
    let evidence = browser.find("[name=evidence]").await;
    evidence.enter("https://www.mofa.go.jp/").await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return document.querySelector('#preview') !== null")
        .await;
    looked_at(&browser, checker, "call-off").await;
    let entries = "return [...document.querySelectorAll('.entries tbody tr')].map(row => row.innerText).join()";
    let said = browser.run(entries).await;
    assert_eq!(room.market().await["status"], "open", "it only looked");
    room.step(&browser, "void", &[]).await;
    browser
        .wait(SOON, "return document.querySelector('#proposal') !== null")
        .await;
    let words = browser.words().await;
    assert!(
        words.contains("its question can be read in two ways"),
        "{words}"
    );
    assert!(words.contains("You proposed this"), "{words}");
    looked_at(&browser, checker, "market-void-proposed").await;
    let market = room.market().await;
    assert_eq!(market["status"], "proposed");
    assert_eq!(market["void_proposal"]["rule"], "ambiguous_question");
    browser
        .open(&room.page(&format!("/markets/{MARKET}")))
        .await;
    let words = browser.words().await;
    assert!(words.contains("It is proposed to call it off"), "{words}");
    browser.open(&desk).await;
    sign_out(&browser).await;

    room.sign_in(&browser, "olga").await;
    browser.open(&desk).await;
    assert_eq!(
        browser.run(entries).await,
        said,
        "it confirms what was looked at"
    );
    room.step(&browser, "confirm-void", &[("reason", "I read it, too.")])
        .await;
    browser
        .wait(
            SOON,
            "return document.body.innerText.includes('everyone is refunded')",
        )
        .await;
    looked_at(&browser, checker, "market-voided").await;
    assert_eq!(room.market().await["status"], "voided");
    let ledger = room.ann.client.see("/v1/account/ledger?limit=1").await;
    assert_eq!(ledger["data"][0]["kind"], "refund");
    let refunded = ledger["data"][0]["amount"].as_str().expect("money");
    let said = said.as_str().expect("entries");
    assert!(said.contains(refunded), "{refunded} in {said}");
    browser
        .open(&room.page(&format!("/markets/{MARKET}")))
        .await;
    let words = browser.words().await;
    assert!(
        words.contains("refunded because its question can be read in two ways"),
        "{words}"
    );
    no_complaints(&browser).await;
    browser.close().await;
}

/// What the sponsor would lose by outcome is on the page as it is, though nobody loads it again; and as the API has it.
async fn worst_case_follows_the_trades(room: &Room, browser: &Browser) {
    const ROW: &str = "[data-risk] [data-outcome=yes] [data-loss]";
    let shown = format!("return document.querySelector('{ROW}').textContent");
    browser.run("window.here = true; return true").await;
    let buy = async |quantity: &str| {
        let before = browser.run(&shown).await;
        let order = json!({"market": MARKET, "outcome": "yes", "side": "buy", "type": "market", "quantity": quantity});
        room.ann.client.post("/v1/orders", &order).await.is(201);
        let changed = format!("return document.querySelector('{ROW}').textContent !== {before}");
        browser.wait(SOON, &changed).await;
    };
    buy("120").await;
    let told = async || {
        let market = room.market().await;
        let loss: f64 = market["worst_case"]["yes"]
            .as_str()
            .expect("money")
            .parse()
            .expect("a number");
        assert!(loss > 0.0, "{market}");
        format!("loses {loss:.2} the worst")
    };
    assert_eq!(browser.run(&shown).await, told().await);
    // A line that is lost twice is asked over a third time.
    let lossy = "const asks = window.fetch; window.asked = 0; \
                 window.fetch = (...what) => window.asked++ < 2 ? Promise.reject(new TypeError('lost')) : asks(...what); return true";
    browser.run(lossy).await;
    buy("60").await;
    assert_eq!(browser.run("return window.asked").await, 3);
    assert_eq!(browser.run(&shown).await, told().await);
    assert_eq!(
        browser.run("return window.here").await,
        true,
        "the same page"
    );
    // Its sponsor adds liquidity; what is locked is not lost.
    room.step(browser, "deepen", &[("liquidity", "9000")]).await;
    console::says(browser, "The maker is deeper").await;
    assert_eq!(browser.run(&shown).await, told().await);
}

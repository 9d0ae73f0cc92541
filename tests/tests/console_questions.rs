//! A question in a real browser: written with a check's findings beside its fields, read by another operator who
//! is not told what it means, returned, changed, read again and opened.

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, looked_at, says, sign_out, type_into};
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::server::Server;
use tidings_tests::site::{SOON, axe, no_complaints_but};

const SLUG: &str = "leaders-meet-in-person";
const DEADLINE: &str = "1 July 2027, 00:00 UTC+9";

struct Room {
    server: Server,
    newsroom: Newsroom,
}

impl Room {
    /// Two operators with passwords, and a market that trades.
    async fn open() -> Room {
        let server = Server::start().await;
        let newsroom = Newsroom::open(&server).await;
        let mut market = joint_statement();
        market["question"] = json!(
            "Will the leaders of Japan and South Korea meet in person before 1 June 2027, 00:00 UTC+9?"
        );
        newsroom.open_market(&market).await;
        console::staffed(&newsroom).await;
        Room { server, newsroom }
    }

    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.server.base())
    }

    async fn market(&self) -> Value {
        self.newsroom
            .admin
            .see(&format!("/v1/markets/{SLUG}"))
            .await
    }

    /// The form with all that a question needs, made from a template's blanks.
    async fn begin_from_template(&self, browser: &Browser, checker: Option<&str>) {
        browser
            .open(&self.page("/console/questions/templates/next_meeting"))
            .await;
        looked_at(browser, checker, "question-template").await;
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
        browser
            .run(
                "document.querySelector('[name=deadline]').value = '2027-07-01T00:00'; return true",
            )
            .await;
        browser.find("main button[type=submit]").await.click().await;
        says(browser, "The check finds nothing").await;
    }

    async fn sign_in(&self, browser: &Browser, name: &str) {
        console::sign_in(browser, &self.server, name).await;
    }
}

async fn press(browser: &Browser, value: &str) {
    browser
        .find(&format!("button[value={value}]"))
        .await
        .click()
        .await;
}

/// What the check says below a field.
async fn found(browser: &Browser, place: &str) -> String {
    let ask = format!("return document.getElementById('found-{place}')?.innerText ?? ''");
    browser
        .run(&ask)
        .await
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_written_checked_and_read_by_somebody_else() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let room = Room::open().await;
    browser.look(Look::DESKTOP).await;
    room.sign_in(&browser, "otto").await;
    browser.open(&room.page("/console/questions/new")).await;
    looked_at(&browser, checker, "question-empty").await;

    // The trap of a brief encounter, written as people write.
    type_into(
        &browser,
        "question",
        "Will the leaders of Japan and South Korea hold the next summit soon?",
    )
    .await;
    type_into(&browser, "criteria", "Yes if they hold it.").await;
    press(&browser, "check").await;
    says(&browser, "blockers and").await;
    assert!(found(&browser, "question").await.contains("next summit"));
    assert!(found(&browser, "question").await.contains("sidelines"));
    let rules = found(&browser, "rules-criteria").await;
    assert!(
        rules.contains("No") && rules.contains("deadline"),
        "{rules}"
    );
    assert!(!found(&browser, "rules-sources").await.is_empty());
    looked_at(&browser, checker, "question-checked").await;
    press(&browser, "draft").await;
    says(&browser, "It is not drafted yet").await;

    // From a template, it has all that was missing; a market that asks nearly the same is shown.
    room.begin_from_template(&browser, checker).await;
    says(&browser, "Markets that ask nearly the same").await;
    let asked = browser
        .run("return document.querySelector('[name=question]').value")
        .await;
    assert!(
        asked.as_str().is_some_and(|text| text.contains(DEADLINE)),
        "{asked}"
    );
    looked_at(&browser, checker, "question-filled").await;
    type_into(&browser, "slug", SLUG).await;
    press(&browser, "draft").await;
    says(&browser, "The draft is written").await;
    let market = room.market().await;
    assert_eq!(
        (&market["status"], &market["review"]["required"]),
        (&json!("draft"), &json!(true))
    );
    assert_eq!(
        market["worlds"][0]["comes_to"],
        Value::Null,
        "nobody else is told"
    );
    says(&browser, "It opens once another operator has reviewed it").await;
    looked_at(&browser, checker, "market-unreviewed").await;
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}/review")))
        .await;
    says(&browser, "You wrote this draft").await;
    sign_out(&browser).await;

    // Another operator reads one story otherwise than it is meant.
    room.sign_in(&browser, "olga").await;
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}")))
        .await;
    let words = browser.words().await;
    assert!(!words.contains("Comes to "), "{words}");
    browser.find("a.button[href$=review]").await.click().await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[name=approve]') !== null",
        )
        .await;
    looked_at(&browser, checker, "review").await;
    let answer = async |answers: [&str; 3]| {
        for (ix, answer) in answers.iter().enumerate() {
            let radio = format!("input[name='verdict.{ix}'][value='{answer}']");
            browser.find(&radio).await.click().await;
        }
        browser
            .find("input[name=approve][value=yes]")
            .await
            .click()
            .await;
        type_into(
            &browser,
            "note",
            "Two minutes in a corridor can be a meeting.",
        )
        .await;
        browser.find("main button[type=submit]").await.click().await;
    };
    answer(["yes", "yes", "no"]).await;
    says(&browser, "You read a story otherwise").await;
    assert_eq!(room.market().await["review"]["readings"][0]["alike"], false);
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}/review")))
        .await;
    says(&browser, "was read as").await;
    looked_at(&browser, checker, "review-otherwise").await;
    sign_out(&browser).await;

    // Its author reads why, and changes the words; then it is read alike, and opens.
    room.sign_in(&browser, "otto").await;
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}/draft")))
        .await;
    says(&browser, "Two minutes in a corridor").await;
    looked_at(&browser, checker, "question-returned").await;
    let cases = browser
        .run("return document.querySelector('[name=edge_cases]').value")
        .await;
    let cases = format!(
        "{}\nA talk of less than ten minutes is no meeting.",
        cases.as_str().expect("a text")
    );
    let put = format!(
        "document.querySelector('[name=edge_cases]').value = {}; return true",
        json!(cases)
    );
    browser.run(&put).await;
    press(&browser, "draft").await;
    says(&browser, "The draft is changed").await;
    sign_out(&browser).await;
    room.sign_in(&browser, "olga").await;
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}/review")))
        .await;
    answer(["yes", "no", "no"]).await;
    says(&browser, "You read every story as its author means it").await;
    looked_at(&browser, checker, "market-reviewed").await;
    browser
        .find("form[action$=open] button")
        .await
        .click()
        .await;
    says(&browser, "The market is open").await;
    let market = room.market().await;
    assert_eq!(market["status"], "open");
    assert_eq!(market["worlds"][1]["comes_to"]["outcome"], "no");
    browser.open(&room.page(&format!("/markets/{SLUG}"))).await;
    says(&browser, "How the rules are meant").await;
    looked_at(&browser, checker, "market-worlds").await;
    no_complaints_but(&browser, "403").await;
    browser.close().await;
}

/// What is wrong with each field, as it is typed; below which the page says it, and with what words.
const WRONG: [(&str, &str, &str, &str); 11] = [
    ("slug", "A name", "slug", "lower-case letters"),
    ("prior", "2", "prior", "Refused"),
    ("prior", "0", "prior", "at least 0.0001 each"),
    (
        "source.0.url",
        "ftp://a.example",
        "rules-sources",
        "Refused",
    ),
    ("liquidity", "much", "liquidity", "Refused"),
    ("tick", "0.3", "tick", "0.0001, 0.001 or 0.01"),
    ("dispute_hours", "721", "dispute_hours", "Refused"),
    ("band_width", "2", "price_band", "Refused"),
    ("band_width", "0.005", "price_band", "0.01 to 0.99"),
    ("band_seconds", "3601", "price_band", "1 to 3600 seconds"),
    (
        "band_seconds",
        "soon",
        "price_band",
        "A whole number is needed.",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_draft_stands_below_the_field_and_it_is_drafted_with_a_band_and_early_closes()
 {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let room = Room::open().await;
    browser.look(Look::DESKTOP).await;
    room.sign_in(&browser, "otto").await;
    room.begin_from_template(&browser, None).await;
    type_into(&browser, "slug", SLUG).await;
    type_into(&browser, "band_width", "0.20").await;
    type_into(&browser, "band_seconds", "300").await;
    for (field, typed, place, words) in WRONG {
        let name = format!("main [name='{field}']");
        let value = format!("return document.querySelector(\"{name}\").value");
        let right = browser.run(&value).await;
        type_into(&browser, field, typed).await;
        press(&browser, "check").await;
        let there = format!(
            "const list = document.getElementById('found-{place}'), field = document.querySelector(\"{name}\"); \
             return list !== null && list.innerText.includes({}) && field.value === {} \
               && ({} || field.getAttribute('aria-describedby') === list.id && field.ariaInvalid === 'true')",
            json!(words),
            json!(typed),
            // Of several rows it stands below the last one, and is about one of them.
            place == "rules-sources"
        );
        browser.wait(SOON, &there).await;
        if ["2", "0.3", "0.005"].contains(&typed) {
            looked_at(
                &browser,
                checker,
                &format!("question-wrong-{place}-{typed}"),
            )
            .await;
        }
        let right = right.as_str().expect("a text");
        if right.is_empty() {
            browser.find(&name).await.clear().await;
        } else {
            type_into(&browser, field, right).await;
        }
    }
    // An early close is of a market that closes by itself.
    let closes = "document.querySelector('[name=closes_at]')";
    let at = browser.run(&format!("return {closes}.value")).await;
    browser
        .run(&format!("{closes}.value = ''; return true"))
        .await;
    press(&browser, "draft").await;
    says(&browser, "It is not drafted yet").await;
    let early = found(&browser, "rules-early_close").await;
    assert!(early.contains("says when its trading ends"), "{early}");
    looked_at(&browser, checker, "question-timeless").await;
    browser
        .run(&format!("{closes}.value = {at}; return true"))
        .await;
    let early = "Trading ends once they have met.\nTrading ends once the meeting is called off.";
    type_into(&browser, "early_close", early).await;
    type_into(&browser, "article", "no-such-article").await;
    press(&browser, "draft").await;
    says(&browser, "One field cannot be as it is").await;
    assert!(!found(&browser, "articles").await.is_empty());
    looked_at(&browser, checker, "question-refused").await;
    browser.find("main [name=article]").await.clear().await;
    press(&browser, "draft").await;
    says(&browser, "The draft is written").await;
    looked_at(&browser, checker, "market-banded-draft").await;
    let market = room.market().await;
    assert_eq!(
        market["price_band"],
        json!({"width": "0.2", "seconds": 300})
    );
    assert_eq!(
        market["rules"]["early_close"],
        json!([
            "Trading ends once they have met.",
            "Trading ends once the meeting is called off."
        ])
    );
    // The draft comes back as it was written.
    browser
        .open(&room.page(&format!("/console/markets/{SLUG}/draft")))
        .await;
    let typed = "return ['band_width', 'band_seconds', 'early_close'] \
                 .map((name) => document.querySelector(`[name=${name}]`).value)";
    assert_eq!(browser.run(typed).await, json!(["0.2", "300", early]));
    looked_at(&browser, checker, "question-banded-again").await;
    no_complaints_but(&browser, "responded with a status of 4").await;
    browser.close().await;
}

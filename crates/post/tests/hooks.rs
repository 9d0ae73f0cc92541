//! Alerts to editors: signed calls to a machine on the outside, tried until they are taken.

mod desk;
#[path = "../../web/tests/support/mod.rs"]
mod support;

use std::time::Duration;

use desk::{Desk, Heard};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use support::{BASE, Newsroom, binary};
use tidings_api::hooks;
use tidings_core::access::Role;
use tidings_core::band::PriceBand;
use tidings_core::command::{Command, Contract, OpenAccount};
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::{HaltReason, LinkRole};
use tidings_post::{Post, sign};
use tidings_store::{DeliveryStatus, HookStatus};
use tokio_util::sync::CancellationToken;

const OPERATOR: AccountId = AccountId(3);
const SECOND_OPERATOR: AccountId = AccountId(4);
const ED: AccountId = AccountId(7);
const EVE: AccountId = AccountId(8);

/// Two editors, of whom one wrote an article with a market that is open and was traded.
async fn newsroom() -> (Newsroom, MarketId) {
    newsroom_with(None).await
}

async fn newsroom_with(price_band: Option<PriceBand>) -> (Newsroom, MarketId) {
    let newsroom = Newsroom::empty(BASE).await;
    for name in ["ed", "eve"] {
        let open = OpenAccount {
            name: name.to_owned(),
            role: Role::Editor,
            grant: None,
        };
        newsroom
            .give(AccountId::ADMIN, Command::OpenAccount(open))
            .await;
    }
    let mut spec = binary(newsroom.app.now(), "summit", "Will it be held?", 24 * 30);
    spec.price_band = price_band;
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    let mut article = newsroom.written(
        "summit-announced",
        "Summit announced",
        &["Politics"],
        &["It is."],
    );
    article.author = ED;
    newsroom
        .article(article, &[(market, LinkRole::Subject)])
        .await;
    newsroom.buy(market, 0, Contract::Yes, 300).await;
    newsroom.written_down().await;
    (newsroom, market)
}

async fn hook(newsroom: &Newsroom, account: AccountId) -> i64 {
    let app = &newsroom.app;
    let since = app.exchange().committed().seq;
    let added = app.store().add_hook(
        (account, "https://desk.paper.example/odds?desk=1"),
        (app.now(), since),
        9,
    );
    added.await.unwrap().unwrap().0.id
}

async fn round(newsroom: &Newsroom, desk: &Desk) {
    newsroom.written_down().await;
    let mut post = Post::over(newsroom.app.clone(), None, desk.fetcher());
    post.round(&CancellationToken::new()).await.unwrap();
}

async fn halt(newsroom: &Newsroom, market: MarketId, why: &str) {
    let reason = HaltReason::Operator(why.to_owned());
    newsroom
        .give(OPERATOR, Command::HaltMarket { market, reason })
        .await;
}

fn told(heard: &Heard) -> serde_json::Value {
    serde_json::from_str(&heard.body).unwrap()
}

fn kinds(desk: &Desk) -> Vec<String> {
    let kind = |heard: &Heard| told(heard)["type"].as_str().unwrap().to_owned();
    desk.heard().iter().map(kind).collect()
}

#[tokio::test]
async fn an_editor_is_told_of_a_market_that_halted_itself() {
    let band = PriceBand {
        width: tidings_core::units::Fraction::new(1_000).unwrap(),
        seconds: 60,
    };
    let (newsroom, market) = newsroom_with(Some(band)).await;
    let desk = Desk::start().await;
    hook(&newsroom, ED).await;
    round(&newsroom, &desk).await;
    newsroom.pass(1);
    newsroom.buy(market, 0, Contract::Yes, 900).await;
    round(&newsroom, &desk).await;
    assert_eq!(kinds(&desk), ["market.halted"]);
    let told = told(&desk.heard()[0]);
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.starts_with("Yes went from"), "{reason}");
    let allows = "its price band allows 10 points within 60 seconds.";
    assert!(reason.ends_with(allows), "{reason}");
}

#[tokio::test]
async fn an_editor_is_told_what_happens_to_the_markets_of_their_articles() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    // What happened before the hook was there is not told.
    halt(&newsroom, market, "before").await;
    newsroom
        .give(OPERATOR, Command::ResumeMarket { market })
        .await;
    newsroom.pass(1);
    let id = hook(&newsroom, ED).await;
    hook(&newsroom, EVE).await;
    round(&newsroom, &desk).await;
    assert_eq!(kinds(&desk), Vec::<String>::new());
    newsroom.pass(1);
    halt(
        &newsroom,
        market,
        "A source published by mistake: <b>\u{65e5}\u{672c}</b>",
    )
    .await;
    // It is over before anybody looks.
    newsroom
        .give(OPERATOR, Command::ResumeMarket { market })
        .await;
    halt(&newsroom, market, "Again.").await;
    newsroom
        .give(OPERATOR, Command::ResumeMarket { market })
        .await;
    newsroom.buy(market, 0, Contract::Yes, 5).await;
    for _ in 0..3 {
        round(&newsroom, &desk).await;
    }
    assert_eq!(
        kinds(&desk),
        ["market.halted", "market.halted"],
        "each once, and only Ed's article"
    );
    newsroom.pass(1);
    newsroom
        .clarify(market, "A video call does not count.")
        .await;
    newsroom.close(market).await;
    newsroom.propose(market, &[10_000, 0], "It was held.").await;
    let dispute = Command::Dispute {
        market,
        reason: "It was not.".to_owned(),
        evidence: vec![],
        items: None,
        clause: None,
    };
    newsroom.give(support::ANN, dispute).await;
    round(&newsroom, &desk).await;
    newsroom.pass(1);
    newsroom
        .propose(market, &[0, 10_000], "It was put off.")
        .await;
    newsroom.pass(25);
    newsroom
        .give(SECOND_OPERATOR, Command::ConfirmResolution { market })
        .await;
    round(&newsroom, &desk).await;
    let mut rest = kinds(&desk)[2..].to_vec();
    rest.sort();
    assert_eq!(
        rest,
        [
            "market.corrected",
            "market.corrected",
            "market.disputed",
            "market.resolved"
        ]
    );
    let all = desk.heard();
    let secret = hooks::secret(
        &newsroom.app,
        &newsroom.app.store().hook(id).await.unwrap().unwrap(),
    );
    for heard in &all {
        assert_eq!(heard.path, "/odds?desk=1");
        assert_eq!(heard.headers["host"], "desk.paper.example");
        assert_eq!(heard.headers["content-type"], "application/json");
        let signed = &heard.headers["tidings-signature"];
        let at: i64 = signed[2..signed.find(',').unwrap()].parse().unwrap();
        assert_eq!(*signed, sign::signature(&secret, at, heard.body.as_bytes()));
        let told = told(heard);
        assert_eq!(told["id"], heard.headers["tidings-event"].as_str());
        assert_eq!(told["articles"], serde_json::json!(["summit-announced"]));
        assert_eq!(told["url"], "https://odds.example/markets/summit");
    }
    let resolved = all
        .iter()
        .map(told)
        .find(|told| told["type"] == "market.resolved")
        .unwrap();
    assert_eq!(
        (&resolved["status"], &resolved["reason"]),
        (&"settled".into(), &"It was put off.".into())
    );
    let rules = all
        .iter()
        .map(told)
        .find(|told| told["reason"] == "A video call does not count.")
        .unwrap();
    assert_eq!(rules["type"], "market.corrected");
    assert_eq!(desk.strayed(), 0);
    let kept = newsroom.app.store().deliveries_of(id, 99).await.unwrap();
    assert_eq!(kept.len(), all.len());
    assert!(
        kept.iter()
            .all(|delivery| delivery.status == DeliveryStatus::Delivered)
    );
}

#[tokio::test]
async fn what_was_not_taken_is_told_again_also_after_a_restart() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    halt(&newsroom, market, "News.").await;
    desk.answers(503);
    round(&newsroom, &desk).await;
    round(&newsroom, &desk).await;
    assert_eq!(desk.heard().len(), 1, "not at once");
    let newsroom = newsroom.restart().await;
    for (count, seconds) in [(2, 10), (3, 60), (4, 300)] {
        newsroom.clock.advance(Duration::from_secs(seconds));
        round(&newsroom, &desk).await;
        assert_eq!(desk.heard().len(), count);
    }
    let failing = newsroom.app.store().hook(id).await.unwrap().unwrap();
    assert!(failing.failing_since.is_some());
    desk.answers(204);
    newsroom.pass(1);
    round(&newsroom, &desk).await;
    newsroom.pass(100);
    round(&newsroom, &desk).await;
    let heard = desk.heard();
    assert_eq!(heard.len(), 5, "and no more once it was taken");
    assert!(
        heard.iter().all(|one| one.body == heard[0].body),
        "the same each time"
    );
    let well = newsroom.app.store().hook(id).await.unwrap().unwrap();
    assert_eq!(
        (well.status, well.failing_since),
        (HookStatus::Active, None)
    );
}

#[tokio::test]
async fn what_happened_while_nobody_looked_is_told_by_the_next_process() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    hook(&newsroom, ED).await;
    newsroom.pass(1);
    halt(&newsroom, market, "News.").await;
    newsroom
        .give(OPERATOR, Command::ResumeMarket { market })
        .await;
    newsroom.written_down().await;
    let newsroom = newsroom.restart().await;
    round(&newsroom, &desk).await;
    assert_eq!(kinds(&desk), ["market.halted"]);
}

#[tokio::test]
async fn a_hook_to_which_nothing_gets_through_is_disabled_and_one_that_is_gone_at_once() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    desk.answers(500);
    let hook_now = async || newsroom.app.store().hook(id).await.unwrap().unwrap();
    for day in 0..5 {
        halt(&newsroom, market, &format!("Day {day}.")).await;
        newsroom
            .give(OPERATOR, Command::ResumeMarket { market })
            .await;
        for _ in 0..4 {
            round(&newsroom, &desk).await;
            newsroom.pass(6);
        }
        if day == 1 {
            assert_eq!(
                hook_now().await.status,
                HookStatus::Active,
                "two days are not three"
            );
        }
    }
    let disabled = hook_now().await;
    assert_eq!(disabled.status, HookStatus::Disabled);
    assert!(disabled.ended_at.is_some() && disabled.failing_since.is_some());
    let count = desk.heard().len();
    newsroom.pass(48);
    round(&newsroom, &desk).await;
    assert_eq!(desk.heard().len(), count, "and is not called any more");
    // Made anew it is another one, to which only what comes is told.
    desk.answers(410);
    let again = hook(&newsroom, ED).await;
    assert_ne!(again, id);
    newsroom.pass(1);
    halt(&newsroom, market, "Once more.").await;
    round(&newsroom, &desk).await;
    assert_eq!(desk.heard().len(), count + 1);
    let gone = newsroom.app.store().hook(again).await.unwrap().unwrap();
    assert_eq!(gone.status, HookStatus::Disabled, "410 is an answer");
}

#[tokio::test]
async fn a_call_leads_neither_inside_nor_elsewhere() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    halt(&newsroom, market, "News.").await;
    // A redirect is no answer, and nobody is called where it leads.
    desk.answers(307);
    round(&newsroom, &desk).await;
    assert_eq!(desk.heard().len(), 1);
    // The name leads to this machine by now.
    desk.moves_inside();
    newsroom.pass(1);
    round(&newsroom, &desk).await;
    assert_eq!((desk.heard().len(), desk.strayed()), (1, 0));
    let kept = newsroom.app.store().deliveries_of(id, 9).await.unwrap();
    assert_eq!((kept[0].status, kept[0].attempts), (DeliveryStatus::Due, 2));
    assert!(
        kept[0]
            .reply
            .as_ref()
            .unwrap()
            .contains("not on the public internet")
    );
    assert!(Seq(0) < newsroom.app.exchange().committed().seq);
}

#[tokio::test]
async fn what_was_told_long_ago_is_forgotten_and_is_not_told_again() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    let clarify = |text: &str| Command::Clarify {
        market,
        text: text.to_owned(),
        about: None,
    };
    newsroom
        .give(OPERATOR, clarify("A video call does not count."))
        .await;
    let mut post = Post::over(newsroom.app.clone(), None, desk.fetcher());
    let mut look = async || {
        newsroom.written_down().await;
        post.round(&CancellationToken::new()).await.unwrap();
    };
    look().await;
    assert_eq!(kinds(&desk), ["market.corrected"]);
    let kept = async || {
        newsroom
            .app
            .store()
            .deliveries_of(id, 99)
            .await
            .unwrap()
            .len()
    };
    newsroom.pass(29 * 24);
    look().await;
    assert_eq!(kept().await, 1);
    newsroom.pass(2 * 24);
    look().await;
    assert_eq!(kept().await, 0);
    // The market is looked at anew, from the very moment of what was told.
    newsroom.give(OPERATOR, clarify("Nor does a letter.")).await;
    look().await;
    look().await;
    assert_eq!(kinds(&desk), ["market.corrected", "market.corrected"]);
    assert_eq!(told(&desk.heard()[1])["reason"], "Nor does a letter.");
    assert_eq!(kept().await, 1);
}

#[tokio::test]
async fn what_is_sent_is_what_the_document_says() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    halt(&newsroom, market, "News.").await;
    newsroom
        .give(OPERATOR, Command::ResumeMarket { market })
        .await;
    newsroom
        .clarify(market, "A video call does not count.")
        .await;
    newsroom.close(market).await;
    newsroom.propose(market, &[10_000, 0], "It was held.").await;
    let dispute = Command::Dispute {
        market,
        reason: "It was not.".to_owned(),
        evidence: vec![],
        items: None,
        clause: None,
    };
    newsroom.give(support::ANN, dispute).await;
    newsroom.void(market, "Nobody knows.".to_owned()).await;
    round(&newsroom, &desk).await;
    let document: Value = serde_json::to_value(tidings_api::openapi()).unwrap();
    let webhooks = document["webhooks"].as_object().expect("webhooks");
    let mut sent: Vec<String> = kinds(&desk);
    sent.sort();
    // That it is to be called off, in the place of a resolution that was disputed, is told as its rules were.
    sent.dedup();
    let described: Vec<&String> = webhooks.keys().collect();
    assert_eq!(
        sent.iter().collect::<Vec<_>>(),
        described,
        "each is sent, and each is described"
    );
    let secret = hooks::secret(
        &newsroom.app,
        &newsroom.app.store().hook(id).await.unwrap().unwrap(),
    );
    for heard in desk.heard() {
        let call = &webhooks[told(&heard)["type"].as_str().unwrap()]["post"];
        let body = &call["requestBody"]["content"][&heard.headers["content-type"]]["schema"];
        let schema =
            serde_json::json!({"$ref": body["$ref"], "components": document["components"]});
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let faults: Vec<String> = validator
            .iter_errors(&told(&heard))
            .map(|why| why.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?}: {}", heard.body);
        // Nothing is sent that is not described.
        let name = body["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let fields = document["components"]["schemas"][name]["properties"]
            .as_object()
            .unwrap();
        let own = told(&heard);
        let own: Vec<&String> = own.as_object().unwrap().keys().collect();
        assert_eq!(own, fields.keys().collect::<Vec<_>>());
        for header in call["parameters"].as_array().unwrap() {
            assert_eq!(
                (&header["in"], &header["required"]),
                (&"header".into(), &true.into())
            );
            let name = header["name"].as_str().unwrap().to_ascii_lowercase();
            assert!(heard.headers.contains_key(&name), "{name}");
            if let Some(form) = header["schema"]["pattern"].as_str() {
                let schema = serde_json::json!({"type": "string", "pattern": form});
                let value = Value::from(heard.headers[&name].clone());
                assert!(jsonschema::is_valid(&schema, &value), "{name}: {value}");
            }
        }
        // Made as the document says it is made.
        let signed = &heard.headers["tidings-signature"];
        let (moment, code) = signed
            .strip_prefix("t=")
            .unwrap()
            .split_once(",v1=")
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{moment}.{}", heard.body).as_bytes());
        let own: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(own, code);
    }
}

#[tokio::test]
async fn a_call_is_told_again_after_the_waits_that_the_document_names() {
    let (newsroom, market) = newsroom().await;
    let desk = Desk::start().await;
    let id = hook(&newsroom, ED).await;
    newsroom.pass(1);
    halt(&newsroom, market, "News.").await;
    desk.answers(503);
    let document: Value = serde_json::to_value(tidings_api::openapi()).unwrap();
    let call = &document["webhooks"]["market.halted"]["post"];
    let words = call["responses"]["default"]["description"]
        .as_str()
        .unwrap();
    let waits = words.split_once("told again after ").unwrap().1;
    let waits = waits.split_once(", and then given up").unwrap().0;
    let waits: Vec<u64> = waits
        .split(", ")
        .map(|wait| match wait.split_once(' ').unwrap() {
            (count, "s") => count.parse::<u64>().unwrap(),
            (count, "min") => count.parse::<u64>().unwrap() * 60,
            (count, _) => count.parse::<u64>().unwrap() * 3_600,
        })
        .collect();
    round(&newsroom, &desk).await;
    for (tried, wait) in (1..).zip(&waits) {
        assert_eq!(desk.heard().len(), tried);
        newsroom.clock.advance(Duration::from_secs(wait - 1));
        round(&newsroom, &desk).await;
        assert_eq!(desk.heard().len(), tried, "not before {wait} s");
        newsroom.clock.advance(Duration::from_secs(1));
        round(&newsroom, &desk).await;
    }
    assert_eq!(desk.heard().len(), waits.len() + 1);
    let told = newsroom.app.store().deliveries_of(id, 9).await.unwrap();
    assert_eq!(told[0].status, DeliveryStatus::Failed);
}

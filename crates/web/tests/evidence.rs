//! The page of how a market was decided: all that it rests on, who decided as far as the public knows them, and each
//! step's place in the journal, which is the journal's own.

mod support;

use axum::http::StatusCode;
use support::markup::Markup;
use support::{ANN, BASE, Newsroom, SECOND_OPERATOR};
use tidings_api::wire::id;
use tidings_core::command::{Command, Contract, ProposeCorrection};
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::{Ending, Payout};
use tidings_core::units::Fraction;

const OPERATOR: AccountId = AccountId(3);
const PAGE: &str = "/markets/next-summit/evidence";

fn yes() -> Payout {
    Payout::new(vec![Fraction::ONE, Fraction::ZERO]).unwrap()
}

fn no() -> Payout {
    Payout::new(vec![Fraction::ZERO, Fraction::ONE]).unwrap()
}

fn ministry(quotation: &str, clause: Clause) -> Item {
    Item {
        url: "https://www.mofa.go.jp/press/1.html".to_owned(),
        publisher: "The foreign ministry".to_owned(),
        published_at: None,
        sha256: [0xab; 32],
        quotation: quotation.to_owned(),
        clause,
        primary: true,
        article: None,
    }
}

fn propose(market: MarketId, payout: Payout, item: Item, note: &str) -> Command {
    Command::ProposeResolution {
        market,
        payout,
        evidence: vec!["The recording in the archive".to_owned()],
        note: note.to_owned(),
        items: Some(vec![item]),
    }
}

/// The trap: a brief encounter on the sidelines. Proposed as a summit, disputed, proposed otherwise, settled.
async fn disputed() -> (Newsroom, MarketId) {
    let newsroom = Newsroom::empty(BASE).await;
    let mut spec = support::binary(
        newsroom.app.now(),
        "next-summit",
        "Will they hold a summit?",
        240,
    );
    spec.rules.edge_cases =
        vec!["An encounter on the sidelines of another meeting is none.".to_owned()];
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    newsroom.buy(market, 0, Contract::Yes, 10).await;
    newsroom.pass(1);
    newsroom.clarify(market, "A call is none, either.").await;
    newsroom.pass(1);
    newsroom.close(market).await;
    newsroom.pass(1);
    let item = ministry("The two leaders spoke in the corridor.", Clause::Criteria);
    newsroom
        .operate(propose(market, no(), item, "They did not sit down."))
        .await;
    newsroom.pass(1);
    let dispute = Command::Dispute {
        market,
        reason: "It was on the sidelines.".to_owned(),
        evidence: Vec::new(),
        items: Some(vec![Item {
            primary: false,
            ..ministry("On the sidelines of the forum.", Clause::EdgeCase(1))
        }]),
        clause: Some(Clause::EdgeCase(1)),
    };
    newsroom.give(ANN, dispute).await;
    newsroom.pass(1);
    let item = ministry("A summit meeting was held in Nara.", Clause::Criteria);
    newsroom
        .operate(propose(market, yes(), item, "It was held after all."))
        .await;
    newsroom.pass(25);
    newsroom
        .give(SECOND_OPERATOR, Command::ConfirmResolution { market })
        .await;
    (newsroom, market)
}

/// The page, once history has come to the journal's end.
async fn page(newsroom: &Newsroom) -> String {
    newsroom.written_down().await;
    let (status, _, body) = newsroom.get(PAGE).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

#[tokio::test]
async fn the_page_has_the_rules_the_evidence_the_dispute_and_who_decided() {
    let (newsroom, _) = disputed().await;
    let body = page(&newsroom).await;
    let text = Markup::of(&body).text;
    for words in [
        "Will they hold a summit?",
        "A summit meeting was held in Nara.",
        "The foreign ministry",
        "primary source",
        &"ab".repeat(32),
        "The recording in the archive",
        "It was held after all.",
        "A holder objected by Case 1",
        "It was on the sidelines.",
        "On the sidelines of the forum.",
        "An encounter on the sidelines of another meeting is none.",
        "A call is none, either.",
        "Version 1 of the rules",
        "Disputed by case 1",
        "Proposed: No",
        "Proposed: Yes",
        "Confirmed and paid",
        &format!("operator {}", id::account(OPERATOR)),
        &format!("operator {}", id::account(SECOND_OPERATOR)),
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        !text.contains(&id::account(ANN)),
        "holders are nobody's business: {text}"
    );
    // What does not stand is told as a step, and its evidence is not shown as what the end rests on.
    assert!(
        !text.contains("The two leaders spoke in the corridor."),
        "{text}"
    );
    assert!(body.contains("href=\"#edge_case_1\"") && body.contains("id=\"edge_case_1\""));
}

#[tokio::test]
async fn every_step_has_its_place_and_the_hash_that_the_journal_has_there() {
    let (newsroom, _) = disputed().await;
    let body = page(&newsroom).await;
    let store = newsroom.app.store();
    let steps = "<a href=\"/v1/journal/groups/";
    let seqs: Vec<u64> = body
        .match_indices(steps)
        .map(|(at, _)| {
            let rest = &body[at + steps.len()..];
            rest[..rest.find('"').unwrap()].parse().unwrap()
        })
        .collect();
    let mut kinds = Vec::new();
    for seq in &seqs {
        let seq = Seq(*seq);
        let link = store.link(seq).await.unwrap().expect("it is there");
        let hash = tidings_api::wire::journal::hex(&link.hash);
        assert!(body.contains(&hash), "{seq}");
        let record = store.record(seq).await.unwrap().expect("it is there");
        let kind = format!("{:?}", record.request.command);
        kinds.push(kind.split([' ', '(']).next().unwrap().to_owned());
    }
    assert!(seqs.is_sorted(), "{seqs:?}");
    assert_eq!(
        kinds,
        [
            "CreateMarket",
            "OpenMarket",
            "Clarify",
            "CloseMarket",
            "ProposeResolution",
            "Dispute",
            "ProposeResolution",
            "ConfirmResolution"
        ]
    );
    let head = newsroom.app.exchange().head();
    assert!(body.contains(&tidings_api::wire::journal::hex(&head.last_hash)));
}

#[tokio::test]
async fn a_correction_is_told_with_what_it_rests_on() {
    let (newsroom, market) = disputed().await;
    let correct = Command::ProposeCorrection(Box::new(ProposeCorrection {
        market,
        ending: Ending::Paid(no()),
        reason: "The ministry withdrew its word.".to_owned(),
        evidence: Vec::new(),
        items: Some(vec![ministry(
            "It was no summit.",
            Clause::Clarification(1),
        )]),
    }));
    newsroom.operate(correct).await;
    newsroom.pass(1);
    let text = Markup::of(&page(&newsroom).await).text;
    assert!(text.contains("Correction proposed: No"), "{text}");
    assert!(
        text.contains("A summit meeting was held in Nara."),
        "it stands until it is confirmed: {text}"
    );
    let confirm = Command::ConfirmCorrection { market };
    newsroom.give(SECOND_OPERATOR, confirm).await;
    let text = Markup::of(&page(&newsroom).await).text;
    for words in [
        "It was no summit.",
        "The ministry withdrew its word.",
        "Correction confirmed",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The odds before are those before the first end, and not what that end paid.
    newsroom.written_down().await;
    let (_, _, body) = newsroom.get("/markets/next-summit").await;
    let text = Markup::of(&body).text;
    assert!(text.contains("; corrected on "), "{text}");
    assert!(text.contains("and corrected since."), "{text}");
    let (_, table) = body.split_once("Odds before").expect("a column");
    let (table, _) = table.split_once("</table>").expect("its end");
    assert!(!table.contains("100 %") && table.contains(" %"), "{table}");
}

#[tokio::test]
async fn there_is_no_page_before_an_end_is_proposed_and_a_link_from_then_on() {
    let newsroom = Newsroom::empty(BASE).await;
    let spec = support::binary(
        newsroom.app.now(),
        "next-summit",
        "Will they hold a summit?",
        240,
    );
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    for path in [PAGE, "/markets/none-such/evidence"] {
        assert_eq!(newsroom.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let link = format!("href=\"{PAGE}\"");
    assert!(!newsroom.get("/markets/next-summit").await.2.contains(&link));
    newsroom.close(market).await;
    newsroom.propose(market, &[10_000, 0], "It was held.").await;
    assert!(newsroom.get("/markets/next-summit").await.2.contains(&link));
    assert_eq!(newsroom.get(PAGE).await.0, StatusCode::OK);
}

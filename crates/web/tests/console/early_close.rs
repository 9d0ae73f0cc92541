//! Markets that close before their time: the form that asks by which clause, and what pages say afterwards.

use axum::http::StatusCode;
use tidings_core::command::Command;
use tidings_core::id::MarketId;

use crate::desk::{Desk, FERRY, form};
use crate::support::SECOND_OPERATOR;
use crate::support::markup::Markup;

const CLAUSE: &str = "Trading ends once the harbour office says that <b>it</b> has sailed.";

/// A market that trades, with these early closes, and a session of an operator's.
async fn trading(clauses: &[&str]) -> (Desk, MarketId, String) {
    let desk = Desk::open().await;
    let mut spec = crate::support::binary(
        desk.newsroom.app.now(),
        "the-ferry",
        "Will the ferry sail?",
        240,
    );
    let clauses: Vec<String> = clauses.iter().map(|clause| (*clause).to_owned()).collect();
    spec.rules.early_close = (!clauses.is_empty()).then_some(clauses);
    let market = desk.newsroom.market(spec).await;
    desk.newsroom.open(market).await;
    let mika = desk.session().await;
    (desk, market, mika)
}

async fn site(desk: &Desk, path: &str) -> String {
    desk.newsroom.written_down().await;
    let (status, _, body) = desk.newsroom.get(path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    Markup::of(&body).assert_strict(path);
    Markup::of(&body).text
}

#[tokio::test]
async fn a_market_is_closed_by_a_clause_that_its_form_asks_for() {
    let (desk, market, mika) = trading(&[CLAUSE]).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(FERRY);
    let options = "<option value=\"early_close_1\">Early close 1: Trading ends once the harbour";
    assert!(page.body.contains(options), "{}", page.body);
    let rules = site(&desk, "/markets/the-ferry").await;
    assert!(rules.contains(CLAUSE), "{rules}");

    let path = format!("{FERRY}/close");
    let none = form(&[("reason", "It <i>sailed</i>."), ("key", "a")]);
    let refused = desk.post(&path, &none, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "early_close_clause_missing",
        "It &#60;i&#62;sailed&#60;/i&#62;.",
    ] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let by = [
        ("reason", "It <i>sailed</i>."),
        ("clause", "early_close_1"),
        ("key", "b"),
    ];
    let closed = desk.post(&path, &form(&by), Some(&mika)).await;
    closed.leads_to(&format!("{FERRY}?said=close"));

    let page = desk.get(FERRY, Some(&mika)).await;
    let text = Markup::of(&page.body).text;
    assert!(text.contains("Closed by early close 1"), "{text}");
    let told =
        format!("Trading ended before its time, as the rules say: {CLAUSE} It <i>sailed</i>.");
    for page in [text, site(&desk, "/markets/the-ferry").await] {
        assert!(page.contains(&told), "{page}");
    }
    // It stays on the page when the market has ended, and stands where one reads what it ended by.
    desk.newsroom
        .propose(market, &[10_000, 0], "It sailed.")
        .await;
    let page = site(&desk, "/markets/the-ferry").await;
    assert!(page.contains("by early close 1"), "{page}");
    let page = site(&desk, "/markets/the-ferry/evidence").await;
    for words in [
        "Closed before its time",
        "By Early close 1 of the rules.",
        "It <i>sailed</i>.",
        "Trading ended by early close 1",
        CLAUSE,
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// What no clause foresees is said by another operator first; one's own words are not offered.
#[tokio::test]
async fn a_market_is_closed_by_what_another_operator_added_to_its_rules() {
    let (desk, market, mika) = trading(&[CLAUSE]).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    assert!(!page.body.contains("clarification_"), "{}", page.body);
    let typed = form(&[
        ("about", "early_close_1"),
        ("text", "The ferry sank."),
        ("key", "a"),
    ]);
    let path = format!("{FERRY}/clarify");
    let own = desk.post(&path, &typed, Some(&mika)).await;
    own.leads_to(&format!("{FERRY}?said=clarify"));
    let text = "The harbour <b>burnt</b>: no ferry sails".to_owned();
    let another = Command::Clarify {
        market,
        text,
        about: None,
    };
    desk.newsroom.give(SECOND_OPERATOR, another).await;

    let page = desk.get(FERRY, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(FERRY);
    let closes = page.body.split("/close\"").nth(1).expect("its form");
    assert!(!closes.contains("value=\"clarification_1\""), "{closes}");
    assert!(closes.contains("value=\"clarification_2\""), "{closes}");
    assert!(page.body.contains("Where none applies"), "{}", page.body);
    let by = [
        ("reason", "It <i>burnt</i>."),
        ("clause", "clarification_2"),
        ("key", "b"),
    ];
    let path = format!("{FERRY}/close");
    let closed = desk.post(&path, &form(&by), Some(&mika)).await;
    closed.leads_to(&format!("{FERRY}?said=close"));
    let told = "Trading ended before its time, as clarification 2 says: \
                The harbour <b>burnt</b>: no ferry sails. It <i>burnt</i>.";
    let page = desk.get(FERRY, Some(&mika)).await;
    let text = Markup::of(&page.body).text;
    assert!(text.contains("Closed by clarification 2"), "{text}");
    for page in [text, site(&desk, "/markets/the-ferry").await] {
        assert!(page.contains(told), "{page}");
    }
}

#[tokio::test]
async fn an_early_close_that_no_rule_foresees_is_called_that() {
    let (desk, market, mika) = trading(&[]).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    let warns = "The rules foresee no end before its time";
    assert!(page.body.contains(warns), "{}", page.body);
    assert!(!page.body.contains("name=\"clause\""), "{}", page.body);
    let typed = form(&[("reason", "It sailed"), ("key", "a")]);
    let closed = desk
        .post(&format!("{FERRY}/close"), &typed, Some(&mika))
        .await;
    closed.leads_to(&format!("{FERRY}?said=close"));
    let page = site(&desk, "/markets/the-ferry").await;
    let told = "Trading ended before its time, which the rules did not foresee: It sailed.";
    assert!(page.contains(told), "{page}");
    desk.newsroom
        .propose(market, &[10_000, 0], "It sailed.")
        .await;
    let page = site(&desk, "/markets/the-ferry/evidence").await;
    for words in [
        "The rules did not foresee it.",
        "Trading ended early, unforeseen by the rules",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = site(&desk, "/markets/the-ferry").await;
    assert!(page.contains("unforeseen by the rules"), "{page}");
}

/// A clarification says what it is about: its form asks for it, and everyone reads it.
#[tokio::test]
async fn a_clarification_says_what_of_the_market_it_is_about() {
    let (desk, _, mika) = trading(&[CLAUSE]).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    let asked = page.body.split("/clarify\"").nth(1).expect("its form");
    let asked = asked.split("</form>").next().expect("its end");
    for word in [
        "criteria",
        "early_close_1",
        "source_1",
        "outcome_yes",
        "question",
        "closes_at",
        "none",
    ] {
        assert!(
            asked.contains(&format!("value=\"{word}\"")),
            "{word}: {asked}"
        );
    }
    assert!(!asked.contains("value=\"scale\""), "{asked}");
    let path = format!("{FERRY}/clarify");
    let refused = form(&[("about", "source_9"), ("text", "Words."), ("key", "a")]);
    let refused = desk.post(&path, &refused, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("clause_unknown"), "{}", refused.body);
    let all = [("early_close_1", "b"), ("outcome_no", "c"), ("none", "d")];
    for (about, key) in all {
        let typed = form(&[
            ("about", about),
            ("text", "It means <b>this</b>."),
            ("key", key),
        ]);
        let said = desk.post(&path, &typed, Some(&mika)).await;
        said.leads_to(&format!("{FERRY}?said=clarify"));
    }
    let page = desk.get(FERRY, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(FERRY);
    let text = Markup::of(&page.body).text;
    for words in [
        "Clarification 1, on early close 1",
        "Clarification 2, on outcome No",
        "Clarification 3",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let page = site(&desk, "/markets/the-ferry").await;
    let of_it: String = CLAUSE.chars().take(40).collect();
    for words in [
        &format!("On early close 1, “{of_it}"),
        "On outcome No.",
        "Version 3 of the rules",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

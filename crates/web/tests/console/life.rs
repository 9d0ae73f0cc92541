//! A market's end in the console: resolved, called off, corrected.

use axum::http::StatusCode;
use sha2::Digest as _;
use tidings_core::access::Role;
use tidings_core::command::{Command, Contract};

use crate::desk::{Desk, FERRY, SECOND, closed, form, hidden};
use crate::support::markup::Markup;

#[tokio::test]
async fn a_resolution_is_looked_at_proposed_by_one_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let typed = [
        ("outcome", "yes"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("evidence", "https://example.org/\r\nThe harbour log"),
        ("note", "It sailed."),
    ];
    let looked = desk
        .post(&format!("{FERRY}/resolve"), &form(&typed), Some(&mika))
        .await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(
        looked.body.contains("What it does") && looked.body.contains("ann (acc_5)"),
        "{}",
        looked.body
    );
    let status = |desk: &Desk| {
        let view = desk.newsroom.app.exchange().market_by_slug("the-ferry");
        view.unwrap().phase.status().word()
    };
    assert_eq!(status(&desk), "closed", "it only looked");
    let key = hidden(&looked.body, &format!("{FERRY}/propose"), "key");
    let mut send = typed.to_vec();
    send.push(("key", &key));
    // A double click is one proposal.
    for _ in 0..2 {
        let proposed = desk
            .post(&format!("{FERRY}/propose"), &form(&send), Some(&mika))
            .await;
        proposed.leads_to(&format!("{FERRY}?said=proposed"));
    }
    assert_eq!(status(&desk), "proposed");

    let own = desk.get(FERRY, Some(&mika)).await;
    assert!(own.body.contains("You proposed this"), "{}", own.body);
    let page = desk.get(FERRY, Some(&noor)).await;
    // The second one sees what they confirm: who said what, where, and the hash of what was read.
    let text = "On Monday.\nThe ferry sailed.";
    let hash: String = sha2::Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for words in [
        "The ferry sailed.",
        "The harbour office",
        "primary source",
        "https://www.mofa.go.jp/log",
        &hash,
        "The harbour log",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let stamp = hidden(&page.body, &format!("{FERRY}/confirm"), "proposed_at");
    let confirm = form(&[
        ("proposed_at", &stamp),
        ("key", "a"),
        ("reason", "I saw it."),
    ]);
    // The one who proposed may send the form by hand: the engine refuses.
    let refused = desk
        .post(&format!("{FERRY}/confirm"), &confirm, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("second_operator_needed"),
        "{}",
        refused.body
    );
    // What is confirmed is what was looked at.
    let other = form(&[("proposed_at", "2020-01-01T00:00:00Z"), ("key", "b")]);
    let refused = desk
        .post(&format!("{FERRY}/confirm"), &other, Some(&noor))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(status(&desk), "proposed");
    let confirmed = desk
        .post(&format!("{FERRY}/confirm"), &confirm, Some(&noor))
        .await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm"));
    assert_eq!(status(&desk), "settled");
    let page = desk
        .get(&format!("{FERRY}?said=confirm"), Some(&noor))
        .await;
    assert!(page.body.contains("everyone is paid"), "{}", page.body);
}

#[tokio::test]
async fn what_is_refused_is_said_with_its_code_and_what_was_typed() {
    let (desk, mika, noor) = closed(24).await;
    let nothing = form(&[("outcome", "yes"), ("note", "It <b>sailed</b>.")]);
    let refused = desk
        .post(&format!("{FERRY}/resolve"), &nothing, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A piece by half is told by what it lacks, and one that is not enough by the exchange.
    let half = form(&[("outcome", "yes"), ("item.2.url", "https://example.org/")]);
    let lacks = desk
        .post(&format!("{FERRY}/resolve"), &half, Some(&mika))
        .await;
    assert!(
        lacks.body.contains("Piece 2 lacks who published it"),
        "{}",
        lacks.body
    );
    let one = form(&[
        ("outcome", "yes"),
        ("item.1.url", "https://example.org/"),
        ("item.1.publisher", "Example <i>Post</i>"),
        ("item.1.quotation", "It sailed."),
        ("item.1.text", "It sailed."),
        ("item.1.clause", "criteria"),
        ("key", "one"),
    ]);
    let lacks = desk
        .post(&format!("{FERRY}/propose"), &one, Some(&mika))
        .await;
    assert_eq!(lacks.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "evidence_insufficient",
        "Example &#60;i&#62;Post&#60;/i&#62;",
    ] {
        assert!(lacks.body.contains(words), "{}", lacks.body);
    }
    assert!(
        refused.body.contains("one piece of evidence"),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("It &#60;b&#62;sailed&#60;/b&#62;."),
        "{}",
        refused.body
    );
    let shared = form(&[
        ("outcome", "*"),
        ("share.yes", "0.7"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
    ]);
    let refused = desk
        .post(&format!("{FERRY}/resolve"), &shared, Some(&mika))
        .await;
    assert!(refused.body.contains("payout_invalid"), "{}", refused.body);
    let shared = form(&[
        ("outcome", "*"),
        ("share.yes", "0.7"),
        ("share.no", "0.3"),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("key", "k"),
    ]);
    let proposed = desk
        .post(&format!("{FERRY}/propose"), &shared, Some(&mika))
        .await;
    proposed.leads_to(&format!("{FERRY}?said=proposed"));
    let page = desk.get(FERRY, Some(&noor)).await;
    assert!(
        page.body.contains("Holders can dispute it until"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains(&format!("action=\"{FERRY}/confirm\"")),
        "there is no button"
    );
    let halt = form(&[("reason", "Too late & odd"), ("key", "h")]);
    let refused = desk
        .post(&format!("{FERRY}/halt"), &halt, Some(&mika))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_void_is_looked_at_proposed_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let call_off = format!("{FERRY}/call-off");
    let page = desk.get(FERRY, Some(&mika)).await;
    assert!(page.body.contains(&call_off), "{}", page.body);
    let page = desk.get(&call_off, Some(&mika)).await;
    assert_eq!(page.status, StatusCode::OK);
    let bare = form(&[("rule", "source_gone"), ("reason", "By <b>rule</b> 4")]);
    let refused = desk.post(&call_off, &bare, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "one piece of evidence",
        "By &#60;b&#62;rule&#60;/b&#62; 4",
        "value=\"source_gone\" required checked",
    ] {
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let reasons = [
        ("rule", "source_gone"),
        ("reason", "By rule 4"),
        ("evidence", "a log"),
        ("key", "v"),
    ];
    let whole = form(&reasons);
    let looked = desk.post(&call_off, &whole, Some(&mika)).await;
    for words in ["back to the sponsor", "refunded", "Propose to call it off"] {
        assert!(looked.body.contains(words), "{}", looked.body);
    }
    let entries = |body: &str| {
        let from = body
            .find("<table class=\"figures entries\">")
            .expect("entries");
        let to = body[from..].find("</table>").expect("their end");
        body[from..from + to].to_owned()
    };
    let proposed = desk
        .post(&format!("{FERRY}/void"), &whole, Some(&mika))
        .await;
    proposed.leads_to(&format!("{FERRY}?said=void-proposed"));
    let page = desk.get(FERRY, Some(&mika)).await;
    for words in [
        "no source says what happened",
        "You proposed this",
        "By rule 4",
    ] {
        assert!(page.body.contains(words), "{}", page.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers
            .body
            .contains("to call it off: no source says what happened"),
        "{}",
        readers.body
    );
    // What the second one confirms is what the first one looked at.
    let page = desk.get(FERRY, Some(&noor)).await;
    assert_eq!(entries(&page.body), entries(&looked.body));
    let stale = form(&[("proposed_at", "2020-01-01T00:00:00Z"), ("key", "c")]);
    let confirm = format!("{FERRY}/confirm-void");
    let refused = desk.post(&confirm, &stale, Some(&noor)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let stamp = hidden(&page.body, &confirm, "proposed_at");
    let fresh = form(&[("proposed_at", &stamp), ("key", "d")]);
    let confirmed = desk.post(&confirm, &fresh, Some(&noor)).await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm-void"));
    let page = desk.get(FERRY, Some(&noor)).await;
    assert!(
        page.body.contains("Confirmed and refunded"),
        "{}",
        page.body
    );
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers
            .body
            .contains("and everyone refunded because no source says what happened."),
        "{}",
        readers.body
    );
    assert!(readers.body.contains("By rule 4"), "{}", readers.body);
}

#[tokio::test]
async fn a_correction_is_looked_at_proposed_and_confirmed_by_another() {
    let (desk, mika, noor) = closed(0).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    let link = format!("{FERRY}/correct");
    assert!(!page.body.contains(&link), "it has not ended");
    let markets = desk.newsroom.app.exchange().markets();
    let ferry = markets.iter().find(|view| view.spec.slug == "the-ferry");
    let market = ferry.expect("it is there").id;
    desk.newsroom
        .propose(market, &[10_000, 0], "It sailed.")
        .await;
    let confirm = Command::ConfirmResolution { market };
    desk.newsroom.give(SECOND, confirm).await;
    let page = desk.get(FERRY, Some(&mika)).await;
    assert!(page.body.contains(&link), "{}", page.body);

    let typed = [
        ("outcome", "no"),
        ("note", "It sailed a day <i>late</i>."),
        ("item.1.url", "https://www.mofa.go.jp/log"),
        ("item.1.publisher", "The harbour office"),
        ("item.1.quotation", "The ferry sailed."),
        ("item.1.text", "On Monday.\r\nThe ferry sailed."),
        ("item.1.clause", "criteria"),
        ("item.1.primary", "yes"),
        ("key", "c"),
    ];
    let looked = desk.post(&link, &form(&typed), Some(&mika)).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    for words in ["corrected", "propose-correction", "a day &#60;i&#62;late"] {
        assert!(looked.body.contains(words), "{words}: {}", looked.body);
    }
    let off = form(&[
        ("rule", "source_gone"),
        ("note", "Nobody wrote it down."),
        ("evidence", "a log"),
    ]);
    let called_off = desk.post(&link, &off, Some(&mika)).await;
    assert_eq!(called_off.status, StatusCode::OK, "{}", called_off.body);
    assert!(!called_off.body.contains("Per share"), "it pays nothing");
    let proposed = desk
        .post(
            &format!("{FERRY}/propose-correction"),
            &form(&typed),
            Some(&mika),
        )
        .await;
    proposed.leads_to(&format!("{FERRY}?said=correction-proposed"));
    let own = desk.get(FERRY, Some(&mika)).await;
    for words in ["Proposed correction", "You proposed this"] {
        assert!(own.body.contains(words), "{}", own.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    assert!(
        readers.body.contains("A correction was proposed on"),
        "{}",
        readers.body
    );
    let page = desk.get(FERRY, Some(&noor)).await;
    let confirm = format!("{FERRY}/confirm-correction");
    let stamp = hidden(&page.body, &confirm, "proposed_at");
    let fresh = form(&[("proposed_at", &stamp), ("key", "d")]);
    let confirmed = desk.post(&confirm, &fresh, Some(&noor)).await;
    confirmed.leads_to(&format!("{FERRY}?said=confirm-correction"));
    let page = desk.get(FERRY, Some(&noor)).await;
    for words in ["Confirmed the correction", "It was: Yes."] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let readers = desk.get("/markets/the-ferry", None).await;
    for words in ["Corrected on", "it was: Yes. It sailed a day"] {
        assert!(readers.body.contains(words), "{words}: {}", readers.body);
    }
}

#[tokio::test]
async fn editors_look_and_operators_act() {
    let (desk, _, _) = closed(0).await;
    let session = desk.hired("Edda", Role::Editor).await;
    let page = desk.get(FERRY, Some(&session)).await;
    assert_eq!(page.status, StatusCode::OK);
    let markup = Markup::of(&page.body);
    assert_eq!(
        markup.values("action"),
        ["/console/sign-out"],
        "nothing to press"
    );
    assert_eq!(
        desk.get(&format!("{FERRY}/resolve"), Some(&session))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let seq = desk.newsroom.app.exchange().committed().seq;
    for step in [
        "open",
        "halt",
        "resume",
        "close",
        "clarify",
        "deepen",
        "confirm",
        "void",
        "propose",
        "withdraw",
        "confirm-void",
        "propose-correction",
        "confirm-correction",
    ] {
        let typed = form(&[
            ("reason", "words"),
            ("text", "words"),
            ("rule", "other"),
            ("outcome", "yes"),
            ("liquidity", "2000"),
            ("evidence", "a log"),
            ("key", step),
        ]);
        let refused = desk
            .post(&format!("{FERRY}/{step}"), &typed, Some(&session))
            .await;
        assert!(
            refused.status.is_client_error(),
            "{step}: {}",
            refused.status
        );
    }
    assert_eq!(
        desk.newsroom.app.exchange().committed().seq,
        seq,
        "nothing was sent on"
    );
}

/// The page tells what the sponsor would lose, as it is when it is looked at; and the sponsor makes the maker deeper there.
#[tokio::test]
async fn the_worst_case_is_told_by_outcome_after_trades_and_after_more_liquidity() {
    let desk = Desk::open().await;
    let market = crate::support::binary(desk.newsroom.app.now(), "the-ferry", "Will it sail?", 240);
    let market = desk.newsroom.market(market).await;
    desk.newsroom.open(market).await;
    let mika = desk.session().await;
    let told = async || {
        let page = desk.get(FERRY, Some(&mika)).await;
        Markup::of(&page.body).assert_strict(FERRY);
        let view = desk
            .newsroom
            .app
            .exchange()
            .market_by_slug("the-ferry")
            .unwrap();
        let losses = view.worst_case.clone();
        let cents = |loss: i64| (loss.unsigned_abs() + 5_000) / 10_000;
        for (outcome, loss) in view.spec.outcomes.iter().zip(&losses) {
            let word = if loss.get() < 0 { "gains" } else { "loses" };
            let cents = cents(loss.get());
            let words = format!("{word} {}.{:02}", cents / 100, cents % 100);
            let row = page
                .body
                .split(&format!("data-outcome=\"{}\"", outcome.key))
                .nth(1);
            let row = row
                .and_then(|row| row.split("</tr>").next())
                .expect("its row");
            assert!(row.contains(&words), "{words}: {row}");
            let is_worst = losses.iter().max() == Some(loss) && loss.get() > 0;
            assert_eq!(row.contains("the worst"), is_worst, "{row}");
        }
        (losses, view.subsidy)
    };
    let (at_first, locked) = told().await;
    assert!(at_first.iter().all(|loss| loss.get() == 0));
    desk.newsroom.buy(market, 0, Contract::Yes, 40).await;
    let (after, _) = told().await;
    assert!(after[0].get() > 0 && after[1].get() < 0, "{after:?}");
    desk.newsroom.buy(market, 0, Contract::No, 90).await;
    let (before, _) = told().await;
    assert!(before[0].get() < 0 && before[1].get() > 0, "{before:?}");

    let path = format!("{FERRY}/deepen");
    let less = form(&[("liquidity", "1"), ("key", "a")]);
    let refused = desk.post(&path, &less, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("liquidity_invalid"),
        "{}",
        refused.body
    );
    let more = form(&[("liquidity", "5000"), ("reason", "News."), ("key", "b")]);
    let added = desk.post(&path, &more, Some(&mika)).await;
    added.leads_to(&format!("{FERRY}?said=deepen"));
    let (same, more) = told().await;
    assert_eq!(same, before, "what is locked is not lost");
    assert!(more > locked);
    desk.newsroom.buy(market, 0, Contract::No, 50).await;
    let (after, _) = told().await;
    assert!(after[1] > before[1] && after[1] <= more, "{after:?}");
    // Whoever does not sponsor it has no such form.
    let noor = r#"{"name":"noor","password":"a quiet harbour"}"#;
    desk.set(SECOND, noor).await;
    let noor = desk.sign_in("noor", "a quiet harbour").await.session();
    let page = desk.get(FERRY, Some(&noor)).await;
    assert!(!page.body.contains("/deepen"), "{}", page.body);
}

/// What waits stands by what it waits for, and on the same page by its date, whatever it waits for.
#[tokio::test]
async fn the_queue_is_by_what_waits_or_by_date() {
    let desk = Desk::open().await;
    let now = desk.newsroom.app.now();
    for (slug, hours) in [
        ("in-five-days", 120),
        ("in-a-day", 24),
        ("in-three-days", 72),
    ] {
        let spec = crate::support::binary(now, slug, slug, hours);
        let market = desk.newsroom.market(spec).await;
        desk.newsroom.open(market).await;
        if slug == "in-three-days" {
            let reason = tidings_core::market::HaltReason::Operator("News.".to_owned());
            desk.newsroom
                .operate(Command::HaltMarket { market, reason })
                .await;
        }
    }
    let mika = desk.session().await;
    let order = async |path: &str| {
        let page = desk.get(path, Some(&mika)).await;
        Markup::of(&page.body).assert_strict(path);
        let links = page.body.split("href=\"/console/markets/").skip(1);
        let slugs = links.filter_map(|link| link.split('"').next().map(str::to_owned));
        slugs.collect::<Vec<String>>()
    };
    let pressing = order("/console").await;
    assert_eq!(
        pressing,
        ["in-three-days", "in-a-day", "in-five-days"],
        "the halted one first"
    );
    let dates = order("/console?by=date").await;
    assert_eq!(dates, ["in-a-day", "in-three-days", "in-five-days"]);
    // What closed before its time waits for its answer since then.
    let market = desk.newsroom.app.exchange().market_by_slug("in-five-days");
    let market = market.expect("it is there").id;
    desk.newsroom
        .operate(Command::CloseMarket {
            market,
            reason: "It has happened.".to_owned(),
            clause: None,
        })
        .await;
    let dates = order("/console?by=date").await;
    assert_eq!(dates, ["in-five-days", "in-a-day", "in-three-days"]);
}

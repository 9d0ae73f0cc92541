//! The brakes: halts of many markets, frozen accounts, large deposits.

use axum::http::StatusCode;
use tidings_core::access::Role;

use crate::desk::{ADMIN, ANN, Desk, PASSWORD, form, hidden};
use crate::support::markup::Markup;
use crate::support::{BASE, Newsroom};

const EMERGENCY: &str = "/console/emergency";

#[tokio::test]
async fn many_markets_are_looked_at_stopped_once_and_let_go_on() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let mika = desk.session().await;
    let exchange = desk.newsroom.app.exchange().clone();
    let open = || {
        let markets = exchange.markets();
        let open = markets
            .iter()
            .filter(|view| view.phase.status().word() == "open");
        open.map(|view| view.spec.slug.clone())
            .collect::<Vec<String>>()
    };
    let before = open();
    assert!(before.len() > 2, "{before:?}");
    let page = desk.get(EMERGENCY, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(EMERGENCY);
    assert!(page.body.contains("Halted one by one"), "{}", page.body);

    // What is not said is not guessed.
    let nothing = form(&[("reason", "A <b>fault</b>.")]);
    let refused = desk.post(EMERGENCY, &nothing, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("what is to stand still"),
        "{}",
        refused.body
    );
    let no_tag = form(&[("scope", "tag"), ("tag", ""), ("reason", "A fault.")]);
    let refused = desk.post(EMERGENCY, &no_tag, Some(&mika)).await;
    assert!(refused.body.contains("Choose a tag"), "{}", refused.body);

    let typed = [
        ("scope", "everything"),
        ("tag", "ferries"),
        ("reason", "A <b>fault</b>."),
    ];
    let looked = desk.post(EMERGENCY, &form(&typed), Some(&mika)).await;
    assert_eq!(looked.status, StatusCode::OK);
    Markup::of(&looked.body).assert_strict(EMERGENCY);
    for slug in &before {
        assert!(
            looked.body.contains(&format!("/console/markets/{slug}\"")),
            "{slug}"
        );
    }
    assert_eq!(open(), before, "it only looked");
    let halt = format!("{EMERGENCY}/halt");
    let key = hidden(&looked.body, &halt, "key");
    let mut send = typed.to_vec();
    send.push(("key", &key));
    // A double click is one halt.
    for _ in 0..2 {
        let halted = desk.post(&halt, &form(&send), Some(&mika)).await;
        halted.leads_to(&format!("{EMERGENCY}?said=halted"));
    }
    assert_eq!(open(), Vec::<String>::new());
    assert_eq!(exchange.query(|engine| engine.halts().len()).await, Ok(1));
    let page = desk
        .get(&format!("{EMERGENCY}?said=halted"), Some(&mika))
        .await;
    Markup::of(&page.body).assert_strict(EMERGENCY);
    assert!(page.body.contains("A &#60;b&#62;fault"), "{}", page.body);
    let market = format!("/console/markets/{}", before[0]);
    let market = desk.get(&market, Some(&mika)).await;
    assert!(
        market.body.contains("Halted with everything: A &#60;b"),
        "{}",
        market.body
    );
    assert!(market.body.contains("Keep it halted when the others go on"));
    let readers = desk.get(&format!("/markets/{}", before[0]), None).await;
    assert!(
        readers.body.contains("Trading stands still: A &#60;b"),
        "{}",
        readers.body
    );

    let resume = format!("{EMERGENCY}/resume");
    let key = hidden(&page.body, &resume, "key");
    let typed = form(&[
        ("scope", "everything"),
        ("tag", ""),
        ("reason", "It is right."),
        ("key", &key),
    ]);
    let resumed = desk.post(&resume, &typed, Some(&mika)).await;
    resumed.leads_to(&format!("{EMERGENCY}?said=resumed"));
    assert_eq!(open(), before);
    let again = form(&[("scope", "everything"), ("key", "another")]);
    let again = desk.post(&resume, &again, Some(&mika)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert!(again.body.contains("halt_not_found"), "{}", again.body);
}

const ANNS: &str = "/console/accounts/acc_5";

#[tokio::test]
async fn an_account_is_frozen_by_an_operator_and_its_keys_are_an_administrators() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    desk.key(ANN, Role::Trader, "anns-key").await;
    desk.set(ADMIN, r#"{"name":"ada","password":"a quiet harbour"}"#)
        .await;
    let mika = desk.session().await;
    let ada = desk.sign_in("ada", PASSWORD).await.session();
    let list = desk.get("/console/accounts", Some(&mika)).await;
    Markup::of(&list.body).assert_strict("accounts");
    assert!(
        list.body.contains(&format!("href=\"{ANNS}\"")),
        "{}",
        list.body
    );
    let jump = desk.get("/console/accounts?id=acc_5", Some(&mika)).await;
    jump.leads_to(ANNS);

    let page = desk.get(ANNS, Some(&mika)).await;
    Markup::of(&page.body).assert_strict(ANNS);
    assert!(
        !page.body.contains("id=\"keys\""),
        "keys are an administrator's"
    );
    // By what readers know them by, not by their keys.
    let held = "<td data-column=\"Outcome\">Yes</td>";
    assert!(page.body.contains(held), "{}", page.body);
    let freeze = format!("{ANNS}/freeze");
    let key = hidden(&page.body, &freeze, "key");
    let wordless = form(&[("reason", ""), ("key", "x")]);
    let refused = desk.post(&freeze, &wordless, Some(&mika)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let typed = form(&[("reason", "Whose <i>key</i> is this?"), ("key", &key)]);
    for _ in 0..2 {
        let frozen = desk.post(&freeze, &typed, Some(&mika)).await;
        frozen.leads_to(&format!("{ANNS}?said=frozen"));
    }
    let frozen = async || {
        let exchange = desk.newsroom.app.exchange();
        let of_ann = |engine: &tidings_core::Engine| engine.account(ANN).unwrap().frozen.is_some();
        exchange.query(of_ann).await.unwrap()
    };
    assert!(frozen().await);
    let page = desk.get(&format!("{ANNS}?said=frozen"), Some(&ada)).await;
    Markup::of(&page.body).assert_strict(ANNS);
    assert!(page.body.contains("Whose &#60;i&#62;key"), "{}", page.body);
    assert!(page.body.contains("id=\"keys\""), "{}", page.body);

    // The administrator ends its key, and lets it go on.
    let revoke = format!("{ANNS}/keys/0/revoke");
    let key = hidden(&page.body, &revoke, "key");
    let by_operator = desk
        .post(&revoke, &form(&[("key", "y")]), Some(&mika))
        .await;
    assert_eq!(by_operator.status, StatusCode::FORBIDDEN);
    let revoked = desk
        .post(&revoke, &form(&[("key", &key)]), Some(&ada))
        .await;
    revoked.leads_to(&format!("{ANNS}?said=revoked"));
    let page = desk.get(ANNS, Some(&ada)).await;
    assert!(!page.body.contains(&revoke), "{}", page.body);
    let unfreeze = format!("{ANNS}/unfreeze");
    let key = hidden(&page.body, &unfreeze, "key");
    let typed = form(&[("reason", "The key is revoked."), ("key", &key)]);
    let unfrozen = desk.post(&unfreeze, &typed, Some(&ada)).await;
    unfrozen.leads_to(&format!("{ANNS}?said=unfrozen"));
    assert!(!frozen().await);
    let nobody = desk.get("/console/accounts/acc_999", Some(&mika)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_operator_lets_an_account_ask_for_more() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let mika = desk.session().await;
    let page = desk.get(ANNS, Some(&mika)).await;
    let set = format!("{ANNS}/allowance");
    let key = hidden(&page.body, &set, "key");
    for (percent, status) in [
        ("many", StatusCode::BAD_REQUEST),
        ("0", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let reason = "It <b>makes</b> markets.";
        let typed = [("percent", percent), ("reason", reason), ("key", "x")];
        let refused = desk.post(&set, &form(&typed), Some(&mika)).await;
        assert_eq!(refused.status, status, "{percent}");
        // What was typed stays, beside why it was refused.
        let kept = format!(
            "name=\"percent\" required inputmode=\"numeric\" maxlength=\"5\" pattern=\"[0-9]+\" value=\"{percent}\""
        );
        assert!(refused.body.contains(&kept), "{}", refused.body);
        assert!(
            refused.body.contains("It &#60;b&#62;makes"),
            "{}",
            refused.body
        );
        Markup::of(&refused.body).assert_strict(ANNS);
    }
    let reason = "It <b>makes</b> markets.";
    let typed = form(&[("percent", "1500"), ("reason", reason), ("key", &key)]);
    let done = desk.post(&set, &typed, Some(&mika)).await;
    done.leads_to(&format!("{ANNS}?said=allowed"));
    let page = desk.get(&format!("{ANNS}?said=allowed"), Some(&mika)).await;
    Markup::of(&page.body).assert_strict(ANNS);
    let told = "<b>1,500 %</b> of what everyone may ask for";
    assert!(page.body.contains(told), "{}", page.body);
    assert!(page.body.contains("It &#60;b&#62;makes"), "{}", page.body);
    assert_eq!(desk.newsroom.app.exchange().allowance(ANN), 1_500);
}

#[tokio::test]
async fn a_large_deposit_is_confirmed_by_another_administrator_in_the_console() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let bea = desk.hired("Bea", Role::Admin).await;
    let body = format!(r#"{{"name":"ada","password":"{PASSWORD}"}}"#);
    desk.set(ADMIN, &body).await;
    let ada = desk.sign_in("ada", PASSWORD).await.session();
    let exchange = desk.newsroom.app.exchange().clone();
    const PAGE: &str = "/console/deposits";
    let page = desk.get(PAGE, Some(&ada)).await;
    Markup::of(&page.body).assert_strict(PAGE);
    assert!(
        page.body.contains("One administrator is enough"),
        "{}",
        page.body
    );
    let threshold = format!("{PAGE}/threshold");
    let key = hidden(&page.body, &threshold, "key");
    let typed = form(&[("from", "5000"), ("reason", "As decided."), ("key", &key)]);
    let set = desk.post(&threshold, &typed, Some(&ada)).await;
    set.leads_to(&format!("{PAGE}?said=set"));

    let anns = desk.get(ANNS, Some(&ada)).await;
    Markup::of(&anns.body).assert_strict(ANNS);
    let deposit = format!("{ANNS}/deposit");
    let key = hidden(&anns.body, &deposit, "key");
    let nonsense = form(&[("amount", "much"), ("key", "n")]);
    let refused = desk.post(&deposit, &nonsense, Some(&ada)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("value=\"much\""), "{}", refused.body);
    let cash = async || {
        let of_ann = |engine: &tidings_core::Engine| engine.ledger().cash(ANN).available.get();
        exchange.query(of_ann).await.unwrap()
    };
    let before = cash().await;
    let small = form(&[("amount", "1"), ("key", "small")]);
    let booked = desk.post(&deposit, &small, Some(&ada)).await;
    booked.leads_to(&format!("{ANNS}?said=deposited"));
    assert_eq!(cash().await, before + 1_000_000);
    let large = form(&[
        ("amount", "5000"),
        ("reason", "Wire <8812>."),
        ("key", &key),
    ]);
    for _ in 0..2 {
        let waits = desk.post(&deposit, &large, Some(&ada)).await;
        waits.leads_to(&format!("{PAGE}?said=waits"));
    }
    assert_eq!(cash().await, before + 1_000_000, "it waits");

    let confirm = format!("{PAGE}/dep_1/confirm");
    let own = desk.get(PAGE, Some(&ada)).await;
    assert!(own.body.contains("You proposed it"), "{}", own.body);
    assert!(!own.body.contains(&confirm));
    let by_hand = desk
        .post(&confirm, &form(&[("key", "h")]), Some(&ada))
        .await;
    assert_eq!(by_hand.status, StatusCode::CONFLICT);
    assert!(
        by_hand.body.contains("second_operator_needed"),
        "{}",
        by_hand.body
    );
    let page = desk.get(PAGE, Some(&bea)).await;
    Markup::of(&page.body).assert_strict(PAGE);
    assert!(page.body.contains("Wire &#60;8812"), "{}", page.body);
    let key = hidden(&page.body, &confirm, "key");
    let typed = form(&[("reason", "I saw the wire."), ("key", &key)]);
    for _ in 0..2 {
        let confirmed = desk.post(&confirm, &typed, Some(&bea)).await;
        confirmed.leads_to(&format!("{PAGE}?said=confirmed"));
    }
    assert_eq!(cash().await, before + 5_001_000_000);

    // That none takes two waits, and is taken back.
    let looser = form(&[("from", ""), ("key", "looser")]);
    let waits = desk.post(&threshold, &looser, Some(&bea)).await;
    waits.leads_to(&format!("{PAGE}?said=waits"));
    let drop = format!("{PAGE}/dep_2/drop");
    let dropped = desk.post(&drop, &form(&[("key", "d")]), Some(&ada)).await;
    dropped.leads_to(&format!("{PAGE}?said=dropped"));
    let mika = desk.session().await;
    for page in [PAGE, "/console/deposits?said=set"] {
        let refused = desk.get(page, Some(&mika)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
    }
    for path in [&deposit, &threshold, &confirm, &drop] {
        let refused = desk.post(path, &large, Some(&mika)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn editors_have_no_brakes() {
    let desk = Desk::of(Newsroom::furnished(BASE).await).await;
    let session = desk.hired("Edda", Role::Editor).await;
    let seq = desk.newsroom.app.exchange().committed().seq;
    for page in [EMERGENCY, "/console/accounts", ANNS] {
        let refused = desk.get(page, Some(&session)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
    }
    let typed = form(&[("scope", "everything"), ("reason", "words"), ("key", "z")]);
    for path in [
        "/console/emergency",
        "/console/emergency/halt",
        "/console/emergency/resume",
        "/console/accounts/acc_5/freeze",
        "/console/accounts/acc_5/unfreeze",
        "/console/accounts/acc_5/keys/0/revoke",
    ] {
        let refused = desk.post(path, &typed, Some(&session)).await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{path}: {}",
            refused.body
        );
    }
    assert_eq!(
        desk.newsroom.app.exchange().committed().seq,
        seq,
        "nothing was sent on"
    );
}

//! Reading: the journal's records, and the exchange as it stood.

use std::process::Command;

use serde_json::{Value, json};
use tidings_tests::ground::Ground;
use tidings_tests::on_both_databases;
use tidings_tests::server::{Server, binary, command, complained, said};

use crate::{MARKET, bid, traded};

on_both_databases!(
    the_journal_says_who_did_what_when_and_why,
    every_record_is_a_document_with_all_that_happened,
    a_reader_who_has_seen_enough_is_no_error,
    the_exchange_is_shown_as_it_stood,
    what_cannot_be_asked_of_a_journal_is_said_in_a_sentence,
);

/// The documents of `journal cat --json`.
fn documents(server: &Server, words: &[&str]) -> Vec<Value> {
    let output = server.tool(&[&["journal", "cat", "--json"], words].concat());
    let lines = said(&output);
    let read = |line: &str| serde_json::from_str(line).expect("a document a line");
    lines.lines().map(read).collect()
}

async fn the_journal_says_who_did_what_when_and_why(ground: Ground) {
    let (mut server, room, ann) = traded(ground).await;
    let deposit = json!({"amount": "25.5", "reason": "Wire of 3 May.\nRef. 8812."});
    let path = format!("/v1/accounts/{}/deposits", ann.id);
    let seq = room.admin.post(&path, &deposit).await.is(201)["seq"].clone();
    let halt = json!({"reason": "A rumour is about."});
    let path = format!("/v1/markets/{MARKET}/halt");
    room.operator.client.post(&path, &halt).await.is(200);
    let revoke = format!("/v1/accounts/{}/keys/0?reason=It%20was%20stolen.", ann.id);
    room.admin.delete(&revoke).await.is(200);
    assert!(server.terminate().await.success());

    let lines = said(&server.tool(&["journal", "cat"]));
    let line_with = |words: &str| {
        let found = lines.lines().find(|line| line.contains(words));
        found
            .unwrap_or_else(|| panic!("{words:?} in\n{lines}"))
            .to_owned()
    };
    let paid = line_with("pays 25.5 in");
    assert!(paid.trim_start().starts_with(&seq.to_string()), "{paid}");
    assert!(paid.contains(&format!(
        "Administrator (acc_2) pays 25.5 in for Ann ({})",
        ann.id
    )));
    assert!(
        paid.contains(r#"(because: "Wire of 3 May.\nRef. 8812.")"#),
        "{paid}"
    );
    assert!(line_with("Otto").contains("as operator"), "{lines}");
    assert!(
        line_with(" halts ").contains("A rumour is about."),
        "{lines}"
    );
    assert!(
        line_with(" revokes key 0 ").contains("It was stolen."),
        "{lines}"
    );
    let order = line_with(&format!("buys 10 Yes on {MARKET}/yes at 0.2"));
    assert!(order.contains("ord_1 rests with 10"), "{order}");
    let refused = line_with("buys 5000 Yes");
    assert!(
        refused.contains("refused, insufficient_funds: "),
        "{refused}"
    );

    let privileged = said(&server.tool(&["journal", "cat", "--privileged"]));
    assert!(
        privileged.contains(" halts ") && !privileged.contains(" buys "),
        "{privileged}"
    );
    let refused = said(&server.tool(&["journal", "cat", "--refused"]));
    assert_eq!(refused.lines().count(), 1, "{refused}");
}

async fn every_record_is_a_document_with_all_that_happened(ground: Ground) {
    let (mut server, room, ann) = traded(ground).await;
    let head = room.admin.see("/v1/journal/head").await;
    assert!(server.terminate().await.success());

    let all = documents(&server, &[]);
    let seqs = all
        .iter()
        .map(|record| record["seq"].as_u64().expect("a place"));
    assert!(seqs.eq(1..=head["seq"].as_u64().expect("a place")));
    let placed = all
        .iter()
        .find(|record| record["command"]["kind"] == "place");
    let placed = placed.expect("an order");
    assert_eq!(placed["actor"], ann.id);
    assert_eq!(
        placed["names"],
        json!({ann.id.clone(): "Ann", "mkt_0": MARKET})
    );
    assert_eq!(
        (&placed["command"]["price"], &placed["command"]["quantity"]),
        (&json!("0.2"), &json!("10"))
    );
    let kinds = placed["events"].as_array().expect("events").iter();
    let kinds: Vec<&Value> = kinds.map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["order_accepted", "order_rested"]);
    let refused = all.iter().find(|record| !record["refusal"].is_null());
    let refusal = &refused.expect("a refusal")["refusal"];
    assert_eq!(refusal["code"], "insufficient_funds");
    assert!(refusal["available"].is_string() && refusal["required"].is_string());

    // What is asked for can be narrowed; names are known wherever one starts.
    let own = documents(&server, &["--account", &ann.id]);
    assert!(own.iter().all(|record| record["names"][&ann.id] == "Ann"));
    assert_eq!(own[0]["command"]["kind"], "open_account");
    let in_market = documents(
        &server,
        &["--market", MARKET, "--kind", "place,open_market"],
    );
    assert_eq!(in_market.len(), 4, "{in_market:?}");
    assert_eq!(
        documents(&server, &["--market", "mkt_0", "--kind", "place"]).len(),
        3
    );
    let last = head["seq"].to_string();
    let last = documents(&server, &["--from", &last]);
    assert_eq!((last.len(), &last[0]["names"][&ann.id]), (1, &json!("Ann")));
    let first = documents(&server, &["--until", "2"]);
    assert_eq!(first, all[..2]);
}

async fn a_reader_who_has_seen_enough_is_no_error(ground: Ground) {
    let (mut server, ..) = traded(ground).await;
    assert!(server.terminate().await.success());
    for json in ["", "--json"] {
        let script = format!("set -o pipefail; \"$0\" journal cat {json} \"$@\" | head -n 1");
        let mut bash = Command::new("bash");
        let ran = bash
            .args(["-c", &script])
            .arg(binary())
            .args(server.place());
        let ran = ran.output();
        let ran = ran.expect("bash runs");
        assert_eq!(said(&ran).lines().count(), 1);
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
}

async fn the_exchange_is_shown_as_it_stood(ground: Ground) {
    let (mut server, room, ann) = traded(ground).await;
    let then = room.admin.see("/v1/journal/head").await["seq"].to_string();
    let book = room
        .admin
        .see(&format!("/v1/markets/{MARKET}/book?depth=200"))
        .await;
    let market = room.admin.see(&format!("/v1/markets/{MARKET}")).await;
    let account = ann.account().await;
    let orders = ann.client.see("/v1/account/orders?status=open").await;
    // It goes on, and all of that changes.
    ann.client.delete("/v1/orders").await.is(200);
    ann.client
        .post("/v1/orders", &bid("0.5", "50"))
        .await
        .is(201);
    assert!(server.terminate().await.success());

    let replay = |words: &[&str]| {
        let output = server.tool(&[&["replay", "--until", &then, "--json"], words].concat());
        serde_json::from_str::<Value>(&said(&output)).expect("a document")
    };
    let state = replay(&["--market", MARKET]);
    assert_eq!(state["seq"].to_string(), then);
    let shown = &state["markets"][0];
    for field in [
        "slug",
        "status",
        "outcomes",
        "volume",
        "subsidy",
        "worst_case",
    ] {
        assert_eq!(shown[field], market[field], "{field}");
    }
    assert_eq!(shown["books"][0]["bids"], book["bids"]);
    assert_eq!(shown["books"][0]["asks"], book["asks"]);
    assert_eq!(shown["orders"][0]["account"], ann.id);
    assert_eq!(shown["orders"][0]["id"], orders["data"][0]["id"]);
    let state = replay(&["--account", &ann.id]);
    assert_eq!(state["account"]["cash"], account["cash"]);
    assert_eq!(state["account"]["positions"], account["positions"]);
    assert_eq!(state["account"]["orders"], orders["data"]);
    assert_eq!(replay(&[])["markets"][0]["open_orders"], 1);

    // In words as well; and the end is the state that verify comes to.
    let page = said(&server.tool(&["replay", "--until", &then, "--market", "mkt_0"]));
    assert!(page.contains("ord_1: buy 10 of 10 yes on "), "{page}");
    let nothing = said(&server.tool(&["replay", "--until", "0"]));
    assert!(
        nothing.contains("record 0 of ") && nothing.contains("none"),
        "{nothing}"
    );
    let hash = |page: &str| {
        let line = page.lines().find(|line| line.starts_with("  state hash"));
        line.expect("a state hash").to_owned()
    };
    let end = said(&server.tool(&["replay"]));
    assert_eq!(hash(&end), hash(&server.verify()));
}

async fn what_cannot_be_asked_of_a_journal_is_said_in_a_sentence(ground: Ground) {
    let (mut server, ..) = traded(ground).await;
    assert!(server.terminate().await.success());
    for (words, expected) in [
        (
            vec!["journal", "cat", "--account", "Ann"],
            "write it as acc_3",
        ),
        (
            vec!["journal", "cat", "--market", "no-such"],
            "has no market \"no-such\"",
        ),
        (
            vec!["journal", "cat", "--kind", "bribe"],
            "possible values: tick, open_account",
        ),
        (vec!["journal", "cat", "--from", "0"], "0 is not in 1.."),
        (
            vec!["replay", "--until", "1000"],
            "nothing to replay up to 1000",
        ),
        (
            vec!["replay", "--market", "no-such"],
            "there was no market \"no-such\"",
        ),
        (
            vec!["replay", "--account", "acc_99"],
            "there was no account acc_99",
        ),
        (
            vec!["keys", "--reason", "a\u{202e}b"],
            "U+202E may not be in it",
        ),
        (vec!["keys", "--reason", " "], "it says nothing"),
    ] {
        let told = complained(&server.tool(&words));
        assert!(told.contains(expected), "{words:?} says: {told}");
    }
    let empty = tempfile::TempDir::new().expect("a directory");
    for words in [vec!["journal", "cat"], vec!["replay"]] {
        let mut command = command();
        command.args(&words).arg("--data").arg(empty.path());
        let told = complained(&command.output().expect("it starts, and ends"));
        assert!(
            told.starts_with("tidings: there is no database at "),
            "{told}"
        );
    }
}

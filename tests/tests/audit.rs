//! The tools of whoever has to know what happened: reading the journal, the exchange as it stood, heads
//! that were noted. Each is used as a person would, with the real binary on a real server's data.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::{Server, binary, command};

const MARKET: &str = "jpkr-joint-statement";

fn bid(price: &str, quantity: &str) -> Value {
    json!({"market": MARKET, "outcome": "yes", "side": "buy", "type": "limit",
           "price": price, "quantity": quantity})
}

/// A server on which somebody has traded, and somebody has been refused.
async fn traded() -> (Server, Newsroom, Person) {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "100").await;
    let place = async |order: &Value| ann.client.post("/v1/orders", order).await;
    place(&bid("0.2", "10")).await.is(201);
    place(&bid("0.4", "5")).await.is(201);
    place(&bid("0.9", "5000"))
        .await
        .refused("insufficient_funds");
    (server, room, ann)
}

/// What a tool printed, once it has ended well.
#[track_caller]
fn said(output: &Output) -> String {
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complained}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a tool complained about, once it has ended badly, in one sentence.
#[track_caller]
fn complained(output: &Output) -> String {
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it ended well: {output:?}");
    assert!(!complained.contains("panicked"), "{complained}");
    complained
}

/// The documents of `journal cat --json`.
fn documents(server: &Server, words: &[&str]) -> Vec<Value> {
    let output = server.tool(&[&["journal", "cat", "--json"], words].concat());
    let lines = said(&output);
    let read = |line: &str| serde_json::from_str(line).expect("a document a line");
    lines.lines().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_says_who_did_what_when_and_why() {
    let (mut server, room, ann) = traded().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_a_document_with_all_that_happened() {
    let (mut server, room, ann) = traded().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_seen_enough_is_no_error() {
    let (mut server, ..) = traded().await;
    assert!(server.terminate().await.success());
    for json in ["", "--json"] {
        let script = format!(
            "set -o pipefail; '{}' journal cat {json} --data '{}' | head -n 1",
            binary().display(),
            server.data().display()
        );
        let ran = Command::new("bash").args(["-c", &script]).output();
        let ran = ran.expect("bash runs");
        assert_eq!(said(&ran).lines().count(), 1);
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exchange_is_shown_as_it_stood() {
    let (mut server, room, ann) = traded().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_of_a_journal_is_said_in_a_sentence() {
    let (mut server, ..) = traded().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_start_is_answered_from_its_first_moment() {
    let (mut server, room, _) = traded().await;
    assert!(server.terminate().await.success());
    let address = server.base().trim_start_matches("http://").to_owned();
    let mut child = command();
    child
        .args(["serve", "--no-demo", "--listen", &address, "--data"])
        .arg(server.data())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = child.spawn().expect("it starts");
    let mut heard = Vec::new();
    let started = std::time::Instant::now();
    while heard.last() != Some(&200) {
        assert!(
            started.elapsed().as_secs() < 60,
            "it is not ready: {heard:?}"
        );
        match room.admin.try_get("/health/ready").await {
            Ok(answer) => {
                heard.push(answer.status);
                if answer.status == 503 {
                    assert!(answer.json()["status"].is_string(), "{answer:?}");
                }
            }
            Err(error) => assert!(heard.is_empty(), "{heard:?}, and then: {error:?}"),
        }
    }
    assert!(
        heard.iter().rev().skip(1).all(|status| *status == 503),
        "{heard:?}"
    );
    let ready = room.admin.see("/health/ready").await;
    assert_eq!(
        (&ready["status"], &ready["history"]["records_behind"]),
        (&json!("ok"), &json!(0))
    );
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_is_logged_at_the_start_and_at_the_end() {
    let (mut server, room, _) = traded().await;
    let head = room.admin.see("/v1/journal/head").await;
    assert!(server.terminate().await.success());
    let log = server.log();
    let line_with = |words: &str| {
        log.lines()
            .find(|line| line.contains(words))
            .map(str::to_owned)
    };
    assert!(
        line_with("the journal started").is_some_and(|line| line.contains("hash=")),
        "{log}"
    );
    let hash = format!("hash={}", head["hash"].as_str().expect("a hash"));
    assert!(
        line_with("the journal stopped").is_some_and(|line| line.contains(&hash)),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_was_noted_is_held_against_the_journal() {
    let (mut server, room, ann) = traded().await;
    let noted = room.admin.see("/v1/journal/head").await;
    ann.client.delete("/v1/orders").await.is(200);
    let end = room.admin.see("/v1/journal/head").await["seq"].clone();
    assert!(server.terminate().await.success());

    let (seq, hash) = (noted["seq"].as_u64().expect("a place"), &noted["hash"]);
    let hash = hash.as_str().expect("a hash");
    let verify = |against: String| server.tool(&["verify", "--against", &against]);
    let page = said(&verify(format!("{seq}:{hash}")));
    assert!(
        page.contains("✓ it is the journal of which the head was noted"),
        "{page}"
    );

    let other = complained(&verify(format!("{seq}:{}", "ab".repeat(32))));
    assert!(
        other.contains("this is not the journal that was published"),
        "{other}"
    );
    assert!(other.contains(hash), "{other}");
    let late = complained(&verify(format!("99:{hash}")));
    assert!(late.contains(&format!("it ends at {end}, and")), "{late}");
    for malformed in ["12", "12:xyz", "x:00", &format!("0:{hash}")] {
        complained(&verify(malformed.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_can_be_taken_along() {
    let (mut server, room, _) = traded().await;
    let head = room.admin.see("/v1/journal/head").await;
    assert!(server.terminate().await.success());
    let file = server.data().join("journal.tdj");
    let name = file.to_str().expect("a name");
    let told = said(&server.tool(&["journal", "export", name]));
    let noted = format!("{}:{}", head["seq"], head["hash"].as_str().expect("a hash"));
    assert!(
        told.contains(&noted) && told.contains("Articles are not in it"),
        "{told}"
    );
    let bytes = std::fs::read(&file).expect("the file");
    assert!(bytes.starts_with(b"tidings journal 1\n"));

    let again = complained(&server.tool(&["journal", "export", name]));
    assert!(again.contains("cannot be exported to"), "{again}");
    assert_eq!(
        std::fs::read(&file).expect("the file"),
        bytes,
        "what is there stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_taken_along_is_put_in_place() {
    let (mut server, room, ann) = traded().await;
    let head = room.admin.see("/v1/journal/head").await;
    let account = ann.account().await;
    assert!(server.terminate().await.success());
    let file = server.data().with_file_name("journal.tdj");
    let name = file.to_str().expect("a name");
    said(&server.tool(&["journal", "export", name]));

    let taken = complained(&server.tool(&["journal", "import", name]));
    assert!(taken.contains("the database has a journal"), "{taken}");
    let bytes = std::fs::read(&file).expect("the file");
    std::fs::remove_dir_all(server.data()).expect("all is gone");
    std::fs::write(&file, &bytes[..bytes.len() - 1]).expect("written");
    let cut = complained(&server.tool(&["journal", "import", name]));
    assert!(cut.contains("it stops in the middle"), "{cut}");
    std::fs::write(&file, &bytes).expect("written");

    let told = said(&server.tool(&["journal", "import", name]));
    let noted = format!("{}:{}", head["seq"], head["hash"].as_str().expect("a hash"));
    assert!(told.contains(&noted), "{told}");
    said(&server.tool(&["verify", "--against", &noted]));
    server.start_again().await;
    assert_eq!(ann.account().await, account);
    assert!(server.terminate().await.success());
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_made_again_from_the_journal() {
    let (mut server, _, ann) = traded().await;
    let history = async || {
        let behind = async || {
            let ready = ann.client.see("/health/ready").await;
            ready["history"]["records_behind"] != 0
        };
        while behind().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let mut seen = Vec::new();
        for path in ["orders?status=all", "fills", "ledger"] {
            seen.push(ann.client.see(&format!("/v1/account/{path}")).await);
        }
        for path in ["odds?points=200", "trades"] {
            let path = format!("/v1/markets/{MARKET}/{path}");
            seen.push(ann.client.see(&path).await);
        }
        seen
    };
    let before = history().await;
    assert!(server.terminate().await.success());
    let page = said(&server.tool(&["verify", "--deep"]));
    for holds in [
        "every row of the read tables is what the journal makes of it",
        "what the data directory remembers as answered is in the journal",
    ] {
        assert!(page.contains(&format!("✓ {holds}")), "{page}");
    }

    let told = said(&server.tool(&["rebuild"]));
    assert!(
        told.contains("The read tables have records 1 to ") && !told.contains(": 0 were"),
        "{told}"
    );
    said(&server.tool(&["verify", "--deep"]));
    let told = said(&server.tool(&["rebuild", "--resume"]));
    assert!(told.contains(": 0 were projected"), "{told}");
    server.start_again().await;
    assert_eq!(history().await, before);
    let busy = complained(&server.tool(&["rebuild"]));
    assert!(busy.contains("in use by another process"), "{busy}");
}

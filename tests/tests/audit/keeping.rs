//! What is kept, and held to its word: heads that were noted, a journal that is taken along, read tables
//! that are made again; and how a server says where it is on its way.

use std::process::Stdio;

use serde_json::json;
use tidings_tests::ground::Ground;
use tidings_tests::on_both_databases;
use tidings_tests::server::{command, complained, said};

use crate::{MARKET, traded};

on_both_databases!(
    a_start_is_answered_from_its_first_moment,
    the_head_is_logged_at_the_start_and_at_the_end,
    a_head_that_was_noted_is_held_against_the_journal,
    a_journal_can_be_taken_along,
    a_journal_that_was_taken_along_is_put_in_place_on_any_database,
    history_is_made_again_from_the_journal,
);

async fn a_start_is_answered_from_its_first_moment(ground: Ground) {
    let (mut server, room, _) = traded(ground).await;
    assert!(server.terminate().await.success());
    let address = server.base().trim_start_matches("http://").to_owned();
    let mut child = command();
    child
        .args(["serve", "--no-demo", "--listen", &address])
        .args(server.place())
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

async fn the_head_is_logged_at_the_start_and_at_the_end(ground: Ground) {
    let (mut server, room, _) = traded(ground).await;
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

async fn a_head_that_was_noted_is_held_against_the_journal(ground: Ground) {
    let (mut server, room, ann) = traded(ground).await;
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

async fn a_journal_can_be_taken_along(ground: Ground) {
    let (mut server, room, _) = traded(ground).await;
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

async fn a_journal_that_was_taken_along_is_put_in_place_on_any_database(ground: Ground) {
    let (mut server, room, ann) = traded(ground).await;
    let head = room.admin.see("/v1/journal/head").await;
    let noted = format!("{}:{}", head["seq"], head["hash"].as_str().expect("a hash"));
    let account = ann.account().await;
    assert!(server.terminate().await.success());
    let file = server.data().with_file_name("journal.tdj");
    let name = file.to_str().expect("a name");
    said(&server.tool(&["journal", "export", name]));
    let bytes = std::fs::read(&file).expect("the file");

    for to in Ground::all("an import") {
        let taken = complained(&server.tool(&["journal", "import", name]));
        assert!(taken.contains("the database has a journal"), "{taken}");
        std::fs::remove_dir_all(server.data()).expect("all is gone");
        server.turn_to(to.address().as_deref());
        std::fs::write(&file, &bytes[..bytes.len() - 1]).expect("written");
        let cut = complained(&server.tool(&["journal", "import", name]));
        assert!(cut.contains("it stops in the middle"), "{cut}");
        std::fs::write(&file, &bytes).expect("written");

        let told = said(&server.tool(&["journal", "import", name]));
        assert!(told.contains(&noted), "{told}");
        said(&server.tool(&["verify", "--against", &noted]));
        server.start_again().await;
        assert_eq!(ann.account().await, account, "from {ground:?} to {to:?}");
        assert!(server.terminate().await.success());
        said(&server.tool(&["verify", "--deep", "--against", &noted]));
    }
}

async fn history_is_made_again_from_the_journal(ground: Ground) {
    let (mut server, _, ann) = traded(ground).await;
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

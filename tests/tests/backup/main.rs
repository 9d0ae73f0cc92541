//! Copies of the database and the ways back: with the real binary, beside a server under load.

mod postgres;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_tests::crowd::Crowd;
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::server::{Server, command, complained, said};

/// Traders at once.
const CLIENTS: usize = 4;
/// How long they trade.
const A_WHILE: Duration = Duration::from_millis(400);

/// A server on which somebody trades, and somebody else who has not begun.
struct Floor {
    server: Server,
    room: Newsroom,
    first: Crowd,
    second: Crowd,
}

impl Floor {
    async fn open() -> Floor {
        Floor::of(Server::start().await).await
    }

    async fn of(mut server: Server) -> Floor {
        let room = Newsroom::open(&server).await;
        let market = room.open_market(&joint_statement()).await;
        let slug = market["slug"].as_str().expect("a slug");
        let mut first = Crowd::gather(&server, &room, slug, CLIENTS, 1).await;
        let second = Crowd::gather(&server, &room, slug, CLIENTS, 2).await;
        first
            .trade_during(&mut server, async |_: &mut Server| {
                tokio::time::sleep(A_WHILE).await;
            })
            .await;
        Floor {
            server,
            room,
            first,
            second,
        }
    }

    /// Makes a backup while the second crowd trades, and lets that go on for a while.
    async fn back_up(&mut self, name: &str) -> PathBuf {
        let file = self.server.data().with_file_name(name);
        let work = async |server: &mut Server| {
            let told = said(&server.tool(&["backup", text(&file)]));
            tokio::time::sleep(A_WHILE).await;
            told
        };
        let told = self.second.trade_during(&mut self.server, work).await;
        assert!(told.contains(": records 1 to "), "{told}");
        file
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_a_backup_is_there_after_its_restoring() {
    let mut floor = Floor::open().await;
    let backup = floor.back_up("backup.db").await;
    let again = complained(&floor.server.tool(&["backup", text(&backup)]));
    assert!(again.contains("cannot be made"), "{again}");
    let in_use = complained(&floor.server.tool(&["restore", text(&backup)]));
    assert!(in_use.contains("in use by another process"), "{in_use}");

    floor.server.kill();
    let told = said(&floor.server.tool(&["restore", text(&backup)]));
    assert!(
        told.contains("Given up: ") && told.contains(" records that were answered"),
        "{told}"
    );
    let former = told.split("What was there is ").nth(1);
    let former = former.and_then(|rest| rest.split(".\n").next());
    let former = PathBuf::from(former.expect("a name"));
    assert!(former.exists(), "{told}");

    floor.server.start_again().await;
    let tally = floor.first.compare(&floor.server).await;
    assert!(tally.answered > 0 && tally.unknown == 0, "{tally:?}");
    assert!(floor.server.terminate().await.success());
    floor.server.verify();

    // What made room is whole, and takes its place again.
    said(&floor.server.tool(&["restore", text(&former)]));
    floor.server.start_again().await;
    floor.second.compare(&floor.server).await;
    assert!(floor.server.terminate().await.success());
    floor.server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_is_not_taken_for_the_database() {
    let mut floor = Floor::open().await;
    let backup = floor.back_up("backup.db").await;
    let answered = floor.room.admin.see("/v1/journal/head").await["seq"].to_string();
    assert!(floor.server.terminate().await.success());
    let database = floor.server.data().join("tidings.db");
    fs::copy(&backup, &database).expect("copied");

    let mut serve = command();
    serve.args(["serve", "--no-demo", "--listen", "127.0.0.1:0", "--data"]);
    let refused = complained(
        &serve
            .arg(floor.server.data())
            .output()
            .expect("it starts, and ends"),
    );
    let missing = format!("record {answered} was answered, and the journal does not have it");
    assert!(refused.contains(&missing), "{refused}");
    assert!(refused.contains("`tidings accept-loss`"), "{refused}");

    let asked = floor.server.tool(&["accept-loss"]);
    assert!(complained(&asked).contains("nothing was changed: give --yes"));
    let told = String::from_utf8_lossy(&asked.stdout);
    assert!(
        told.contains("Given up: ") && told.contains(&format!(" to {answered}.")),
        "{told}"
    );
    said(&floor.server.tool(&["accept-loss", "--yes"]));
    floor.server.start_again().await;
    floor.first.compare(&floor.server).await;
    assert!(floor.server.terminate().await.success());
    floor.server.verify();
    let told = said(&floor.server.tool(&["accept-loss"]));
    assert!(told.contains("is given up."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_does_not_hold_is_not_restored() {
    let mut floor = Floor::open().await;
    let backup = floor.back_up("backup.db").await;
    assert!(floor.server.terminate().await.success());
    let head = floor.server.verify();
    let mut bytes = fs::read(&backup).expect("the backup");
    let name = b"Trader 0";
    let places = bytes.windows(name.len()).enumerate();
    let places: Vec<usize> = places
        .filter_map(|(place, window)| (window == name).then_some(place))
        .collect();
    // A page may have a trace of a record behind what is stored in it: one of these is the record.
    assert!(!places.is_empty(), "the name is in the journal");
    for place in places {
        bytes[place] ^= 1;
    }
    fs::write(&backup, bytes).expect("written");
    let refused = complained(&floor.server.tool(&["restore", text(&backup)]));
    assert!(refused.contains("does not hold"), "{refused}");
    let nothing = complained(&floor.server.tool(&["restore", "no-such-file"]));
    assert!(nothing.contains("there is no backup at"), "{nothing}");
    let line = |page: &str| {
        page.lines()
            .find(|l| l.contains("chain head"))
            .map(str::to_owned)
    };
    assert_eq!(line(&floor.server.verify()), line(&head));
}

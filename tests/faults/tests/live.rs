//! The disk fails under the real server while many trade: what it answered is there, what it could not
//! write it does not claim, and it ends itself rather than trust a disk that failed it.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tidings_tests::crowd::Crowd;
use tidings_tests::left_out::{aloud, left_out};
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::seed::{Random, seed};
use tidings_tests::server::Server;

/// Clients at once.
const CLIENTS: usize = 8;
/// How long a server may take to end itself: what it was asked is answered first.
const END: Duration = Duration::from_secs(12);
/// Where every answer is written before it is given.
const LOG: &str = "tidings.db-wal";

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_of_the_journal_ends_the_server_and_is_not_tried_again() {
    let Some(mut stage) = Stage::set("failed sync").await else {
        return;
    };
    // As if the power failed while it ends, if it does anything more: what the sync should have
    // written is on no disk, however well later syncs went.
    for then in ["", "\npower-cut * 1", "\npower-cut * 9"] {
        let script = format!("sync-eio {LOG} {{n}}{then}");
        stage.play_to_its_end(&script).await;
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_of_the_journal_ends_the_server() {
    let Some(mut stage) = Stage::set("failed write").await else {
        return;
    };
    for fault in ["write-eio", "write-enospc", "write-short"] {
        // Half of the bytes, and then no room: how a disk fills up.
        let then = match fault {
            "write-short" => "\nwrite-enospc tidings.db-wal 1",
            _ => "",
        };
        let script = format!("{fault} {LOG} {{n}}{then}");
        stage.play_to_its_end(&script).await;
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_takes_two_turns_is_no_failure() {
    let Some(mut stage) = Stage::set("short write").await else {
        return;
    };
    let trade_on = Duration::from_millis(500);
    let end = stage
        .play(&format!("write-short {LOG} {{n}}"), trade_on)
        .await;
    assert!(end.status.is_none(), "it goes on: {end}");
    stage.compare().await;
    stage.close().await;
}

/// What was moved from the log into the database may be on no disk then, and a later sync would say that
/// it is: only the next process may move it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_move_of_the_log_ends_the_server_and_loses_nothing() {
    let Some(mut stage) = Stage::set("failed move").await else {
        return;
    };
    for fault in ["sync-eio", "write-eio", "write-enospc"] {
        for then in ["", "\npower-cut * 1"] {
            let script = format!("{fault} tidings.db 1{then}");
            let end = stage.play(&script, CHECKPOINT).await;
            end.is_own_end();
            stage.compare().await;
        }
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_nothing_that_was_answered() {
    let Some(mut stage) = Stage::set("power cut").await else {
        return;
    };
    for _ in 0..4 {
        let end = stage.play(&format!("power-cut {LOG} {{n}}"), END).await;
        assert!(end.is_power_cut(), "{end}");
        stage.compare().await;
    }
    stage.close().await;
}

/// How the power fails for a process. Whatever else ended it may have left the disk half restored.
const SIGKILL: i32 = 9;
/// How long it may take until the log is long enough to be moved.
const CHECKPOINT: Duration = Duration::from_secs(60);

/// A server with a market, a crowd that trades in it, and a disk that does what it is told.
struct Stage {
    name: &'static str,
    server: Server,
    crowd: Crowd,
    random: Random,
    script: PathBuf,
    _scripts: tempfile::TempDir,
}

impl Stage {
    /// None where the disk cannot be told anything; that is said aloud.
    async fn set(name: &'static str) -> Option<Stage> {
        let Some(library) = library() else {
            left_out("failing disks under the server", "LD_PRELOAD is glibc's");
            return None;
        };
        let seed = seed(&format!("faults, {name}"));
        let mut server = Server::start().await;
        let room = Newsroom::open(&server).await;
        let market = room.open_market(&joint_statement()).await;
        let slug = market["slug"].as_str().expect("a slug");
        let crowd = Crowd::gather(&server, &room, slug, CLIENTS, seed).await;
        assert!(server.terminate().await.success(), "SIGTERM is a good end");

        let scripts = tempfile::tempdir().expect("a directory for scripts");
        let script = scripts.path().join("script");
        let data = server.data().canonicalize().expect("the data");
        server.set_environment(vec![
            ("LD_PRELOAD".to_owned(), library.into()),
            ("TIDINGS_FAULTS_UNDER".to_owned(), data.into()),
            ("TIDINGS_FAULTS_SCRIPT".to_owned(), script.clone().into()),
        ]);
        server.start_again().await;
        Some(Stage {
            name,
            server,
            crowd,
            random: Random::of(seed),
            script,
            _scripts: scripts,
        })
    }

    /// Lets the crowd trade, and what is in the script happen; `{n}` in it is some number. Gives how
    /// the server ended, if it did so in time.
    async fn play(&mut self, script: &str, patience: Duration) -> End {
        let count = 1 + self.random.below(40);
        let script = script.replace("{n}", &count.to_string());
        let before = Duration::from_millis(20 + self.random.below(200));
        drop(std::fs::remove_file(self.done()));
        let path = self.script.clone();
        let plays = async |server: &mut Server| {
            tokio::time::sleep(before).await;
            put(&path, &script);
            let started = Instant::now();
            loop {
                let status = server.end_within(Duration::from_millis(100)).await;
                if status.is_some() || started.elapsed() > patience {
                    return status;
                }
            }
        };
        let status = self.crowd.trade_during(&mut self.server, plays).await;
        let done = std::fs::read_to_string(self.done()).unwrap_or_default();
        let log = self.server.log();
        assert!(!done.is_empty(), "{script}: nothing happened\n{log}");
        let end = End { status, done, log };
        aloud(&format!(
            "faults, {}: {}: {end}",
            self.name,
            script.replace('\n', ", ")
        ));
        end
    }

    /// Plays what the server must not survive.
    async fn play_to_its_end(&mut self, script: &str) {
        let end = self.play(script, END).await;
        end.is_own_end();
        self.compare().await;
    }

    /// Starts again on a sound disk, and holds what is there against everybody's notes.
    async fn compare(&mut self) {
        self.server.kill();
        drop(std::fs::remove_file(&self.script));
        self.server.start_again().await;
        let tally = self.crowd.compare(&self.server).await;
        aloud(&format!(
            "faults, {}: {tally:?}, lost 0, twice 0",
            self.name
        ));
    }

    /// Everything goes on, without any library: and the journal is whole.
    async fn close(mut self) {
        self.server.kill();
        self.server.set_environment(Vec::new());
        self.server.start_again().await;
        let trade_on = async |_: &mut Server| tokio::time::sleep(Duration::from_millis(200)).await;
        self.crowd.trade_during(&mut self.server, trade_on).await;
        self.crowd.compare(&self.server).await;
        let ended = self.server.terminate().await;
        assert!(ended.success(), "SIGTERM is a good end");
        self.server.verify();
    }

    fn done(&self) -> PathBuf {
        self.script.with_extension("done")
    }
}

/// How a play ended.
struct End {
    /// None when the server runs on.
    status: Option<ExitStatus>,
    /// What happened of the script.
    done: String,
    /// The server's.
    log: String,
}

impl End {
    /// The server ended itself, says why, and does not call it a success. Unless the power failed first.
    fn is_own_end(&self) {
        if self.is_power_cut() {
            return;
        }
        let status = self.status.unwrap_or_else(|| {
            panic!("it goes on after the disk failed it\n{}", self.log);
        });
        // A signal has no code: nobody may have killed it, and it may not have crashed.
        assert!(status.code().is_some_and(|code| code != 0), "{status}");
        let last = self.log.lines().last().unwrap_or("");
        assert!(
            last.contains("the journal did not take") && !self.log.contains("panicked"),
            "its last words are clear: {last}"
        );
    }

    fn is_power_cut(&self) -> bool {
        let killed = self.status.and_then(|status| status.signal());
        killed == Some(SIGKILL) && self.done.contains("PowerCut")
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = self.done.lines().filter_map(|line| line.split(' ').next());
        let faults: Vec<&str> = faults.collect();
        match self.status {
            Some(status) => write!(f, "{} happened, {status}", faults.join(" and ")),
            None => write!(f, "{} happened, it goes on", faults.join(" and ")),
        }
    }
}

/// One rename, so that nobody reads half of it.
fn put(script: &Path, text: &str) {
    let draft = script.with_extension("draft");
    std::fs::write(&draft, text).expect("the script can be written");
    std::fs::rename(&draft, script).expect("the script can be put in place");
}

/// The library that cargo built beside this test; none where it cannot be loaded before libc.
fn library() -> Option<PathBuf> {
    if cfg!(not(all(target_os = "linux", target_env = "gnu"))) {
        return None;
    }
    let test = std::env::current_exe().expect("this test's path");
    let library = test.with_file_name("libtidings_faults.so");
    assert!(library.exists(), "cargo builds {}", library.display());
    Some(library)
}

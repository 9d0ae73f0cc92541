//! Clusters as tests of the store use them, asked with `psql`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tidings_cluster::{Cluster, left_out};

/// How long what is bound to happen may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether PostgreSQL is here; says so if not.
fn can_run() -> bool {
    let missing = Cluster::installed().err();
    if let Some(why) = &missing {
        left_out(why);
    }
    missing.is_none()
}

/// What a database answers.
fn ask(cluster: &Cluster, url: &str, sql: &str) -> Result<String, String> {
    let mut psql = cluster.command("psql");
    psql.args(["-XqAt", "--set=ON_ERROR_STOP=1", "--dbname", url]);
    let output = psql.args(["--command", sql]).output().expect("psql");
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .into()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[track_caller]
fn check(cluster: &Cluster, url: &str, sql: &str, expected: &str) {
    assert_eq!(ask(cluster, url, sql).as_deref(), Ok(expected), "{sql}");
}

#[track_caller]
fn wait_for(what: &str, happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_shared_server_gives_databases_that_are_empty_and_apart() {
    if !can_run() {
        return;
    }
    let shared = Cluster::shared().expect("a server");
    let [one, other] = [(); 2].map(|()| shared.database().expect("a database"));
    assert_ne!(one, other);
    assert!(one.starts_with("postgres"), "{one}");

    let psql = |url: &str, sql: &str| {
        let mut psql = Command::new("psql");
        let output = psql.args(["-XqAt", "-d", url, "-c", sql]).output();
        String::from_utf8(output.expect("psql").stdout).expect("text")
    };
    psql(&one, "CREATE TABLE article (id int)");
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(psql(&one, tables), "1\n");
    assert_eq!(psql(&other, tables), "0\n");
}

#[test]
fn a_cluster_is_durable_and_is_what_it_says() {
    if !can_run() {
        return;
    }
    let cluster = Cluster::own().expect("a cluster");
    let url = cluster.url("postgres");
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        check(&cluster, &url, &format!("SHOW {setting}"), "on");
    }
    check(&cluster, &url, "SHOW port", &cluster.port().to_string());
    let data = cluster.data();
    check(
        &cluster,
        &url,
        "SHOW data_directory",
        &data.to_string_lossy(),
    );
    check(
        &cluster,
        &cluster.database().expect("one"),
        "SHOW server_encoding",
        "UTF8",
    );

    drop(cluster);
    assert!(
        !data.parent().expect("its directory").exists(),
        "it is removed"
    );
}

#[test]
fn a_killed_cluster_comes_back_with_what_was_committed() {
    if !can_run() {
        return;
    }
    let mut cluster = Cluster::own().expect("a cluster");
    let (url, port) = (cluster.database().expect("a database"), cluster.port());
    ask(&cluster, &url, "CREATE TABLE fill (id int)").expect("a table");
    for round in 1..=3 {
        let insert = format!("INSERT INTO fill VALUES ({round})");
        ask(&cluster, &url, &insert).expect("a commit");
        // Somebody is in the midst of a transaction that was not committed.
        let mut psql = cluster.command("psql");
        psql.args(["-Xq", "-d", &url, "-c"]).stderr(Stdio::null());
        let busy = "BEGIN; INSERT INTO fill VALUES (0); SELECT pg_sleep(600)";
        let mut busy = psql.arg(busy).spawn().expect("psql");
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        wait_for("a transaction", || {
            ask(&cluster, &url, sleeping).as_deref() == Ok("1")
        });

        cluster.kill().expect("killed");
        assert!(!busy.wait().expect("it ends").success(), "it was cut off");
        assert!(ask(&cluster, &url, "SELECT 1").is_err(), "it is away");
        assert!(cluster.kill().is_err(), "it is dead");

        cluster.start().expect("it comes back");
        assert_eq!(cluster.port(), port);
        let ids = "SELECT count(*) || ' up to ' || max(id) FROM fill WHERE id > 0";
        check(&cluster, &url, ids, &format!("{round} up to {round}"));
        check(
            &cluster,
            &url,
            "SELECT count(*) FROM fill WHERE id = 0",
            "0",
        );
    }
    assert!(cluster.log().contains("was not properly shut down"));
    assert!(cluster.start().is_err(), "it is running");

    cluster.stop().expect("stopped");
    assert!(cluster.log().contains("database system is shut down"));
    cluster.start().expect("it comes back");
    check(&cluster, &url, "SELECT count(*) FROM fill", "3");
}

#[test]
fn a_cluster_that_does_not_start_says_why() {
    if !can_run() {
        return;
    }
    let mut cluster = Cluster::own().expect("a cluster");
    cluster.stop().expect("stopped");
    cluster.settings("max_connections = many").expect("written");
    let why = cluster.start().expect_err("no number");
    assert!(why.contains("max_connections"), "{why}");
    cluster.settings("max_connections = 20").expect("written");
    cluster.start().expect("the last of several counts");
    check(
        &cluster,
        &cluster.url("postgres"),
        "SHOW max_connections",
        "20",
    );
}

#[test]
fn a_standby_follows_and_can_be_promoted() {
    if !can_run() {
        return;
    }
    let mut primary = Cluster::own().expect("a primary");
    let url = primary.database().expect("a database");
    ask(&primary, &url, "CREATE TABLE fill AS SELECT 1 AS id").expect("a table");
    let mut standby = Cluster::standby_of(&primary).expect("a standby");
    let name = url.rsplit('/').next().expect("a name");
    let there = standby.url(name);
    let count = "SELECT count(*) FROM fill";
    check(&standby, &there, count, "1");
    check(&standby, &there, "SELECT pg_is_in_recovery()", "t");
    let how = "SELECT state || ' ' || sync_state FROM pg_stat_replication";
    wait_for("a stream", || {
        ask(&primary, &url, how).as_deref() == Ok("streaming async")
    });

    ask(&primary, &url, "INSERT INTO fill VALUES (2)").expect("a commit");
    wait_for("the second", || {
        ask(&standby, &there, count).as_deref() == Ok("2")
    });
    assert!(ask(&standby, &there, "INSERT INTO fill VALUES (0)").is_err());

    // What it missed while it was dead it gets afterwards.
    standby.kill().expect("killed");
    ask(&primary, &url, "INSERT INTO fill VALUES (3)").expect("a commit");
    standby.start().expect("it comes back");
    wait_for("the third", || {
        ask(&standby, &there, count).as_deref() == Ok("3")
    });

    primary.kill().expect("killed");
    standby.promote().expect("promoted");
    ask(&standby, &there, "INSERT INTO fill VALUES (4)").expect("it takes writes");
    check(&standby, &there, count, "4");
    assert!(standby.promote().is_err(), "it is a primary");
}

/// Makes the test below the process that is killed. The value says when.
const HOLD: &str = "TIDINGS_CLUSTER_HOLD";

#[test]
fn nothing_is_left_when_the_process_that_started_it_is_killed() {
    if !can_run() {
        return;
    }
    match std::env::var(HOLD).as_deref() {
        Ok(when) => hold(when),
        Err(_) => ["running", "killed", "stopped", "shared"]
            .iter()
            .for_each(|when| kill_the_holder(when)),
    }
}

/// Starts a cluster, tells where it is, and waits for the end.
fn hold(when: &str) {
    let (data, port) = match when {
        "shared" => {
            let url = Cluster::shared().and_then(|shared| shared.database());
            println!("\nholds {}", url.expect("a database"));
            std::thread::sleep(2 * PATIENCE);
            return;
        }
        _ => {
            let mut cluster = Cluster::own().expect("a cluster");
            match when {
                "killed" => cluster.kill().expect("killed"),
                "stopped" => cluster.stop().expect("stopped"),
                _ => {}
            }
            let place = (cluster.data(), cluster.port());
            // Forgotten, so that only the end of the process can end it.
            std::mem::forget(cluster);
            place
        }
    };
    println!("\nholds {port} {}", data.display());
    std::thread::sleep(2 * PATIENCE);
}

#[track_caller]
fn kill_the_holder(when: &str) {
    let mut holder = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--nocapture"])
        .arg("nothing_is_left_when_the_process_that_started_it_is_killed")
        .env(HOLD, when)
        .env_remove("TIDINGS_TEST_POSTGRES")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the holder");
    let lines = BufReader::new(holder.stdout.take().expect("piped")).lines();
    let held = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("holds ").map(str::to_owned))
        .expect("it holds a cluster");
    let started = descendants(holder.id());
    // The keeper at least; a running server has several processes.
    let least = match when {
        "running" | "shared" => 4,
        _ => 1,
    };
    assert!(started.len() >= least, "{when}: {started:?}");

    holder.kill().expect("it can be killed");
    holder.wait().expect("it ends");
    wait_for(when, || {
        let now = processes();
        // By its start, too: a number may be given to another process.
        !started
            .iter()
            .any(|(pid, one)| now.get(pid).is_some_and(|its| its.is(one)))
    });
    match held.split_once(' ') {
        Some((port, data)) => {
            let port = port.parse().expect("a port");
            let listens = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
            assert!(listens.is_err(), "{when}: something listens");
            let directory = Path::new(data).parent().expect("its directory");
            assert!(!directory.exists(), "{when}: {data} is there");
        }
        None => {
            let psql = Command::new("psql").args(["-X", &held, "-c", ""]).output();
            assert!(!psql.expect("psql").status.success(), "{held} answers");
        }
    }
}

/// One of `/proc`.
#[derive(Debug)]
struct Process {
    parent: u32,
    ended: bool,
    began: String,
}

impl Process {
    /// Whether this is the other, and can still do something.
    fn is(&self, other: &Process) -> bool {
        self.began == other.began && !self.ended
    }
}

fn descendants(of: u32) -> BTreeMap<u32, Process> {
    let mut all = processes();
    let mut found = BTreeMap::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        for (pid, process) in all.extract_if(.., |_, process| process.parent == parent) {
            parents.push(pid);
            found.insert(pid, process);
        }
    }
    found
}

fn processes() -> BTreeMap<u32, Process> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| {
        let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The state is the third of `proc(5)`'s fields, the start the 22nd.
        let fields: Vec<&str> = line.rsplit_once(") ")?.1.split(' ').collect();
        let process = Process {
            parent: fields.get(1)?.parse().ok()?,
            ended: matches!(*fields.first()?, "Z" | "X"),
            began: (*fields.get(19)?).to_owned(),
        };
        Some((pid, process))
    })
    .collect()
}

//! PostgreSQL's own tools, as the README says: a dump, a base backup, and a base backup with archived WAL,
//! all made while people trade. Each is restored beside the original, which the server then no longer
//! has.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use tidings_cluster::Cluster;
use tidings_tests::crowd::Crowd;
use tidings_tests::left_out::{aloud, left_out};
use tidings_tests::seed::seed;
use tidings_tests::server::{Server, complained, said};

use crate::{A_WHILE, CLIENTS, Floor};

/// A moment to come back to, as PostgreSQL calls it.
const MOMENT: &str = "before the mishap";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_a_copy_of_postgresql_is_there_after_its_restoring() {
    if let Err(why) = Cluster::installed() {
        return left_out("copies of a database on PostgreSQL", &why);
    }
    let seed = seed("copies of PostgreSQL");
    let cluster = archiving();
    let database = cluster.database().expect("a database");
    let name = database.rsplit_once('/').expect("a name").1.to_owned();
    let server = Server::start_on(&database, &["--no-demo"]).await;
    let mut floor = Floor::of(server).await;
    let by_file = complained(&floor.server.tool(&["backup", "no-such-file"]));
    assert!(by_file.contains("its own tools copy it"), "{by_file}");

    // Copies are made while people trade; what was answered before has to be in each of them.
    let admin = floor.room.admin.clone();
    let copies = async |_: &mut Server| {
        tokio::time::sleep(A_WHILE).await;
        let before_dump = noted(&admin.see("/v1/journal/head").await);
        let dump = tokio::task::block_in_place(|| dump(&cluster, &name));
        let before_base = noted(&admin.see("/v1/journal/head").await);
        let base = || Cluster::copy_of(&cluster).expect("a base backup");
        let bases = tokio::task::block_in_place(|| (base(), base()));
        tokio::time::sleep(A_WHILE).await;
        (before_dump, dump, before_base, bases)
    };
    let (before_dump, dump, before_base, (mut base, mut to_moment)) =
        floor.second.trade_during(&mut floor.server, copies).await;
    let moment = noted(&admin.see("/v1/journal/head").await);
    query(
        &cluster,
        &format!("SELECT pg_create_restore_point('{MOMENT}')"),
    );
    let go_on = async |_: &mut Server| tokio::time::sleep(A_WHILE).await;
    floor.second.trade_during(&mut floor.server, go_on).await;
    let last = admin.see("/v1/journal/head").await;
    archive_all(&cluster);
    floor.server.kill();

    let restored = cluster.database().expect("a database");
    restore(&cluster, &dump, &restored);
    let mut checks = Checks {
        witness: fs::read(floor.server.data().join("witness")).expect("the witness"),
        floor,
        last,
        seed,
    };
    let end = checks.hold(&restored, &before_dump).await;
    aloud(&format!(
        "dump: answered before it {before_dump}, in it up to {end}"
    ));

    base.start().expect("the copy starts");
    let end = checks.hold(&base.url(&name), &before_base).await;
    aloud(&format!(
        "base backup: answered before it {before_base}, in it up to {end}"
    ));

    recover_to_moment(&to_moment, &cluster);
    to_moment.start().expect("the copy is recovered");
    let end = checks.hold(&to_moment.url(&name), &moment).await;
    assert!(
        moment.starts_with(&format!("{end}:")),
        "{moment}, and {end}"
    );
    aloud(&format!(
        "archived WAL: {moment} was wanted, in it up to {end}"
    ));
}

/// What is checked of each restored database.
struct Checks {
    floor: Floor,
    /// What the data directory remembers when the original is lost.
    witness: Vec<u8>,
    /// The head that was answered last.
    last: Value,
    seed: u64,
}

impl Checks {
    /// Puts a restored database in the original's place, on the data directory that the original left
    /// behind. It has to hold what had been answered at a head; what came later is said to be
    /// missing. Gives the last record that it has.
    async fn hold(&mut self, database: &str, at_least: &str) -> u64 {
        let Floor {
            server,
            first,
            room,
            ..
        } = &mut self.floor;
        fs::write(server.data().join("witness"), &self.witness).expect("the witness is written");
        let answered = self.last["seq"].as_u64().expect("a place");
        let (status, log) = server.start_refused_on(database).await;
        assert!(!status.success(), "{log}");
        let missing = format!("record {answered} was answered, and the journal does not have it");
        assert!(log.contains(&missing), "{log}");
        let lacks = complained(&server.tool(&["verify"]));
        assert!(lacks.contains("lacks what was answered"), "{lacks}");

        let asked = server.tool(&["accept-loss"]);
        assert!(complained(&asked).contains("nothing was changed: give --yes"));
        let told = String::from_utf8_lossy(&asked.stdout).into_owned();
        let end = end_of(&told);
        let (records, from) = (answered - end, end + 1);
        let lost = format!("{records} records that were answered, from {from} to {answered}.");
        assert!(told.contains(&lost), "{told}");
        said(&server.tool(&["accept-loss", "--yes"]));
        said(&server.tool(&["verify", "--deep", "--against", at_least]));
        let late = complained(&server.tool(&["verify", "--against", &noted(&self.last)]));
        assert!(late.contains(&format!("it ends at {end}, and")), "{late}");

        server.start_again().await;
        let tally = first.compare(server).await;
        assert!(tally.answered > 0 && tally.unknown == 0, "{tally:?}");
        let market = room.admin.see("/v1/markets").await["data"][0]["slug"].clone();
        let slug = market.as_str().expect("a market");
        let mut third = Crowd::gather(server, room, slug, CLIENTS, self.seed).await;
        third
            .trade_during(server, async |_: &mut Server| {
                tokio::time::sleep(A_WHILE).await
            })
            .await;
        let tally = third.compare(server).await;
        assert!(tally.answered > 0 && tally.unknown == 0, "{tally:?}");
        assert!(server.terminate().await.success());
        said(&server.tool(&["verify", "--deep", "--against", at_least]));
        end
    }
}

/// The end of `…: records 1 to 1250, whose head is 1250:5e0f….`
fn end_of(told: &str) -> u64 {
    let after = told.split(": records 1 to ").nth(1);
    let end = after.and_then(|after| after.split(',').next());
    let end = end.and_then(|end| end.parse().ok());
    end.unwrap_or_else(|| panic!("no end in {told}"))
}

/// A head as `verify --against` takes it.
fn noted(head: &Value) -> String {
    format!("{}:{}", head["seq"], head["hash"].as_str().expect("a hash"))
}

/// A cluster that keeps all its WAL beside its data.
fn archiving() -> Cluster {
    let mut cluster = Cluster::own().expect("a cluster");
    let archive = archive(&cluster);
    let archive = archive.display();
    let settings =
        format!("archive_mode = on\narchive_command = 'mkdir -p {archive} && cp %p {archive}/%f'");
    cluster.settings(&settings).expect("settings");
    cluster.stop().expect("the cluster stops");
    cluster.start().expect("the cluster starts");
    cluster
}

fn archive(cluster: &Cluster) -> PathBuf {
    cluster.data().with_file_name("archive")
}

/// Waits until everything that was written so far is in the archive.
fn archive_all(cluster: &Cluster) {
    let file = query(cluster, "SELECT pg_walfile_name(pg_current_wal_lsn())");
    query(cluster, "SELECT pg_switch_wal()");
    let started = Instant::now();
    while !archive(cluster).join(&file).exists() {
        assert!(started.elapsed().as_secs() < 60, "{file} is not archived");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Has a copy go on with what another cluster archived, up to the moment and no further.
fn recover_to_moment(copy: &Cluster, original: &Cluster) {
    let archive = archive(original);
    let archive = archive.display();
    // Not to be asked before it is there: a standby answers earlier.
    let settings = format!(
        "hot_standby = off\nrestore_command = 'cp {archive}/%f %p'\n\
         recovery_target_name = '{MOMENT}'\nrecovery_target_action = 'promote'"
    );
    copy.settings(&settings).expect("settings");
    fs::write(copy.data().join("recovery.signal"), "").expect("a signal");
}

/// Writes a dump in PostgreSQL's own format, and gives its name in the cluster's directory.
fn dump(cluster: &Cluster, name: &str) -> String {
    let mut dump = cluster.command("pg_dump");
    said(
        &dump
            .args(["--format=custom", "--file=a.dump", name])
            .output()
            .expect("pg_dump runs"),
    );
    "a.dump".to_owned()
}

fn restore(cluster: &Cluster, dump: &str, database: &str) {
    let mut restore = cluster.command("pg_restore");
    restore.args(["--exit-on-error", "--dbname", database, dump]);
    said(&restore.output().expect("pg_restore runs"));
}

fn query(cluster: &Cluster, question: &str) -> String {
    let mut psql = cluster.command("psql");
    psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command"]);
    let answer = said(&psql.arg(question).output().expect("psql runs"));
    answer.trim().to_owned()
}

//! A temporary cluster: its directory, its server, and what can be done to them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::installed::{self, User, output, without_surroundings};
use crate::keeper::Keeper;
use crate::processes::{Processes, alive, halted};
use crate::{random, shared};

/// The superuser of every cluster, who needs no password: only this machine can reach it.
const SUPERUSER: &str = "postgres";

/// What tests need otherwise than a server is by default. What is durable stays so: `fsync`,
/// `synchronous_commit` and `full_page_writes` are on. Many clusters may be there at once, so
/// memory is small; several pools of connections may be; a standby that was away finds what it
/// missed; and a checkpoint in the midst of a measurement is rare.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
shared_buffers = '64MB'
max_wal_size = '2GB'
wal_keep_size = '512MB'
max_connections = 200
fsync = on
";

/// Recovery syncs the file system at once, instead of a thousand files one by one, which takes
/// seconds after each kill. Elsewhere servers refuse the setting.
#[cfg(target_os = "linux")]
const RECOVERY: &str = "recovery_init_sync_method = 'syncfs'";
#[cfg(not(target_os = "linux"))]
const RECOVERY: &str = "";

/// How long a start may take, recovery included, on a busy machine.
const START: Duration = Duration::from_secs(120);

/// How long killed processes may take to end: those in the midst of a write to a slow disk cannot
/// before it is done.
const END: Duration = Duration::from_secs(60);

/// How often another port is tried, when somebody takes the one that was free a moment ago.
const PORTS: u32 = 5;

/// A temporary cluster with a server of its own. It ends, and its directory goes, when it is
/// dropped or when the process that has it ends, be it by SIGKILL.
pub struct Cluster {
    // Before the directory: the server ends first.
    keeper: Keeper,
    directory: TempDir,
    bin: PathBuf,
    user: User,
    port: u16,
    /// The server's first process.
    running: Option<u32>,
}

impl Cluster {
    /// Whether a cluster can be had here: what is missing, if not. With this a test tells *cannot be
    /// run here* from *failed*.
    ///
    /// # Errors
    /// When PostgreSQL is not installed.
    pub fn installed() -> Result<(), String> {
        installed::server().map(drop)
    }

    /// A cluster of one's own, empty and running.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or when it does not start.
    pub fn own() -> Result<Cluster, String> {
        Cluster::made_by(|cluster| {
            let mut initdb = cluster.command("initdb");
            initdb
                .arg("--pgdata")
                .arg(cluster.data())
                .args(["--username", SUPERUSER, "--auth=trust"])
                .args(["--encoding=UTF8", "--locale=C"])
                // What comes before the first start is not what tests ask about.
                .arg("--no-sync");
            output(&mut initdb)?;
            cluster.settings(SETTINGS)?;
            cluster.settings(RECOVERY)
        })
    }

    /// A standby that follows a running cluster by streaming, asynchronously. It is there when it
    /// answers questions; how far it has come is for the caller to ask.
    ///
    /// # Errors
    /// When the copy cannot be made, or when the standby does not start.
    pub fn standby_of(primary: &Cluster) -> Result<Cluster, String> {
        Cluster::made_by(|cluster| cluster.copy(primary, &["--write-recovery-conf"]))
    }

    /// A copy of a running cluster as `pg_basebackup` makes it, to be started when its settings say what
    /// it is to be: without any, a cluster of its own with what the other had when the copy was
    /// done.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub fn copy_of(original: &Cluster) -> Result<Cluster, String> {
        let copy = Cluster::in_a_directory()?;
        copy.copy(original, &[])?;
        copy.reached_at_its_port()?;
        Ok(copy)
    }

    fn copy(&self, original: &Cluster, how: &[&str]) -> Result<(), String> {
        let mut copy = self.command("pg_basebackup");
        copy.arg("--pgdata")
            .arg(self.data())
            .args(["--host", "127.0.0.1", "--username", SUPERUSER])
            .args(["--port", &original.port.to_string()])
            .args(["--wal-method=stream", "--checkpoint=fast", "--no-sync"])
            .args(how);
        output(&mut copy).map(drop)
    }

    /// Makes a directory, has `fill` put data there, and starts a server on them.
    fn made_by(fill: impl FnOnce(&Cluster) -> Result<(), String>) -> Result<Cluster, String> {
        let mut cluster = Cluster::in_a_directory()?;
        fill(&cluster)?;
        cluster.open()?;
        Ok(cluster)
    }

    fn in_a_directory() -> Result<Cluster, String> {
        let bin = installed::server()?;
        let directory = tempfile::Builder::new()
            .prefix("tidings-pg-")
            .tempdir()
            .map_err(|e| format!("no directory for a cluster: {e}"))?;
        let user = User::for_owner_of(directory.path())?;
        user.give(directory.path())?;
        Ok(Cluster {
            keeper: Keeper::of(&bin.join("postgres"), directory.path(), user)?,
            directory,
            bin,
            user,
            port: random::port()?,
            running: None,
        })
    }

    /// Starts the server for the first time: on another port, if somebody has taken its own.
    fn open(&mut self) -> Result<(), String> {
        let mut failed = String::new();
        for _ in 0..PORTS {
            self.reached_at_its_port()?;
            match self.start() {
                Ok(()) => return Ok(()),
                Err(why) if why.contains("Address already in use") => failed = why,
                Err(why) => return Err(why),
            }
            self.port = random::port()?;
        }
        Err(failed)
    }

    fn reached_at_its_port(&self) -> Result<(), String> {
        let (port, place) = (self.port, self.directory.path().display());
        // The last of several settings counts.
        self.settings(&format!(
            "\nport = {port}\nunix_socket_directories = '{place}'\n"
        ))
    }

    /// Starts the server again, on the same data and the same port, and waits until it answers:
    /// a standby too, when what it has is consistent.
    ///
    /// # Errors
    /// When it is running, or when it does not start: with the end of its log.
    pub fn start(&mut self) -> Result<(), String> {
        if self.running.is_some() {
            return Err("the cluster is running".to_owned());
        }
        let before = self.log().len();
        let pid = self.keeper.start()?;
        self.running = Some(pid);

        let began = Instant::now();
        while !self.is_ready(pid) {
            let running = self.keeper.look()?;
            if running && began.elapsed() < START {
                continue;
            }
            self.stop()?;
            let log = self.log();
            let what = match running {
                true => format!("is not ready after {START:?}"),
                false => "did not start".to_owned(),
            };
            let news = log.get(before..).unwrap_or(&log);
            return Err(format!("PostgreSQL {what}: {}", news.trim()));
        }
        Ok(())
    }

    /// What `pg_ctl` asks, too: the first line of `postmaster.pid` is the process, the eighth its
    /// state. A file that a killed server left behind names another process.
    fn is_ready(&self, pid: u32) -> bool {
        let Ok(text) = fs::read_to_string(self.data().join("postmaster.pid")) else {
            return false;
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
    }

    /// Kills the server and all processes it has started with SIGKILL, as a power cut would end
    /// them. What the system has been given to write is still written, unlike after a power cut.
    ///
    /// # Errors
    /// When it is not running, or when its processes cannot be found (they are, on Linux).
    pub fn kill(&mut self) -> Result<(), String> {
        let pid = self.running()?;
        // Halted first: it must not answer the death of a child, nor start another meanwhile.
        self.keeper.signal("STOP", &[pid])?;
        patiently("halt", || halted(pid) || !alive(pid))?;
        let mut all = Processes::list()?.descendants(pid);
        all.push(pid);
        self.keeper.signal("KILL", &all)?;
        self.keeper.reap()?;
        self.running = None;
        // The memory they share has to be free before another server can start.
        patiently("end", || !all.iter().any(|pid| alive(*pid)))
    }

    /// Shuts the server down: connections are cut, what is committed is checkpointed.
    ///
    /// # Errors
    /// When it is not running.
    pub fn stop(&mut self) -> Result<(), String> {
        self.running()?;
        self.running = None;
        self.keeper.stop()
    }

    /// Makes a primary of a standby, and waits until it takes writes.
    ///
    /// # Errors
    /// What `pg_ctl` complains of, such as that this is no standby.
    pub fn promote(&mut self) -> Result<(), String> {
        self.running()?;
        let mut promote = self.command("pg_ctl");
        promote.args(["promote", "--wait", "--pgdata"]);
        output(promote.arg(self.data())).map(drop)
    }

    /// Makes an empty database of a random name and gives its address:
    /// `postgres://user@127.0.0.1:port/name`.
    ///
    /// # Errors
    /// What PostgreSQL's client complains of.
    pub fn database(&self) -> Result<String, String> {
        let name = random::name();
        let mut psql = self.command("psql");
        psql.args(["--no-psqlrc", "--quiet", "--command"]);
        output(psql.arg(shared::create(&name)))?;
        Ok(self.url(&name))
    }

    /// The address of a database of this cluster. A standby has those of its primary.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port of 127.0.0.1 where the server listens. It stays the same.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where a tool of the server's version is, such as `pg_basebackup`.
    pub fn binary(&self, tool: &str) -> PathBuf {
        self.bin.join(tool)
    }

    /// A tool of the server's version, to be run as the cluster's user and in its directory, where
    /// it may write. It finds this cluster when it is told no other: the superuser, the database
    /// `postgres`, and the data directory.
    pub fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(self.binary(tool));
        without_surroundings(&mut command);
        command
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", SUPERUSER)
            .env("PGDATABASE", "postgres")
            .env("PGDATA", self.data());
        self.user.run(&mut command);
        command
    }

    /// Adds lines to `postgresql.conf`. They count from the next start, and the last of several
    /// counts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn settings(&self, lines: &str) -> Result<(), String> {
        let path = self.data().join("postgresql.conf");
        let file = OpenOptions::new().append(true).open(&path);
        file.and_then(|mut file| writeln!(file, "{lines}"))
            .map_err(|e| format!("{}: {e}", path.display()))
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        let log: &Path = &self.directory.path().join("log");
        // Absent before the first start.
        let bytes = fs::read(log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn running(&self) -> Result<u32, String> {
        let stopped = || "the cluster is not running".to_owned();
        self.running.ok_or_else(stopped)
    }
}

/// Waits for something that is bound to happen.
fn patiently(what: &str, happened: impl Fn() -> bool) -> Result<(), String> {
    let began = Instant::now();
    while !happened() {
        if began.elapsed() > END {
            return Err(format!("the server's processes do not {what}"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

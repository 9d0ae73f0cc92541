//! The real server as a process: started on a free port with a directory of its own, on a database
//! there or on PostgreSQL; ended politely or with kill -9, halted, started again on the same data.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;
use crate::ground::Ground;

/// The key of the first administrator.
pub const ADMIN_KEY: &str = "adm_0123456789abcdef0123456789abcdef";

/// Tests are about something else than limits: everybody asks as much as they like, from one address. A
/// `--limit` among a server's flags takes the place of all of these.
const HARDLY_ANY_LIMITS: &str = "orders=1000000,cancels=1000000,reads=1000000,staff=1000000,\
                                 public=1000000,failures=1000000,connections_per_address=10000,\
                                 streams_per_address=5000";

/// How long a start may take: recovery included, on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server. It is killed when it is dropped; its data goes with the last one that uses it.
pub struct Server {
    child: Child,
    base: String,
    data: Arc<TempDir>,
    log: PathBuf,
    setup: Setup,
}

/// What a server is started with, each time.
#[derive(Clone, Default)]
struct Setup {
    /// The address of its database; none: a file in its directory.
    database: Option<String>,
    flags: Vec<String>,
    /// For later starts, beside what this process has.
    environment: Vec<(String, OsString)>,
}

impl Server {
    /// A server on an empty database.
    pub async fn start() -> Server {
        Server::start_with(&["--no-demo"]).await
    }

    /// A server on an empty database, with these flags.
    pub async fn start_with(flags: &[&str]) -> Server {
        Server::begin(None, flags).await.ready().await
    }

    /// A server on a database that is elsewhere, with these flags and a directory of its own.
    pub async fn start_on(database: &str, flags: &[&str]) -> Server {
        Server::begin(Some(database), flags).await.ready().await
    }

    /// A server on an empty database of a kind.
    pub async fn start_upon(ground: Ground) -> Server {
        let database = ground.address();
        let server = Server::begin(database.as_deref(), &["--no-demo"]).await;
        server.ready().await
    }

    /// The same without waiting for its recovery: another server may own the database.
    pub async fn wait_on(database: &str, flags: &[&str]) -> Server {
        Server::begin(Some(database), flags).await
    }

    async fn begin(database: Option<&str>, flags: &[&str]) -> Server {
        let data = Arc::new(TempDir::new().expect("a directory for the data"));
        let setup = Setup {
            database: database.map(str::to_owned),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            environment: Vec::new(),
        };
        Server::launch("127.0.0.1:0", data, setup).await
    }

    async fn launch(listen: &str, data: Arc<TempDir>, setup: Setup) -> Server {
        let (mut child, log) = setup.spawn(listen, data.path());
        let base = match address(&mut child, &log).await {
            Ok(base) => base,
            Err(why) => {
                drop(child.kill());
                panic!("the server did not start: {why}\n{}", read(&log))
            }
        };
        Server {
            child,
            base,
            data,
            log,
            setup,
        }
    }

    async fn ready(mut self) -> Server {
        self.wait_until_ready().await;
        self
    }

    /// Waits until it takes requests.
    ///
    /// # Panics
    /// When it ends instead, or takes longer than a start may.
    pub async fn wait_until_ready(&mut self) {
        let started = Instant::now();
        while started.elapsed() < START {
            if self.ready_status().await == Some(200) {
                return;
            }
            if let Some(status) = self.ended() {
                panic!("the server ended with {status}\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the server was not ready within {START:?}\n{}", self.log());
    }

    async fn ready_status(&self) -> Option<u16> {
        let answer = self.public().try_get("/health/ready").await;
        answer.ok().map(|answer| answer.status)
    }

    /// Where it is reached, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The directory of its data.
    pub fn data(&self) -> PathBuf {
        store(self.data.path())
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// A client without a key.
    pub fn public(&self) -> Client {
        Client::new(&self.base, None)
    }

    /// A client with the administrator's key.
    pub fn admin(&self) -> Client {
        self.client(ADMIN_KEY)
    }

    /// A client with a key.
    pub fn client(&self, key: &str) -> Client {
        Client::new(&self.base, Some(key))
    }

    /// Ends it the way a power cut does, for the process: kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Takes the processor from it, without a word: SIGSTOP.
    pub fn halt(&self) {
        self.signal("STOP");
    }

    /// Lets it go on as if nothing had been: SIGCONT.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "SIG{name} can be sent"
        );
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Panics
    /// When it takes more than ten seconds.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        match self.end_within(Duration::from_secs(11)).await {
            Some(status) => status,
            None => panic!(
                "it did not end within ten seconds of SIGTERM\n{}",
                self.log()
            ),
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its state can be seen")
    }

    /// Waits for its end; none when it goes on.
    pub async fn end_within(&mut self, wait: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        loop {
            let ended = self.ended();
            if ended.is_some() || started.elapsed() >= wait {
                return ended;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What later starts find in their environment, beside what this process has.
    pub fn set_environment(&mut self, environment: Vec<(String, OsString)>) {
        self.setup.environment = environment;
    }

    /// Starts it again, on the same data and the same port. It has ended before.
    pub async fn start_again(&mut self) {
        let data = Arc::clone(&self.data);
        let again = Server::launch(&self.listen(), data, self.setup.clone()).await;
        *self = again.ready().await;
    }

    /// Starts it again without waiting for its recovery: another server may own the database.
    pub async fn wait_again(&mut self) {
        let data = Arc::clone(&self.data);
        *self = Server::launch(&self.listen(), data, self.setup.clone()).await;
    }

    /// Starts it again, and kills it so long after the start of the process, wherever it is then.
    pub async fn start_and_kill(&mut self, after: Duration) {
        (self.child, self.log) = self.setup.spawn(&self.listen(), self.data.path());
        tokio::time::sleep(after).await;
        self.kill();
    }

    /// Has later starts and tools take another database; none: a file in its directory.
    pub fn turn_to(&mut self, database: Option<&str>) {
        self.setup.database = database.map(str::to_owned);
    }

    /// Starts it again on its own data and another database.
    pub async fn start_again_on(&mut self, database: &str) {
        self.turn_to(Some(database));
        self.start_again().await;
    }

    /// Tries to start it again, on its own data and another database, where it is expected to
    /// refuse: gives how it ended, and what it said.
    ///
    /// # Panics
    /// When it runs.
    pub async fn start_refused_on(&mut self, database: &str) -> (ExitStatus, String) {
        self.turn_to(Some(database));
        (self.child, self.log) = self.setup.spawn(&self.listen(), self.data.path());
        match self.end_within(START).await {
            Some(status) => (status, self.log()),
            None => panic!("it runs on {database}\n{}", self.log()),
        }
    }

    fn listen(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }

    /// Runs `tidings verify` on the data of a server that has ended.
    ///
    /// # Panics
    /// When it finds anything.
    pub fn verify(&self) -> String {
        let output = self.tool(&["verify"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "tidings verify fails:\n{said}\n{complained}"
        );
        said
    }

    /// Runs one of the binary's tools on its data. All but a few want a server that has ended.
    pub fn tool(&self, words: &[&str]) -> Output {
        let mut command = command();
        command.args(words).args(self.place()).stdin(Stdio::null());
        command.output().expect("the tool starts")
    }

    /// The flags that say where everything of it is.
    pub fn place(&self) -> Vec<OsString> {
        self.setup.place(self.data.path())
    }
}

/// What a tool printed, once it has ended well.
///
/// # Panics
/// When it has not.
#[track_caller]
pub fn said(output: &Output) -> String {
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complained}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a tool complained about, once it has ended badly.
///
/// # Panics
/// When it has not, or has panicked.
#[track_caller]
pub fn complained(output: &Output) -> String {
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it ended well: {output:?}");
    assert!(!complained.contains("panicked"), "{complained}");
    complained
}

impl Setup {
    /// Starts the process, with a log of its own.
    fn spawn(&self, listen: &str, dir: &Path) -> (Child, PathBuf) {
        let log = fresh_log(dir);
        let out = File::create(&log).expect("a log");
        let mut command = command();
        command
            .args(["serve", "--listen", listen])
            .args(self.place(dir))
            .args(&self.flags)
            .env("TIDINGS_ADMIN_KEY", ADMIN_KEY)
            .env("TIDINGS_LIMITS", HARDLY_ANY_LIMITS)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a second handle"))
            .stderr(out);
        (command.spawn().expect("the server starts"), log)
    }

    /// The flags that say where everything is.
    fn place(&self, dir: &Path) -> Vec<OsString> {
        let mut place = vec!["--data".into(), store(dir).into_os_string()];
        if let Some(database) = &self.database {
            place.extend(["--database".into(), database.into()]);
        }
        place
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let tail = log.lines().rev().take(60).collect::<Vec<_>>();
            eprintln!("── the server's last words:");
            for line in tail.iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}

/// The address that the server prints. A free port is the server's to find.
async fn address(child: &mut Child, log: &Path) -> Result<String, String> {
    let started = Instant::now();
    while started.elapsed() < START {
        if let Some(status) = child.try_wait().expect("its state can be seen") {
            return Err(format!("it ended with {status}"));
        }
        if let Some(base) = printed_address(&read(log)) {
            return Ok(base);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("it printed no address within {START:?}"))
}

fn printed_address(log: &str) -> Option<String> {
    // Only whole lines: the last one may be half written.
    let whole = log.rsplit_once('\n')?.0;
    let after = whole.split("http://127.0.0.1:").nth(1)?;
    let port: String = after.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty() && port != "0").then(|| format!("http://127.0.0.1:{port}"))
}

/// The binary with nothing of our own environment that it would read.
pub fn command() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TIDINGS_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG");
    command
}

/// The binary: `TIDINGS_BINARY`, or what `cargo build -p tidings` makes, once a process.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("TIDINGS_BINARY") {
        Some(binary) => binary.into(),
        None => build(&["--package", "tidings"]).join(program("tidings")),
    })
}

/// An example of the client crate: beside the binary, where both are built together, or built for this.
pub fn example(name: &str) -> PathBuf {
    let of_the_client = ["--package", "tidings-client", "--example", name];
    let built = match std::env::var_os("TIDINGS_BINARY") {
        Some(binary) => Path::new(&binary).with_file_name(""),
        None => build(&of_the_client),
    };
    built.join("examples").join(program(name))
}

fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Builds something, and gives the directory that it is in.
fn build(what: &[&str]) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .args(["build", "--quiet"])
        .args(what)
        .arg("--manifest-path")
        .arg(root().join("Cargo.toml"))
        .status();
    assert!(
        build.is_ok_and(|status| status.success()),
        "{what:?} can be built"
    );
    // A test binary lies in …/debug/deps, the server in …/debug.
    let test = std::env::current_exe().expect("this test's path");
    test.ancestors()
        .nth(2)
        .expect("a build directory")
        .to_owned()
}

/// The top of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests lie one directory deep")
        .to_owned()
}

fn store(dir: &Path) -> PathBuf {
    dir.join("data")
}

/// Each start has a log of its own: the address is the latest one's.
fn fresh_log(dir: &Path) -> PathBuf {
    let logs = (0..).map(|start| dir.join(format!("server-{start}.log")));
    logs.into_iter()
        .find(|log| !log.exists())
        .expect("a free name")
}

fn read(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_else(|_| Vec::new());
    String::from_utf8_lossy(&bytes).into_owned()
}

//! The real server as a process: started on a free port with a database in a directory of its own,
//! ended politely or with kill -9, started again on the same data.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;

/// The key of the first administrator.
pub const ADMIN_KEY: &str = "adm_0123456789abcdef0123456789abcdef";

/// How long a start may take: recovery included, on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server. It is killed when it is dropped; its data goes with the last one that uses it.
pub struct Server {
    child: Child,
    base: String,
    data: Arc<TempDir>,
    log: PathBuf,
    flags: Vec<String>,
    environment: Vec<(String, OsString)>,
}

impl Server {
    /// A server on an empty database.
    pub async fn start() -> Server {
        Server::start_with(&["--no-demo"]).await
    }

    /// A server on an empty database, with these flags.
    pub async fn start_with(flags: &[&str]) -> Server {
        let data = Arc::new(TempDir::new().expect("a directory for the data"));
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Server::launch("127.0.0.1:0".to_owned(), data, flags, Vec::new()).await
    }

    async fn launch(
        listen: String,
        data: Arc<TempDir>,
        flags: Vec<String>,
        environment: Vec<(String, OsString)>,
    ) -> Server {
        let log = fresh_log(data.path());
        let out = File::create(&log).expect("a log");
        let mut command = command();
        command
            .arg("serve")
            .args(["--listen", &listen])
            .arg("--data")
            .arg(store(data.path()));
        command
            .args(&flags)
            .env("TIDINGS_ADMIN_KEY", ADMIN_KEY)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
            .stdout(out.try_clone().expect("a second handle"))
            .stderr(out);
        let mut child = command.spawn().expect("the server starts");
        let base = match address(&mut child, &log).await {
            Ok(base) => base,
            Err(why) => {
                drop(child.kill());
                panic!("the server did not start: {why}\n{}", read(&log))
            }
        };
        let server = Server {
            child,
            base,
            data,
            log,
            flags,
            environment,
        };
        server.wait_until_ready().await;
        server
    }

    async fn wait_until_ready(&self) {
        let started = Instant::now();
        while started.elapsed() < START {
            if let Ok(answer) = self.public().try_get("/health/ready").await
                && answer.status == 200
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the server was not ready within {START:?}\n{}", self.log());
    }

    /// Where it is reached, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
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

    /// Asks it to end, and waits for that.
    ///
    /// # Panics
    /// When it takes more than ten seconds.
    pub async fn terminate(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "SIGTERM can be sent"
        );
        let ended = self.ended(Duration::from_secs(11)).await;
        ended.unwrap_or_else(|| {
            let log = self.log();
            panic!("it did not end within ten seconds of SIGTERM\n{log}")
        })
    }

    /// Waits until it ends by itself; none when it does not do so in time.
    pub async fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.child.try_wait().expect("its state can be seen") {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }

    /// What later starts find in their environment, beside what this process has.
    pub fn set_environment(&mut self, environment: Vec<(String, OsString)>) {
        self.environment = environment;
    }

    /// Starts it again, on the same data and the same port. It has ended before.
    pub async fn start_again(&mut self) {
        let listen = self.base.trim_start_matches("http://").to_owned();
        let (flags, environment) = (self.flags.clone(), self.environment.clone());
        let again = Server::launch(listen, Arc::clone(&self.data), flags, environment).await;
        *self = again;
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
        command
            .args(words)
            .arg("--data")
            .arg(self.data())
            .stdin(Stdio::null());
        command.output().expect("the tool starts")
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

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
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
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            "tidings",
            "--manifest-path",
        ])
        .arg(root().join("Cargo.toml"))
        .status();
    assert!(
        build.is_ok_and(|status| status.success()),
        "the server can be built"
    );
    // A test binary lies in …/debug/deps, the server in …/debug.
    let test = std::env::current_exe().expect("this test's path");
    let built = test.ancestors().nth(2).expect("a build directory");
    built.join(format!("tidings{}", std::env::consts::EXE_SUFFIX))
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

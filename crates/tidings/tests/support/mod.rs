//! The real binary in a directory of its own, and a database made without it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a server may take to start, on a busy machine too.
const START: Duration = Duration::from_secs(60);

/// The binary, with nothing of the caller's environment that it would listen to.
pub(crate) fn tidings(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    for name in [
        "LISTEN",
        "METRICS",
        "DATA",
        "DATABASE",
        "CONFIG",
        "PUBLIC_URL",
        "DEMO",
        "LIMITS",
        "ADMIN_KEY",
        "SMTP",
        "SMTP_CA",
        "SMTP_PASSWORD",
        "MAIL_FROM",
    ] {
        command.env_remove(format!("TIDINGS_{name}"));
    }
    command.env_remove("RUST_LOG").args(args);
    command
}

/// Runs to the end.
pub(crate) fn output(command: &mut Command) -> Output {
    command
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

/// Standard output and standard error as text.
pub(crate) fn words(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A running server. Killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: mpsc::Receiver<String>,
    /// What it has printed so far.
    pub(crate) printed: Vec<String>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Serves `data` on a free port and waits until it listens.
    pub(crate) fn start(data: &Path, args: &[&str]) -> Server {
        Server::spawn(
            tidings(&["serve", "--listen", "127.0.0.1:0"])
                .args(args)
                .arg("--data")
                .arg(data),
        )
    }

    pub(crate) fn spawn(command: &mut Command) -> Server {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let (line, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for text in out.lines().map_while(Result::ok) {
                drop(line.send(text));
            }
        });
        let mut server = Server {
            child,
            lines,
            printed: Vec::new(),
            address: String::new(),
        };
        let listening = server.line_with("listening on ", START);
        server.address = listening.trim_start_matches("listening on ").to_owned();
        server
    }

    /// Waits for a line that holds `part`.
    pub(crate) fn line_with(&mut self, part: &str, wait: Duration) -> String {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.printed.push(line.clone());
                    if line.contains(part) {
                        return line;
                    }
                }
                Err(_) => {
                    drop(self.child.kill());
                    let mut errors = String::new();
                    if let Some(stderr) = &mut self.child.stderr {
                        drop(stderr.read_to_string(&mut errors));
                    }
                    panic!("no line with {part:?} in {:?}; {errors}", self.printed);
                }
            }
        }
    }

    /// Its host and port.
    pub(crate) fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM, waits, and says how it ended and after how long.
    pub(crate) fn terminate(self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let pid = self.child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -TERM {pid}")])
            .status();
        assert!(sent.expect("sh runs").success());
        (self.ended(Duration::from_secs(20)), start.elapsed())
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self, wait: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return status;
            }
            assert!(start.elapsed() < wait, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything on standard output until now.
    pub(crate) fn page(&mut self) -> String {
        self.printed.extend(self.lines.try_iter());
        self.printed.join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a future on a runtime of its own.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("threads").block_on(work)
}

/// GETs an address: status and body.
pub(crate) fn get(url: &str, key: Option<&str>) -> (u16, String) {
    block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let mut request = client.get(url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.expect("an answer");
        (
            response.status().as_u16(),
            response.text().await.expect("a body"),
        )
    })
}

/// POSTs JSON: the status; nothing without an answer.
pub(crate) async fn post(url: &str, key: &str, body: &str) -> Option<u16> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let request = client
        .post(url)
        .bearer_auth(key)
        .header("Content-Type", "application/json");
    let response = request.body(body.to_owned()).send().await.ok()?;
    Some(response.status().as_u16())
}

/// A database with accounts, a market and a few orders in it, made by an exchange in this process.
pub(crate) fn database(directory: &Path) -> PathBuf {
    let path = directory.join("tidings.db");
    block_on(async {
        let store = tidings_store::Store::open(path.to_str().expect("a plain path")).await;
        let store = store.expect("a store");
        let exchange = tidings_exchange::Exchange::start(store.clone(), Default::default()).await;
        let exchange = exchange.expect("an exchange");
        for (actor, command) in story::commands() {
            let request = tidings_core::command::Request::new(actor, command);
            exchange.submit(request).await.expect("an answer");
        }
        exchange.shutdown().await;
        store.close().await;
    });
    let_go(&path);
    path
}

/// A process that another test starts has this one's open files for a moment, the lock of the store
/// among them: waits until it is free, and frees it for all.
fn let_go(path: &Path) {
    let lock = std::fs::File::open(path.with_extension("db.lock")).expect("the lock");
    lock.lock().expect("locked");
    lock.unlock().expect("unlocked");
}

mod story {
    use tidings_core::access::Role;
    use tidings_core::command::{
        Command, Contract, OpenAccount, PlaceOrder, SelfTrade, Side, Size, TimeInForce, Transfer,
    };
    use tidings_core::id::{AccountId, MarketId, Outcome};
    use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
    use tidings_core::units::{Fraction, Lots, Micros, Price};

    const OPERATOR: AccountId = AccountId(3);
    const TRADER: AccountId = AccountId(4);

    pub(crate) fn commands() -> Vec<(AccountId, Command)> {
        let (world, admin) = (AccountId::WORLD, AccountId::ADMIN);
        let market = MarketId(0);
        let deposit = |account, units: i64| {
            let amount = Micros::new(units * 1_000_000);
            (admin, Command::Deposit(Transfer { account, amount }))
        };
        vec![
            (world, open("Admin", Role::Admin)),
            (admin, open("Desk", Role::Operator)),
            (admin, open("Heliotrope", Role::Trader)),
            deposit(OPERATOR, 5_000),
            deposit(TRADER, 1_000),
            (OPERATOR, Command::CreateMarket(Box::new(spec()))),
            (OPERATOR, Command::OpenMarket { market }),
            (
                TRADER,
                order(Size::Spend(Micros::new(25_000_000)), None, TimeInForce::Ioc),
            ),
            (
                TRADER,
                order(
                    Size::Quantity(Lots::new(500)),
                    Price::new(3_000),
                    TimeInForce::Gtc,
                ),
            ),
            // More than it has: refused, and recorded as such.
            (
                TRADER,
                order(
                    Size::Quantity(Lots::new(9_000_000)),
                    Price::new(3_000),
                    TimeInForce::Gtc,
                ),
            ),
        ]
    }

    fn open(name: &str, role: Role) -> Command {
        Command::OpenAccount(OpenAccount {
            name: name.to_owned(),
            role,
            grant: None,
        })
    }

    fn order(size: Size, limit: Option<Price>, time_in_force: TimeInForce) -> Command {
        Command::Place(PlaceOrder {
            market: MarketId(0),
            outcome: Outcome(0),
            contract: Contract::Yes,
            side: Side::Buy,
            size,
            limit,
            time_in_force,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            client_order_id: None,
            valid_until: None,
        })
    }

    fn spec() -> MarketSpec {
        let outcome = |key: &str| OutcomeSpec {
            key: key.to_owned(),
            name: key.to_owned(),
            prior: Fraction::new(5_000).expect("a half"),
        };
        let source = Source {
            name: "Gazette".to_owned(),
            url: "https://gazette.example/".to_owned(),
            primary: true,
        };
        MarketSpec {
            slug: "rain-on-friday".to_owned(),
            kind: Kind::Binary,
            question: "Will it rain on Friday?".to_owned(),
            outcomes: vec![outcome("yes"), outcome("no")],
            rules: Rules {
                criteria: "Yes if it rains.".to_owned(),
                edge_cases: Vec::new(),
                sources: vec![source],
                early_close: None,
            },
            liquidity: Some(Lots::new(100_000)),
            tick: 100,
            taker_fee: Fraction::new(200).expect("a fee"),
            opens_at: None,
            closes_at: None,
            dispute_hours: 0,
            tags: Vec::new(),
            articles: Vec::new(),
            scale: None,
            review: None,
            price_band: None,
        }
    }
}

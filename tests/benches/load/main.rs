//! What the server carries over HTTP, and what a bare handler carries in its place: two processes on the same
//! machine, asked in turns by the same clients with the same bytes.
//!
//! `cargo xtask load` measures on SQLite, in `target/tmp`, which should be on a real disk, or with `--database=ADDRESS` on
//! an empty database of PostgreSQL. `--seconds=N` and `--rounds=N` say how long each part takes; words choose the parts
//! whose names have them. `cargo test` runs all of it once and small, so that it stays alive: no figures.
//!
//! The load generator has one thread, and the cores are for all three: what it takes, it takes from both.

mod bare;
mod crowd;
mod line;
mod one_by_one;
mod script;
mod stream;
mod table;

use std::sync::Arc;
use std::time::Duration;

use tidings_tests::Server;
use tidings_tests::again::Again;
use tidings_tests::measure::used;

use crowd::{Told, run};
use script::{Kind, Script, World};
use table::{Row, Table};

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who asks for one thing at a time.
const MANY: usize = 64;
/// Who asks for a hundred at a time: as many as keep a group of the journal full.
const FEW: usize = 16;
/// A part without history that is written meanwhile begins then at the latest.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() {
    let asked = Asked::by_arguments();
    if asked.bare {
        return bare::serve();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(&asked));
}

async fn measure(asked: &Asked) {
    let bare = Again::start(&[bare::FLAG]);
    let mut server = match &asked.database {
        Some(database) => Server::start_on(database, &["--no-demo"]).await,
        None => Server::start().await,
    };
    let world = World::open(&server, MANY).await;
    let load = Load {
        asked,
        server: &server,
        bare: &bare,
        world,
    };
    let mut table = Table::default();
    for kind in Kind::ALL {
        if asked.part(kind.name()) {
            table.add(load.over_http(kind).await);
        }
    }
    if asked.part("stream") {
        table.add(load.over_streams().await);
    }
    if asked.part("one transaction an order") {
        let folder = server.data();
        let rate = one_by_one::rate(asked.database.as_deref(), &folder, asked.time).await;
        table.add(Row::alone("one transaction an order", rate));
    }
    print!("{table}");
    let ended = server.terminate().await;
    assert!(ended.success(), "the server ended with {ended}");
    let page = server.verify();
    let state = page
        .lines()
        .find(|line| line.trim_start().starts_with("state hash "));
    println!("verified; {}", state.expect("a state").trim());
    if !asked.full {
        println!("small: that it runs is all that this tells");
    }
}

/// The two that are asked, and by whom.
struct Load<'a> {
    asked: &'a Asked,
    server: &'a Server,
    bare: &'a Again,
    world: World,
}

impl Load<'_> {
    /// Pairs of runs; the medians over them.
    async fn over_http(&self, kind: Kind) -> Row {
        let clients = match kind {
            Kind::Batches => FEW,
            Kind::Orders | Kind::Odds | Kind::KnownOdds => MANY,
        };
        let (ours, theirs) = (address(self.server), self.bare.address());
        let mut pairs = Vec::new();
        for _ in 0..self.asked.rounds {
            let bare = self.scripts(kind, theirs, clients).await;
            let bare = run(theirs, bare, self.asked.time).await;
            let told = self.scripts(kind, ours, clients).await;
            let told = run(ours, told, self.asked.time).await;
            self.quiet().await;
            pairs.push((Some(bare), told));
        }
        Row::of(kind.name(), clients, kind.each(), pairs)
    }

    async fn scripts(&self, kind: Kind, address: &str, clients: usize) -> Vec<Arc<Script>> {
        let mut scripts = Vec::with_capacity(clients);
        for client in 0..clients {
            scripts.push(Arc::new(self.world.script(kind, address, client).await));
        }
        scripts
    }

    async fn over_streams(&self) -> Row {
        let mut runs: Vec<(Option<Told>, Told)> = Vec::new();
        for _ in 0..self.asked.rounds {
            let told = stream::run(address(self.server), &self.world, FEW, self.asked.time).await;
            self.quiet().await;
            runs.push((None, told));
        }
        Row::of("orders over the stream", FEW, script::MANY_ORDERS, runs)
    }

    /// Waits until history is written, so that the next run has the machine for itself.
    async fn quiet(&self) {
        if !self.asked.full {
            return;
        }
        let look = Duration::from_millis(500);
        for _ in 0..PATIENCE.as_millis() / look.as_millis() {
            let before = used(self.server);
            tokio::time::sleep(look).await;
            if used(self.server) - before < look / 20 {
                return;
            }
        }
    }
}

fn address(server: &Server) -> &str {
    server.base().trim_start_matches("http://")
}

/// How much to do, and which part of it.
struct Asked {
    /// Be the handler that is compared with.
    bare: bool,
    full: bool,
    time: Duration,
    rounds: u64,
    database: Option<String>,
    parts: Vec<String>,
}

impl Asked {
    /// What the command line asks for. `cargo bench` passes `--bench`; without it, or with `--small`,
    /// everything runs once and small.
    fn by_arguments() -> Asked {
        let (flags, parts): (Vec<_>, Vec<_>) = std::env::args()
            .skip(1)
            .partition(|argument| argument.starts_with('-'));
        let has = |name: &str| flags.iter().any(|flag| flag == name);
        let value = |name: &str| flags.iter().find_map(|flag| flag.strip_prefix(name));
        let number = |name: &str, usual: u64| {
            value(name).map_or(usual, |number| number.parse().expect("a number"))
        };
        let full = has("--bench") && !has("--small");
        Asked {
            bare: has(bare::FLAG),
            full,
            time: match full {
                true => Duration::from_secs(number("--seconds=", 4)),
                false => Duration::from_millis(100),
            },
            rounds: match full {
                true => number("--rounds=", 3),
                false => 1,
            },
            database: value("--database=").map(str::to_owned),
            parts,
        }
    }

    fn part(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| name.contains(part.as_str()))
    }
}

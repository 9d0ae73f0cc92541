//! How streams hold: many readers of one market whose odds come ten times a second, and some who never read, while
//! one trader goes on.
//!
//! `cargo run --release -p tidings-tests --example streams -- 10000 10 1000`: readers, seconds, readers who never
//! read; 200, 3 and 20 when they are not said. The server is a process of its own (`TIDINGS_BINARY`, or the one
//! beside this), so that it can be kept on one core: `TIDINGS_CORE=0` does that with taskset, and keeps everything here
//! off it; `TOKIO_WORKER_THREADS=1` gives it the one thread that a machine of one core would have. The readers have a
//! thread of their own, so that the trader's answers are not found late. Both processes need as many files as there
//! are readers: `ulimit -n 20000`.
//!
//! Last it says how often a loop that only writes the same bytes to as many sockets, on the same core, could tell each
//! reader: what the system's own sending leaves room for.
//!
//! The delay of an event is from the answer to the order that it is about to its arrival in a reader's task, so it
//! has up to an interval of waiting in it. What is left out between two events was never told to anybody.

mod bare;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tidings_tests::Server;
use tidings_tests::again::Again;
use tidings_tests::measure::{resident, used};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

const FLAGS: [&str; 3] = [
    "--no-demo",
    "--limit",
    "orders=1000000,public=1000000,staff=1000000,connections=30000,connections_per_address=30000,\
     streams=30000,streams_per_address=30000,stream_interval_ms=100",
];
/// Orders that a run may have: an answer's moment is kept for each place in the journal.
const PLACES: usize = 1 << 20;
/// Between two orders: each interval has some, so that each has odds to tell.
const BETWEEN: Duration = Duration::from_millis(20);

/// Between two looks of the readers' thread at what came. They would be elsewhere: a sender would wake nobody. What came
/// meanwhile is seen so much later.
const NAP: Duration = Duration::from_millis(1);

/// What is before a place in the journal.
const PLACE: &str = "\"seq\":";

/// When each place in the journal was answered, in microseconds from the start; 0: not yet.
struct Answered {
    start: Instant,
    at: Vec<AtomicU64>,
    /// The last place of the run, once it is known.
    last: AtomicU64,
    /// Odds that came to a reader.
    told: AtomicU64,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, event, readers] = words.as_slice()
        && flag == bare::FLAG
    {
        return bare::serve(event, readers.parse().expect("a number"));
    }
    let number = |at: usize, usual: u64| {
        let word = words.get(at);
        word.map_or(usual, |word| word.parse().expect("a number"))
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(number(0, 200), number(1, 3), number(2, 20)));
}

async fn measure(readers: u64, seconds: u64, silent: u64) {
    let server = Server::start_with(&FLAGS).await;
    keep_on_its_core(server.pid());
    leave_its_core();
    let mut crowd = tokio::runtime::Builder::new_multi_thread();
    let crowd = crowd.worker_threads(1).on_thread_start(give_way);
    let crowd = crowd.on_thread_park(|| std::thread::sleep(NAP));
    let crowd = crowd.enable_all().build();
    let crowd = crowd.expect("a thread for the readers");
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "1000000").await;
    let answered = Arc::new(Answered {
        start: Instant::now(),
        at: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        last: AtomicU64::new(0),
        told: AtomicU64::new(0),
    });
    // How often each reader is told meanwhile, in a second.
    let trade = async |name: &str| {
        let told = || answered.told.load(Ordering::Relaxed);
        let (used_before, told_before, began) = (used(&server), told(), Instant::now());
        let orders = trade(&ann, &answered, Duration::from_secs(seconds)).await;
        let time = began.elapsed().as_secs_f64();
        let busy = (used(&server) - used_before).as_secs_f64() / time;
        let rate = (told() - told_before) as f64 / readers as f64 / time;
        println!(
            "{name}: orders {}, the server busy {busy:.2}, odds {rate:.1} a second to each",
            spread(orders)
        );
        rate
    };
    trade("nobody reads").await;

    let empty = resident(&server);
    let mut sockets = Vec::new();
    let address = server.base().trim_start_matches("http://");
    for _ in 0..readers {
        sockets.push(open(&crowd, address).await);
    }
    // The first events have come and gone.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = (resident(&server) - empty) as f64 / readers as f64;
    println!("{readers} readers: {each:.1} KiB each, resident in the server");
    let from = place(&ann).await;
    answered.note(from);
    let tasks: Vec<_> = sockets
        .into_iter()
        .map(|reader| crowd.spawn(read(reader, Arc::clone(&answered), from)))
        .collect();
    let rate = trade(&format!("{readers} read")).await;
    let mut never_read = Vec::new();
    for _ in 0..silent {
        never_read.push(open(&crowd, address).await);
    }
    trade(&format!("and {silent} never do")).await;

    let last = place(&ann).await;
    answered.note(last);
    answered.last.store(last, Ordering::Release);
    let mut delays = Vec::new();
    for task in tasks {
        delays.extend(task.await.expect("the last odds come to everyone"));
    }
    println!("the last odds came to everyone; delays {}", spread(delays));
    server.public().see("/health/ready").await;
    let event = an_event(&crowd, address, &ann).await;
    drop((never_read, server));
    let could = told_by_a_loop(&crowd, &event, readers, Duration::from_secs(seconds)).await;
    println!(
        "a bare loop: {could:.1} a second to each; the server {:.2} of it",
        rate / could
    );
    // A runtime may not end where another one runs.
    crowd.shutdown_background();
}

impl Answered {
    fn note(&self, seq: u64) {
        let micros = u64::try_from(self.start.elapsed().as_micros()).expect("not so long");
        self.at[usize::try_from(seq).expect("small")].store(micros, Ordering::Release);
    }
}

/// Trades for a while; how long each answer took.
async fn trade(ann: &Person, answered: &Answered, time: Duration) -> Vec<Duration> {
    let mut took = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let asked = Instant::now();
        let seq = place(ann).await;
        took.push(asked.elapsed());
        answered.note(seq);
        tokio::time::sleep(BETWEEN).await;
    }
    took
}

async fn place(ann: &Person) -> u64 {
    let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy",
                       "type": "market", "quantity": "0.01"});
    let placed = ann.client.post("/v1/orders", &order).await.is(201);
    placed["seq"].as_u64().expect("a place")
}

/// A stream of odds, whose first bytes have come; its reader's thread is told of what comes.
async fn open(crowd: &Runtime, address: &str) -> Reader {
    let address = address.to_owned();
    let opened = crowd.spawn(async move {
        let mut socket = TcpStream::connect(&address).await.expect("it listens");
        let request = format!(
            "GET /v1/markets/jpkr-joint-statement/events?events=odds HTTP/1.1\r\nHost: {address}\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.expect("sent");
        let mut head = [0; 12];
        socket.read_exact(&mut head).await.expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 200");
        Reader {
            socket,
            bytes: vec![0; 4 * 1024],
        }
    });
    opened.await.expect("it opens")
}

struct Reader {
    socket: TcpStream,
    /// Room for more than an event.
    bytes: Vec<u8>,
}

impl Reader {
    /// What comes next.
    async fn next(&mut self) -> &[u8] {
        let wait = timeout(Duration::from_secs(60), self.socket.read(&mut self.bytes));
        let count = wait
            .await
            .expect("something comes")
            .expect("it can be read");
        assert!(count > 0, "the stream ended");
        &self.bytes[..count]
    }
}

/// Reads to the last odds of the run; the delay of each that is later than a place.
async fn read(mut reader: Reader, answered: Arc<Answered>, from: u64) -> Vec<Duration> {
    let mut delays = Vec::new();
    let mut seen = from;
    loop {
        let told = last_place(reader.next().await);
        let now = answered.start.elapsed();
        // A heartbeat tells no place; it may be known by then that what came before was the last.
        let seq = told.unwrap_or(seen);
        assert!(seq >= seen || seen == from, "{seq} after {seen}");
        if seq > seen {
            seen = seq;
            answered.told.fetch_add(1, Ordering::Relaxed);
            let at = answered.at[usize::try_from(seq).expect("small")].load(Ordering::Acquire);
            // It may come before the answer to whoever placed the order.
            let at = Duration::from_micros(at);
            if !at.is_zero() {
                delays.push(now.saturating_sub(at));
            }
        }
        if seen == answered.last.load(Ordering::Acquire) {
            return delays;
        }
    }
}

/// The place of the last odds in some bytes. Each event comes in one piece, which is much shorter than what is read
/// at once.
fn last_place(bytes: &[u8]) -> Option<u64> {
    let name = PLACE.as_bytes();
    let at = bytes.windows(name.len()).rposition(|part| part == name)?;
    let digits = bytes[at + name.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number, digit| {
        Some(number.unwrap_or(0) * 10 + u64::from(digit - b'0'))
    })
}

/// Odds as a reader is told them.
async fn an_event(crowd: &Runtime, address: &str, ann: &Person) -> String {
    let mut reader = open(crowd, address).await;
    let seq = place(ann).await;
    loop {
        let bytes = reader.next().await;
        if last_place(bytes) == Some(seq) {
            let text = String::from_utf8_lossy(bytes);
            let mut pieces = text.rsplit("\r\n");
            let event = pieces.find(|piece| piece.contains(PLACE));
            return event.expect("it was there").to_owned();
        }
    }
}

/// How often a loop that does nothing else tells each of some readers something new, in a second.
async fn told_by_a_loop(crowd: &Runtime, event: &str, readers: u64, time: Duration) -> f64 {
    let sender = Again::start(&[bare::FLAG, event, &readers.to_string()]);
    keep_on_its_core(sender.pid());
    let mut tasks = Vec::new();
    for _ in 0..readers {
        tasks.push(open(crowd, sender.address()).await);
    }
    let end = Instant::now() + time;
    let tasks: Vec<_> = tasks
        .into_iter()
        .map(|reader| crowd.spawn(count(reader, end)))
        .collect();
    let mut told = 0;
    for task in tasks {
        told += task.await.expect("it is told something");
    }
    told as f64 / readers as f64 / time.as_secs_f64()
}

/// How often a reader is told something new until then.
async fn count(mut reader: Reader, end: Instant) -> u64 {
    let (mut seen, mut told) = (0, 0);
    while Instant::now() < end {
        let seq = last_place(reader.next().await).unwrap_or(seen);
        told += u64::from(seq > seen);
        seen = seq;
    }
    told
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: f64| {
        let ix = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
        times
            .get(ix)
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    format!(
        "{} of them, ms: p50 {:.1}, p99 {:.1}, most {:.1}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

/// The trader, who shares this side's cores with the readers, finds an answer when it is there: they would be elsewhere.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::set_thread_priority_and_policy;
        use thread_priority::{
            NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, thread_native_id,
        };
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle)
            .expect("the readers give way");
    }
}

/// Everything here on the cores that are not the server's.
fn leave_its_core() {
    if let Some(core) = its_core() {
        let cores = std::thread::available_parallelism().expect("some").get();
        let all = (0..cores).map(|core| core.to_string());
        let others: Vec<String> = all.filter(|other| *other != core).collect();
        keep_on(std::process::id(), &others.join(","));
    }
}

/// A server on the core that is named.
fn keep_on_its_core(server: u32) {
    if let Some(core) = its_core() {
        keep_on(server, &core);
    }
}

fn its_core() -> Option<String> {
    std::env::var("TIDINGS_CORE").ok()
}

fn keep_on(pid: u32, cores: &str) {
    let pid = pid.to_string();
    let done = Command::new("taskset")
        .args(["-a", "-c", "-p", cores, &pid])
        .output();
    assert!(
        done.expect("taskset").status.success(),
        "it can be kept there"
    );
}

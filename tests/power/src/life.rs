//! One life of the exchange, from its start to its end, on a disk that remembers: what was written, and
//! what was promised to whom at which moment of the disk's history.
//!
//! Everything is the real thing: the store opens its database by its path, the exchange recovers,
//! gathers and projects; only the disk under SQLite is another one. It ends in peace: the power cuts are
//! made from its history afterwards.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size, TimeInForce,
    Transfer,
};
use tidings_core::event::{Event as Happened, Record};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_exchange::{Clock, Exchange, Options, make_snapshot, replay};
use tidings_store::{Added, Article, ArticleStatus, NewArticle, Store, StoredGroup};
use tidings_tests::seed::Random;
use tokio::task::JoinSet;

use crate::disk::{Disk, Event, Habit, Image};
use crate::vfs;

/// What a life left behind.
#[derive(Debug)]
pub struct Life {
    /// What was on the platter when it began.
    pub start: Image,
    /// All that was done to the disk.
    pub history: Vec<Event>,
    /// The whole journal at its end.
    pub groups: Vec<StoredGroup>,
    /// The state's hash after each group, by the group's last place.
    pub states: BTreeMap<Seq, [u8; 32]>,
    /// Every article at its end, in the order in which they came in.
    pub articles: Vec<Article>,
    /// What was promised, in the order of the moments.
    promises: Vec<(usize, Promise)>,
}

/// What somebody was told, and so must be there from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The journal's records up to here were answered.
    pub seq: Seq,
    /// The journal was claimed so often.
    pub epoch: u64,
    /// So many articles were taken.
    pub articles: usize,
}

impl Promise {
    /// Nobody was told anything.
    const NOTHING: Promise = Promise {
        seq: Seq(0),
        epoch: 0,
        articles: 0,
    };

    /// Both of them.
    #[must_use]
    pub fn and(self, other: Promise) -> Promise {
        Promise {
            seq: self.seq.max(other.seq),
            epoch: self.epoch.max(other.epoch),
            articles: self.articles.max(other.articles),
        }
    }
}

/// The database's file, in whatever directory: what must survive.
pub const DATABASE: &str = "tidings.db";
/// The file beside it, and its logs: what can be made again.
pub const DERIVED: &str = "tidings.derived.db";

/// How a life goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Whether what is there when it begins is on the platter. After a failed sync it need not be.
    pub starts_certain: bool,
    /// Bursts of requests that are sent together, which make groups of as many records.
    pub bursts: u64,
}

impl Life {
    /// Lives a life on a disk that starts with an image. `directory` is a real one, for the
    /// path; the store puts its lock there.
    pub async fn live(
        directory: &Path,
        start: Image,
        habit: Habit,
        plan: Plan,
        random: &mut Random,
    ) -> Life {
        let disk = Disk::new(&start, habit);
        let _mounted = vfs::mount(directory, &disk);
        let store = open(directory).await.expect("a sound image is opened");
        let mut notes = Notes {
            disk: Arc::clone(&disk),
            promises: Vec::new(),
        };
        let mut articles = articles(&store).await.expect("articles are read");
        let found = store.head().await.expect("the head is read");
        let found_there = Promise {
            seq: found.last_seq,
            epoch: found.epoch,
            articles: articles.len(),
        };
        if plan.starts_certain {
            notes.promise(found_there);
        }
        let exchange = start_exchange(store.clone())
            .await
            .expect("a sound image leads to a state");
        // From here on it is shown to whoever asks.
        notes.promise(Promise {
            epoch: exchange.epoch(),
            ..found_there
        });
        let mut told = Vec::new();
        if found.last_seq == Seq(0) {
            for request in furniture() {
                told.push(exchange.submit(request).await.expect("an answer"));
            }
        }
        let mut orders = Vec::new();
        for _ in 0..plan.bursts {
            let is_snapshot_due = random.below(12) == 0;
            let sent = burst(&exchange, &disk, &mut orders, random);
            // Beside the writer, as the exchange makes them, which rests longer in between than this
            // life lasts.
            let snapshot = async {
                if is_snapshot_due {
                    make_snapshot(&store).await.expect("a snapshot");
                }
            };
            let ((records, notes_taken), ()) = tokio::join!(sent, snapshot);
            told.extend(records);
            notes.promises.extend(notes_taken);
            notes.settle();
            if random.below(8) == 0 {
                articles.push(publish(&store, articles.len()).await);
                let count = articles.len();
                notes.add(|promise| promise.articles = count);
            }
        }
        exchange.shutdown().await;
        let groups = groups(&store).await.expect("the journal is read");
        check_told(&groups, &told);
        let states = states(&store).await;
        drop(exchange);
        store.close().await;
        Life {
            start,
            history: disk.history(),
            groups,
            states,
            articles,
            promises: notes.promises,
        }
    }

    /// What had been promised at a moment.
    pub fn promised(&self, moment: usize) -> Promise {
        let until = self.promises.partition_point(|(when, _)| *when <= moment);
        let last = self.promises[..until].last();
        last.map_or(Promise::NOTHING, |(_, promise)| *promise)
    }
}

/// Opens the database in a directory.
///
/// # Errors
/// When the store does not open it.
pub async fn open(directory: &Path) -> Result<Store, tidings_store::StoreError> {
    let path = directory.join(DATABASE);
    let path = path.to_str().expect("a path in UTF-8");
    Store::open(&format!("sqlite:{path}")).await
}

/// Starts the exchange with a clock that stands still: a life needs no time.
///
/// # Errors
/// When the journal does not lead to a state.
pub async fn start_exchange(store: Store) -> Result<Exchange, tidings_exchange::StartError> {
    let clock = Clock::manual(Timestamp::from_micros(NOW));
    let options = Options {
        clock,
        snapshot_every: Some(SNAPSHOT_EVERY),
        ..Options::default()
    };
    Exchange::start(store, options).await
}

/// The whole journal.
///
/// # Errors
/// When the store cannot read it.
pub async fn groups(store: &Store) -> Result<Vec<StoredGroup>, tidings_store::StoreError> {
    let mut groups: Vec<StoredGroup> = Vec::new();
    loop {
        let next = groups.last().map_or(1, |group| group.last.0 + 1);
        let page = store.groups(Seq(next), 1_000).await?;
        if page.is_empty() {
            return Ok(groups);
        }
        groups.extend(page);
    }
}

/// Every article that there is, if none is missing before the last.
///
/// # Errors
/// When the store cannot read them.
pub async fn articles(store: &Store) -> Result<Vec<Article>, tidings_store::StoreError> {
    let mut articles = Vec::new();
    while let Some(article) = store.article(&slug(articles.len())).await? {
        articles.push(article);
    }
    Ok(articles)
}

/// A little business that anybody could do after a start: an account is opened.
pub fn business() -> Request {
    let open = OpenAccount {
        name: "whoever comes next".to_owned(),
        role: Role::Trader,
        grant: None,
    };
    Request::new(AccountId::ADMIN, Command::OpenAccount(open))
}

/// Promises, as they are made.
struct Notes {
    disk: Arc<Disk>,
    promises: Vec<(usize, Promise)>,
}

impl Notes {
    fn promise(&mut self, promise: Promise) {
        self.promises.push((self.disk.moment(), promise));
    }

    /// One more promise beside the earlier ones.
    fn add(&mut self, what: impl FnOnce(&mut Promise)) {
        let mut promise = self
            .promises
            .last()
            .map_or(Promise::NOTHING, |(_, last)| *last);
        what(&mut promise);
        self.promise(promise);
    }

    /// Answers that came together were noted one by one, each with its own place: a promise holds
    /// whatever was promised before.
    fn settle(&mut self) {
        self.promises
            .sort_by_key(|(when, promise)| (*when, promise.seq));
        let mut all = Promise::NOTHING;
        for (_, promise) in &mut self.promises {
            all = all.and(*promise);
            *promise = all;
        }
    }
}

/// Sends requests together and waits for all answers. Each is noted when it comes.
async fn burst(
    exchange: &Exchange,
    disk: &Arc<Disk>,
    orders: &mut Vec<(AccountId, OrderId)>,
    random: &mut Random,
) -> (Vec<Arc<Record>>, Vec<(usize, Promise)>) {
    // Mostly small groups, sometimes one that is many pages long.
    let size = match random.below(8) {
        0 => 20 + random.below(60),
        1..4 => 2 + random.below(10),
        _ => 1,
    };
    let mut sent = JoinSet::new();
    for _ in 0..size {
        let (exchange, disk) = (exchange.clone(), Arc::clone(disk));
        let request = request(orders, random);
        sent.spawn(async move {
            let record = exchange.submit(request).await.expect("an answer");
            let seq = record.stamp.seq;
            let promise = Promise {
                seq,
                ..Promise::NOTHING
            };
            (record, (disk.moment(), promise))
        });
    }
    let (records, notes): (Vec<_>, Vec<_>) = sent.join_all().await.into_iter().unzip();
    for record in &records {
        let placed = record.events.iter().filter_map(|event| match event {
            Happened::OrderAccepted { order, .. } => Some((record.request.actor, *order)),
            _ => None,
        });
        orders.extend(placed);
    }
    (records, notes)
}

fn request(orders: &mut Vec<(AccountId, OrderId)>, random: &mut Random) -> Request {
    if !orders.is_empty() && random.below(5) == 0 {
        let ix = usize::try_from(random.below(orders.len() as u64)).expect("an index");
        let (actor, order) = orders.swap_remove(ix);
        return Request::new(actor, Command::Cancel { order });
    }
    let lots = i64::try_from(1 + random.below(400)).expect("a quantity");
    let ticks = u16::try_from(1 + random.below(99)).expect("a price") * 100;
    let place = PlaceOrder {
        market: MARKET,
        outcome: Outcome(0),
        contract: *random.pick(&[Contract::Yes, Contract::No]),
        side: *random.pick(&[Side::Buy, Side::Buy, Side::Sell]),
        size: Size::Quantity(Lots::new(lots)),
        limit: Price::new(ticks),
        time_in_force: *random.pick(&[TimeInForce::Gtc, TimeInForce::Gtc, TimeInForce::Ioc]),
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    };
    Request::new(*random.pick(&TRADERS), Command::Place(place))
}

/// Brings an article in: what was answered to an editor must survive as well.
async fn publish(store: &Store, number: usize) -> Article {
    let mut body_hash = [0; 32];
    body_hash[..8].copy_from_slice(&number.to_le_bytes());
    let article = NewArticle {
        slug: slug(number),
        canonical_url: None,
        publisher: None,
        language: "en".to_owned(),
        section: vec!["world".to_owned()],
        tags: Vec::new(),
        flags: Vec::new(),
        title: format!("Note {number}"),
        summary: String::new(),
        body_html: "<p>As it was.</p>".repeat(1 + 40 * (number % 9)),
        body_text: format!("As it was, {number}."),
        byline: None,
        published_at: None,
        embargoed_until: None,
        status: ArticleStatus::Usable,
        author: AccountId::ADMIN,
        body_hash,
        at: Timestamp::from_micros(NOW),
        terms: vec!["note".to_owned(), number.to_string()],
    };
    match store.add_article(&article).await.expect("an answer") {
        Added::New(article) => article,
        Added::Existing(_) => panic!("every article is another one"),
    }
}

fn slug(number: usize) -> String {
    format!("note-{number}")
}

/// What callers were told is what the journal says.
fn check_told(groups: &[StoredGroup], told: &[Arc<Record>]) {
    let journal = groups
        .iter()
        .flat_map(|group| group.contents().expect("records").records);
    let journal: BTreeMap<Seq, Record> = journal.map(|record| (record.stamp.seq, record)).collect();
    for record in told {
        let found = journal.get(&record.stamp.seq);
        assert_eq!(found, Some(&**record), "an answer is what the journal says");
    }
}

async fn states(store: &Store) -> BTreeMap<Seq, [u8; 32]> {
    let mut states = BTreeMap::new();
    let replayed = replay(store, |engine, _, _| {
        states.insert(engine.last().seq, engine.state_hash());
        true
    });
    replayed.await.expect("the journal leads to a state");
    states
}

/// An administrator, an operator and traders with money, and a market that is open.
fn furniture() -> Vec<Request> {
    let open = |name: &str, role| {
        Command::OpenAccount(OpenAccount {
            name: name.to_owned(),
            role,
            grant: None,
        })
    };
    let mut requests = vec![
        Request::new(AccountId::WORLD, open("admin", Role::Admin)),
        Request::new(AccountId::ADMIN, open("operator", Role::Operator)),
    ];
    for name in ["ann", "bob", "cyd"] {
        requests.push(Request::new(AccountId::ADMIN, open(name, Role::Trader)));
    }
    for account in TRADERS.into_iter().chain([OPERATOR]) {
        let amount = Micros::new(100_000_000_000);
        let deposit = Command::Deposit(Transfer { account, amount });
        requests.push(Request::new(AccountId::ADMIN, deposit));
    }
    requests.push(Request::new(
        OPERATOR,
        Command::CreateMarket(Box::new(market())),
    ));
    requests.push(Request::new(
        OPERATOR,
        Command::OpenMarket { market: MARKET },
    ));
    requests
}

fn market() -> MarketSpec {
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(5_000).expect("a half"),
    };
    MarketSpec {
        slug: "a-market".to_owned(),
        kind: Kind::Binary,
        question: "Will it?".to_owned(),
        outcomes: vec![outcome("yes"), outcome("no")],
        rules: Rules {
            criteria: "If it does.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "gazette".to_owned(),
                url: String::new(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: Some(Lots::new(100_000)),
        tick: 100,
        taker_fee: Fraction::new(100).expect("one in a hundred"),
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

const OPERATOR: AccountId = AccountId(3);
const TRADERS: [AccountId; 3] = [AccountId(4), AccountId(5), AccountId(6)];
pub(crate) const MARKET: MarketId = MarketId(0);
/// Accounts that there may be: those of an empty exchange, the furniture's, and whoever comes next in
/// life after life.
pub(crate) const ACCOUNTS: u32 = 16;
/// Records after which the exchange makes its own snapshot: in the first moments of a life.
const SNAPSHOT_EVERY: u64 = 20;
/// Some moment in 2026.
const NOW: i64 = 1_780_000_000_000_000;

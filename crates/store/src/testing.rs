//! Stores on every database that is here, and a real engine to take records from.

pub(crate) mod proxy;
pub(crate) mod trading;

use std::sync::{Arc, Once};
use std::time::Duration;

use tidings_cluster::{Cluster, Shared};
use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, ProposeVoid, Request, SelfTrade, Side, Size, Stamp,
    TimeInForce, Transfer,
};
use tidings_core::event::Record;
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::{AccountId, MarketId, Outcome, Seq};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Payout, Rules, Source, VoidRule};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine};

use crate::error::StoreError;
use crate::journal::{Claim, Head, Instance};
use crate::projection::{Mark, OddsPoint, Projection};
use crate::store::Store;

pub(crate) const ALICE: AccountId = AccountId(5);
pub(crate) const BOB: AccountId = AccountId(6);
pub(crate) const CAROL: AccountId = AccountId(7);
pub(crate) const OPERATOR: AccountId = AccountId(3);
pub(crate) const SECOND_OPERATOR: AccountId = AccountId(4);

/// Two outcomes, with a maker and a fee.
pub(crate) const SUMMIT: MarketId = MarketId(0);
/// Two outcomes, a pure book with a fee.
pub(crate) const VISITORS: MarketId = MarketId(1);
/// Three outcomes, with a maker.
pub(crate) const PLACE: MarketId = MarketId(2);
/// Three outcomes, a pure book with a fee.
pub(crate) const GUESTS: MarketId = MarketId(3);

/// Who owns the journal in tests that are not about owners, and for how long.
pub(crate) const ME: Instance = Instance([1; 16]);
pub(crate) const LEASE: Duration = Duration::from_secs(10);

/// An empty store on each database that is here, SQLite in memory and in a file, where history has a connection
/// of its own: a test's failure comes after the line that says which of them it was on.
pub(crate) async fn stores() -> Stores {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tidings.db");
    let file = file.to_str().unwrap();
    let mut left = Vec::new();
    for database in ["sqlite::memory:", file] {
        left.push(Store::open(database).await.unwrap());
    }
    left.extend(on_postgres().await);
    Stores {
        left: left.into_iter(),
        _directory: directory,
    }
}

/// Stores to go through; the file is there as long as this is.
pub(crate) struct Stores {
    left: std::vec::IntoIter<Store>,
    _directory: tempfile::TempDir,
}

impl Stores {
    /// Those that are left.
    pub(crate) fn all(&self) -> &[Store] {
        self.left.as_slice()
    }
}

impl Iterator for Stores {
    type Item = Store;

    fn next(&mut self) -> Option<Store> {
        let store = self.left.next();
        store.inspect(|store| println!("on {:?}", store.database))
    }
}

/// An empty store on PostgreSQL, if there is one.
pub(crate) async fn on_postgres() -> Option<Store> {
    let address = server()?.database().unwrap();
    Some(Store::open(&address).await.unwrap())
}

/// The server that this process's tests share. Without one their halves on PostgreSQL are left out
/// aloud.
pub(crate) fn server() -> Option<&'static Shared> {
    static LEFT_OUT: Once = Once::new();
    match Cluster::shared() {
        Ok(server) => Some(server),
        Err(why) => {
            assert!(Cluster::installed().is_err(), "{why}");
            LEFT_OUT.call_once(|| tidings_cluster::left_out(&why));
            None
        }
    }
}

/// Claims a journal that nobody else has.
pub(crate) async fn claim(store: &Store) -> Head {
    match store.claim(ME, LEASE).await.unwrap() {
        Claim::Granted(head) => head,
        Claim::Held { remaining } => panic!("another instance has it for {remaining:?}"),
    }
}

/// Projects up to where a projection ends.
pub(crate) async fn project(store: &Store, projection: &Projection) -> Result<(), StoreError> {
    let until = projection.last().map_or(Mark::START, mark);
    store.project(projection, &until).await
}

/// Projects a run in stretches of `by` records.
pub(crate) async fn project_in_stretches(store: &Store, run: &Run, by: usize) {
    for records in run.records.chunks(by) {
        let (first, last) = (records[0].stamp.seq, records[records.len() - 1].stamp.seq);
        let odds: Vec<OddsPoint> = run
            .odds
            .iter()
            .filter(|p| p.seq >= first && p.seq <= last)
            .cloned()
            .collect();
        let projection = Projection::new(records, &odds);
        project(store, &projection).await.unwrap();
    }
}

/// A mark at a record, in no journal in particular.
pub(crate) fn mark(seq: Seq) -> Mark {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&seq.0.to_le_bytes());
    Mark { seq, hash }
}

/// An engine, and the records of all that it was asked.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) odds: Vec<OddsPoint>,
}

impl Run {
    /// An exchange with nothing in it.
    pub(crate) fn empty() -> Run {
        Run {
            engine: Engine::new(),
            records: Vec::new(),
            odds: Vec::new(),
        }
    }

    /// Two operators, three traders with money, and four open markets.
    pub(crate) fn started() -> Run {
        let mut run = Run::empty();
        let world = AccountId::WORLD;
        run.done(world, open("admin", Role::Admin));
        for name in ["operator", "second operator"] {
            run.done(AccountId::ADMIN, open(name, Role::Operator));
        }
        for name in ["alice", "bob", "carol"] {
            run.done(AccountId::ADMIN, open(name, Role::Trader));
        }
        for account in [OPERATOR, ALICE, BOB, CAROL] {
            run.done(AccountId::ADMIN, deposit(account, 10_000_000_000));
        }
        for spec in [
            market("summit", &["yes", "no"], Some(10_000)),
            market("visitors", &["long", "short"], None),
            market("place", &["nara", "tokyo", "other"], Some(5_000)),
            market("guests", &["few", "some", "many"], None),
        ] {
            run.done(OPERATOR, Command::CreateMarket(Box::new(spec)));
        }
        for market in [SUMMIT, VISITORS, PLACE, GUESTS] {
            run.done(OPERATOR, Command::OpenMarket { market });
        }
        run
    }

    /// Asks, a second after the request before.
    pub(crate) fn ask(&mut self, actor: AccountId, command: Command) -> Arc<Record> {
        self.ask_at(
            self.engine.last().at.as_micros() + 1_000_000,
            actor,
            command,
        )
    }

    pub(crate) fn ask_at(&mut self, at: i64, actor: AccountId, command: Command) -> Arc<Record> {
        let stamp = Stamp {
            seq: Seq(self.engine.last().seq.0 + 1),
            at: Timestamp::from_micros(at),
        };
        let request = Request::new(actor, command);
        let mut events = Vec::new();
        let refusal = match self.engine.apply(stamp, &request, &mut events) {
            Answer::Done => None,
            Answer::Refused(reject) => Some(reject),
            Answer::Repeated(_) | Answer::KeyReused => panic!("no keys are used"),
        };
        let record = Arc::new(Record {
            stamp,
            request,
            events,
            refusal,
        });
        self.records.push(Arc::clone(&record));
        self.note_odds(&record);
        record
    }

    /// Asks for what must not be refused.
    pub(crate) fn done(&mut self, actor: AccountId, command: Command) -> Arc<Record> {
        let record = self.ask(actor, command);
        assert_eq!(record.refusal, None, "{:?}", record.request.command);
        record
    }

    /// Settles a market by both operators' word.
    pub(crate) fn settle(&mut self, market: MarketId, payout: &[u16]) {
        let shares = payout
            .iter()
            .map(|ticks| Fraction::new(*ticks).unwrap())
            .collect();
        let payout = Payout::new(shares).unwrap();
        self.done(
            OPERATOR,
            Command::CloseMarket {
                market,
                reason: "it is over".to_owned(),
                clause: None,
            },
        );
        let (evidence, note) = (vec!["https://example.com".to_owned()], "as seen".to_owned());
        self.done(
            OPERATOR,
            Command::ProposeResolution {
                market,
                payout,
                evidence,
                note,
                items: proof(),
            },
        );
        self.done(SECOND_OPERATOR, Command::ConfirmResolution { market });
    }

    /// Two operators call a market off.
    pub(crate) fn void(&mut self, market: MarketId) {
        let propose = ProposeVoid {
            market,
            rule: VoidRule::SourceGone,
            reason: "no source".to_owned(),
            evidence: vec!["https://example.com".to_owned()],
            items: None,
        };
        self.done(OPERATOR, Command::ProposeVoid(Box::new(propose)));
        self.done(SECOND_OPERATOR, Command::ConfirmVoid { market });
    }

    fn note_odds(&mut self, record: &Record) {
        let mut markets: Vec<MarketId> = record.events.iter().filter_map(|e| e.market()).collect();
        markets.sort_unstable();
        markets.dedup();
        for market in markets {
            let state = self.engine.market(market).unwrap();
            self.odds.push(OddsPoint {
                market,
                seq: record.stamp.seq,
                at: record.stamp.at,
                odds: state.all_odds(),
                status: state.phase.status(),
            });
        }
    }
}

pub(crate) fn open(name: &str, role: Role) -> Command {
    Command::OpenAccount(OpenAccount {
        name: name.to_owned(),
        role,
        grant: None,
    })
}

pub(crate) fn deposit(account: AccountId, micros: i64) -> Command {
    Command::Deposit(Transfer {
        account,
        amount: Micros::new(micros),
    })
}

pub(crate) fn market(slug: &str, outcomes: &[&str], liquidity: Option<i64>) -> MarketSpec {
    let count = u16::try_from(outcomes.len()).unwrap();
    let prior = |ix: usize| {
        if ix == 0 {
            10_000 - (count - 1) * (10_000 / count)
        } else {
            10_000 / count
        }
    };
    let outcome = |(ix, key): (usize, &&str)| OutcomeSpec {
        key: (*key).to_owned(),
        name: (*key).to_owned(),
        prior: Fraction::new(prior(ix)).unwrap(),
    };
    MarketSpec {
        slug: slug.to_owned(),
        kind: if count == 2 {
            Kind::Binary
        } else {
            Kind::Categorical
        },
        question: "Which?".to_owned(),
        outcomes: outcomes.iter().enumerate().map(outcome).collect(),
        rules: Rules {
            criteria: "As the source says.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "The source".to_owned(),
                url: "https://example.com".to_owned(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: liquidity.map(Lots::new),
        tick: 100,
        taker_fee: Fraction::new(200).unwrap(),
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

/// An order that waits: a contract on an outcome, a side, lots and a price in ticks.
pub(crate) fn order(
    market: MarketId,
    (outcome, contract): (u16, Contract),
    side: Side,
    lots: i64,
    limit: u16,
) -> PlaceOrder {
    PlaceOrder {
        market,
        outcome: Outcome(outcome),
        contract,
        side,
        size: Size::Quantity(Lots::new(lots)),
        limit: Price::new(limit),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    }
}

/// What a payout can rest on: two publishers.
fn proof() -> Option<Vec<Item>> {
    let of = |host: &str| Item {
        url: format!("https://{host}/"),
        publisher: host.to_owned(),
        published_at: None,
        sha256: [7; 32],
        quotation: "It happened.".to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    };
    Some(vec![of("herald.example"), of("courier.example")])
}

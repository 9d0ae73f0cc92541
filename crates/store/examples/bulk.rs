//! How many records a second the read tables take.
//!
//! `cargo run --release -p tidings-store --example bulk -- DATABASE [RECORDS [TRADERS [STRETCH…]]]`, with a
//! file that is not there yet or an empty PostgreSQL database. The records are a real engine's: of ten commands
//! six place orders, three cancel, and one takes. Each size of stretch is projected after the last one,
//! so tables grow; the pure part is timed apart.

use std::error::Error;
use std::time::{Duration, Instant};

use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size, Stamp, TimeInForce,
    Transfer,
};
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine};
use tidings_store::{Mark, OddsPoint, Projection, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let database = args.next().ok_or("which database?")?;
    let records = args.next().map_or(Ok(100_000), |count| count.parse())?;
    let traders = args.next().map_or(Ok(6_000), |count| count.parse())?;
    let mut stretches = args
        .map(|size| size.parse())
        .collect::<Result<Vec<_>, _>>()?;
    if stretches.is_empty() {
        stretches = vec![512, 4_096, 16_384, 65_536];
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(&database, records, traders, &stretches))
}

async fn measure(
    database: &str,
    records: usize,
    traders: u32,
    stretches: &[usize],
) -> Result<(), Box<dyn Error>> {
    let store = Store::open(database).await?;
    let mut floor = Floor::open(traders);
    take(&store, floor.records.split_off(0)).await?;
    println!("stretch  records/s  rows/s  of it pure  own CPU per record");
    for &stretch in stretches {
        let (mut pure, mut all, mut rows) = (Duration::ZERO, Duration::ZERO, 0);
        let (mut done, mut cpu) = (0, Duration::ZERO);
        while done < records {
            let (batch, odds) = floor.trade(stretch);
            rows += count(&batch) + odds.len();
            let before = cpu_time();
            let start = Instant::now();
            let projection = Projection::new(&batch, &odds);
            pure += start.elapsed();
            let last = batch[batch.len() - 1].stamp.seq;
            store.project(&projection, &mark(last)).await?;
            all += start.elapsed();
            cpu += cpu_time() - before;
            done += batch.len();
        }
        let per_second = |count: usize| count as f64 / all.as_secs_f64();
        let share = 100.0 * pure.as_secs_f64() / all.as_secs_f64();
        let (records, rows) = (per_second(done), per_second(rows));
        println!(
            "{stretch:7}  {records:9.0}  {rows:6.0}  {share:8.1} %  {:15.1?}",
            cpu / u32::try_from(done)?
        );
    }
    let page = tidings_store::Page::top(100);
    let start = Instant::now();
    let listed = store.orders_of(AccountId(5), None, page).await?.len();
    println!("a page of {listed} orders: {:?}", start.elapsed());
    store.close().await;
    Ok(())
}

/// How long the threads of this process were at work, where Linux says so: other work on the machine
/// does not count.
fn cpu_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let spent = |task: std::io::Result<std::fs::DirEntry>| {
        let told = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.filter_map(spent).sum())
}

async fn take(store: &Store, records: Vec<Record>) -> Result<(), Box<dyn Error>> {
    let last = records[records.len() - 1].stamp.seq;
    store
        .project(&Projection::new(&records, &[]), &mark(last))
        .await?;
    Ok(())
}

fn mark(seq: Seq) -> Mark {
    Mark { seq, hash: [0; 32] }
}

/// Rows to add or to change, near enough: one per event that is one.
fn count(records: &[Record]) -> usize {
    let events = records.iter().flat_map(|record| &record.events);
    events
        .map(|event| 1 + event.postings().into_iter().count())
        .sum()
}

/// An engine with traders, and what they do.
struct Floor {
    engine: Engine,
    records: Vec<Record>,
    resting: Vec<(AccountId, OrderId)>,
    random: u64,
    traders: u32,
}

const MARKETS: u32 = 20;
/// Of each market's orders that wait, more than this are cancelled first.
const RESTING: usize = 20_000;

impl Floor {
    fn open(traders: u32) -> Floor {
        let mut floor = Floor {
            engine: Engine::new(),
            records: Vec::new(),
            resting: Vec::new(),
            random: 7,
            traders,
        };
        floor.ask(AccountId::WORLD, account("admin", Role::Admin));
        floor.ask(AccountId::ADMIN, account("operator", Role::Operator));
        let operator = AccountId(3);
        for _ in 0..traders {
            floor.ask(AccountId::ADMIN, account("trader", Role::Trader));
        }
        for id in 3..4 + traders {
            let amount = Micros::new(1_000_000_000_000);
            let account = AccountId(id);
            floor.ask(
                AccountId::ADMIN,
                Command::Deposit(Transfer { account, amount }),
            );
        }
        for id in 0..MARKETS {
            floor.ask(operator, Command::CreateMarket(Box::new(market(id))));
            let market = MarketId(id);
            floor.ask(operator, Command::OpenMarket { market });
        }
        assert!(floor.records.iter().all(|record| record.refusal.is_none()));
        floor
    }

    fn trade(&mut self, count: usize) -> (Vec<Record>, Vec<OddsPoint>) {
        while self.records.len() < count {
            let dice = self.below(10);
            if (dice < 3 && !self.resting.is_empty()) || self.resting.len() > RESTING {
                let at = self.below(self.resting.len() as u64) as usize;
                let (account, order) = self.resting.swap_remove(at);
                self.ask(account, Command::Cancel { order });
                continue;
            }
            let account = AccountId(4 + self.below(u64::from(self.traders)) as u32);
            let takes = dice == 9;
            let side_yes = self.below(2) == 0;
            // Orders that wait are for 1 to 40 ticks and so never meet; one in ten takes what there is.
            let limit = match takes {
                false => 100 * (1 + self.below(48)),
                true => 7_500,
            };
            let terms = PlaceOrder {
                market: MarketId(self.below(u64::from(MARKETS)) as u32),
                outcome: Outcome(0),
                contract: if side_yes {
                    Contract::Yes
                } else {
                    Contract::No
                },
                side: Side::Buy,
                size: Size::Quantity(Lots::new(100)),
                limit: Price::new(limit as u16),
                time_in_force: if takes {
                    TimeInForce::Ioc
                } else {
                    TimeInForce::Gtc
                },
                post_only: false,
                self_trade: SelfTrade::CancelNewest,
                client_order_id: None,
                valid_until: None,
            };
            let order = OrderId(self.ask(account, Command::Place(terms)));
            if !takes {
                self.resting.push((account, order));
            }
        }
        let last = self.records[self.records.len() - 1].stamp;
        let odds = |market| {
            let state = self.engine.market(market)?;
            Some(OddsPoint {
                market,
                seq: last.seq,
                at: last.at,
                odds: state.all_odds(),
                status: state.phase.status(),
            })
        };
        let odds = (0..MARKETS).map(MarketId).filter_map(odds).collect();
        (self.records.split_off(0), odds)
    }

    /// Asks, and gives the order's id that a placed one would have.
    fn ask(&mut self, actor: AccountId, command: Command) -> u64 {
        let seq = Seq(self.engine.last().seq.0 + 1);
        let at = Timestamp::from_micros(1_763_000_000_000_000 + 10 * seq.0 as i64);
        let stamp = Stamp { seq, at };
        let request = Request::new(actor, command);
        let mut events = Vec::new();
        let refusal = match self.engine.apply(stamp, &request, &mut events) {
            Answer::Refused(reject) => Some(reject),
            _ => None,
        };
        let order = events.iter().find_map(|event| match event {
            tidings_core::event::Event::OrderAccepted { order, .. } => Some(order.0),
            _ => None,
        });
        self.records.push(Record {
            stamp,
            request,
            events,
            refusal,
        });
        order.unwrap_or(0)
    }

    fn below(&mut self, end: u64) -> u64 {
        // xorshift64*: the same run every time.
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) % end
    }
}

fn account(name: &str, role: Role) -> Command {
    Command::OpenAccount(OpenAccount {
        name: name.to_owned(),
        role,
        grant: None,
    })
}

fn market(id: u32) -> MarketSpec {
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(5_000).expect("a half"),
    };
    MarketSpec {
        slug: format!("market-{id}"),
        kind: Kind::Binary,
        question: "Which?".to_owned(),
        outcomes: vec![outcome("yes"), outcome("no")],
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
        liquidity: None,
        tick: 100,
        taker_fee: Fraction::new(200).expect("two percent"),
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

//! `tidings verify`: reads the journal again from its first byte and believes nothing else. The
//! chain of hashes is followed, every command is carried out again and has to come to what was
//! recorded, every movement of money is added up, and every invariant is checked on the state that
//! all of it leads to.
//!
//! What was made from the journal is held against it: snapshots, and with `--deep` the read tables. So is the
//! last answer that the data directory remembers.
//!
//! It takes the database's lock, so that nobody writes meanwhile, and writes nothing itself.

mod page;
mod snapshots;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tidings_core::Engine;
use tidings_core::audit::{self, Broken, PostingSums};
use tidings_core::id::{MarketId, Seq};
use tidings_exchange::{Home, Recovered, StartError, holds, project_journal, replay_until};
use tidings_store::{Contents, Head, Mark, OddsSnapshot, Store, StoredGroup};

use crate::cli::VerifyArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::journal::NotThere;
use crate::restore::{Lost, lost};
use crate::say::say;
use crate::settings::Place;
use snapshots::Snapshots;

/// What was found on the way.
struct Finding {
    engine: Engine,
    head: Head,
    /// How far the read tables go.
    history: Seq,
    /// Snapshots that are the state at their place.
    snapshots: usize,
    /// Whether the read tables were made again, and are the same.
    deep: bool,
    /// Whether the last answer that the data directory remembers is in it.
    witnessed: bool,
    /// Heads that were noted earlier and are in the chain.
    noted: usize,
    counts: Counts,
    took: Duration,
}

/// What was counted on the way.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    groups: u64,
    state_hashes: u64,
    applied: u64,
    refused: u64,
    events: u64,
}

/// Why a journal does not hold.
enum Fault {
    /// It cannot be read, is not as it was written, or ends elsewhere than its head says.
    Journal(StartError),
    /// It leads to a state that cannot be.
    Broken(Broken),
    /// It is another one than was published.
    Other(NotThere),
    /// It lacks what the data directory remembers to have been answered.
    Forgotten(Lost),
    /// A snapshot is not the state at its place.
    Snapshot { seq: Seq, fault: String },
    /// A read table is not what the journal makes of it.
    Table(&'static str),
    /// What is kept of the odds when an article appeared is not what the journal makes of that moment.
    ArticleOdds { article: String, market: MarketId },
}

/// `tidings verify`: one page on standard output. Success when everything holds.
pub(crate) async fn verify(args: VerifyArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place.clone())?;
    database::exists(&place)?;
    let opened = Store::open(&place.database).await;
    let store = opened.map_err(failed("the database cannot be verified"))?;
    let found = read_again(&store, &place.data, &args).await;
    store.close().await;
    match found {
        Ok(finding) => {
            say(&page::of(&place.shown(), &finding));
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            say(&page::of_fault(&place.shown(), &fault));
            Err(fault.into())
        }
    }
}

async fn read_again(store: &Store, data: &Path, args: &VerifyArgs) -> Result<Finding, Fault> {
    let start = Instant::now();
    let noted = &args.against;
    // Before the head: where the database has a server of its own, others may go on meanwhile.
    let witness = Home::witness_in(data).map_err(StartError::Home)?;
    match lost(store, witness.as_ref()).await? {
        Lost::Nothing => {}
        lost => return Err(Fault::Forgotten(lost)),
    }
    let head = store.head().await.map_err(StartError::Store)?;
    let tables = store.projected().await.map_err(StartError::Store)?;
    let mut snapshots = Snapshots::restored(store).await?;
    for noted in noted {
        noted.within(head.last_seq)?;
    }
    let mut counts = Counts::default();
    let mut sums = PostingSums::default();
    let each = |engine: &Engine, group: &StoredGroup, contents: &Contents| {
        snapshots.compare(engine)?;
        for record in &contents.records {
            match record.refusal {
                None => counts.applied += 1,
                Some(_) => counts.refused += 1,
            }
            counts.events += record.events.len() as u64;
            record.events.iter().for_each(|event| sums.add(event));
        }
        for noted in noted {
            noted.is_in(group)?;
        }
        Ok::<bool, Fault>(true)
    };
    let Recovered {
        engine,
        chain,
        groups,
        state_hashes,
    } = replay_until(store, Recovered::nothing(), head.last_seq, each).await?;
    chain.finish(&head).map_err(StartError::Journal)?;
    sums.check(&engine)
        .and_then(|()| audit::check(&engine))
        .map_err(Fault::Broken)?;
    if args.deep {
        compare_tables(store, &tables).await?;
    }
    counts.groups = groups;
    counts.state_hashes = state_hashes;
    Ok(Finding {
        engine,
        head,
        history: tables.seq,
        snapshots: snapshots.compared(),
        deep: args.deep,
        witnessed: witness.is_some(),
        noted: noted.len(),
        counts,
        took: start.elapsed(),
    })
}

/// Holds the read tables, as far as they go, against what the journal makes of them.
async fn compare_tables(store: &Store, tables: &Mark) -> Result<(), Fault> {
    let store_failed = |error| Fault::Journal(StartError::Store(error));
    if !holds(store, tables).await? {
        return Err(Fault::Table("projected"));
    }
    let again = Store::open("sqlite::memory:").await.map_err(store_failed)?;
    let made = project_journal(store, &again, tables.seq, |_| {}).await;
    made.map_err(store_failed)?;
    // A server that was killed left some of the lists' ends to be found among the rows.
    store.complete_ends().await.map_err(store_failed)?;
    let expected = again.history_digests().await.map_err(store_failed)?;
    let found = store.history_digests().await.map_err(store_failed)?;
    compare_article_odds(store, &again, tables).await?;
    again.close().await;
    let other = expected
        .iter()
        .zip(&found)
        .find(|(expected, found)| expected != found);
    match other {
        None => Ok(()),
        Some((expected, _)) => Err(Fault::Table(expected.table)),
    }
}

/// Holds what is kept of the odds when articles appeared against tables that were made again. They are kept once
/// history has passed the moment, so that the journal can never come to say otherwise.
async fn compare_article_odds(store: &Store, again: &Store, tables: &Mark) -> Result<(), Fault> {
    let store_failed = |error| Fault::Journal(StartError::Store(error));
    let mut last: Option<OddsSnapshot> = None;
    loop {
        let kept = store.odds_snapshots(last.as_ref(), SNAPSHOTS_AT_ONCE);
        let kept = kept.await.map_err(store_failed)?;
        // Tables that lag, or were lost, say nothing of what is newer.
        for snapshot in kept.iter().filter(|kept| kept.seq <= tables.seq) {
            let point = again.odds_at(snapshot.market, snapshot.at);
            let point = point.await.map_err(store_failed)?;
            let same = point.is_some_and(|point| {
                (point.seq, &point.odds, point.status)
                    == (snapshot.seq, &snapshot.odds, snapshot.status)
            });
            if !same {
                return Err(Fault::ArticleOdds {
                    article: snapshot.article.clone(),
                    market: snapshot.market,
                });
            }
        }
        match kept.into_iter().next_back() {
            Some(newest) => last = Some(newest),
            None => return Ok(()),
        }
    }
}

/// Articles' odds in memory at once.
const SNAPSHOTS_AT_ONCE: u32 = 1_000;

impl From<StartError> for Fault {
    fn from(error: StartError) -> Fault {
        Fault::Journal(error)
    }
}

impl From<NotThere> for Fault {
    fn from(other: NotThere) -> Fault {
        Fault::Other(other)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let what = "the database does not hold";
        match fault {
            Fault::Journal(error) => failed(what)(error),
            Fault::Broken(broken) => failed(what)(broken),
            Fault::Forgotten(lost) => Failure::new(format!(
                "the database lacks what was answered: {}",
                lost.in_words()
            )),
            Fault::Snapshot { seq, fault } => Failure::new(format!(
                "the snapshot at {seq} does not hold: {fault}; without it nothing is lost"
            )),
            Fault::Table(table) => Failure::new(format!(
                "the read table {table} is not what the journal makes of it: `tidings rebuild` makes \
                 it again"
            )),
            Fault::ArticleOdds { article, market } => Failure::new(format!(
                "the odds that are kept of market {market} when the article {article} appeared are not \
                 those of that moment"
            )),
            Fault::Other(other) => failed("this is not the journal that was published")(other),
        }
    }
}

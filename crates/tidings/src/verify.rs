//! `tidings verify`: reads the journal again from its first byte and believes nothing else. The
//! chain of hashes is followed, every command is carried out again and has to come to what was
//! recorded, every movement of money is added up, and every invariant is checked on the state that
//! all of it leads to.
//!
//! It takes the database's lock, so that nobody writes meanwhile, and writes nothing itself.

mod page;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tidings_core::Engine;
use tidings_core::audit::{self, Broken, PostingSums};
use tidings_core::id::Seq;
use tidings_exchange::StartError;
use tidings_store::{Head, Store};

use crate::again::Again;
use crate::cli::VerifyArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::journal::{NotThere, Noted};
use crate::say::say;
use crate::settings::Place;

/// What was found on the way.
struct Finding {
    engine: Engine,
    head: Head,
    /// How far the read tables go.
    history: Seq,
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
}

/// `tidings verify`: one page on standard output. Success when everything holds.
pub(crate) async fn verify(args: VerifyArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    database::exists(&place)?;
    let opened = Store::open(&place.database).await;
    let store = opened.map_err(failed("the database cannot be verified"))?;
    let found = read_again(&store, &args.against).await;
    store.close().await;
    match found {
        Ok(finding) => {
            say(&page::of(place.shown(), &finding));
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            say(&page::of_fault(place.shown(), &fault));
            Err(fault.into())
        }
    }
}

async fn read_again(store: &Store, noted: &[Noted]) -> Result<Finding, Fault> {
    let start = Instant::now();
    let head = store.head().await.map_err(StartError::Store)?;
    let history = store.projected().await.map_err(StartError::Store)?.seq;
    for noted in noted {
        noted.within(head.last_seq)?;
    }
    let mut counts = Counts::default();
    let mut sums = PostingSums::default();
    let mut again = Again::from_nothing();
    again
        .run(store, head.last_seq, |_, group, records| {
            counts.groups += 1;
            for record in records {
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
            Ok::<(), Fault>(())
        })
        .await?;
    let Again {
        engine,
        chain,
        state_hashes,
    } = again;
    chain.finish(&head).map_err(StartError::Journal)?;
    sums.check(&engine)
        .and_then(|()| audit::check(&engine))
        .map_err(Fault::Broken)?;
    counts.state_hashes = state_hashes;
    Ok(Finding {
        engine,
        head,
        history,
        noted: noted.len(),
        counts,
        took: start.elapsed(),
    })
}

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
            Fault::Other(other) => failed("this is not the journal that was published")(other),
        }
    }
}

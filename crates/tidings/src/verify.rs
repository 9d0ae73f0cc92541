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
use tidings_exchange::{StartError, replay};
use tidings_store::{Head, Store};

use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

/// What was found on the way.
struct Finding {
    engine: Engine,
    head: Head,
    /// How far the read tables go.
    history: Seq,
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
}

/// `tidings verify`: one page on standard output. Success when everything holds.
pub(crate) async fn verify(place: &Place) -> Result<ExitCode, Failure> {
    database::exists(place)?;
    let opened = Store::open(&place.database).await;
    let store = opened.map_err(failed("the database cannot be verified"))?;
    let found = read_again(&store).await;
    store.close().await;
    match found {
        Ok(finding) => {
            say(&page::of(&place.database, &finding));
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            say(&page::of_fault(&place.database, fault.at_invariant()));
            Err(fault.into())
        }
    }
}

async fn read_again(store: &Store) -> Result<Finding, Fault> {
    let start = Instant::now();
    let head = store
        .head()
        .await
        .map_err(|error| Fault::Journal(error.into()))?;
    let history = store
        .projected()
        .await
        .map_err(|error| Fault::Journal(error.into()))?;
    let mut counts = Counts::default();
    let mut sums = PostingSums::default();
    let replayed = replay(store, async |_, records, _| {
        for record in records {
            match record.refusal {
                None => counts.applied += 1,
                Some(_) => counts.refused += 1,
            }
            counts.events += record.events.len() as u64;
            record.events.iter().for_each(|event| sums.add(event));
        }
        Ok(())
    });
    let recovered = replayed.await.map_err(Fault::Journal)?;
    let engine = recovered.engine;
    let ends = recovered.chain.finish(&head);
    ends.map_err(|error| Fault::Journal(error.into()))?;
    sums.check(&engine)
        .and_then(|()| audit::check(&engine))
        .map_err(Fault::Broken)?;
    counts.groups = recovered.groups;
    counts.state_hashes = recovered.state_hashes;
    Ok(Finding {
        engine,
        head,
        history,
        counts,
        took: start.elapsed(),
    })
}

impl Fault {
    /// The invariant that does not hold; none when the journal did not even lead to a state.
    fn at_invariant(&self) -> Option<&Broken> {
        match self {
            Fault::Broken(broken) => Some(broken),
            Fault::Journal(_) => None,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let what = "the database does not hold";
        match fault {
            Fault::Journal(error) => failed(what)(error),
            Fault::Broken(broken) => failed(what)(broken),
        }
    }
}

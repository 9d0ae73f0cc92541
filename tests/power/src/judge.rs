//! Holds what is found after a power cut against the life that it cut off.

use std::path::Path;

use thiserror::Error;
use tidings_core::id::Seq;
use tidings_exchange::{replay, restore};
use tidings_store::{Chain, Head, Mark, Store};

use crate::disk::{Disk, Habit, Image};
use crate::history;
use crate::life::{self, Life, Promise, articles, business, groups, start_exchange};
use crate::vfs;

/// How what is found is not what it must be.
#[derive(Debug, Error)]
pub enum Fault {
    /// What was answered is gone.
    #[error("answered up to {promised}, found up to {found}")]
    Lost {
        /// The last record that somebody had an answer to.
        promised: Seq,
        /// The last record that is there.
        found: Seq,
    },
    /// An article that was taken is gone.
    #[error("{promised} articles were taken, {found} are there")]
    LostArticles {
        /// So many were taken.
        promised: usize,
        /// So many are there.
        found: usize,
    },
    /// A claim is forgotten: an earlier owner's groups would be taken again.
    #[error("claimed {promised} times, found {found}")]
    LostClaim {
        /// So often it was claimed.
        promised: u64,
        /// So often it seems to have been.
        found: u64,
    },
    /// Something is there that never was.
    #[error("{what} is there that was never written so")]
    Strange {
        /// What.
        what: String,
    },
    /// The journal's own proof fails.
    #[error("the journal is not whole")]
    Journal(#[from] tidings_store::JournalError),
    /// The store fails.
    #[error("the store fails")]
    Store(#[from] tidings_store::StoreError),
    /// The exchange does not come to a state.
    #[error("the exchange does not start")]
    Start(#[from] tidings_exchange::StartError),
    /// It starts and then does not go on.
    #[error("the exchange does not go on: {what}")]
    Stuck {
        /// How.
        what: String,
    },
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// What is there, and where it leads to.
    Once,
    /// Also that the exchange starts on it, goes on, and brings its read tables up to date: they say what
    /// the journal says.
    GoOn,
}

/// Opens what a cut left, as the next start would, in a directory that nobody else uses.
///
/// # Errors
/// With the first fault that is found.
pub async fn judge(
    directory: &Path,
    image: &Image,
    life: &Life,
    promise: Promise,
    look: Look,
) -> Result<(), Fault> {
    let disk = Disk::new(image, Habit::Forgetful);
    let _mounted = vfs::mount(directory, &disk);
    let store = life::open(directory).await?;
    let judged = judge_store(&store, life, promise).await;
    let judged = match (judged, look) {
        (Ok(head), Look::GoOn) => go_on(&store, life, head).await,
        (judged, _) => judged.map(drop),
    };
    store.close().await;
    judged
}

async fn judge_store(store: &Store, life: &Life, promise: Promise) -> Result<Head, Fault> {
    let head = store.head().await?;
    let found = groups(store).await?;
    let mut chain = Chain::start();
    for (ix, group) in found.iter().enumerate() {
        chain.follow(group)?;
        if life.groups.get(ix) != Some(group) {
            let what = format!("the group from {}", group.first);
            return Err(Fault::Strange { what });
        }
    }
    chain.finish(&head)?;
    if head.last_seq < promise.seq {
        return Err(Fault::Lost {
            promised: promise.seq,
            found: head.last_seq,
        });
    }
    if head.epoch < promise.epoch {
        return Err(Fault::LostClaim {
            promised: promise.epoch,
            found: head.epoch,
        });
    }
    judge_articles(store, life, promise).await?;
    let recovered = replay(store, |_, _, _| true).await?;
    judge_state(life, head.last_seq, recovered.engine.state_hash())?;
    judge_derived(store, life, head).await?;
    Ok(head)
}

fn judge_state(life: &Life, at: Seq, state: [u8; 32]) -> Result<(), Fault> {
    match at == Seq(0) || life.states.get(&at) == Some(&state) {
        true => Ok(()),
        false => Err(Fault::Strange {
            what: format!("the state after {at}"),
        }),
    }
}

/// What can be made again may be behind the journal in any state, but is never ahead of it: it is made
/// from what was committed.
async fn judge_derived(store: &Store, life: &Life, head: Head) -> Result<(), Fault> {
    let mark = store.projected().await?;
    let ends = life.groups.iter().map(|group| Mark::from(group.head()));
    let is_known = mark == Mark::START || ends.into_iter().any(|end| end == mark);
    if !is_known || mark.seq > head.last_seq {
        return Err(Fault::Strange {
            what: format!("history up to {}", mark.seq),
        });
    }
    for info in store.snapshots().await? {
        match restore(store, &info).await? {
            Ok(restored) => judge_state(life, info.seq, restored.engine.state_hash())?,
            Err(fault) => {
                let what = format!("a snapshot at {}, of which {fault},", info.seq);
                return Err(Fault::Strange { what });
            }
        }
    }
    Ok(())
}

async fn judge_articles(store: &Store, life: &Life, promise: Promise) -> Result<(), Fault> {
    let found = articles(store).await?;
    if found.len() < promise.articles {
        return Err(Fault::LostArticles {
            promised: promise.articles,
            found: found.len(),
        });
    }
    match life.articles.starts_with(&found) {
        true => Ok(()),
        false => Err(Fault::Strange {
            what: "an article".to_owned(),
        }),
    }
}

/// Starts the exchange and does some business, whose history has to appear.
async fn go_on(store: &Store, life: &Life, found: Head) -> Result<(), Fault> {
    let stuck = |what: &str| Fault::Stuck {
        what: what.to_owned(),
    };
    let exchange = start_exchange(store.clone()).await?;
    let state = exchange.query(|engine| engine.state_hash()).await;
    let state = state.map_err(|error| stuck(&error.to_string()))?;
    judge_state(life, found.last_seq, state)?;
    let answer = exchange.submit(business()).await;
    exchange.shutdown().await;
    answer.map_err(|error| stuck(&error.to_string()))?;
    if store.projected().await? != Mark::from(store.head().await?) {
        return Err(stuck("history does not end where the journal does"));
    }
    match history::is_what_the_journal_says(store).await? {
        true => Ok(()),
        false => Err(Fault::Strange {
            what: "history".to_owned(),
        }),
    }
}

//! Groups into the journal: each once, or the writer stops.
//!
//! A failed sync of a file is never tried again: the system may have dropped what it could not write,
//! and a second sync would say that all is well. A database across a connection is different: when the
//! answer to a commit is lost, [`Store::reclaim`] waits for the commit to end, lets nothing more of the
//! old epoch in, and says whether the group is there. Only then it is appended again, or answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use thiserror::Error;
use tidings_core::id::Seq;
use tidings_store::{AppendError, Cause, DatabaseKind, Group, Head, Mark, Store, StoredGroup};

use crate::home::{Home, HomeError};
use crate::live::Live;

/// How long a group may stay in doubt while its database cannot be reached. Callers wait so long, and
/// are then told that nobody knows.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pauses between attempts to reach it: short at first, for a connection that was merely cut.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];
/// Room that is kept from one group to the next: thousands of commands' worth.
const ROOM: usize = 4 * 1_024 * 1_024;

/// Why a group is not known to be in the journal.
#[derive(Debug, Error)]
pub(crate) enum CommitError {
    /// Another server took over. The group is not in the journal.
    #[error("another server owns the journal")]
    NotOwner,
    /// The journal could not be written, or it is not known whether it was.
    #[error("the journal could not be written")]
    Failed(#[source] Cause),
    /// The journal does not have what it had.
    #[error(
        "the journal ends at {found}, and {answered} was answered: the database has lost records"
    )]
    Lost {
        /// Its end.
        found: Seq,
        /// What was answered.
        answered: Seq,
    },
    /// What is answered could not be written down beside the database.
    #[error("the last answer could not be written down")]
    Home(#[from] HomeError),
}

/// The end of the journal, as this process may append to it.
pub(crate) struct Committer {
    store: Store,
    home: Option<Home>,
    /// Where it is said that the journal owes an answer.
    live: Arc<Live>,
    lease: Duration,
    /// Where the journal ends, every group that was sealed included.
    head: Head,
    renewed: Instant,
    /// Where the next group's bytes will be.
    room: Vec<u8>,
}

impl Committer {
    pub(crate) fn new(
        store: Store,
        home: Option<Home>,
        live: Arc<Live>,
        lease: Duration,
        head: Head,
    ) -> Committer {
        Committer {
            store,
            home,
            live,
            lease,
            head,
            renewed: Instant::now(),
            room: Vec::new(),
        }
    }

    /// Where it appends.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The bytes of a group that follows the journal's end.
    pub(crate) fn seal(&mut self, group: &Group<'_>) -> StoredGroup {
        StoredGroup::seal_in(&self.head, group, std::mem::take(&mut self.room))
    }

    /// Appends a sealed group, and returns once it is in the journal for good, with its end.
    pub(crate) async fn commit(&mut self, mut sealed: StoredGroup) -> Result<Head, CommitError> {
        let started = Instant::now();
        self.live.line().asked();
        loop {
            match self.store.append(&sealed, self.lease).await {
                Ok(()) => {
                    let head = sealed.head();
                    self.room = sealed.into_room();
                    self.room.clear();
                    self.room.shrink_to(ROOM);
                    return self.witnessed(head);
                }
                Err(AppendError::NotOwner) => return Err(CommitError::NotOwner),
                Err(AppendError::Failed(cause)) => {
                    if cfg!(planted = "failed_sync_tried_again") {
                        continue;
                    }
                    return Err(CommitError::Failed(cause));
                }
                // A server that fails again and again, for want of room perhaps, is given up.
                Err(AppendError::Interrupted(cause)) if started.elapsed() > PATIENCE => {
                    return Err(CommitError::Failed(cause));
                }
                Err(AppendError::Interrupted(cause)) => {
                    tracing::warn!(%cause, "a commit is in doubt: the journal is asked");
                    let head = self.reclaim(cause).await?;
                    if head.last_hash == sealed.hash && !cfg!(planted = "append_tried_again") {
                        tracing::info!(seq = %head.last_seq, "the group is in the journal");
                        return self.witnessed(head);
                    }
                    if !cfg!(planted = "append_tried_again") {
                        self.still_ends_where_it_did(&head)?;
                    }
                    tracing::info!(seq = %head.last_seq, "the group is not there: again");
                    self.head = head;
                    sealed = sealed.moved_to(&head);
                    tokio::time::sleep(PAUSES[0]).await;
                }
            }
        }
    }

    /// Renews the lease when a third of it has passed without an append.
    pub(crate) async fn renew_if_due(&mut self) -> Result<(), CommitError> {
        if self
            .renewal()
            .is_none_or(|renewal| self.renewed.elapsed() < renewal)
        {
            return Ok(());
        }
        self.live.line().asked();
        match self.store.renew(self.head.epoch, self.lease).await {
            Ok(true) => {
                self.live.line().answered();
                self.renewed = Instant::now();
                Ok(())
            }
            Ok(false) => Err(CommitError::NotOwner),
            // Nothing is in doubt: the next append, or the next renewal, will tell.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the lease was not renewed"
                );
                Ok(())
            }
        }
    }

    /// How often the lease is renewed when nothing is appended. A file is locked, not leased.
    pub(crate) fn renewal(&self) -> Option<Duration> {
        match self.store.kind() {
            DatabaseKind::Sqlite => None,
            DatabaseKind::Postgres => Some(self.lease / 3),
        }
    }

    /// Lets another server take over at once.
    pub(crate) async fn release(&self) {
        if let Err(error) = self.store.release(self.head.epoch).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lease was not released"
            );
        }
    }

    fn witnessed(&mut self, head: Head) -> Result<Head, CommitError> {
        if let Some(home) = &self.home {
            let (seq, hash) = (head.last_seq, head.last_hash);
            home.remember(Mark { seq, hash })?;
        }
        self.head = head;
        self.live.line().answered();
        self.renewed = Instant::now();
        Ok(head)
    }

    /// Asks for the journal's end under an epoch that nothing else can append under.
    async fn reclaim(&self, first_cause: Cause) -> Result<Head, CommitError> {
        let started = Instant::now();
        let mut cause = first_cause;
        let [mut pause, longest] = PAUSES;
        while started.elapsed() < PATIENCE {
            match self.store.reclaim(self.head.epoch, self.lease).await {
                Ok(Some(head)) => return Ok(head),
                Ok(None) => return Err(CommitError::NotOwner),
                Err(error) => cause = error.into(),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        Err(CommitError::Failed(cause))
    }

    fn still_ends_where_it_did(&self, head: &Head) -> Result<(), CommitError> {
        let same = head.last_seq == self.head.last_seq && head.last_hash == self.head.last_hash;
        match same {
            true => Ok(()),
            false => Err(CommitError::Lost {
                found: head.last_seq,
                answered: self.head.last_seq,
            }),
        }
    }
}

//! Snapshots, made beside the writer and never by it: the one before is read back, the commands since
//! are applied again, and the state that they come to is written. So trade does not stop for it, and
//! every command is carried out twice before a restart depends on it.

use std::time::{Duration, Instant};

use tidings_core::id::Seq;
use tidings_core::snapshot::FORMAT;
use tidings_core::units::Timestamp;
use tidings_store::{SnapshotInfo, Store};
use tokio::sync::watch;

use crate::StartError;
use crate::aside::compute;
use crate::live::Committed;
use crate::recover::{newest_snapshot, replay_from};

/// Records between two snapshots where nothing else is asked for: a start applies so many again in
/// some ten milliseconds. Whoever asks for them more often gets them without a thought to what they
/// cost.
pub(crate) const USUAL: u64 = 10_000;
/// Bytes of the last snapshot for each record before another: writing them stays a small part of
/// writing the journal.
const BYTES_PER_RECORD: u64 = 64;
/// How much longer it rests than it worked: the machine is there for trade.
const REST: u32 = 6;
/// The shortest rest, and how often a failure is tried again.
const SHORTEST_REST: Duration = Duration::from_secs(1);
/// Snapshots that are kept. The one before the newest is there in case the newest is damaged.
const KEPT: usize = 2;

/// How snapshots are made.
pub(crate) struct Snapshotter {
    pub(crate) store: Store,
    pub(crate) committed: watch::Receiver<Committed>,
    /// What the newest one has, and how large it is.
    pub(crate) newest: Option<SnapshotInfo>,
    /// Records between two, at least.
    pub(crate) every: u64,
}

impl Snapshotter {
    /// Makes snapshots until it is aborted: one that was not finished is none.
    pub(crate) async fn run(mut self) {
        loop {
            let (seq, bytes) = self
                .newest
                .as_ref()
                .map_or((0, 0), |info| (info.seq.0, info.bytes));
            let due = match self.is_eager() {
                true => Seq(seq + self.every),
                false => Seq(seq + self.every.max(bytes / BYTES_PER_RECORD)),
            };
            let waited = self.committed.wait_for(|now| now.last.seq >= due);
            if waited.await.is_err() {
                return;
            }
            let started = Instant::now();
            match make(&self.store).await {
                Ok(info) => {
                    let took = started.elapsed();
                    tracing::info!(seq = %info.seq, bytes = info.bytes, ?took, "snapshot");
                    self.newest = Some(info);
                    if self.is_eager() {
                        continue;
                    }
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "no snapshot was made; trying again later");
                }
            }
            let rest = (started.elapsed() * REST).max(SHORTEST_REST);
            tokio::time::sleep(rest).await;
        }
    }

    fn is_eager(&self) -> bool {
        self.every < USUAL
    }
}

/// Makes a snapshot of the journal as it ends now, and drops those that are no longer kept.
///
/// # Errors
/// When the store fails, or the journal does not lead to a state.
pub async fn make(store: &Store) -> Result<SnapshotInfo, StartError> {
    let head = store.head().await?;
    let start = newest_snapshot(store, head.last_seq).await?;
    let recovered = replay_from(store, start, |_, group, _| group.last < head.last_seq).await?;
    let (engine, head) = (recovered.engine, recovered.chain.head());
    let at: Timestamp = engine.last().at;
    let written = compute(move || {
        let bytes = engine.snapshot();
        let hash = *blake3::hash(&bytes).as_bytes();
        (bytes, hash)
    });
    let (bytes, hash) = written.await;
    let info = SnapshotInfo {
        seq: head.last_seq,
        chain_hash: head.last_hash,
        format: FORMAT,
        bytes: bytes.len() as u64,
        hash,
        at,
    };
    store.save_snapshot(&info, &bytes).await?;
    for old in store.snapshots().await?.iter().skip(KEPT) {
        store.drop_snapshot(old.seq).await?;
    }
    Ok(info)
}

//! Snapshots held against the state that the journal comes to at their place.

use tidings_core::Engine;
use tidings_core::id::Seq;
use tidings_core::snapshot::FORMAT;
use tidings_exchange::{StartError, holds, restore};
use tidings_store::{Mark, SnapshotInfo, Store};

use super::Fault;

/// What the snapshots came to, oldest first.
pub(super) struct Snapshots {
    restored: Vec<Restored>,
    compared: usize,
}

struct Restored {
    seq: Seq,
    state: [u8; 32],
    requests: [u8; 32],
}

impl Snapshots {
    /// Restores every snapshot of this journal; a state at a time is in memory. Those of another journal
    /// and of another version's form are never used.
    pub(super) async fn restored(store: &Store) -> Result<Snapshots, Fault> {
        let mut restored = Vec::new();
        for info in store.snapshots().await.map_err(StartError::Store)? {
            if info.format == FORMAT && holds(store, &mark(&info)).await? {
                restored.push(one(store, &info).await?);
            }
        }
        restored.sort_by_key(|snapshot| snapshot.seq);
        Ok(Snapshots {
            restored,
            compared: 0,
        })
    }

    /// Holds the snapshot at the engine's place, if there is one, against the engine.
    pub(super) fn compare(&mut self, engine: &Engine) -> Result<(), Fault> {
        let seq = engine.last().seq;
        let next = self.restored.get(self.compared);
        let Some(snapshot) = next.filter(|snapshot| snapshot.seq == seq) else {
            return Ok(());
        };
        let same =
            snapshot.state == engine.state_hash() && snapshot.requests == engine.requests().hash();
        self.compared += 1;
        match same {
            true => Ok(()),
            false => Err(Fault::Snapshot {
                seq,
                fault: "it is another state than the journal comes to".to_owned(),
            }),
        }
    }

    /// How many were compared.
    pub(super) fn compared(&self) -> usize {
        self.compared
    }
}

fn mark(info: &SnapshotInfo) -> Mark {
    Mark {
        seq: info.seq,
        hash: info.chain_hash,
    }
}

async fn one(store: &Store, info: &SnapshotInfo) -> Result<Restored, Fault> {
    let seq = info.seq;
    match restore(store, info).await? {
        Ok(recovered) => Ok(Restored {
            seq,
            state: recovered.engine.state_hash(),
            requests: recovered.engine.requests().hash(),
        }),
        Err(fault) => Err(Fault::Snapshot { seq, fault }),
    }
}

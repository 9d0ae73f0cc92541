//! Brings what was committed into the read tables, in order, a little behind the writer.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_store::{OddsPoint, Projection, Store};
use tokio::sync::mpsc;

use crate::live::Live;

/// Groups that may wait for the projector.
pub(crate) const WAITING_BATCHES: usize = 256;
/// Records after which a transaction takes no further group: it has the one connection that writes,
/// and the journal waits for it.
const RECORDS: usize = 512;
/// The pause between two transactions: history gathers meanwhile, and the journal has the disk.
const PAUSE: Duration = Duration::from_millis(10);

/// A committed group with the odds after it.
pub(crate) struct Batch {
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) odds: Vec<OddsPoint>,
}

/// Projects until the writer is gone and everything is done.
///
/// History can always be made again from the journal, so a failure is retried for ever and never
/// stops trading.
pub(crate) async fn run(store: Store, live: Arc<Live>, mut batches: mpsc::Receiver<Batch>) {
    while let Some(batch) = batches.recv().await {
        let Batch {
            mut records,
            mut odds,
        } = batch;
        while records.len() < RECORDS
            && let Ok(more) = batches.try_recv()
        {
            records.extend(more.records);
            odds.extend(more.odds);
        }
        let projection = Projection::new(&records, &odds);
        while let Err(error) = store.project(&projection).await {
            tracing::error!(%error, "history was not written; trying again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        live.set_projected(records.last().map_or(Seq(0), |record| record.stamp.seq));
        tokio::time::sleep(PAUSE).await;
    }
}

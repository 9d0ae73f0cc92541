//! The journal's head in the log: a log that is kept elsewhere shows later whether the journal is still
//! the one that it was.

use std::time::Duration;

use tidings_api::wire::journal::hex;
use tidings_core::id::Seq;
use tidings_store::Store;
use tokio_util::sync::CancellationToken;

/// Between two looks: often enough to say when something was changed, seldom enough to be kept for
/// years.
const PAUSE: Duration = Duration::from_secs(300);

/// Logs the head at the start and then, whenever it has moved, every few minutes until the end.
pub(super) async fn log(store: Store, end: CancellationToken) {
    let mut logged = log_one(&store, "started").await;
    loop {
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = end.cancelled() => return,
        }
        match store.head().await {
            Ok(head) if head.last_seq > logged => logged = log_one(&store, "goes on").await,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the journal's head could not be read"),
        }
    }
}

/// Logs the head, and gives its place.
pub(super) async fn log_one(store: &Store, when: &str) -> Seq {
    match store.head().await {
        Ok(head) => {
            let hash = hex(&head.last_hash);
            tracing::info!(seq = head.last_seq.0, %hash, epoch = head.epoch, "the journal {when}");
            head.last_seq
        }
        Err(error) => {
            tracing::warn!(%error, "the journal's head could not be read");
            Seq(0)
        }
    }
}

//! Work on a database that no server may write meanwhile: the journal is claimed for it as a server claims
//! it, so that one that runs is not disturbed, and one that starts waits.
//!
//! A lock of the database would not do: it goes with its connection, and a server that is halted keeps
//! it for as long as its connection stands. The lease ends by itself.

use std::time::Duration;

use tidings_store::{Claim, Store};

use crate::{Home, StartError};

/// Has work done while the journal is this installation's own. Its lease is renewed until the work ends.
///
/// Where the database is a file, its lock has said already that nobody else is there.
///
/// # Errors
/// [`StartError::Owned`] when another server has the journal, [`StartError::Ousted`] when one took it
/// over meanwhile, and what the work fails with. What it had done by then stays.
pub async fn as_owner<T>(
    store: &Store,
    home: &Home,
    lease: Duration,
    work: impl Future<Output = Result<T, StartError>>,
) -> Result<T, StartError> {
    let head = match store.claim(home.instance(), lease).await? {
        Claim::Granted(head) => head,
        Claim::Held { .. } => return Err(StartError::Owned),
    };
    let done = tokio::select! {
        done = work => done,
        lost = keep(store, head.epoch, lease) => Err(lost),
    };
    // What was done is done; without this the next owner waits for as long as a lease.
    drop(store.release(head.epoch).await);
    done
}

/// Renews a lease until that fails.
async fn keep(store: &Store, epoch: u64, lease: Duration) -> StartError {
    loop {
        tokio::time::sleep(lease / 3).await;
        match store.renew(epoch, lease).await {
            Ok(true) => {}
            Ok(false) => return StartError::Ousted,
            Err(error) => return error.into(),
        }
    }
}

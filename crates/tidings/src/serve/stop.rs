//! The signals that end a server.

use crate::failure::Failure;
#[cfg(unix)]
use crate::failure::failed;

/// Listens for signals from its making on, so that none is missed during a long recovery.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> Result<Signals, Failure> {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind| signal(kind).map_err(failed("signals cannot be listened for"));
        let terminate = listen(SignalKind::terminate())?;
        Ok(Signals {
            terminate,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// The next one's name.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> Result<Signals, Failure> {
        Ok(Signals {})
    }

    /// The next one's name.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            // Without a way to hear it, there is nothing to wait for.
            Err(_) => std::future::pending().await,
        }
    }
}

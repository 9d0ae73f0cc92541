//! A port for metrics alone. It asks for no key, so that it listens where only those come who may see them, and
//! it serves nothing else.

use tidings_api::limits::Crowd;
use tidings_api::{App, metrics_router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::gate::Gate;
use super::port::{self, Stop};
use crate::failure::{Failure, failed};

/// Whoever collects metrics needs one connection, and people look now and then.
const CONNECTIONS: usize = 64;

/// Takes the port, before anything is made or changed.
pub(super) async fn bind(address: &str) -> Result<TcpListener, Failure> {
    let cannot_listen = format!("cannot listen on {address} for metrics");
    TcpListener::bind(address)
        .await
        .map_err(failed(cannot_listen))
}

/// Serves the port until it is told to stop.
pub(super) fn serve(listener: TcpListener, app: &App, stop: Stop) -> JoinHandle<()> {
    if let Ok(address) = listener.local_addr() {
        tracing::info!("http://{address}/metrics is open to whoever reaches it");
    }
    let gate = Gate::new(metrics_router(app.clone()));
    let crowd = Crowd::new(CONNECTIONS, CONNECTIONS);
    port::listen(listener, gate, crowd, stop)
}

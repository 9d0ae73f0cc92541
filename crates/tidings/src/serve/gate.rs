//! What answers on the port: at first that the server is starting, and then, from one request to the
//! next, the real thing.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::BoxError;
use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::http::Request;
use axum::routing::future::RouteFuture;
use tower::Service;

use super::linger;

/// The port's one service. Clones are the same gate.
#[derive(Clone)]
pub(super) struct Gate {
    before: Router,
    behind: Arc<OnceLock<Router>>,
}

impl Gate {
    /// A closed gate, before which `before` answers.
    pub(super) fn new(before: Router) -> Gate {
        Gate {
            before,
            behind: Arc::new(OnceLock::new()),
        }
    }

    /// Lets every request through to `behind` from here on.
    pub(super) fn open(&self, behind: Router) {
        let opened = self.behind.set(behind);
        debug_assert!(opened.is_ok(), "a server starts once");
    }
}

impl<B> Service<Request<B>> for Gate
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        let request = request.map(linger::body);
        match self.behind.get() {
            Some(behind) => behind.clone().call(request),
            None => self.before.call(request),
        }
    }
}

#[cfg(test)]
mod tests;

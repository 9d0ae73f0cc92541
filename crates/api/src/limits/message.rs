//! What the messages of a stream take: the same as over HTTP, and from the same allowances. Two ways to the
//! exchange are no way around its limits.

use axum::http::Method;

use super::address::Place;
use super::cost::{self, Kind};
use super::limiter::Payer;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// What a message is about.
#[derive(Clone, Debug)]
pub(crate) enum Charge {
    /// What is at a route over HTTP.
    Route(Method, &'static str),
    /// Listening to a channel: what opening a stream costs, because what comes first is asked of the
    /// writer, or is as long as many events.
    Subscription,
    /// Something that is not understood, or changes nothing.
    Nothing,
    /// A key that opens nothing.
    WrongKey,
}

impl Charge {
    /// Takes what it costs from whoever says it.
    pub(crate) fn take(self, app: &App, who: Option<&Caller>, place: Place) -> Result<(), Problem> {
        let payer = match who {
            _ if matches!(self, Charge::WrongKey) => Payer::Stranger(place),
            Some(caller) => Payer::account(app, *caller),
            None => Payer::Nobody(place),
        };
        let cost = match self {
            Charge::Route(method, path) => cost::of(&method, Some(path)).1,
            Charge::Subscription => cost::of(&Method::GET, Some("/v1/stream")).1,
            Charge::Nothing | Charge::WrongKey => cost::cost("GET", "", Kind::Own, 1),
        };
        app.limiter().take(payer, &cost)?;
        Ok(())
    }
}

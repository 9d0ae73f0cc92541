//! Streams that are open, and where a request comes from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use tidings_core::id::AccountId;

use super::STALL_TIME;
use super::address::Place;
use super::crowd::{Crowd, Full, Ticket};
use crate::app::App;
use crate::problem::Problem;

/// Lets one more stream in.
pub(crate) fn open(streams: &Crowd, place: Place) -> Result<Ticket, Problem> {
    streams.enter(place).map_err(|full| match full {
        Full::Here => Problem::new("too_many_streams", "try again in a while"),
        Full::FromThere => {
            let most = streams.most_from_a_place();
            let detail = format!("{most} streams of this address are open: close one of them");
            let problem = Problem::new("too_many_streams_here", detail).with("most", most);
            // By then one whose reader went away without a word is noticed.
            problem.again_in(STALL_TIME)
        }
    })
}

/// Lets one more stream of an account in.
pub(crate) fn open_of(
    streams: &Crowd<AccountId>,
    account: AccountId,
) -> Result<Ticket<AccountId>, Problem> {
    streams.enter(account).map_err(|full| match full {
        Full::Here => Problem::new("too_many_streams", "try again in a while"),
        Full::FromThere => {
            let most = streams.most_from_a_place();
            let detail = format!("{most} streams of this account are open: close one of them");
            let problem = Problem::new("too_many_streams_of_account", detail).with("most", most);
            problem.again_in(STALL_TIME)
        }
    })
}

/// Where the request comes from.
impl FromRequestParts<App> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Place, Infallible> {
        let found = parts.extensions.get::<Place>().copied();
        let trusted = app.limiter().limits().address_header.as_ref();
        Ok(found.unwrap_or_else(|| Place::from(&parts.headers, &parts.extensions, trusted)))
    }
}

//! `/v1/stream`: one WebSocket for what is public, what is the account's alone, and orders.
//!
//! Frames are JSON texts. A client sends a message or a list of messages; the server sends lists: whatever
//! is ready together. Every message of a client has an `id`, and gets an answer or a problem with it; answers
//! come when they are ready, not in the order of what was asked.
//!
//! A channel starts with a `snapshot` of all that there is; then come `update`s, each with all that one
//! command changed, absolute. `place` says up to where in the journal the client has everything. It comes back
//! with that as `after`, and gets what it missed, in order, or a `reset` with all that there is: never a
//! silent gap.
//!
//! A browser's page of another origin can open this as any client can: without a cookie, of which there are
//! none, it has no more than what it was given.
//!
//! `ask` reads what clients say, `tell` is what they are told, `session` is one of them; `orders`, `private`
//! and `public` are what it is about, `close` how it ends, and `catalog` lists
//! every message for the AsyncAPI document.

mod ask;
mod catalog;
mod close;
mod orders;
mod private;
mod public;
mod session;
mod tell;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::App;
use crate::auth::MaybeAccount;
use crate::extract::{NoQuery, Params};
use crate::limits::{FRAME_BYTES, Place, address_of};
use crate::problem::Problem;
use session::{Peer, Session};

pub(crate) use catalog::{ANSWERS, Message, OPS, Way, messages};
pub(crate) use close::End;

/// A WebSocket for odds, trades, books and phases of markets, for one's own orders, fills and balances, for what is
/// proposed for the ends of markets that one holds, and for placing, changing and cancelling orders. Its messages are
/// described in `/asyncapi.json`.
#[utoipa::path(get, path = "/v1/stream", tag = "streams", security((), ("key" = [])),
    responses((status = 101, description = "the connection is a WebSocket from here on")))]
pub(crate) async fn open_stream(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    Params(NoQuery {}): Params<NoQuery>,
    place: Place,
    parts: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new("upgrade_needed", rejection.body_text().to_lowercase())
    })?;
    let trusted = app.limiter().limits().address_header.as_ref();
    let address = address_of(&parts.headers, &parts.extensions, trusted);
    let ticket = app.open_stream(place)?;
    let ticket_of_account = caller
        .map(|caller| app.open_stream_of(caller.account))
        .transpose()?;
    let peer = Peer {
        place,
        address,
        caller,
        _ticket: ticket,
        ticket_of_account,
    };
    let upgrade = upgrade
        .max_message_size(FRAME_BYTES)
        .max_frame_size(FRAME_BYTES);
    Ok(upgrade.on_upgrade(|socket| Session::new(app, socket, peer).run()))
}

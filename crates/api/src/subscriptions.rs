//! `/v1/digest/subscriptions`: who wants the digest by mail. An address is written to once, to ask
//! whether whoever reads its mail wants it; what the links in that mail and in every other one say is not
//! kept, but made again from the installation's secret.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use email_address::EmailAddress;
use tidings_core::units::Timestamp;
use tidings_store::{Asking, Patience};

use crate::app::App;
use crate::extract::{Asked, Orders};
use crate::problem::Problem;
use crate::public::private_with;
use crate::wire::digest::{SubscribeBody, SubscribedJson};

/// Asks whoever reads an address's mail whether the weekly digest is wanted. The answer is the same
/// whether or not the address is known.
#[utoipa::path(post, path = "/v1/digest/subscriptions", tag = "digests", request_body = SubscribeBody,
    responses((status = 202, body = SubscribedJson)))]
pub(crate) async fn subscribe(
    State(app): State<App>,
    asked: Asked<SubscribeBody, Orders>,
) -> Result<Response, Problem> {
    ask(&app, &asked.body.address.0).await?;
    private_with(StatusCode::ACCEPTED, &SubscribedJson { status: "asked" })
}

/// Two questions to one address are this far apart.
const PAUSE: i64 = HOUR;

/// Addresses that wait for their confirmation and were given within an hour: so many strangers can be made to
/// get a mail that they did not ask for.
const WAITING: u32 = 300;

const HOUR: i64 = 3_600_000_000;

/// Notes that somebody gave an address, and that it is to be asked.
///
/// # Errors
/// When it is no address, too many wait, or this server sends no mail.
pub async fn ask(app: &App, address: &str) -> Result<(), Problem> {
    if !app.sends_mail() {
        let detail = "this server is not set up to send mail";
        return Err(Problem::new("mail_not_sent_here", detail));
    }
    let address = normalised(address)
        .ok_or_else(|| Problem::invalid_body("address", "it is not an address for mail"))?;
    let now = app.now();
    let before = |micros: i64| Timestamp::from_micros(now.as_micros() - micros);
    let patience = Patience {
        asked_before: before(PAUSE),
        counted_from: before(HOUR),
        most: WAITING,
    };
    match app.store().ask_subscriber(&address, now, patience).await? {
        Asking::Asked | Asking::Known => Ok(()),
        Asking::TooMany => Err(Problem::new(
            "busy",
            "too many addresses wait for their confirmation",
        )),
    }
}

/// What the link says in the mail that asks for a confirmation.
pub fn confirm_token(app: &App, id: i64, round: u32) -> String {
    token(app, "confirm", &format!("{id}.{round}"))
}

/// What the link says that ends a subscription.
pub fn end_token(app: &App, id: i64) -> String {
    token(app, "unsubscribe", &id.to_string())
}

/// Notes that whoever reads the mail wants the digest. Whether the link opens something.
///
/// # Errors
/// When the database fails.
pub async fn confirm(app: &App, token: &str) -> Result<bool, Problem> {
    let Some(subject) = opened(app, "confirm", token) else {
        return Ok(false);
    };
    let parts = subject.split_once('.');
    let parts = parts.and_then(|(id, round)| Some((id.parse().ok()?, round.parse().ok()?)));
    match parts {
        Some((id, round)) => Ok(app.store().confirm_subscriber(id, round, app.now()).await?),
        None => Ok(false),
    }
}

/// Ends a subscription; one that has ended stays so. Whether the link is one.
///
/// # Errors
/// When the database fails.
pub async fn end(app: &App, token: &str) -> Result<bool, Problem> {
    let subject = opened(app, "unsubscribe", token);
    match subject.and_then(|id| id.parse().ok()) {
        Some(id) => Ok(app.store().end_subscriber(id, app.now()).await?),
        None => Ok(false),
    }
}

/// Whether a link is one that this server made.
pub fn is_link(app: &App, what: &str, token: &str) -> bool {
    opened(app, what, token).is_some()
}

fn token(app: &App, what: &str, subject: &str) -> String {
    let seal = app.seal(&format!("{what} {subject}"));
    format!("{subject}-{}", &seal.to_hex()[..SEAL])
}

/// Hexadecimal digits of a seal: 128 bits, which nobody guesses.
const SEAL: usize = 32;

fn opened<'a>(app: &App, what: &str, given: &'a str) -> Option<&'a str> {
    let (subject, _) = given.split_once('-')?;
    let made = token(app, what, subject);
    // Hashes are compared without telling how far they are alike.
    (blake3::hash(made.as_bytes()) == blake3::hash(given.as_bytes())).then_some(subject)
}

/// An address in the form in which it is one: its domain in small letters. ASCII, because what relays
/// make of the rest differs.
fn normalised(address: &str) -> Option<String> {
    let address = address.trim();
    if !address.is_ascii() || address.len() > 254 || address.contains(['"', '\\', '[', '<', '(']) {
        return None;
    }
    let parsed: EmailAddress = address.parse().ok()?;
    let (local, domain) = (parsed.local_part(), parsed.domain().to_ascii_lowercase());
    domain.contains('.').then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests;

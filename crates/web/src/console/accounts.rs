//! `/console/accounts`: accounts with what they have, and their kill switches: of the account, for operators and
//! administrators, and of each key, for administrators.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_api::wire::time::Time;
use tidings_core::access::Role;

use super::Sheet;
use super::call::{Api, Refused};
use super::market::form::Filled;
use super::sign_in::to;
use super::staff::Staff;
use crate::answer;
use crate::figures;
use crate::moment::Moment;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;
use crate::words::Lang;

/// Lines of a page.
const MOST: usize = 50;
/// Keys of an account that are listed, the newest: as many as a page of the list may have.
const KEYS: usize = 200;

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/accounts", get(accounts))
        .route("/console/accounts/{id}", get(account))
        .route("/console/accounts/{id}/{step}", post(step))
        .route("/console/accounts/{id}/keys/{key}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "console/accounts.html")]
struct AccountsPage {
    sheet: Sheet,
    lines: Vec<Line>,
    /// Where the next older ones are.
    older: Option<String>,
    refused: Option<Refused>,
}

struct Line {
    id: String,
    name: String,
    role: String,
    opened: Option<Moment>,
    frozen: Option<Frozen>,
}

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    sheet: Sheet,
    account: Account,
    /// None for whoever does not keep keys.
    keys: Option<Vec<Key>>,
    form: Filled,
    said: Option<&'static str>,
}

/// An account as its page shows it.
struct Account {
    id: String,
    name: String,
    role: String,
    available: String,
    reserved: String,
    frozen: Option<Frozen>,
    cancels_at: Option<Moment>,
    positions: Vec<Position>,
    limits: Vec<Limit>,
    allowance: Option<Allowance>,
}

/// That it may ask for more or less than everyone.
struct Allowance {
    percent: String,
    since: Option<Moment>,
    reason: String,
}

/// What an account may use, in words.
struct Limit {
    name: &'static str,
    used: String,
    /// Whether hardly anything is left.
    near: bool,
}

struct Frozen {
    since: Option<Moment>,
    reason: String,
}

struct Position {
    market: String,
    question: String,
    outcome: String,
    shares: String,
    cost: String,
}

struct Key {
    id: String,
    name: Option<String>,
    scopes: String,
    status: String,
    used: Option<Moment>,
    is_live: bool,
}

/// Which page, or which account.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    cursor: Option<String>,
    #[serde(default)]
    id: String,
}

/// `GET /console/accounts`.
async fn accounts(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Query(which): Query<Which>,
) -> Response {
    let id = which.id.trim();
    if !id.is_empty() {
        return to(&format!("/console/accounts/{}", encoded(id)));
    }
    let mut page = AccountsPage {
        sheet: Sheet::new(&app, "Accounts", "accounts", Some(staff.who())),
        lines: Vec::new(),
        older: None,
        refused: None,
    };
    let cursor = which
        .cursor
        .map(|cursor| format!("&cursor={}", encoded(&cursor)));
    let path = format!("/v1/accounts?limit={MOST}{}", cursor.unwrap_or_default());
    match api.list(&staff, &path).await {
        Ok(told) => {
            page.lines = told.rows.iter().map(Line::of).collect();
            page.older = told.next.as_deref().map(encoded);
            answer::console(StatusCode::OK, &page)
        }
        Err(refused) => {
            let status = refused.status;
            page.refused = Some(refused);
            answer::console(status, &page)
        }
    }
}

/// What was done, as the address says after it.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    said: String,
}

/// `GET /console/accounts/{id}`.
async fn account(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(id): Named,
    Query(said): Query<Said>,
) -> Result<Response, Unavailable> {
    let said = match said.said.as_str() {
        "frozen" => Some("The account is frozen, and what it had resting is cancelled."),
        "unfrozen" => Some("The account goes on."),
        "allowed" => Some("What it may ask for is set."),
        "revoked" => Some("The key opens nothing any more."),
        "deposited" => Some("The deposit is booked."),
        _ => None,
    };
    show(&app, &api, &staff, &id, Filled::fresh()?, said).await
}

async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    id: &str,
    form: Filled,
    said: Option<&'static str>,
) -> Result<Response, Unavailable> {
    let path = format!("/v1/accounts/{}", encoded(id));
    let told = match api.get(staff, &path).await {
        Ok(told) => told,
        Err(refused) => return Ok((refused.status, refused.sentence() + "\n").into_response()),
    };
    let keys = match staff.0.caller.role {
        Role::Admin => match api.list(staff, &format!("{path}/keys?limit={KEYS}")).await {
            Ok(told) => Some(told.rows.iter().map(Key::of).collect()),
            Err(refused) => return Ok((refused.status, refused.sentence() + "\n").into_response()),
        },
        _ => None,
    };
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let account = Account::of(app, &told);
    let page = AccountPage {
        sheet: Sheet::new(app, &account.name, "accounts", Some(staff.who())),
        account,
        keys,
        form,
        said,
    };
    Ok(answer::console(status, &page))
}

/// The page once more, with a form that was refused.
pub(super) async fn again(
    app: &App,
    api: &Api,
    staff: &Staff,
    id: &str,
    mut form: Filled,
    refused: Refused,
) -> Result<Response, Unavailable> {
    form.refused = Some(refused);
    show(app, api, staff, id, form.renewed()?, None).await
}

/// `POST /console/accounts/{id}/freeze`, `…/unfreeze` and `…/allowance`.
async fn step(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Path((id, step)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let said = match step.as_str() {
        "freeze" => "frozen",
        "unfreeze" => "unfrozen",
        "allowance" => "allowed",
        _ => return Ok((StatusCode::NOT_FOUND, "No such step.\n").into_response()),
    };
    let form = Filled::of(&step, fields);
    let why = match form.typed("reason") {
        "" => Value::Null,
        reason => Value::from(reason),
    };
    let path = format!("/v1/accounts/{}/{step}", encoded(&id));
    let mut body = json!({ "reason": why });
    if step == "allowance" {
        // What is no number is told as what it is by who knows.
        let percent = form.typed("percent");
        body["percent"] = percent
            .parse::<u64>()
            .map_or(Value::from(percent), Value::from);
    }
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!(
            "/console/accounts/{}?said={said}",
            encoded(&id)
        ))),
        Err(refused) => again(&app, &api, &staff, &id, form, refused).await,
    }
}

/// `POST /console/accounts/{id}/keys/{key}/revoke`.
async fn revoke(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Path((id, key)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("revoke", fields);
    let path = format!("/v1/accounts/{}/keys/{}", encoded(&id), encoded(&key));
    match api.remove(&staff, &path, form.typed("key")).await {
        Ok(_) => Ok(to(&format!(
            "/console/accounts/{}?said=revoked",
            encoded(&id)
        ))),
        Err(refused) => again(&app, &api, &staff, &id, form, refused).await,
    }
}

pub(super) fn text(told: &Value, member: &str) -> String {
    told[member].as_str().unwrap_or_default().to_owned()
}

/// A moment as pages tell it.
pub(super) fn moment(told: &Value, member: &str) -> Option<Moment> {
    let at: Time = told[member].as_str()?.parse().ok()?;
    Some(Moment::prose(at.0, Lang::En))
}

impl Line {
    fn of(told: &Value) -> Line {
        Line {
            id: text(told, "id"),
            name: text(told, "name"),
            role: text(told, "role"),
            opened: moment(told, "opened_at"),
            frozen: Frozen::of(told),
        }
    }
}

impl Frozen {
    fn of(told: &Value) -> Option<Frozen> {
        let frozen = &told["frozen"];
        frozen.is_object().then(|| Frozen {
            since: moment(frozen, "since"),
            reason: text(frozen, "reason"),
        })
    }
}

impl Allowance {
    fn of(told: &Value) -> Option<Allowance> {
        let own = &told["allowance"];
        own.is_object().then(|| Allowance {
            percent: figures::grouped_decimal(&own["percent"].to_string()),
            since: moment(own, "since"),
            reason: text(own, "reason"),
        })
    }
}

impl Account {
    fn of(app: &App, told: &Value) -> Account {
        let money = |member: &str| figures::grouped_decimal(&text(&told["cash"], member));
        let held = told["positions"].as_array().map(Vec::as_slice);
        let held = held.unwrap_or_default().iter();
        let mut positions: Vec<_> = held.map(|told| Position::of(app, told)).collect();
        figures::align(positions.iter_mut().map(|held| &mut held.shares));
        figures::align(positions.iter_mut().map(|held| &mut held.cost));
        Account {
            id: text(told, "id"),
            name: text(told, "name"),
            role: text(told, "role"),
            available: money("available"),
            reserved: money("reserved"),
            frozen: Frozen::of(told),
            cancels_at: moment(told, "cancels_at"),
            positions,
            limits: Limit::all(&told["limits"]),
            allowance: Allowance::of(told),
        }
    }
}

impl Limit {
    fn all(told: &Value) -> Vec<Limit> {
        let whole = |value: &Value| value.as_u64().unwrap_or(0);
        let grouped = |count: u64| figures::grouped_decimal(&count.to_string());
        let counted = [
            ("Open orders", "open_orders"),
            ("Live keys", "live_keys"),
            ("Open streams", "streams"),
        ];
        let counted = counted.into_iter().map(|(name, member)| {
            let (used, most) = (whole(&told[member]["used"]), whole(&told[member]["most"]));
            Limit {
                name,
                used: format!("{} of {}", grouped(used), grouped(most)),
                near: used.saturating_mul(10) >= most.saturating_mul(9),
            }
        });
        let allowances = told["allowances"].as_array().map(Vec::as_slice);
        let allowances = allowances.unwrap_or_default().iter().map(|allowance| {
            let (left, burst) = (whole(&allowance["remaining"]), whole(&allowance["burst"]));
            let name = match allowance["name"].as_str() {
                Some("orders") => "Orders at once",
                Some("cancels") => "Cancels at once",
                Some("reads") => "Reads at once",
                _ => "Commands at once",
            };
            Limit {
                name,
                used: format!(
                    "{} of {} left, {} a second",
                    grouped(left),
                    grouped(burst),
                    grouped(whole(&allowance["per_second"]))
                ),
                near: left.saturating_mul(10) <= burst,
            }
        });
        counted.chain(allowances).collect()
    }
}

impl Position {
    fn of(app: &App, told: &Value) -> Position {
        let shares = |member: &str| text(&told["shares"], member);
        let shares = match shares("reserved").as_str() {
            "0" => figures::grouped_decimal(&shares("free")),
            reserved => format!(
                "{} free, {} held for orders",
                figures::grouped_decimal(&shares("free")),
                figures::grouped_decimal(reserved)
            ),
        };
        let (market, key) = (text(told, "market"), text(told, "outcome"));
        let view = app.exchange().market_by_slug(&market);
        let outcomes = view.iter().flat_map(|view| &view.spec.outcomes);
        let named = outcomes.into_iter().find(|outcome| outcome.key == key);
        let outcome = named.map_or(key.clone(), |outcome| outcome.name.clone());
        Position {
            market,
            question: text(told, "question"),
            outcome,
            shares,
            cost: figures::grouped_decimal(&text(told, "cost")),
        }
    }
}

impl Key {
    fn of(told: &Value) -> Key {
        let scopes = told["scopes"].as_array().map(Vec::as_slice);
        let scopes = scopes.unwrap_or_default().iter();
        let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
        let status = text(told, "status");
        Key {
            id: text(told, "id"),
            name: told["name"].as_str().map(str::to_owned),
            scopes: scopes.join(", "),
            // One that was rotated opens what it did until it ends.
            is_live: told["revoked_at"].is_null() && status != "expired",
            status,
            used: moment(&told["last_used"], "at"),
        }
    }
}

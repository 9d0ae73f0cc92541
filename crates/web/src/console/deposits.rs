//! `/console/deposits`: deposits that wait for another administrator, and from which amount on they do.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;

use super::Sheet;
use super::accounts::{moment, text};
use super::call::Api;
use super::market::form::Filled;
use super::sign_in::to;
use super::staff::Staff;
use crate::answer;
use crate::figures;
use crate::moment::Moment;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/deposits", get(deposits))
        .route("/console/deposits/threshold", post(set))
        .route("/console/deposits/{proposal}/confirm", post(confirm))
        .route("/console/deposits/{proposal}/drop", post(take_back))
        .route("/console/accounts/{id}/deposit", post(deposit))
}

#[derive(Template)]
#[template(path = "console/deposits.html")]
struct DepositsPage {
    sheet: Sheet,
    /// From which amount on a deposit takes two.
    from: Option<String>,
    waiting: Vec<Line>,
    form: Filled,
    said: Option<&'static str>,
}

/// What waits.
struct Line {
    id: String,
    what: String,
    /// Whose money it would be.
    account: Option<String>,
    by: String,
    at: Option<Moment>,
    reason: Option<String>,
    /// Whether whoever looks proposed it.
    own: bool,
}

/// What was done, as the address says after it.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    said: String,
}

/// `GET /console/deposits`.
async fn deposits(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Unavailable> {
    let said = match said.said.as_str() {
        "confirmed" => Some("It is confirmed, and so from here on."),
        "dropped" => Some("It is taken back."),
        "set" => Some("It is so from here on."),
        "waits" => Some("It waits for another administrator."),
        _ => None,
    };
    show(&app, &api, &staff, Filled::fresh()?, said).await
}

async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    form: Filled,
    said: Option<&'static str>,
) -> Result<Response, Unavailable> {
    let told = async {
        let waiting = api.list(staff, "/v1/deposits").await?;
        let threshold = api.get(staff, "/v1/deposits/threshold").await?;
        Ok::<_, super::call::Refused>((waiting, threshold))
    };
    let (waiting, threshold) = match told.await {
        Ok(told) => told,
        Err(refused) => return Ok((refused.status, refused.sentence() + "\n").into_response()),
    };
    let own = format!("acc_{}", staff.0.caller.account);
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let page = DepositsPage {
        sheet: Sheet::new(app, "Deposits", "deposits", Some(staff.who())),
        from: threshold["from"].as_str().map(figures::grouped_decimal),
        waiting: waiting
            .rows
            .iter()
            .map(|told| Line::of(told, &own))
            .collect(),
        form,
        said,
    };
    Ok(answer::console(status, &page))
}

/// `POST /console/deposits/threshold`.
async fn set(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("threshold", fields);
    let body = json!({ "from": some(&form, "from"), "reason": some(&form, "reason") });
    let sent = api.send(
        &staff,
        Method::PUT,
        "/v1/deposits/threshold",
        &body,
        form.typed("key"),
    );
    match sent.await {
        Ok(told) if told["proposal"].is_null() => Ok(to("/console/deposits?said=set")),
        Ok(_) => Ok(to("/console/deposits?said=waits")),
        Err(refused) => again(&app, &api, &staff, form, refused).await,
    }
}

/// `POST /console/deposits/{proposal}/confirm`.
async fn confirm(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(proposal): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("decide", fields);
    let path = format!("/v1/deposits/{}/confirm", encoded(&proposal));
    let body = json!({ "reason": some(&form, "reason") });
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to("/console/deposits?said=confirmed")),
        Err(refused) => again(&app, &api, &staff, form, refused).await,
    }
}

/// `POST /console/deposits/{proposal}/drop`.
async fn take_back(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(proposal): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("decide", fields);
    let path = format!("/v1/deposits/{}", encoded(&proposal));
    match api.remove(&staff, &path, form.typed("key")).await {
        Ok(_) => Ok(to("/console/deposits?said=dropped")),
        Err(refused) => again(&app, &api, &staff, form, refused).await,
    }
}

/// `POST /console/accounts/{id}/deposit`: from an account's page.
async fn deposit(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(id): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("deposit", fields);
    let path = format!("/v1/accounts/{}/deposits", encoded(&id));
    let body = json!({ "amount": form.typed("amount"), "reason": some(&form, "reason") });
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(told) if told["proposal"].is_null() => {
            let account = encoded(&id);
            Ok(to(&format!("/console/accounts/{account}?said=deposited")))
        }
        Ok(_) => Ok(to("/console/deposits?said=waits")),
        Err(refused) => super::accounts::again(&app, &api, &staff, &id, form, refused).await,
    }
}

async fn again(
    app: &App,
    api: &Api,
    staff: &Staff,
    mut form: Filled,
    refused: super::call::Refused,
) -> Result<Response, Unavailable> {
    form.refused = Some(refused);
    show(app, api, staff, form.renewed()?, None).await
}

fn some(form: &Filled, field: &str) -> Value {
    match form.typed(field) {
        "" => Value::Null,
        text => Value::from(text),
    }
}

impl Line {
    fn of(told: &Value, own: &str) -> Line {
        let amount = told["amount"].as_str().map(figures::grouped_decimal);
        let what = match (text(told, "kind").as_str(), amount) {
            ("deposit", Some(amount)) => format!("A deposit of {amount}"),
            (_, Some(amount)) => format!("That only deposits of {amount} and more take two"),
            (_, None) => "That no deposit takes two".to_owned(),
        };
        let by = text(told, "by");
        Line {
            id: text(told, "id"),
            what,
            account: told["account"].as_str().map(str::to_owned),
            own: by == own,
            by,
            at: moment(told, "at"),
            reason: told["reason"].as_str().map(str::to_owned),
        }
    }
}

//! `/v1/leaderboard`: traders who agreed to be seen, by what their trades came to. Whoever takes it back is
//! gone from the next answer on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::event::PostingKind;
use tidings_core::id::AccountId;
use tidings_core::units::{Micros, Timestamp};
use tidings_core::view::AccountView;
use tidings_store::{Agreed, Stretch};
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::auth::Trader;
use crate::export::{File, FormatWord, Lines, Who};
use crate::extract::{Asked, Orders, PastParams};
use crate::limits::{Place, STATEMENT_ROWS};
use crate::problem::Problem;
use crate::public::{document, private};
use crate::wire::leader::{ConsentBody, ConsentJson, LeaderJson};
use crate::wire::page::Paged;
use crate::wire::time::Time;
use crate::wire::unit::Money;

/// Traders who are looked at: each is a look at an account and at the end of its history.
const MOST: u32 = 200;

/// Agrees to be on the leaderboard under a name, or takes that back.
#[utoipa::path(put, path = "/v1/account/leaderboard", tag = "calibration", request_body = ConsentBody,
    security(("key" = [])), responses((status = 200, body = ConsentJson)))]
pub(crate) async fn consent(
    State(app): State<App>,
    Trader(trader): Trader,
    asked: Asked<ConsentBody, Orders>,
) -> Result<Response, Problem> {
    let consented = match (asked.body.public, asked.body.name) {
        (true, Some(name)) => {
            let agreed = app.store().agree(trader.account, name.0.trim(), app.now());
            let agreed = agreed.await?;
            ConsentJson {
                public: true,
                name: Some(agreed.name),
                since: Some(Time(agreed.agreed_at)),
            }
        }
        (true, None) => {
            let fault = "it is given with `public`";
            return Err(Problem::invalid_body("name", fault));
        }
        (false, Some(_)) => {
            let fault = "nobody sees it without `public`";
            return Err(Problem::invalid_body("name", fault));
        }
        (false, None) => {
            app.store().disagree(trader.account).await?;
            ConsentJson {
                public: false,
                name: None,
                since: None,
            }
        }
    };
    private(&consented)
}

/// Traders who agreed to be seen, those whose trades came to most first, at most 200.
#[utoipa::path(get, path = "/v1/leaderboard", tag = "calibration", params(LeaderboardQuery),
    responses((status = 200, content((Paged<LeaderJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_leaderboard(
    State(app): State<App>,
    PastParams(query, at_least): PastParams<LeaderboardQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(kind) = query.format.file(None, None)? else {
        let page = Paged {
            data: load(&app, at_least).await?,
            next_cursor: None,
        };
        return document(&headers, app.reach().seq.0, &page);
    };
    let running = app.exports().begin(Who::Place(place))?;
    let leaders = load(&app, at_least).await?;
    let file = File {
        name: "leaderboard".to_owned(),
        kind,
        seq: app.reach().seq,
        running,
    };
    file.send(&app, move |_| {
        let lines = leaders.clone();
        async move { Ok(Lines { lines, after: None }) }
    })
    .await
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeaderboardQuery {
    /// As JSON, or as a file, CSV or a JSON document on each line; `json` when absent. One file is written at a
    /// time for an address.
    #[serde(default)]
    format: FormatWord,
}

/// What was paid in and not out again, up to a moment: counted once, and then on from there.
#[derive(Default)]
pub(crate) struct PaidIn {
    sums: Mutex<HashMap<AccountId, (Timestamp, Micros)>>,
    /// Held by whoever looks: many who ask are one who looks after the other.
    turn: tokio::sync::Mutex<()>,
}

/// Traders who agreed to be seen, those whose trades came to most first.
///
/// # Errors
/// When the database fails, or has not come as far as it has to.
pub async fn load(app: &App, at_least: AtLeast) -> Result<Vec<LeaderJson>, Problem> {
    let agreed = app.store().agreed(None, MOST).await?;
    if agreed.is_empty() {
        return Ok(Vec::new());
    }
    app.history(at_least).await?;
    let _turn = app.paid_in().turn.lock().await;
    let ids: Vec<AccountId> = agreed.iter().map(|agreed| agreed.account).collect();
    let worths = app
        .read(move |engine| {
            let worth = |id: &AccountId| Some(worth(&engine.account_view(*id)?));
            ids.iter().map(worth).collect::<Vec<_>>()
        })
        .await?;
    let mut leaders: Vec<(Micros, Agreed)> = Vec::new();
    for (agreed, worth) in agreed.into_iter().zip(worths) {
        let paid_in = paid_in(app, agreed.account).await?;
        if let (Some(worth), Some(paid_in)) = (worth, paid_in) {
            leaders.push((worth - paid_in, agreed));
        }
    }
    leaders.sort_by(|(a, one), (b, other)| (b, &one.name).cmp(&(a, &other.name)));
    let mut rank = 0;
    let mut last = None;
    let leader = |(place, (profit, agreed)): (u32, (Micros, Agreed))| {
        if last != Some(profit) {
            (rank, last) = (place, Some(profit));
        }
        LeaderJson {
            rank,
            name: agreed.name,
            profit: Money(profit),
            since: Time(agreed.agreed_at),
        }
    };
    Ok((1..).zip(leaders).map(leader).collect())
}

/// What an account has: shares for which no odds are known count as what they cost.
fn worth(account: &AccountView) -> Micros {
    let shares = account.positions.iter();
    let shares = shares.map(|held| held.value.unwrap_or(held.cost));
    shares.fold(account.available + account.reserved, |sum, value| {
        sum + value
    })
}

/// What was paid into an account and not out again; none when its history is longer than is looked through.
async fn paid_in(app: &App, account: AccountId) -> Result<Option<Micros>, Problem> {
    let sums = &app.paid_in().sums;
    let cache = || sums.lock().unwrap_or_else(PoisonError::into_inner);
    let known = cache().get(&account).copied();
    // Only what nothing can come into any more is counted for good.
    let reach = app.reach().until;
    let (from, before, certain) = match known {
        Some((at, sum)) => (Some(at), sum, reach.max(at)),
        None => (None, Micros::ZERO, reach),
    };
    let of = async |from, to| -> Result<Option<Micros>, Problem> {
        let stretch = Stretch { from, to };
        let sums = app
            .store()
            .money_in(account, stretch, STATEMENT_ROWS)
            .await?;
        Ok(sums.map(|sums| {
            let moved = sums
                .iter()
                .filter(|sum| matches!(sum.kind, PostingKind::Deposit | PostingKind::Withdrawal));
            moved.fold(Micros::ZERO, |sum, moved| sum + moved.amount)
        }))
    };
    let Some(settled) = of(from, Some(certain)).await? else {
        return Ok(None);
    };
    let settled = before + settled;
    cache().insert(account, (certain, settled));
    let newer = of(Some(certain), None).await?;
    Ok(newer.map(|newer| settled + newer))
}

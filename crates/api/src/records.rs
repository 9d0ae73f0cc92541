//! `GET /v1/journal/records`: the journal searched, newest first, by operators and administrators: who did what, when,
//! why, and what came of it. Each record with the hash of the group that holds it, which stands for everything
//! before it.
//!
//! There is no index: groups are read and held against their hashes, a bounded number for each request. A page
//! may have fewer records than were asked for, or none, and say where to go on.

mod kind;
pub mod mentions;
mod names;
pub mod words;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Engine;
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::Timestamp;
use tidings_store::Stretch;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::Watch;
use crate::extract::Params;
use crate::markets::find;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::id;
use crate::wire::page::{Cut, Paged, cursor};
use crate::wire::record::RecordJson;
use crate::wire::stretch::stretch;
use crate::wire::time::Time;

pub use kind::Kind;
pub use names::{Names, shown};

/// Groups that one request reads: a quarter of a second, when each has the most that it may have.
const MOST_GROUPS: usize = 64;

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsQuery {
    /// Only records that are about an account: its own, and those that touched it.
    #[param(example = "acc_3")]
    account: Option<String>,
    /// Only records that are about a market, by its slug or id.
    #[param(example = "jpkr-joint-statement-2026")]
    market: Option<String>,
    /// Only commands of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only commands that take more than a trader's rights.
    privileged: Option<bool>,
    /// Only commands that were refused, or only those that were not.
    refused: Option<bool>,
    /// Only records from this moment on.
    from: Option<Time>,
    /// Only records before this moment.
    to: Option<Time>,
    /// Only records up to this place in the journal.
    #[param(minimum = 1)]
    up_to: Option<u64>,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
    /// Records on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
}

/// Searches the journal, newest first.
///
/// A page may be short, or empty, and have a `next_cursor`: so far was looked.
#[utoipa::path(get, path = "/v1/journal/records", tag = "journal", params(RecordsQuery),
    security(("key" = [])), responses((status = 200, body = Paged<RecordJson>)))]
pub(crate) async fn search_records(
    State(app): State<App>,
    Watch(_): Watch,
    Params(query): Params<RecordsQuery>,
) -> Result<Response, Problem> {
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let wanted = Wanted::of(&app, &query)?;
    let end = app.exchange().committed().seq;
    let start = start(&app, &wanted, query.up_to, cut, end).await?;
    let (found, next) = look(&app, &wanted, start, cut.limit as usize).await?;
    let known = known(&app, found.iter().map(|(record, _)| record)).await?;
    let line = |(record, hash): &(Record, [u8; 32])| RecordJson::of(record, hash, &known);
    private(&Paged {
        data: found.iter().map(line).collect(),
        next_cursor: next.map(|next| cursor(i64::try_from(next.0).unwrap_or(i64::MAX))),
    })
}

/// Places that a journal can have.
const PLACES: RangeInclusive<u64> = 1..=i64::MAX.unsigned_abs();

/// Which records are wanted.
struct Wanted {
    account: Option<AccountId>,
    market: Option<MarketId>,
    kind: Option<Kind>,
    privileged: Option<bool>,
    refused: Option<bool>,
    when: Stretch,
}

impl Wanted {
    fn of(app: &App, query: &RecordsQuery) -> Result<Wanted, Problem> {
        let account = |text: &String| {
            let fault = "an account's id is written like acc_3";
            id::parse_account(text).ok_or_else(|| Problem::invalid_query("account", fault))
        };
        let market = |name: &String| find(app, name).map(|market| market.id);
        if query.up_to.is_some_and(|place| !PLACES.contains(&place)) {
            let fault = "places in the journal are counted from 1, and below 2^63";
            return Err(Problem::invalid_query("up_to", fault));
        }
        Ok(Wanted {
            account: query.account.as_ref().map(account).transpose()?,
            market: query.market.as_ref().map(market).transpose()?,
            kind: query.kind,
            privileged: query.privileged,
            refused: query.refused,
            when: stretch(query.from, query.to)?,
        })
    }

    fn takes(&self, record: &Record) -> bool {
        let (command, at) = (&record.request.command, record.stamp.at);
        let is = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        self.kind.is_none_or(|kind| Kind::of(command) == kind)
            && is(self.privileged, Kind::is_privileged(command))
            && is(self.refused, record.refusal.is_some())
            && self.when.to.is_none_or(|to| at < to)
            && !self.is_before(at)
            && self
                .account
                .is_none_or(|account| mentions::accounts(record).contains(&account))
            && self
                .market
                .is_none_or(|market| mentions::markets(record).contains(&market))
    }

    /// Whether what is older than a moment is not wanted, and so nothing of what comes before it.
    fn is_before(&self, at: Timestamp) -> bool {
        self.when.from.is_some_and(|from| at < from)
    }
}

/// The last place that may be wanted; none where nothing is.
async fn start(
    app: &App,
    wanted: &Wanted,
    up_to: Option<u64>,
    cut: Cut,
    end: Seq,
) -> Result<Seq, Problem> {
    let mut start = end.0.min(up_to.unwrap_or(u64::MAX));
    if let Some(before) = cut.before {
        let before = u64::try_from(before).unwrap_or(0);
        start = start.min(before.saturating_sub(1));
    }
    if let Some(to) = wanted.when.to
        && let Some(link) = app.store().link_at(to).await?
    {
        start = start.min(link.last.0);
    }
    Ok(Seq(start))
}

/// The newest wanted records from a place back, each with the hash of its group, and where to go on: what is older than
/// that place was not looked at. None at the start of what is wanted.
async fn look(
    app: &App,
    wanted: &Wanted,
    start: Seq,
    limit: usize,
) -> Result<(Vec<(Record, [u8; 32])>, Option<Seq>), Problem> {
    let mut found = Vec::new();
    let mut next = start;
    for _ in 0..MOST_GROUPS {
        if next == Seq(0) {
            return Ok((found, None));
        }
        let group = app.store().groups(next, 1).await?.into_iter().next();
        let Some(group) = group.filter(|group| group.first <= next) else {
            return Err(Problem::unavailable(format!(
                "the record {next} is missing"
            )));
        };
        group.verify().map_err(Problem::unavailable)?;
        let records = group.contents().map_err(Problem::unavailable)?.records;
        for record in records.into_iter().rev() {
            let seq = record.stamp.seq;
            if seq > next {
                continue;
            }
            if wanted.is_before(record.stamp.at) {
                return Ok((found, None));
            }
            if wanted.takes(&record) {
                found.push((record, group.hash));
            }
            if found.len() == limit {
                return Ok((found, Some(seq).filter(|seq| *seq > Seq(1))));
            }
        }
        next = Seq(group.first.0 - 1);
    }
    Ok((found, Some(Seq(next.0 + 1)).filter(|_| next > Seq(0))))
}

/// What the accounts and markets of some records are called.
async fn known(app: &App, records: impl Iterator<Item = &Record>) -> Result<Names, Problem> {
    let (mut accounts, mut markets) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        accounts.extend(mentions::accounts(record));
        markets.extend(mentions::markets(record));
    }
    let names = move |engine: &Engine| {
        let mut names = Names::default();
        names.take(engine, accounts, markets);
        names
    };
    app.read(names).await
}

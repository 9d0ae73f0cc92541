//! `/v1/account/statement`: what an account had, what moved, what it has, added up from the read tables.
//!
//! A statement is of what the journal had up to one place, and of moments of the journal. Everything in it is
//! summed from the ledger's rows but the two balances, which are rows' own: that both agree is checked before
//! it is answered.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::command::{Contract, Side};
use tidings_core::event::PostingKind;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::Phase;
use tidings_core::units::{Lots, Micros, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::{MoneySum, ShareSum, Store, Stretch};
use utoipa::IntoParams;

use crate::app::{App, Reach};
use crate::auth::AnyAccount;
use crate::export::{File, FileKind, FormatWord, Lines, Running, Who};
use crate::extract::PastParams;
use crate::limits::STATEMENT_ROWS;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::id;
use crate::wire::odds::ByOutcome;
use crate::wire::statement::{BalanceJson, KINDS, MovementsJson, StatementJson, StatementPosition};
use crate::wire::stretch::stretch;
use crate::wire::time::Time;
use crate::wire::unit::{Money, Shares};

/// What the caller's account had, what came and went by what it was for, and what it has.
#[utoipa::path(get, path = "/v1/account/statement", tag = "account", params(StatementQuery),
    security(("key" = [])),
    responses((status = 200, content((StatementJson = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_statement(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<StatementQuery>,
) -> Result<Response, Problem> {
    let asked = stretch(query.from, query.to)?;
    let running = app.exports().begin(Who::Account(caller.account))?;
    app.history(at_least).await?;
    let statement = made(&app, caller.account, asked).await?;
    match query.format.file(None, None)? {
        None => private(&statement),
        Some(kind) => file(&app, statement, kind, running).await,
    }
}

/// Of which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatementQuery {
    /// From this moment on; from the account's start when absent.
    from: Option<Time>,
    /// Before this moment; up to the journal's last when absent.
    to: Option<Time>,
    /// One document, or lines as CSV or JSON; `json` when absent.
    #[serde(default)]
    format: FormatWord,
}

/// Attempts while the account's rows of the very last moment still come in.
const ATTEMPTS: usize = 3;

async fn made(app: &App, account: AccountId, asked: Stretch) -> Result<StatementJson, Problem> {
    for _ in 0..ATTEMPTS {
        let reach = app.reach();
        let past = Past::read(app.store(), account, asked, reach).await?;
        if past.adds_up() {
            return Ok(past.told(app, account));
        }
    }
    Err(Problem::internal("a statement does not add up"))
}

async fn file(
    app: &App,
    statement: StatementJson,
    kind: FileKind,
    running: Running,
) -> Result<Response, Problem> {
    let file = File {
        name: "statement".to_owned(),
        kind,
        seq: tidings_core::id::Seq(statement.seq),
        running,
    };
    let statement = Arc::new(statement);
    file.send(app, move |_| {
        let lines = statement.lines();
        async move { Ok(Lines { lines, after: None }) }
    })
    .await
}

/// What the read tables have of it.
struct Past {
    from: Option<Timestamp>,
    to: Timestamp,
    reach: Reach,
    opening: Micros,
    closing: Micros,
    money: Vec<MoneySum>,
    /// None when the account has too many rows.
    shares: Option<Vec<ShareSum>>,
}

impl Past {
    async fn read(
        store: &Store,
        account: AccountId,
        asked: Stretch,
        reach: Reach,
    ) -> Result<Past, Problem> {
        let end = Timestamp::from_micros(reach.at.as_micros().saturating_add(1));
        let to = asked.to.map_or(end, |to| to.min(end));
        // What begins after the journal's end is as empty as what ends there.
        let from = asked.from.map(|from| from.min(to));
        let stretch = Stretch { from, to: Some(to) };
        let opening = match from {
            None => Micros::ZERO,
            from => store.balance_before(account, from).await?,
        };
        let closing = store.balance_before(account, Some(to)).await?;
        let most = STATEMENT_ROWS;
        let (money, shares) = match store.money_until(account, stretch, most).await? {
            Some(money) => (money, store.shares_until(account, stretch, most).await?),
            None => {
                let money = store.money_in(account, stretch, most).await?;
                let too_long = || {
                    let detail = format!(
                        "there are more than {most} movements after `from`: ask for a later one, or for \
                         the ledger as a file"
                    );
                    Problem::new("statement_too_long", detail).with("most", most)
                };
                (money.ok_or_else(too_long)?, None)
            }
        };
        Ok(Past {
            from,
            to,
            reach,
            opening,
            closing,
            money,
            shares,
        })
    }

    fn within(&self) -> impl Iterator<Item = &MoneySum> {
        self.money.iter().filter(|sum| sum.within)
    }

    fn adds_up(&self) -> bool {
        let moved = self.within().map(|sum| i128::from(sum.amount.get()));
        i128::from(self.opening.get()) + moved.sum::<i128>() == i128::from(self.closing.get())
    }

    fn told(&self, app: &App, account: AccountId) -> StatementJson {
        let slug = |id: MarketId| {
            let market = app.exchange().market(id);
            market.map_or_else(|| id::market(id), |market| market.spec.slug.clone())
        };
        let by_kind = KINDS.map(|kind| {
            let sums = self.within().filter(|sum| sum.kind == kind);
            movements(None, kind, sums)
        });
        let mut by_market = Vec::new();
        for market in self.markets() {
            for kind in KINDS {
                let own = |sum: &&MoneySum| sum.market == Some(market) && sum.kind == kind;
                let mut sums = self.within().filter(own).peekable();
                if sums.peek().is_some() {
                    by_market.push(movements(Some(slug(market)), kind, sums));
                }
            }
        }
        StatementJson {
            account: id::account(account),
            from: self.from.map(Time),
            to: Time(self.to),
            is_final: self.to <= self.reach.until,
            opening: BalanceJson {
                balance: Money(self.opening),
                positions: self.positions(app, false),
            },
            movements: by_kind.into(),
            by_market,
            closing: BalanceJson {
                balance: Money(self.closing),
                positions: self.positions(app, true),
            },
            seq: self.reach.seq.0,
        }
    }

    fn markets(&self) -> Vec<MarketId> {
        let mut markets: Vec<MarketId> = self.money.iter().filter_map(|sum| sum.market).collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }

    /// Shares at the end of the stretch, or at its start.
    fn positions(&self, app: &App, at_end: bool) -> Option<Vec<StatementPosition>> {
        let shares = self.shares.as_ref()?;
        let moment = match (at_end, self.from) {
            (true, _) => self.to,
            (false, Some(from)) => from,
            (false, None) => return Some(Vec::new()),
        };
        let counts = |within: bool| at_end || !within;
        let mut positions = Vec::new();
        for id in self.markets() {
            let Some(market) = app.exchange().market(id) else {
                continue;
            };
            if is_over(&market, moment) {
                continue;
            }
            let money = || {
                let own = self.money.iter().filter(|sum| sum.market == Some(id));
                own.filter(|sum| counts(sum.within))
            };
            let own = shares.iter().filter(|sum| sum.market == id);
            let traded: Vec<&ShareSum> = own.filter(|sum| counts(sum.within)).collect();
            let merged = money().filter(|sum| sum.kind == PostingKind::Merge);
            let merged: i64 = merged.map(|sum| sets(sum.amount)).sum();
            let held = held(&market, &traded, merged);
            if held.iter().all(|lots| *lots == Lots::ZERO) {
                continue;
            }
            let trading = |kind| {
                matches!(
                    kind,
                    PostingKind::Trade | PostingKind::Fee | PostingKind::Merge
                )
            };
            let got = money().filter(|sum| trading(sum.kind));
            let got: i64 = got.map(|sum| sum.amount.get()).sum();
            positions.push(StatementPosition {
                market: market.spec.slug.clone(),
                shares: ByOutcome::of(&market, held.into_iter().map(Shares)),
                net_paid: Money(Micros::new(-got)),
            });
        }
        Some(positions)
    }
}

fn movements<'a>(
    market: Option<String>,
    kind: PostingKind,
    sums: impl Iterator<Item = &'a MoneySum>,
) -> MovementsJson {
    let (mut entries, mut received, mut paid) = (0, Micros::ZERO, Micros::ZERO);
    for sum in sums {
        entries += sum.entries;
        match sum.amount >= Micros::ZERO {
            true => received += sum.amount,
            false => paid -= sum.amount,
        }
    }
    MovementsJson {
        market,
        kind: kind.word(),
        entries,
        received: Money(received),
        paid: Money(paid),
    }
}

/// Whether a market's shares had been paid or refunded before a moment: then nobody has any.
fn is_over(market: &MarketView, moment: Timestamp) -> bool {
    match &market.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => *at < moment,
        _ => false,
    }
}

/// Shares by outcome, of what was bought, sold and merged. No on one of many is a share of each other.
fn held(market: &MarketView, traded: &[&ShareSum], merged: i64) -> Vec<Lots> {
    let mut held = vec![-merged; market.spec.outcomes.len()];
    for sum in traded {
        let lots = match sum.side {
            Side::Buy => sum.lots.get(),
            Side::Sell => -sum.lots.get(),
        };
        for (ix, held) in held.iter_mut().enumerate() {
            if (ix == sum.outcome.ix()) == (sum.contract == Contract::Yes) {
                *held += lots;
            }
        }
    }
    held.into_iter().map(Lots::new).collect()
}

/// Complete sets that were worth so much.
fn sets(amount: Micros) -> i64 {
    amount.get() / Lots::new(1).as_sets().get()
}

//! Answers to commands, made from their records alone: the first answer, the answer to the same
//! request sent again, and what `GET /v1/requests/{key}` says are the same bytes.
//!
//! What a record does not say itself (a slug, an order's contract) never changes.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use tidings_core::Engine;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{
    AmendOrder, Command, OpenAccount, PlaceOrder, Request, RotateKey, Stamp, Transfer,
};
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId, OrderId, Seq};
use tidings_core::market::MarketSpec;
use tidings_core::units::Micros;
use tidings_core::view::MarketView;
use tidings_exchange::SubmitError;

use crate::app::{App, AtLeast};
use crate::auth::{Caller, derive_key};
use crate::problem::Problem;
use crate::wire::allowance::AllowanceSetJson;
use crate::wire::batch::BatchJson;
use crate::wire::deposit::{DecidedJson, ThresholdSetJson};
use crate::wire::halt::{AccountFrozenJson, ManyHaltedJson, ManyResumedJson};
use crate::wire::key::{KeyIssuedJson, KeyRevokedJson, KeyRotatedJson, Opens};
use crate::wire::market::MarketJson;
use crate::wire::placed::{
    AllCancelledJson, AmendedJson, CancelledJson, PlacedJson, SwitchSetJson, cancelled,
};
use crate::wire::question::ReviewedJson;
use crate::wire::receipt::{AccountOpenedJson, LinkedJson, RevisedJson, StepJson, TransferredJson};
use crate::wire::time::Time;
use crate::wire::unit::Money;
use crate::wire::{id, phase};

/// An answer before it is sent.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    bytes: Vec<u8>,
}

impl Answer {
    fn new(status: StatusCode, body: &impl Serialize) -> Result<Answer, Problem> {
        let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
        Ok(Answer { status, bytes })
    }

    /// The body as a part of another document, byte for byte.
    pub(crate) fn embedded(self) -> Result<Box<RawValue>, Problem> {
        let text = String::from_utf8(self.bytes).map_err(Problem::internal)?;
        RawValue::from_string(text).map_err(Problem::internal)
    }

    /// The body as it is sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let no_store = HeaderValue::from_static("no-store");
        let headers = [
            (header::CONTENT_TYPE, json),
            (header::CACHE_CONTROL, no_store),
        ];
        (self.status, headers, self.bytes).into_response()
    }
}

fn created(body: &impl Serialize) -> Result<Answer, Problem> {
    Answer::new(StatusCode::CREATED, body)
}

fn done(body: &impl Serialize) -> Result<Answer, Problem> {
    Answer::new(StatusCode::OK, body)
}

/// The answer to a command that was carried out.
pub(crate) async fn respond(
    app: &App,
    record: &Record,
    shows_keys: bool,
) -> Result<Response, Problem> {
    let answer = answer(app, record, shows_keys).await;
    answer.map(Answer::into_response)
}

/// A key's text is for who could have asked for it: an administrator, or the very key that did.
/// Another key of the same account may reach less far.
pub(crate) fn may_show_keys(record: &Record, caller: Caller) -> bool {
    match record.request.command.own_key() {
        Some(by) => by == caller.key || cfg!(planted = "a_key_shown_to_another"),
        None => caller.scopes.allows(Scopes::ADMIN),
    }
}

/// The answer to a command that was carried out; without keys' texts unless `shows_keys`.
pub(crate) async fn answer(
    app: &App,
    record: &Record,
    shows_keys: bool,
) -> Result<Answer, Problem> {
    let seq = record.stamp.seq.0;
    match &record.request.command {
        Command::Tick => Err(unlike("a command of a client")),
        Command::OpenAccount(open) => created(&account_opened(app, record, open, shows_keys)?),
        Command::IssueKey { account, grant, .. } => {
            created(&key_issued(app, record, *account, grant, shows_keys)?)
        }
        Command::RotateKey(rotate) => created(&key_rotated(app, record, rotate, shows_keys).await?),
        Command::RevokeKey { account, key, .. } => done(&KeyRevokedJson {
            seq,
            id: key.to_string(),
            account: id::account(*account),
            revoked_at: Time(record.stamp.at),
        }),
        Command::Deposit(transfer) => {
            let proposal = proposal_of(record);
            let status = match proposal {
                Some(_) => StatusCode::ACCEPTED,
                None => StatusCode::CREATED,
            };
            Answer::new(status, &transferred(seq, *transfer, proposal))
        }
        Command::Withdraw(transfer) => created(&transferred(seq, *transfer, None)),
        Command::SetLargeDeposits { from } => {
            let proposal = proposal_of(record);
            let status = match proposal {
                Some(_) => StatusCode::ACCEPTED,
                None => StatusCode::OK,
            };
            let set = ThresholdSetJson {
                seq,
                from: from.map(Money),
                proposal: proposal.map(id::proposal),
            };
            Answer::new(status, &set)
        }
        Command::DecideFunds { proposal, confirm } => done(&DecidedJson {
            seq,
            id: id::proposal(*proposal),
            confirmed: *confirm,
        }),
        Command::CreateMarket(spec) => created(&MarketJson::of(&at_birth(record, spec)?)),
        Command::ReviseMarket { market, .. } => {
            let revised = RevisedJson::of(record, &*market_of(app, *market)?);
            done(&revised.ok_or_else(|| unlike("a draft that was written anew"))?)
        }
        Command::ReviewMarket(review) => {
            let market = market_of(app, review.market)?;
            let reviewed = ReviewedJson::of(record, &market.spec.slug);
            created(&reviewed.ok_or_else(|| unlike("a draft that was read"))?)
        }
        Command::OpenMarket { market }
        | Command::HaltMarket { market, .. }
        | Command::ResumeMarket { market }
        | Command::CloseMarket { market, .. }
        | Command::Clarify { market, .. }
        | Command::ProposeResolution { market, .. }
        | Command::Dispute { market, .. }
        | Command::ConfirmResolution { market }
        | Command::VoidMarket { market, .. }
        | Command::ConfirmVoid { market }
        | Command::ConfirmCorrection { market }
        | Command::AddLiquidity { market, .. }
        | Command::KeepOut { market, .. } => done(&step(app, record, *market)?),
        Command::HaltMany(halt) => {
            let halted = ManyHaltedJson::of(record, &halt.scope, |id| slug(app, id));
            done(&halted.ok_or_else(|| unlike("a halt of many markets"))?)
        }
        Command::ResumeMany { scope } => {
            let resumed = ManyResumedJson::of(record, scope, |id| slug(app, id));
            done(&resumed.ok_or_else(|| unlike("the end of a halt"))?)
        }
        Command::FreezeAccount { .. } | Command::UnfreezeAccount { .. } => {
            let frozen = AccountFrozenJson::of(record);
            done(&frozen.ok_or_else(|| unlike("an account that was frozen"))?)
        }
        Command::SetAllowance { .. } => {
            let set = AllowanceSetJson::of(record);
            done(&set.ok_or_else(|| unlike("an allowance that was set"))?)
        }
        Command::ProposeVoid(propose) => done(&step(app, record, propose.market)?),
        Command::ProposeCorrection(propose) => done(&step(app, record, propose.market)?),
        Command::LinkArticle { market, link } => created(&LinkedJson {
            seq,
            article: link.article.clone(),
            market: market_of(app, *market)?.spec.slug.clone(),
            role: link.role.into(),
        }),
        Command::Place(order) => created(&placed(record, order, &*market_of(app, order.market)?)?),
        Command::Amend(amend) => done(&amended(app, record, amend).await?),
        Command::Cancel { .. } => {
            let order = cancelled(record, record.request.actor, |id| slug(app, id)).pop();
            done(&CancelledJson {
                seq,
                order: order.ok_or_else(|| unlike("a cancelled order"))?,
            })
        }
        Command::CancelAfter { .. } => done(&switch_set(record)?),
        Command::CancelAll { .. } => done(&AllCancelledJson {
            seq,
            cancelled: cancelled(record, record.request.actor, |id| slug(app, id)),
        }),
    }
}

/// A switch that was due may have fired first: the last word counts.
fn switch_set(record: &Record) -> Result<SwitchSetJson, Problem> {
    let set = record.events.iter().rev().find_map(|event| match *event {
        Event::SwitchSet { cancels_at, .. } => Some(cancels_at),
        _ => None,
    });
    Ok(SwitchSetJson {
        seq: record.stamp.seq.0,
        cancels_at: set
            .ok_or_else(|| unlike("a switch that was set"))?
            .map(Time),
    })
}

fn placed(record: &Record, order: &PlaceOrder, market: &MarketView) -> Result<PlacedJson, Problem> {
    PlacedJson::of(record, order, market).ok_or_else(|| unlike("an accepted order"))
}

/// The answers to orders that were sent at once, refusals included.
pub(crate) fn answer_all<'a>(
    app: &App,
    records: impl Iterator<Item = Result<&'a Record, SubmitError>>,
) -> Result<Answer, Problem> {
    let mut seq = Seq(0);
    // Many are in one market.
    let mut last: Option<Arc<MarketView>> = None;
    let mut results = Vec::with_capacity(records.size_hint().0);
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                results.push(Err(Problem::from(error)).into());
                continue;
            }
        };
        seq = seq.max(record.stamp.seq);
        let answer = match (&record.refusal, &record.request.command) {
            (Some(reject), _) => Err(Problem::refused(reject, record.stamp.seq)),
            (None, Command::Place(order)) => {
                let market = match last.take().filter(|market| market.id == order.market) {
                    Some(market) => market,
                    None => market_of(app, order.market)?,
                };
                Ok(placed(record, order, last.insert(market))?)
            }
            (None, _) => return Err(unlike("an order")),
        };
        results.push(answer.into());
    }
    let seq = seq.0;
    done(&BatchJson { seq, results })
}

fn account_opened(
    app: &App,
    record: &Record,
    open: &OpenAccount,
    shows_keys: bool,
) -> Result<AccountOpenedJson, Problem> {
    let account = record.events.iter().find_map(|event| match event {
        Event::AccountOpened { account, .. } => Some(*account),
        _ => None,
    });
    Ok(AccountOpenedJson {
        seq: record.stamp.seq.0,
        id: id::account(account.ok_or_else(|| unlike("an opened account"))?),
        name: open.name.clone(),
        role: open.role.into(),
        key: key_text(app, record, FOR_ACCOUNT).filter(|_| shows_keys),
    })
}

fn key_issued(
    app: &App,
    record: &Record,
    account: AccountId,
    grant: &Grant,
    shows_keys: bool,
) -> Result<KeyIssuedJson, Problem> {
    let number = record.events.iter().find_map(|event| match event {
        Event::KeyIssued { key, .. } => Some(*key),
        _ => None,
    });
    let signs = grant.signs();
    Ok(KeyIssuedJson {
        seq: record.stamp.seq.0,
        id: number.ok_or_else(|| unlike("an issued key"))?.to_string(),
        account: id::account(account),
        key: key_text(app, record, FOR_KEY).filter(|_| shows_keys && !signs),
        opens: Opens::of(grant),
    })
}

/// What the other key opens is what the first one opened, and that never changes.
async fn key_rotated(
    app: &App,
    record: &Record,
    rotate: &RotateKey,
    shows_keys: bool,
) -> Result<KeyRotatedJson, Problem> {
    let rotated = record.events.iter().find_map(|event| match *event {
        Event::KeyRotated {
            successor, ends_at, ..
        } => Some((successor, ends_at)),
        _ => None,
    });
    let (successor, ends_at) = rotated.ok_or_else(|| unlike("a rotated key"))?;
    let account = rotate.account;
    let grant = app.read(move |engine| {
        let key = engine.account(account)?.keys.get(successor as usize)?;
        Some(key.grant.clone())
    });
    let grant = grant.await?.ok_or_else(|| unlike("a key that is there"))?;
    let signs = grant.signs();
    Ok(KeyRotatedJson {
        seq: record.stamp.seq.0,
        id: successor.to_string(),
        account: id::account(account),
        key: key_text(app, record, FOR_KEY).filter(|_| shows_keys && !signs),
        opens: Opens::of(&grant),
        replaces: rotate.key.to_string(),
        replaced_ends_at: Time(ends_at),
    })
}

/// What a key that comes with an account is derived for.
pub(crate) const FOR_ACCOUNT: &str = "account";
/// What a further key is derived for.
pub(crate) const FOR_KEY: &str = "key";

fn key_text(app: &App, record: &Record, what: &str) -> Option<String> {
    let asked = record.request.key.as_ref()?;
    Some(derive_key(app, record.request.actor, asked, what))
}

/// The proposal that a command made, if it was not carried out at once.
fn proposal_of(record: &Record) -> Option<u32> {
    record.events.iter().find_map(|event| match *event {
        Event::DepositProposed { proposal, .. } | Event::ThresholdProposed { proposal, .. } => {
            Some(proposal)
        }
        _ => None,
    })
}

fn transferred(seq: u64, transfer: Transfer, proposal: Option<u32>) -> TransferredJson {
    TransferredJson {
        seq,
        account: id::account(transfer.account),
        amount: Money(transfer.amount),
        proposal: proposal.map(id::proposal),
    }
}

fn step(app: &App, record: &Record, market: MarketId) -> Result<StepJson, Problem> {
    let view = market_of(app, market)?;
    let mut step = StepJson::of(record, market, &view);
    let command = &record.request.command;
    if let Command::ProposeResolution { payout, .. } = command {
        step.payout = Some(phase::payout(&view, payout));
    }
    if matches!(
        command,
        Command::ProposeResolution { .. } | Command::ProposeVoid(_)
    ) {
        step.until = Some(Time(record.stamp.at.plus_hours(view.spec.dispute_hours)));
    }
    Ok(step)
}

async fn amended(app: &App, record: &Record, amend: &AmendOrder) -> Result<AmendedJson, Problem> {
    let terms = terms(app, amend.order).await?;
    let market = market_of(app, terms.market)?;
    let amended = AmendedJson::of(record, amend, &terms, &market);
    amended.ok_or_else(|| unlike("an amended order"))
}

/// An order's terms; only those that never change may be used.
async fn terms(app: &App, order: OrderId) -> Result<PlaceOrder, Problem> {
    if let Some(view) = app.read(move |engine| engine.order_view(order)).await? {
        return Ok(view.terms);
    }
    let history = app.history(AtLeast::ANY).await?;
    match history.order(order).await? {
        Some(row) => Ok(row.terms),
        // It was changed all right; what it was is not to be had at this moment.
        None => Err(Problem::unknown_outcome()),
    }
}

/// A market as its creation left it: what an exchange with nothing else in it makes of its spec.
fn at_birth(record: &Record, spec: &MarketSpec) -> Result<MarketView, Problem> {
    let created = record.events.iter().find_map(|event| match *event {
        Event::MarketCreated {
            market,
            sponsor,
            subsidy,
        } => Some((market, sponsor, subsidy)),
        _ => None,
    });
    let (market, sponsor, subsidy) = created.ok_or_else(|| unlike("a created market"))?;
    let alone =
        born_alone(record.stamp, spec, subsidy).ok_or_else(|| unlike("a market's birth"))?;
    Ok(MarketView {
        id: market,
        sponsor,
        as_of: record.stamp,
        ..alone
    })
}

fn born_alone(stamp: Stamp, spec: &MarketSpec, subsidy: Micros) -> Option<MarketView> {
    let mut engine = Engine::new();
    let open = |role| {
        Command::OpenAccount(OpenAccount {
            name: String::new(),
            role,
            grant: None,
        })
    };
    let sponsor = AccountId(AccountId::ADMIN.0 + 1);
    let steps = [
        Request::new(AccountId::WORLD, open(Role::Admin)),
        Request::new(AccountId::WORLD, open(Role::Operator)),
        Request::new(
            AccountId::ADMIN,
            Command::Deposit(Transfer {
                account: sponsor,
                amount: subsidy,
            }),
        ),
        Request::new(sponsor, Command::CreateMarket(Box::new(spec.clone()))),
    ];
    for (step, seq) in steps.iter().zip(1..) {
        // A market without a maker needs no money, and a deposit of nothing is refused: no harm.
        let _answer = engine.apply(
            Stamp {
                seq: Seq(seq),
                at: stamp.at,
            },
            step,
            &mut Vec::new(),
        );
    }
    engine.market_view(MarketId(0))
}

fn market_of(app: &App, market: MarketId) -> Result<Arc<MarketView>, Problem> {
    app.exchange()
        .market(market)
        .ok_or_else(|| unlike("a market that was published"))
}

fn slug(app: &App, market: MarketId) -> String {
    app.exchange()
        .market(market)
        .map_or_else(|| id::market(market), |view| view.spec.slug.clone())
}

/// A record that is not what its command makes: our bug.
fn unlike(what: &str) -> Problem {
    Problem::internal(format_args!("a record is not that of {what}"))
}

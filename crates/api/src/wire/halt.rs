//! Halts of many markets, and accounts that are frozen.

use serde::{Deserialize, Serialize};
use tidings_core::event::{CloseReason, Event, Record};
use tidings_core::halt::{Scope, StandingHalt};
use tidings_core::id::MarketId;
use tidings_core::market::Status;
use tidings_core::state::{Frozen, Market};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::id;
use crate::wire::text::{Reason, Tag, Why};
use crate::wire::time::Time;

/// What a halt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HaltScope)]
pub enum ScopeWord {
    /// Every market.
    Everything,
    /// Those with a tag.
    Tag,
}

impl ScopeWord {
    /// The core's scope. That everything is meant has to be said: it is not what a forgotten tag comes to.
    pub(crate) fn of(self, tag: Option<Tag>) -> Result<Scope, Problem> {
        match (self, tag) {
            (ScopeWord::Everything, None) => Ok(Scope::Everything),
            (ScopeWord::Tag, Some(tag)) => Ok(Scope::Tag(tag.0)),
            (ScopeWord::Everything, Some(_)) => {
                let fault = "everything has no tag: leave it out, or send the scope tag";
                Err(Problem::invalid_body("tag", fault))
            }
            (ScopeWord::Tag, None) => Err(Problem::invalid_body("tag", "say which one")),
        }
    }

    /// A scope as it is told: the word, and the tag if it is about one.
    fn told(scope: &Scope) -> (ScopeWord, Option<String>) {
        match scope {
            Scope::Everything => (ScopeWord::Everything, None),
            Scope::Tag(tag) => (ScopeWord::Tag, Some(tag.clone())),
        }
    }
}

/// A halt of many markets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HaltMany, example = json!({
    "scope": "tag", "tag": "elections", "reason": "A result was published by mistake."
}))]
pub struct HaltManyBody {
    /// What it is about.
    pub scope: ScopeWord,
    /// Which tag, in whatever case, when it is about one.
    pub tag: Option<Tag>,
    /// Why, for everyone to read.
    pub reason: Reason,
}

/// The end of a halt of many markets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResumeMany, example = json!({"scope": "everything", "reason": "The feed is right again."}))]
pub struct ResumeManyBody {
    /// What the halt is about.
    pub scope: ScopeWord,
    /// Which tag, in whatever case, when it is about one.
    pub tag: Option<Tag>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// A halt of many markets that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ManyHalted)]
pub struct ManyHaltedJson {
    /// Its place in the journal. Nothing of these markets trades after it.
    pub seq: u64,
    /// What it is about.
    pub scope: ScopeWord,
    /// Which tag, when it is about one.
    pub tag: Option<String>,
    /// How many markets it halted.
    pub count: usize,
    /// Their slugs, oldest market first.
    pub halted: Vec<String>,
}

/// A halt of many markets that was lifted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ManyResumed)]
pub struct ManyResumedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// What the halt was about.
    pub scope: ScopeWord,
    /// Which tag, when it was about one.
    pub tag: Option<String>,
    /// How many markets trade again.
    pub count: usize,
    /// Their slugs, oldest market first.
    pub resumed: Vec<String>,
    /// Slugs of those that stand still by another halt of many from here on.
    pub still_halted: Vec<String>,
}

impl ManyHaltedJson {
    /// What a record halted.
    pub(crate) fn of(
        record: &Record,
        scope: &Scope,
        slug: impl Fn(MarketId) -> String,
    ) -> Option<ManyHaltedJson> {
        let all = turned(record, |event| matches!(event, Event::ManyHalted { .. }))?;
        let halted = at(all, Status::Halted, slug);
        let (scope, tag) = ScopeWord::told(scope);
        Some(ManyHaltedJson {
            seq: record.stamp.seq.0,
            scope,
            tag,
            count: halted.len(),
            halted,
        })
    }
}

impl ManyResumedJson {
    /// What a record let go on.
    pub(crate) fn of(
        record: &Record,
        scope: &Scope,
        slug: impl Fn(MarketId) -> String,
    ) -> Option<ManyResumedJson> {
        let all = turned(record, |event| matches!(event, Event::ManyResumed { .. }))?;
        let resumed = at(all, Status::Open, &slug);
        let (scope, tag) = ScopeWord::told(scope);
        Some(ManyResumedJson {
            seq: record.stamp.seq.0,
            scope,
            tag,
            count: resumed.len(),
            resumed,
            still_halted: at(all, Status::Halted, &slug),
        })
    }
}

/// What follows the command's own event: deadlines that had passed come before it.
fn turned(record: &Record, is_own: impl Fn(&Event) -> bool) -> Option<&[Event]> {
    let own = record.events.iter().position(is_own)?;
    record.events.get(own + 1..)
}

fn at(events: &[Event], wanted: Status, slug: impl Fn(MarketId) -> String) -> Vec<String> {
    let turned = events.iter().filter_map(|event| match *event {
        Event::PhaseChanged { market, status } if status == wanted => Some(market),
        _ => None,
    });
    turned.map(slug).collect()
}

/// A halt of many markets that stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StandingHalt)]
pub struct StandingJson {
    /// What it is about.
    pub scope: ScopeWord,
    /// Which tag, when it is about one.
    pub tag: Option<String>,
    /// Why.
    pub reason: String,
    /// The operator who said so.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
    /// How many markets stand still by it.
    pub count: usize,
}

impl StandingJson {
    pub(crate) fn of(halt: &StandingHalt, markets: &[Market]) -> StandingJson {
        let (scope, tag) = ScopeWord::told(&halt.scope);
        let held = |market: &&Market| {
            let with = market.phase.halted_with_many();
            with.is_some_and(|scope| scope.is_same(&halt.scope))
        };
        StandingJson {
            scope,
            tag,
            reason: halt.reason.clone(),
            by: id::account(halt.by),
            at: Time(halt.at),
            count: markets.iter().filter(held).count(),
        }
    }
}

/// That an account gives no orders and moves no money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Frozen)]
pub struct FrozenJson {
    /// Since when.
    pub since: Time,
    /// Why.
    pub reason: String,
}

impl FrozenJson {
    /// As it is told to the account's owner and to staff.
    pub fn of(frozen: &Frozen) -> FrozenJson {
        FrozenJson {
            since: Time(frozen.at),
            reason: frozen.reason.clone(),
        }
    }
}

/// An account was frozen, or goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountFrozen)]
pub struct AccountFrozenJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// Whether it is frozen from here on.
    pub frozen: bool,
    /// How many of its orders that cancelled.
    pub cancelled: usize,
}

impl AccountFrozenJson {
    /// What a record did to an account.
    pub(crate) fn of(record: &Record) -> Option<AccountFrozenJson> {
        let (account, frozen) = record.events.iter().find_map(|event| match *event {
            Event::AccountFrozen { account } => Some((account, true)),
            Event::AccountUnfrozen { account } => Some((account, false)),
            _ => None,
        })?;
        let ended = |event: &&Event| {
            let why = CloseReason::AccountFrozen;
            matches!(event, Event::OrderClosed { reason, .. } if *reason == why)
        };
        Some(AccountFrozenJson {
            seq: record.stamp.seq.0,
            account: id::account(account),
            frozen,
            cancelled: record.events.iter().filter(ended).count(),
        })
    }
}

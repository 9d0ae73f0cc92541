//! Answers to commands that are no orders. Each is a pure function of the command's record, so that
//! the same request sent again gets the same bytes.

use serde::Serialize;
use tidings_core::event::{Event, Record};
use tidings_core::id::MarketId;
use tidings_core::units::Micros;
use tidings_core::view::MarketView;
use utoipa::ToSchema;

use crate::wire::account::RoleWord;
use crate::wire::odds::ByOutcome;
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, Money, Shares};
use crate::wire::words::{LinkRoleWord, StatusWord};

/// An account was opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountOpened)]
pub struct AccountOpenedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: RoleWord,
    /// Its first key. It is shown here and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tdg_3f1c0e…")]
    pub key: Option<String>,
}

/// Money came or went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transferred)]
pub struct TransferredJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// How much.
    pub amount: Money,
    /// What another administrator has to confirm before it is booked, when it is a large deposit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "dep_1")]
    pub proposal: Option<String>,
}

/// An article was linked to a market.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Linked)]
pub struct LinkedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The article's slug.
    pub article: String,
    /// The market's slug.
    pub market: String,
    /// The article's part.
    pub role: LinkRoleWord,
}

/// A draft was written anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketRevised)]
pub struct RevisedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// All that the sponsor has locked from here on.
    pub subsidy: Money,
    /// What the sponsor locked for it beyond what was locked.
    pub locked: Money,
    /// What the sponsor got back of what was locked.
    pub returned: Money,
}

impl RevisedJson {
    /// What a record did to a draft.
    pub(crate) fn of(record: &Record, market: &MarketView) -> Option<RevisedJson> {
        let (locked, subsidy) = record.events.iter().find_map(|event| match *event {
            Event::MarketRevised {
                locked, subsidy, ..
            } => Some((locked, subsidy)),
            _ => None,
        })?;
        Some(RevisedJson {
            seq: record.stamp.seq.0,
            market: market.spec.slug.clone(),
            subsidy: Money(subsidy),
            locked: Money(locked.max(Micros::ZERO)),
            returned: Money((-locked).max(Micros::ZERO)),
        })
    }
}

/// A step in a market's life.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketStep)]
pub struct StepJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// The market's phase from here on, when the step changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusWord>,
    /// How many clarifications the rules have, after one was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Until when a proposal can be disputed, after one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What each outcome would pay, after a proposal was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    pub payout: Option<ByOutcome<FractionText>>,
    /// The maker's liquidity from here on, after some was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<Shares>,
    /// What the sponsor locked for what was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<Money>,
    /// What holders got together, at the end of a market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_paid: Option<Money>,
    /// What went back to the sponsor, at the end of a market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sponsor_gets_back: Option<Money>,
    /// Accounts that were paid or refunded, at the end of a market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holders: Option<u64>,
}

impl StepJson {
    /// What a record did to a market. Deadlines may come first in a record, so the last word counts.
    pub(crate) fn of(record: &Record, id: MarketId, market: &MarketView) -> StepJson {
        let mut step = StepJson {
            seq: record.stamp.seq.0,
            market: market.spec.slug.clone(),
            status: None,
            version: None,
            until: None,
            payout: None,
            liquidity: None,
            locked: None,
            total_paid: None,
            sponsor_gets_back: None,
            holders: None,
        };
        let (mut paid, mut holders) = (Micros::ZERO, 0);
        for event in record
            .events
            .iter()
            .filter(|event| event.market() == Some(id))
        {
            match *event {
                Event::PhaseChanged { status, .. } => step.status = Some(status.into()),
                Event::Clarified { version, .. } => step.version = Some(version),
                Event::LiquidityAdded {
                    liquidity, locked, ..
                } => {
                    step.liquidity = Some(Shares(liquidity));
                    step.locked = Some(Money(locked));
                }
                Event::PaidOut { amount, .. } | Event::Refunded { amount, .. } => {
                    paid += amount;
                    holders += 1;
                }
                Event::SponsorReturned { amount, .. } => {
                    step.sponsor_gets_back = Some(Money(amount));
                    step.total_paid = Some(Money(paid));
                    step.holders = Some(holders);
                }
                _ => {}
            }
        }
        step
    }
}

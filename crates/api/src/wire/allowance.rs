//! How much an account may ask for, where that is not what everyone may.

use serde::{Deserialize, Serialize};
use tidings_core::event::{Event, Record};
use tidings_core::state::Allowance;
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::text::Reason;
use crate::wire::time::Time;

/// How much an account may ask for from here on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetAllowance, example = json!({
    "percent": 500, "reason": "It makes the markets of the summit."
}))]
pub struct AllowanceBody {
    /// Per cent of what everyone may ask for; 100 is the usual.
    #[schema(minimum = 1, maximum = 10_000)]
    pub percent: u16,
    /// Why, for the account's owner to read.
    pub reason: Reason,
}

/// That an account may ask for more or less than everyone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnAllowance)]
pub struct OwnAllowanceJson {
    /// Per cent of what everyone may ask for. Cancels never become fewer.
    #[schema(example = 500, minimum = 1, maximum = 10_000)]
    pub percent: u16,
    /// Since when.
    pub since: Time,
    /// Why.
    pub reason: String,
}

impl OwnAllowanceJson {
    /// As it is told to the account's owner and to staff.
    pub fn of(allowance: &Allowance) -> OwnAllowanceJson {
        OwnAllowanceJson {
            percent: allowance.percent,
            since: Time(allowance.at),
            reason: allowance.reason.clone(),
        }
    }
}

/// How much an account may ask for was set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllowanceSet)]
pub struct AllowanceSetJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// Per cent of what everyone may ask for.
    #[schema(example = 500)]
    pub percent: u16,
}

impl AllowanceSetJson {
    /// What a record says.
    pub(crate) fn of(record: &Record) -> Option<AllowanceSetJson> {
        record.events.iter().find_map(|event| match *event {
            Event::AllowanceSet { account, percent } => Some(AllowanceSetJson {
                seq: record.stamp.seq.0,
                account: id::account(account),
                percent,
            }),
            _ => None,
        })
    }
}

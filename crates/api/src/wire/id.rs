//! Ids on the wire: opaque strings that say what they name. The underscore keeps them apart from
//! slugs, which have none, so a market can be addressed by either.

use tidings_core::id::{AccountId, MarketId, OrderId};

/// An account's id: `acc_3`.
pub fn account(id: AccountId) -> String {
    format!("acc_{id}")
}

/// A market's id: `mkt_0`.
pub fn market(id: MarketId) -> String {
    format!("mkt_{id}")
}

/// An order's id: `ord_12`.
pub fn order(id: OrderId) -> String {
    format!("ord_{id}")
}

/// A hook's id: `hook_1`.
pub fn hook(id: i64) -> String {
    format!("hook_{id}")
}

/// Reads a hook's id.
pub fn parse_hook(text: &str) -> Option<i64> {
    number(text, "hook_").and_then(|id| id.try_into().ok())
}

/// Reads an account's id.
pub fn parse_account(text: &str) -> Option<AccountId> {
    number(text, "acc_")
        .and_then(|id| u32::try_from(id).ok())
        .map(AccountId)
}

/// Reads a market's id.
pub fn parse_market(text: &str) -> Option<MarketId> {
    number(text, "mkt_")
        .and_then(|id| u32::try_from(id).ok())
        .map(MarketId)
}

/// The id of a proposal about deposits: `dep_1`.
pub fn proposal(id: u32) -> String {
    format!("dep_{id}")
}

/// Reads a proposal's id.
pub fn parse_proposal(text: &str) -> Option<u32> {
    number(text, "dep_").and_then(|id| u32::try_from(id).ok())
}

/// Reads an order's id.
pub fn parse_order(text: &str) -> Option<OrderId> {
    number(text, "ord_").map(OrderId)
}

/// Only the form that was given out: no sign, no leading zero.
fn number(text: &str, prefix: &str) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?;
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

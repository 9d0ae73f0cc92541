//! Steps in a market's life, as operators ask for them.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::evidence::ClauseText;
use crate::wire::passage::PassageText;
use crate::wire::text::{Reason, RulesText, Why};
use crate::wire::unit::Shares;

/// A step that needs a reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reasoned)]
pub struct ReasonBody {
    /// Why.
    pub reason: Reason,
}

/// An end of trading.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CloseMarket, example = json!({
    "reason": "Both ministries have the text online since 10:40 JST.", "clause": "early_close_1"
}))]
pub struct CloseBody {
    /// Why.
    pub reason: Reason,
    /// Which of the rules' early closes applies, as `early_close_N`: needed where they have any. Where none of them
    /// does, another operator says why in a clarification, and this names it, as `clarification_N`. Null where the
    /// rules have no early close: then the market's page says that they did not foresee it.
    pub clause: Option<ClauseText>,
}

/// A step whose address says all but why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Why, example = json!({"reason": "The ministry has published its rules."}))]
pub struct WhyBody {
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// Liquidity to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddLiquidity, example = json!({
    "liquidity": "2000", "reason": "The accord is front-page news."
}))]
pub struct LiquidityBody {
    /// The maker's liquidity in shares from here on: more than it has, at most 10,000,000.
    pub liquidity: Shares,
    /// Why. The journal keeps it with who added how much and when.
    pub reason: Option<Reason>,
}

/// Words to append to the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Clarify, example = json!({
    "text": "A meeting by video link is no meeting.", "about": "edge_case_1",
    "reason": "Several traders asked."
}))]
pub struct ClarificationBody {
    /// The words.
    pub text: RulesText,
    /// What of the market they are about. Null, where nobody says.
    pub about: Option<PassageText>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

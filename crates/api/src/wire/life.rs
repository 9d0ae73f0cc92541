//! Steps in a market's life, as operators ask for them.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::text::{Reason, RulesText};

/// A step that needs a reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reasoned)]
pub struct ReasonBody {
    /// Why.
    pub reason: Reason,
}

/// Words to append to the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Clarify)]
pub struct ClarificationBody {
    /// The words.
    pub text: RulesText,
}

//! The leaderboard: traders who agreed to be seen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::wire::text::Text;
use crate::wire::time::Time;
use crate::wire::unit::Money;

/// Whether a trader agrees to be seen, and under which name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Consent, example = json!({"public": true, "name": "Ann of the North"}))]
pub struct ConsentBody {
    /// Whether everybody may see the name and what its trades came to.
    pub public: bool,
    /// The name to be seen under, which need not be the account's. It has to be given with `public`, and only
    /// then.
    pub name: Option<Text<40>>,
}

/// What a trader agreed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Consented)]
pub struct ConsentJson {
    /// Whether everybody may see it.
    pub public: bool,
    /// Under which name.
    pub name: Option<String>,
    /// Since when.
    pub since: Option<Time>,
}

/// A trader who agreed to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Leader)]
pub struct LeaderJson {
    /// The place, from 1. Those with the same profit have the same place.
    pub rank: u32,
    /// The name that was chosen.
    pub name: String,
    /// What the account has, its shares at the odds shown, less what was paid in and not paid out again.
    pub profit: Money,
    /// Since when the trader agreed.
    pub since: Time,
}

impl Line for LeaderJson {
    const COLUMNS: &'static [&'static str] = &["rank", "name", "profit", "since"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::plain(self.rank),
            Cell::text(&self.name),
            Cell::plain(self.profit),
            Cell::plain(self.since),
        ]
    }
}

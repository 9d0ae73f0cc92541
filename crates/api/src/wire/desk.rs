//! Desks on the wire.

use serde::{Deserialize, Serialize};
use tidings_core::id::AccountId;
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::text::Why;

/// Who works on an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetDesk, example = json!({"accounts": ["acc_5"]}))]
pub struct DeskBody {
    /// Their accounts' ids, at most 40: these and no others.
    #[schema(max_items = 40)]
    pub accounts: Vec<String>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// Who works on an article, and therefore does not trade in its markets.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Desk)]
pub struct DeskJson {
    /// The article's slug.
    pub article: String,
    /// Their accounts' ids.
    #[schema(example = json!(["acc_5"]))]
    pub accounts: Vec<String>,
}

impl DeskJson {
    /// A desk as it stands.
    pub(crate) fn of(article: String, accounts: &[AccountId]) -> DeskJson {
        DeskJson {
            article,
            accounts: accounts
                .iter()
                .map(|account| id::account(*account))
                .collect(),
        }
    }
}

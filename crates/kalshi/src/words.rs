//! The other venue's words for what the API crate has words for.

use serde::{Deserialize, Serialize};
use tidings_api::Problem;
use tidings_api::wire::words::OrderStatusWord;
use tidings_core::market::Status;

/// Where a market stands. A halt is called closed: it has no word that every client reads, and nothing
/// trades.
pub(crate) fn market_status(status: Status) -> &'static str {
    match status {
        Status::Draft => "initialized",
        Status::Open => "active",
        Status::Halted | Status::Closed => "closed",
        Status::Proposed | Status::Disputed => "determined",
        Status::Settled | Status::Voided => "settled",
    }
}

/// What lists of markets and events are asked for by: `unopened`, `open`, `paused`, `closed`, `settled`,
/// one or several with commas between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing(Vec<&'static [Status]>);

impl Standing {
    pub(crate) fn read(text: Option<&str>) -> Result<Standing, Problem> {
        let words = text.unwrap_or_default().split(',').map(str::trim);
        let words = words.filter(|word| !word.is_empty());
        let wanted = words.map(|word| match word {
            "unopened" => Ok(&[Status::Draft][..]),
            "open" => Ok(&[Status::Open][..]),
            "paused" => Ok(&[Status::Halted][..]),
            "closed" => Ok(&[
                Status::Halted,
                Status::Closed,
                Status::Proposed,
                Status::Disputed,
            ][..]),
            "settled" => Ok(&[Status::Settled, Status::Voided][..]),
            _ => Err(Problem::invalid_query(
                "status",
                "unopened, open, paused, closed or settled",
            )),
        });
        wanted.collect::<Result<_, _>>().map(Standing)
    }

    /// Whether a market is asked for: all but drafts when nothing is said.
    pub(crate) fn takes(&self, status: Status) -> bool {
        match self.0.is_empty() {
            true => status != Status::Draft,
            false => self.0.iter().any(|wanted| wanted.contains(&status)),
        }
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OrderWord {
    /// It waits.
    Resting,
    /// All of it filled.
    Executed,
    /// What did not fill will not.
    Canceled,
}

impl From<OrderStatusWord> for OrderWord {
    fn from(status: OrderStatusWord) -> OrderWord {
        match status {
            OrderStatusWord::Open => OrderWord::Resting,
            OrderStatusWord::Filled => OrderWord::Executed,
            OrderStatusWord::Cancelled | OrderStatusWord::Expired => OrderWord::Canceled,
        }
    }
}

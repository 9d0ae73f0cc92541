//! What a market said before it was decided: its odds at round distances from the end of trading, beside what it
//! paid. So that nobody has to read it off a line.

use tidings_core::market::{Phase, Status};
use tidings_core::units::Timestamp;
use tidings_core::view::{MarketView, Odds};
use tidings_store::{OddsRow, Store};

use crate::card::paid;
use crate::figures;
use crate::moment::Moment;
use crate::scale;
use crate::site::Unavailable;
use crate::words::Lang;

/// Outcomes side by side.
const MOST: usize = 4;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Distances from the end of trading.
const BEFORE: [(i64, &str); 6] = [
    (365 * DAY, "A year before the end"),
    (90 * DAY, "90 days before"),
    (30 * DAY, "30 days before"),
    (7 * DAY, "A week before"),
    (DAY, "A day before"),
    (HOUR, "An hour before"),
];

pub(super) struct Record {
    pub(super) names: Vec<String>,
    pub(super) lines: Vec<Line>,
    /// What was paid, in the same columns.
    pub(super) paid: Vec<String>,
    /// Whether a scalar market's number stands beside its odds.
    pub(super) unit: Option<String>,
    /// Whether it paid something else at first.
    pub(super) corrected: bool,
}

pub(super) struct Line {
    pub(super) when: &'static str,
    pub(super) at: Moment,
    pub(super) odds: Vec<String>,
    pub(super) number: Option<String>,
}

impl Record {
    /// Of a market that has paid; none of any other.
    pub(super) async fn of(
        store: &Store,
        view: &MarketView,
    ) -> Result<Option<Record>, Unavailable> {
        let Phase::Settled { proposal, .. } = &view.phase else {
            return Ok(None);
        };
        let opened = view.opened_at.unwrap_or(view.created_at);
        let all = store
            .odds_of(view.id, opened, proposal.at, super::POINTS)
            .await?;
        let end = all.iter().find(|row| !trades(row)).map(|row| row.at);
        let end = end.unwrap_or(proposal.at);
        let paid: Vec<Odds> = paid(&proposal.payout).collect();
        let columns = columns(&paid);
        let line = |when, row: OddsRow, at| Line {
            when,
            at: Moment::prose(at, Lang::En),
            odds: columns.iter().map(|ix| shown(row.odds[*ix])).collect(),
            number: scale::meant(view, row.odds.first().copied().flatten()),
        };
        let mut lines = Vec::new();
        if let Some(first) = all.into_iter().next() {
            let at = first.at;
            lines.push(line("At its opening", first, at));
        }
        for (distance, when) in BEFORE {
            let at = Timestamp::from_micros(end.as_micros() - distance);
            if at > opened
                && let Some(row) = store.odds_at(view.id, at).await?
            {
                lines.push(line(when, row, at));
            }
        }
        if let Some(row) = store.odds_at(view.id, end).await? {
            lines.push(line("At the end of trading", row, end));
        }
        let names = columns
            .iter()
            .map(|ix| view.spec.outcomes[*ix].name.clone());
        Ok(Some(Record {
            names: names.collect(),
            paid: columns
                .iter()
                .map(|ix| figures::percent(paid[*ix]))
                .collect(),
            unit: view.spec.scale.as_ref().map(|scale| scale.unit.clone()),
            corrected: !view.corrections.is_empty(),
            lines,
        }))
    }
}

fn trades(row: &OddsRow) -> bool {
    matches!(row.status, Status::Draft | Status::Open | Status::Halted)
}

/// All outcomes of a market that has few; of many, those that paid, and then the first.
fn columns(paid: &[Odds]) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..paid.len()).collect();
    columns.sort_by_key(|ix| paid[*ix] == 0);
    columns.truncate(MOST);
    columns.sort_unstable();
    columns
}

fn shown(odds: Option<Odds>) -> String {
    odds.map_or_else(|| "–".to_owned(), figures::percent)
}

//! Account statements.

use serde::Serialize;
use tidings_core::event::PostingKind;
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::wire::odds::ByOutcome;
use crate::wire::time::Time;
use crate::wire::unit::{Money, Shares};

/// What an account had, what came and went, and what it has. `opening` + all `received` − all `paid` is
/// `closing`, to the last micro; what closes one statement opens the next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statement)]
pub(crate) struct StatementJson {
    /// The account's id.
    #[schema(example = "acc_3")]
    pub(crate) account: String,
    /// From this moment on; null from the account's start.
    pub(crate) from: Option<Time>,
    /// Before this moment: the one asked for, or the one after the journal's last if that is earlier.
    pub(crate) to: Time,
    /// Whether nothing can be added to it any more.
    pub(crate) is_final: bool,
    /// Before the first movement.
    pub(crate) opening: BalanceJson,
    /// By what it was for, each kind that there is.
    pub(crate) movements: Vec<MovementsJson>,
    /// The same, market by market and only where there were any, oldest market first.
    pub(crate) by_market: Vec<MovementsJson>,
    /// After the last movement.
    pub(crate) closing: BalanceJson,
    /// The place in the journal that this is as of.
    pub(crate) seq: u64,
}

/// What an account has at a moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementBalance)]
pub(crate) struct BalanceJson {
    /// All of its money, available and reserved.
    pub(crate) balance: Money,
    /// Its shares, oldest market first; null where the account's history is too long to be looked through.
    pub(crate) positions: Option<Vec<StatementPosition>>,
}

/// Shares in a market at a moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementPosition {
    /// The market's slug.
    pub(crate) market: String,
    /// Shares by outcome, free and reserved.
    #[schema(value_type = std::collections::BTreeMap<String, String>,
             example = json!({"yes": "180", "no": "0"}))]
    pub(crate) shares: ByOutcome<Shares>,
    /// Money put into the market less money taken out by then, fees included; negative when more was taken
    /// out.
    #[schema(value_type = String, example = "71.862813")]
    pub(crate) net_paid: Money,
}

/// Movements of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Movements)]
pub(crate) struct MovementsJson {
    /// The market's slug; null in sums over all of them, and for deposits and withdrawals.
    pub(crate) market: Option<String>,
    /// What for, as in the ledger.
    #[schema(example = "trade")]
    pub(crate) kind: &'static str,
    /// How many.
    pub(crate) entries: u64,
    /// What came.
    pub(crate) received: Money,
    /// What went.
    pub(crate) paid: Money,
}

/// The kinds of movements, in a statement's order.
pub(crate) const KINDS: [PostingKind; 10] = [
    PostingKind::Deposit,
    PostingKind::Withdrawal,
    PostingKind::Trade,
    PostingKind::Fee,
    PostingKind::Merge,
    PostingKind::Payout,
    PostingKind::Refund,
    PostingKind::Correction,
    PostingKind::Subsidy,
    PostingKind::SubsidyReturn,
];

/// A line of a statement as a file.
#[derive(Debug, Default, Serialize)]
pub(crate) struct StatementLine {
    part: &'static str,
    market: Option<String>,
    kind: Option<&'static str>,
    outcome: Option<String>,
    entries: Option<u64>,
    received: Option<Money>,
    paid: Option<Money>,
    balance: Option<Money>,
    shares: Option<Shares>,
    net_paid: Option<Money>,
}

impl StatementJson {
    /// The statement line by line: what it opened with, what was moved, what it closed with. Movements are told
    /// market by market, so that the lines add up.
    pub(crate) fn lines(&self) -> Vec<StatementLine> {
        let mut lines = self.opening.lines(["opening", "opening_position"]);
        let of_none = self.movements.iter().filter(|sum| {
            let kinds = [PostingKind::Deposit, PostingKind::Withdrawal];
            kinds.iter().any(|kind| kind.word() == sum.kind)
        });
        let moved = of_none.chain(&self.by_market).map(|sum| StatementLine {
            part: "movement",
            market: sum.market.clone(),
            kind: Some(sum.kind),
            entries: Some(sum.entries),
            received: Some(sum.received),
            paid: Some(sum.paid),
            ..StatementLine::default()
        });
        lines.extend(moved);
        lines.extend(self.closing.lines(["closing", "closing_position"]));
        lines
    }
}

impl BalanceJson {
    fn lines(&self, [balance, position]: [&'static str; 2]) -> Vec<StatementLine> {
        let mut lines = vec![StatementLine {
            part: balance,
            balance: Some(self.balance),
            ..StatementLine::default()
        }];
        for held in self.positions.iter().flatten() {
            let shares = held.shares.0.iter();
            lines.extend(shares.map(|(outcome, shares)| StatementLine {
                part: position,
                market: Some(held.market.clone()),
                outcome: Some(outcome.clone()),
                shares: Some(*shares),
                net_paid: Some(held.net_paid),
                ..StatementLine::default()
            }));
        }
        lines
    }
}

impl Line for StatementLine {
    const COLUMNS: &'static [&'static str] = &[
        "part", "market", "kind", "outcome", "entries", "received", "paid", "balance", "shares",
        "net_paid",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::plain(self.part),
            Cell::text_if_any(self.market.as_deref()),
            Cell::plain_if_any(self.kind),
            Cell::text_if_any(self.outcome.as_deref()),
            Cell::plain_if_any(self.entries),
            Cell::plain_if_any(self.received),
            Cell::plain_if_any(self.paid),
            Cell::plain_if_any(self.balance),
            Cell::plain_if_any(self.shares),
            Cell::plain_if_any(self.net_paid),
        ]
    }
}

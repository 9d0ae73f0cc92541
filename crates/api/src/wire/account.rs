//! Accounts and money.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidings_core::access::Role;
use tidings_core::command::Stamp;
use tidings_core::id::MarketId;
use tidings_core::view::{AccountView, MarketView};
use tidings_exchange::Balance;
use tidings_store::{FillRow, FillSource, LedgerRow};
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::limits::report::AllowanceJson;
use crate::wire::allowance::OwnAllowanceJson;
use crate::wire::fill::SourceWord;
use crate::wire::halt::FrozenJson;
use crate::wire::id;
use crate::wire::text::{Title, Why};
use crate::wire::time::Time;
use crate::wire::unit::{Money, PriceText, Shares};
use crate::wire::words::{ContractWord, SideWord};

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub enum RoleWord {
    /// Opens accounts, moves money in and out, manages keys.
    Admin,
    /// Creates, watches and resolves markets, and sponsors their liquidity.
    Operator,
    /// Publishes articles and links them to markets.
    Editor,
    /// Trades.
    Trader,
    /// The exchange's own books.
    System,
}

impl RoleWord {
    /// The core's role.
    pub fn role(self) -> Role {
        match self {
            RoleWord::Admin => Role::Admin,
            RoleWord::Operator => Role::Operator,
            RoleWord::Editor => Role::Editor,
            RoleWord::Trader => Role::Trader,
            RoleWord::System => Role::System,
        }
    }
}

impl From<Role> for RoleWord {
    fn from(role: Role) -> RoleWord {
        match role {
            Role::Admin => RoleWord::Admin,
            Role::Operator => RoleWord::Operator,
            Role::Editor => RoleWord::Editor,
            Role::Trader => RoleWord::Trader,
            Role::System => RoleWord::System,
        }
    }
}

/// An account to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenAccount)]
pub struct OpenAccountBody {
    /// Whose account, for people to read.
    pub name: Title,
    /// What it may do.
    pub role: RoleWord,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// Money that comes or goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Transfer)]
pub struct TransferBody {
    /// How much.
    pub amount: Money,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// An account in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountLine {
    /// Its id.
    #[schema(example = "acc_3")]
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: RoleWord,
    /// When it was opened.
    pub opened_at: Time,
    /// That it gives no orders and moves no money; null when it may.
    pub frozen: Option<FrozenJson>,
}

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountJson {
    /// Its id.
    #[schema(example = "acc_3")]
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: RoleWord,
    /// Its money.
    pub cash: CashJson,
    /// When its dead man's switch cancels its open orders; null when it is off.
    pub cancels_at: Option<Time>,
    /// That it gives no orders and moves no money, and why; null when it may.
    pub frozen: Option<FrozenJson>,
    /// How much it may ask for, where an operator set that; null for what everyone may.
    pub allowance: Option<OwnAllowanceJson>,
    /// Its shares, oldest market first.
    pub positions: Vec<PositionJson>,
    /// What it may use, and what it uses: for who watches over accounts. One's own allowances are at `/v1/limits`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<AccountLimitsJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What an account may use, and what it uses.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AccountLimits)]
pub struct AccountLimitsJson {
    /// Its open orders.
    pub open_orders: UsedJson,
    /// Its keys that open something.
    pub live_keys: UsedJson,
    /// Its streams of what is its alone that are open on this server.
    pub streams: UsedJson,
    /// What its requests take from on this server: tokens that come back by themselves.
    pub allowances: Vec<AllowanceJson>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Used)]
pub struct UsedJson {
    /// How many it has.
    pub used: usize,
    /// How many it may have.
    pub most: usize,
}

/// Money of an account.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Cash)]
pub struct CashJson {
    /// Free to use.
    pub available: Money,
    /// Held for open orders.
    pub reserved: Money,
}

/// Shares of one outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Position)]
pub struct PositionJson {
    /// The market's slug.
    pub market: String,
    /// What the market asks.
    pub question: String,
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// How many.
    pub shares: HeldShares,
    /// What was paid for them, fees included: the average cost.
    pub cost: Money,
    /// What they are worth at the odds shown; null when there are none.
    pub value: Option<Money>,
}

/// Shares that are held.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct HeldShares {
    /// Free to sell.
    pub free: Shares,
    /// Held for open orders.
    pub reserved: Shares,
}

/// What an account has, without what that is worth: odds move without it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
pub struct BalanceJson {
    /// Its money.
    pub cash: CashJson,
    /// Its shares: all of them, or those that changed; none are left where both numbers are 0.
    pub positions: Vec<HoldingJson>,
    /// That the account gives no orders and moves no money, and why; null when it may.
    pub frozen: Option<FrozenJson>,
}

/// Shares of one outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Holding)]
pub struct HoldingJson {
    /// The market's slug.
    pub market: String,
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// How many.
    pub shares: HeldShares,
    /// What was paid for them, fees included: the average cost.
    pub cost: Money,
}

impl BalanceJson {
    /// What an account has; `market` finds the markets of its shares.
    pub fn of(
        balance: &Balance,
        mut market: impl FnMut(MarketId) -> Option<Arc<MarketView>>,
    ) -> BalanceJson {
        let held = balance.holdings.iter().filter_map(|(id, outcome, held)| {
            let market = market(*id)?;
            Some(HoldingJson {
                market: market.spec.slug.clone(),
                outcome: market.spec.outcomes.get(outcome.ix())?.key.clone(),
                shares: HeldShares {
                    free: Shares(held.free),
                    reserved: Shares(held.reserved),
                },
                cost: Money(held.cost),
            })
        });
        BalanceJson {
            cash: CashJson {
                available: Money(balance.cash.available),
                reserved: Money(balance.cash.reserved),
            },
            positions: held.collect(),
            frozen: balance.frozen.as_ref().map(FrozenJson::of),
        }
    }
}

impl AccountJson {
    /// An account; `market` finds the markets of its positions.
    pub fn of(
        view: &AccountView,
        mut market: impl FnMut(&tidings_core::view::PositionView) -> Option<std::sync::Arc<MarketView>>,
    ) -> AccountJson {
        let positions = view.positions.iter().filter_map(|held| {
            let market = market(held)?;
            Some(PositionJson {
                market: market.spec.slug.clone(),
                question: market.spec.question.clone(),
                outcome: market.spec.outcomes.get(held.outcome.ix())?.key.clone(),
                shares: HeldShares {
                    free: Shares(held.free),
                    reserved: Shares(held.reserved),
                },
                cost: Money(held.cost),
                value: held.value.map(Money),
            })
        });
        AccountJson {
            id: id::account(view.id),
            name: view.name.clone(),
            role: view.role.into(),
            cash: CashJson {
                available: Money(view.available),
                reserved: Money(view.reserved),
            },
            cancels_at: view.cancels_at.map(Time),
            frozen: view.frozen.as_ref().map(FrozenJson::of),
            allowance: view.allowance.as_ref().map(OwnAllowanceJson::of),
            positions: positions.collect(),
            limits: None,
            as_of: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}

/// A movement of an account's money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Ledger)]
pub struct LedgerJson {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// What for: `deposit`, `withdrawal`, `subsidy`, `trade`, `fee`, `merge`, `payout`, `refund`,
    /// `subsidy_return` or `correction`.
    #[schema(example = "trade")]
    pub kind: &'static str,
    /// The market's slug, if it was in one.
    pub market: Option<String>,
    /// How much came; negative for what went.
    #[schema(value_type = String, example = "-71.002913")]
    pub amount: Money,
    /// All of the account's money after it, reserved money included.
    pub balance: Money,
}

impl LedgerJson {
    /// A row of history, with its market's slug.
    pub fn of(row: &LedgerRow, market: Option<String>) -> LedgerJson {
        LedgerJson {
            seq: row.seq.0,
            at: Time(row.at),
            kind: row.kind.word(),
            market,
            amount: Money(row.amount),
            balance: Money(row.balance),
        }
    }
}

/// A fill of one of an account's orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnFill)]
pub struct OwnFillJson {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// The order.
    #[schema(example = "ord_12")]
    pub order: String,
    /// The market's slug.
    pub market: String,
    /// The outcome's key, as the order named it.
    #[schema(example = "yes")]
    pub outcome: String,
    /// Yes or No on it.
    pub contract: ContractWord,
    /// Bought or sold.
    pub side: SideWord,
    /// With whom; of an order that rested, always `book`.
    pub source: SourceWord,
    /// The price in the contract's own terms; null in sets, and with the maker, whose price runs along
    /// a curve.
    pub price: Option<PriceText>,
    /// How many shares.
    pub quantity: Shares,
    /// What was paid or received for them, before the fee.
    pub amount: Money,
    /// The fee; a command's whole fee stands at its last fill.
    pub fee: Money,
    /// Whether the order came in, rather than rested.
    pub is_taker: bool,
    /// Which version of the market's rules it was made under: how many clarifications have their place in the journal
    /// before it.
    pub rules_version: u32,
}

impl OwnFillJson {
    /// A row of history, in its market.
    pub fn of(row: &FillRow, market: &MarketView) -> OwnFillJson {
        let outcome = market.spec.outcomes.get(row.outcome.ix());
        OwnFillJson {
            seq: row.seq.0,
            at: Time(row.at),
            order: id::order(row.order),
            market: market.spec.slug.clone(),
            outcome: outcome.map_or_else(String::new, |outcome| outcome.key.clone()),
            contract: row.contract.into(),
            side: row.side.into(),
            source: match row.source {
                FillSource::Book | FillSource::Implied => SourceWord::Book,
                FillSource::Set => SourceWord::Set,
                FillSource::Maker => SourceWord::Maker,
            },
            price: row.price.map(PriceText),
            quantity: Shares(row.lots),
            amount: Money(row.amount),
            fee: Money(row.fee),
            is_taker: row.is_taker,
            rules_version: market.rules_version(Stamp {
                seq: row.seq,
                at: row.at,
            }),
        }
    }
}

impl Line for LedgerJson {
    const COLUMNS: &'static [&'static str] = &["seq", "at", "kind", "market", "amount", "balance"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::plain(self.seq),
            Cell::plain(self.at),
            Cell::plain(self.kind),
            Cell::text_if_any(self.market.as_deref()),
            Cell::plain(self.amount),
            Cell::plain(self.balance),
        ]
    }
}

impl Line for OwnFillJson {
    const COLUMNS: &'static [&'static str] = &[
        "seq",
        "at",
        "order",
        "market",
        "outcome",
        "contract",
        "side",
        "source",
        "price",
        "quantity",
        "amount",
        "fee",
        "is_taker",
        "rules_version",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::plain(self.seq),
            Cell::plain(self.at),
            Cell::plain(&self.order),
            Cell::text(&self.market),
            Cell::text(&self.outcome),
            Cell::word(&self.contract),
            Cell::word(&self.side),
            Cell::word(&self.source),
            Cell::plain_if_any(self.price),
            Cell::plain(self.quantity),
            Cell::plain(self.amount),
            Cell::plain(self.fee),
            Cell::plain(self.is_taker),
            Cell::plain(self.rules_version),
        ]
    }
}

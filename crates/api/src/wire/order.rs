//! Orders: what is asked for, and what became of it.

use serde::{Deserialize, Serialize};
use tidings_core::Reject;
use tidings_core::command::{AmendOrder, Command, PlaceOrder, Side, Size, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::id::{MarketId, OrderId, Outcome};
use tidings_core::orders::LONGEST_SWITCH;
use tidings_core::reject::OrderFault;
use tidings_core::units::{Lots, Micros, Timestamp};
use tidings_core::view::{MarketView, OrderView};
use tidings_exchange::OrderState;
use tidings_store::OrderRow;
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::problem::Problem;
use crate::wire::id;
use crate::wire::text::Text;
use crate::wire::time::Time;
use crate::wire::unit::{AveragePrice, Money, PriceText, Shares};
use crate::wire::words::{
    ContractWord, OrderStatusWord, OrderType, SelfTradeWord, SideWord, TimeInForceWord,
};

/// An order to be placed, or to be quoted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceOrder, example = json!({
    "market": "jpkr-joint-statement-2026", "outcome": "yes", "contract": "yes", "side": "buy",
    "type": "limit", "price": "0.41", "quantity": "250", "time_in_force": "gtc",
    "self_trade": "cancel_newest", "client_order_id": "a-17"
}))]
pub struct OrderBody {
    /// The market's slug or id.
    pub market: String,
    /// The outcome's key.
    pub outcome: String,
    /// Yes or No on it; `yes` when absent.
    #[serde(default = "yes")]
    #[schema(default = "yes")]
    pub contract: ContractWord,
    /// Bought or sold.
    pub side: SideWord,
    /// With a price of its own, or at the market's.
    pub r#type: OrderType,
    /// The worst price taken, in the contract's own terms. A limit order has one; an order by amount
    /// may.
    pub price: Option<PriceText>,
    /// How many shares.
    pub quantity: Option<Shares>,
    /// Instead of a quantity, for a market buy: as many shares as this money buys at once, fee
    /// included.
    pub amount: Option<Money>,
    /// How long it waits; `gtc` for a limit order when absent, `ioc` for a market order.
    pub time_in_force: Option<TimeInForceWord>,
    /// When a `gtd` order ends.
    pub expires_at: Option<Time>,
    /// Refuse it if any part would fill at once.
    #[serde(default)]
    pub post_only: bool,
    /// What to do about the account's own orders.
    #[serde(default = "cancel_newest")]
    #[schema(default = "cancel_newest")]
    pub self_trade: SelfTradeWord,
    /// The caller's name for it, unique among the account's open orders; 1 to 64 bytes.
    pub client_order_id: Option<Text<64>>,
    /// Refuse it when it arrives later than this.
    pub valid_until: Option<Time>,
}

fn yes() -> ContractWord {
    ContractWord::Yes
}

fn cancel_newest() -> SelfTradeWord {
    SelfTradeWord::CancelNewest
}

impl OrderBody {
    /// The order in its market.
    pub fn into_order(self, market: &MarketView) -> Result<PlaceOrder, Problem> {
        let outcome = place_of(market, &self.outcome);
        let order = self.at(market.id, outcome.unwrap_or(Outcome::NONE))?;
        match outcome {
            Some(_) => Ok(order),
            None => Err(Reject::OutcomeNotFound.into()),
        }
    }

    /// The order where it says, or where nothing is: then the engine refuses it. A problem here is one of
    /// the body alone.
    pub(crate) fn anywhere(self, market: Option<&MarketView>) -> Result<PlaceOrder, Problem> {
        let outcome = market.and_then(|market| place_of(market, &self.outcome));
        let market = market.map_or(MarketId::NONE, |market| market.id);
        self.at(market, outcome.unwrap_or(Outcome::NONE))
    }

    fn at(self, market: MarketId, outcome: Outcome) -> Result<PlaceOrder, Problem> {
        let size = self.size()?;
        let time_in_force = self.time_in_force()?;
        Ok(PlaceOrder {
            market,
            outcome,
            contract: self.contract.into(),
            side: self.side.into(),
            size,
            limit: self.price.map(|price| price.0),
            time_in_force,
            post_only: self.post_only,
            self_trade: self.self_trade.into(),
            client_order_id: self.client_order_id.map(client_order_id).transpose()?,
            valid_until: self.valid_until.map(|time| time.0),
        })
    }

    fn size(&self) -> Result<Size, Problem> {
        let fault = |field, fault| Err(Problem::invalid_body(field, fault));
        match (self.r#type, self.quantity, self.amount, self.price) {
            (_, None, None, _) => fault("quantity", "an order has a quantity, or an amount"),
            (_, Some(_), Some(_), _) => {
                fault("amount", "an order has a quantity or an amount, not both")
            }
            (OrderType::Limit, _, Some(_), _) => {
                fault("amount", "only a market order is by amount")
            }
            (OrderType::Limit, _, _, None) => fault("price", "a limit order has a price"),
            (OrderType::Market, Some(_), _, Some(_)) => fault(
                "price",
                "a market order by quantity has no price: use a limit order with ioc",
            ),
            (_, Some(quantity), None, _) => Ok(Size::Quantity(quantity.0)),
            (OrderType::Market, None, Some(amount), _) => Ok(Size::Spend(amount.0)),
        }
    }

    fn time_in_force(&self) -> Result<TimeInForce, Problem> {
        let usual = match self.r#type {
            OrderType::Limit => TimeInForceWord::Gtc,
            OrderType::Market => TimeInForceWord::Ioc,
        };
        let cannot_rest = || Reject::OrderInvalid {
            fault: OrderFault::MarketOrderCannotRest,
        };
        match (self.time_in_force.unwrap_or(usual), self.expires_at) {
            (TimeInForceWord::Gtd | TimeInForceWord::Gtc, _)
                if self.r#type == OrderType::Market =>
            {
                Err(cannot_rest().into())
            }
            (TimeInForceWord::Gtd, Some(end)) => Ok(TimeInForce::Gtd(end.0)),
            (TimeInForceWord::Gtd, None) => Err(Problem::invalid_body(
                "expires_at",
                "a gtd order says when it ends",
            )),
            (_, Some(_)) => Err(Problem::invalid_body(
                "expires_at",
                "only a gtd order has one",
            )),
            (TimeInForceWord::Gtc, None) => Ok(TimeInForce::Gtc),
            (TimeInForceWord::Ioc, None) => Ok(TimeInForce::Ioc),
            (TimeInForceWord::Fok, None) => Ok(TimeInForce::Fok),
        }
    }
}

/// The place of the outcome with a key.
pub(crate) fn outcome(market: &MarketView, key: &str) -> Result<Outcome, Problem> {
    place_of(market, key).ok_or_else(|| Reject::OutcomeNotFound.into())
}

fn place_of(market: &MarketView, key: &str) -> Option<Outcome> {
    let mut outcomes = market.spec.outcomes.iter();
    let ix = outcomes.position(|outcome| outcome.key == key)?;
    u16::try_from(ix).ok().map(Outcome)
}

fn client_order_id(text: Text<64>) -> Result<String, Problem> {
    match text.0.len() <= 64 {
        true => Ok(text.0),
        false => Err(Problem::invalid_body(
            "client_order_id",
            "at most 64 bytes are allowed",
        )),
    }
}

/// For how long orders wait unless their owner asks again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelAfter, example = json!({"seconds": 60}))]
pub struct CancelAfterBody {
    /// Seconds until all of the account's open orders are cancelled, 1 to 86,400; 0 turns it off.
    #[schema(minimum = 0, maximum = 86400)]
    pub seconds: u32,
}

impl CancelAfterBody {
    /// The command.
    pub fn into_command(self) -> Result<Command, Problem> {
        match self.seconds {
            seconds @ 0..=LONGEST_SWITCH => Ok(Command::CancelAfter { seconds }),
            _ => Err(Problem::invalid_body(
                "seconds",
                format_args!("0, or 1 to {LONGEST_SWITCH}"),
            )),
        }
    }
}

/// A change to an open order. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmendOrder)]
pub struct AmendBody {
    /// Its whole quantity from here on, what has filled included. Less keeps its place in time.
    pub quantity: Option<Shares>,
    /// Its price from here on.
    pub price: Option<PriceText>,
    /// Refuse the change when it arrives later than this.
    pub valid_until: Option<Time>,
}

impl AmendBody {
    /// The change to an order.
    pub fn into_amend(self, order: OrderId) -> AmendOrder {
        AmendOrder {
            order,
            quantity: self.quantity.map(|quantity| quantity.0),
            limit: self.price.map(|price| price.0),
            valid_until: self.valid_until.map(|time| time.0),
        }
    }
}

/// An order with everything as it was sent, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderJson {
    /// Its id.
    #[schema(example = "ord_12")]
    pub id: String,
    /// The market's slug.
    #[schema(example = "jpkr-joint-statement-2026")]
    pub market: String,
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// Yes or No on it.
    pub contract: ContractWord,
    /// Bought or sold.
    pub side: SideWord,
    /// With a price of its own, or at the market's.
    pub r#type: OrderType,
    /// The worst price taken.
    pub price: Option<PriceText>,
    /// `filled` + `remaining` + `cancelled`, always.
    pub quantity: Shares,
    /// What an order by amount was to spend at most.
    pub spend: Option<Money>,
    /// How long it waits.
    pub time_in_force: TimeInForceWord,
    /// When it ends.
    pub expires_at: Option<Time>,
    /// Whether it was to add to the book only.
    pub post_only: bool,
    /// What it does about the account's own orders.
    pub self_trade: SelfTradeWord,
    /// The caller's name for it.
    #[schema(example = "a-17")]
    pub client_order_id: Option<String>,
    /// Where it stands.
    pub status: OrderStatusWord,
    /// Why it ended: `filled`, `not_filled_at_once`, `cancelled`, `self_trade`, `expired`,
    /// `market_closed`, `market_voided`, `dead_man_switch`, `account_frozen`, or `fill_limit` when it had met
    /// as many resting orders as one command may; null while it is open.
    pub reason: Option<&'static str>,
    /// Shares that filled.
    pub filled: Shares,
    /// Shares that wait.
    pub remaining: Shares,
    /// Shares that did not fill and will not.
    pub cancelled: Shares,
    /// What a share cost or fetched on average; null before the first fill.
    pub average_price: Option<AveragePrice>,
    /// Money paid or received so far, before the fee. Where orders on all outcomes together offer more
    /// than a set is worth, a buy can cost less than nothing.
    pub amount: Money,
    /// Fees paid so far.
    pub fee: Money,
    /// Money held for what waits. A sell holds shares, and no money.
    pub reserved: Money,
    /// When it was accepted.
    pub placed_at: Time,
}

/// What became of an order so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) filled: Lots,
    pub(crate) remaining: Lots,
    pub(crate) cancelled: Lots,
    pub(crate) amount: Micros,
    pub(crate) fee: Micros,
    pub(crate) reserved: Micros,
    pub(crate) reason: Option<CloseReason>,
    pub(crate) placed_at: Timestamp,
}

impl OrderJson {
    /// An open order.
    pub fn open(view: &OrderView, market: &MarketView) -> OrderJson {
        let progress = Progress {
            filled: view.filled,
            remaining: view.remaining,
            cancelled: Lots::ZERO,
            amount: view.amount,
            fee: view.fee,
            reserved: view.reserved,
            reason: None,
            placed_at: view.placed_at,
        };
        OrderJson::of(view.id, &view.terms, market, progress)
    }

    /// An order as a command left it.
    pub fn changed(order: &OrderState, market: &MarketView) -> OrderJson {
        let view = &order.view;
        let progress = Progress {
            filled: view.filled,
            remaining: view.remaining,
            cancelled: order.cancelled,
            amount: view.amount,
            fee: view.fee,
            reserved: view.reserved,
            reason: order.reason,
            placed_at: view.placed_at,
        };
        OrderJson::of(view.id, &view.terms, market, progress)
    }

    /// An order of history.
    pub fn recorded(row: &OrderRow, market: &MarketView) -> OrderJson {
        let held = match (row.terms.side, row.terms.limit) {
            (Side::Buy, Some(limit)) => row.remaining.at(limit),
            (Side::Buy, None) | (Side::Sell, _) => Micros::ZERO,
        };
        let progress = Progress {
            filled: row.filled,
            remaining: row.remaining,
            cancelled: row.cancelled,
            amount: row.amount,
            fee: row.fee,
            reserved: held,
            reason: row.reason,
            placed_at: row.placed_at,
        };
        OrderJson::of(row.id, &row.terms, market, progress)
    }

    pub(crate) fn of(
        id: OrderId,
        terms: &PlaceOrder,
        market: &MarketView,
        progress: Progress,
    ) -> OrderJson {
        let Progress {
            filled,
            remaining,
            cancelled,
            amount,
            ..
        } = progress;
        let outcome = market.spec.outcomes.get(terms.outcome.ix());
        let spend = match terms.size {
            Size::Spend(amount) => Some(Money(amount)),
            Size::Quantity(_) => None,
        };
        let (time_in_force, expires_at) = match terms.time_in_force {
            TimeInForce::Gtc => (TimeInForceWord::Gtc, None),
            TimeInForce::Gtd(end) => (TimeInForceWord::Gtd, Some(Time(end))),
            TimeInForce::Ioc => (TimeInForceWord::Ioc, None),
            TimeInForce::Fok => (TimeInForceWord::Fok, None),
        };
        let at_market = terms.limit.is_none() || spend.is_some();
        OrderJson {
            id: id::order(id),
            market: market.spec.slug.clone(),
            outcome: outcome.map_or_else(String::new, |outcome| outcome.key.clone()),
            contract: terms.contract.into(),
            side: terms.side.into(),
            r#type: if at_market {
                OrderType::Market
            } else {
                OrderType::Limit
            },
            price: terms.limit.map(PriceText),
            quantity: Shares(filled + remaining + cancelled),
            spend,
            time_in_force,
            expires_at,
            post_only: terms.post_only,
            self_trade: terms.self_trade.into(),
            client_order_id: terms.client_order_id.clone(),
            status: OrderStatusWord::of(progress.reason),
            reason: progress.reason.map(CloseReason::word),
            filled: Shares(filled),
            remaining: Shares(remaining),
            cancelled: Shares(cancelled),
            average_price: AveragePrice::of(amount, filled),
            amount: Money(amount),
            fee: Money(progress.fee),
            reserved: Money(progress.reserved),
            placed_at: Time(progress.placed_at),
        }
    }
}

impl Line for OrderJson {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "market",
        "outcome",
        "contract",
        "side",
        "type",
        "price",
        "quantity",
        "spend",
        "time_in_force",
        "expires_at",
        "post_only",
        "self_trade",
        "client_order_id",
        "status",
        "reason",
        "filled",
        "remaining",
        "cancelled",
        "average_price",
        "amount",
        "fee",
        "reserved",
        "placed_at",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::plain(&self.id),
            Cell::text(&self.market),
            Cell::text(&self.outcome),
            Cell::word(&self.contract),
            Cell::word(&self.side),
            Cell::word(&self.r#type),
            Cell::plain_if_any(self.price),
            Cell::plain(self.quantity),
            Cell::plain_if_any(self.spend),
            Cell::word(&self.time_in_force),
            Cell::plain_if_any(self.expires_at),
            Cell::plain(self.post_only),
            Cell::word(&self.self_trade),
            Cell::text_if_any(self.client_order_id.as_deref()),
            Cell::word(&self.status),
            Cell::plain_if_any(self.reason),
            Cell::plain(self.filled),
            Cell::plain(self.remaining),
            Cell::plain(self.cancelled),
            Cell::plain_if_any(self.average_price),
            Cell::plain(self.amount),
            Cell::plain(self.fee),
            Cell::plain(self.reserved),
            Cell::plain(self.placed_at),
        ]
    }
}

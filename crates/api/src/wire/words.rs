//! The words of the wire for what the core has types for.

use serde::{Deserialize, Serialize};
use tidings_core::command::{Contract, SelfTrade, Side};
use tidings_core::event::CloseReason;
use tidings_core::market::{Kind, LinkRole, Status, VoidRule};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $word:ident as $schema:ident for $core:ident { $($(#[$each:meta])* $name:ident),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = $schema)]
        pub enum $word {
            $($(#[$each])* $name),+
        }

        impl From<$core> for $word {
            fn from(core: $core) -> $word {
                match core {
                    $($core::$name => $word::$name),+
                }
            }
        }

        impl From<$word> for $core {
            fn from(word: $word) -> $core {
                match word {
                    $($word::$name => $core::$name),+
                }
            }
        }
    };
}

words! {
    /// Which half of a complete set is traded.
    ContractWord as Contract for Contract {
        /// One share of the outcome.
        Yes,
        /// One share of every other outcome.
        No
    }
}
words! {
    /// Whether shares are wanted or given.
    SideWord as Side for Side {
        /// Money for shares.
        Buy,
        /// Shares for money.
        Sell
    }
}
words! {
    /// What happens when the best resting order is the account's own.
    SelfTradeWord as SelfTrade for SelfTrade {
        /// The incoming order stops there; its rest is cancelled.
        CancelNewest,
        /// The resting order is cancelled; the incoming one goes on.
        CancelOldest
    }
}

words! {
    /// How a market's outcomes are to be read.
    KindWord as Kind for Kind {
        /// Yes and No.
        Binary,
        /// One of several.
        Categorical,
        /// A number on a scale: Long pays the part of the scale below it, Short the part above.
        Scalar
    }
}
words! {
    /// An article's part in a market.
    LinkRoleWord as LinkRole for LinkRole {
        /// The market asks about what it reports.
        Subject,
        /// It explains the background.
        Context,
        /// Its publication moves the question.
        Trigger,
        /// It shows how the question was answered.
        Evidence
    }
}
words! {
    /// Where a market stands in its life.
    StatusWord as MarketStatus for Status {
        /// Written, not open.
        Draft,
        /// Trading.
        Open,
        /// Not trading for a while; resting orders stay, cancels work.
        Halted,
        /// Done trading.
        Closed,
        /// A resolution is proposed, or that it is called off.
        Proposed,
        /// The proposal was objected to.
        Disputed,
        /// Paid.
        Settled,
        /// Called off and refunded.
        Voided
    }
}

words! {
    /// By which rule a market is called off.
    VoidRuleWord as VoidRule for VoidRule {
        /// The rules can be read in two ways, and what happened is on either side.
        AmbiguousQuestion,
        /// What the question is about was called off, and the rules do not say what then.
        OccurrenceCalledOff,
        /// Nobody who is believed says what happened, and nobody will.
        SourceGone,
        /// Whoever runs the market made a mistake in it.
        OperatorMistake,
        /// None of these: the words say which.
        Other
    }
}

/// Whether an order has a worst price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// So many shares, at a price or better.
    Limit,
    /// So many shares at any price, or as many as an amount of money buys at once.
    Market,
}

/// How long what does not fill at once may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimeInForce)]
pub enum TimeInForceWord {
    /// Until it is cancelled.
    Gtc,
    /// Until `expires_at`.
    Gtd,
    /// Not at all: the rest is cancelled.
    Ioc,
    /// Not at all: all of it fills, or the order is refused.
    Fok,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStatus)]
pub enum OrderStatusWord {
    /// It waits.
    Open,
    /// All of it filled.
    Filled,
    /// What did not fill was cancelled.
    Cancelled,
    /// Its time ran out.
    Expired,
}

impl OrderStatusWord {
    /// Where an order stands that ended for `reason`, or has not.
    pub fn of(reason: Option<CloseReason>) -> OrderStatusWord {
        match reason {
            None => OrderStatusWord::Open,
            Some(CloseReason::Filled) => OrderStatusWord::Filled,
            Some(CloseReason::Expired) => OrderStatusWord::Expired,
            Some(
                CloseReason::NotFilledAtOnce
                | CloseReason::Cancelled
                | CloseReason::SelfTrade
                | CloseReason::MarketClosed
                | CloseReason::MarketVoided
                | CloseReason::FillLimit
                | CloseReason::DeadManSwitch
                | CloseReason::AccountFrozen,
            ) => OrderStatusWord::Cancelled,
        }
    }
}

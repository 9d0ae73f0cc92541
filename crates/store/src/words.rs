//! Enums as the words that stand for them in rows: the same words as on the wire, so that a person
//! with a SQL prompt can read the tables.

use tidings_core::command::{Contract, SelfTrade, Side};
use tidings_core::event::{CloseReason, PostingKind};
use tidings_core::market::{LinkRole, Status};

use crate::articles::ArticleStatus;
use crate::articles::plans::PlanState;
use crate::history::fills::FillSource;
use crate::outgoing::deliveries::DeliveryStatus;
use crate::outgoing::hooks::HookStatus;
use crate::outgoing::mails::MailStatus;
use crate::outgoing::subscribers::SubscriberStatus;

/// An enum whose every value has a word.
pub(crate) trait Word: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// The value's word.
    fn word(self) -> &'static str;

    /// The value of a word.
    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }
}

macro_rules! words {
    ($enum:ident: $($value:ident = $word:literal),+ $(,)?) => {
        impl Word for $enum {
            const ALL: &'static [$enum] = &[$($enum::$value),+];
            fn word(self) -> &'static str {
                match self { $($enum::$value => $word),+ }
            }
        }
    };
}

words!(Contract: Yes = "yes", No = "no");
words!(Side: Buy = "buy", Sell = "sell");
words!(SelfTrade: CancelNewest = "cancel_newest", CancelOldest = "cancel_oldest");
words!(FillSource: Book = "book", Set = "set", Maker = "maker", Implied = "implied");
words!(ArticleStatus: Usable = "usable", Withheld = "withheld", Cancelled = "cancelled");
words!(SubscriberStatus: Asked = "asked", Confirmed = "confirmed", Ended = "ended");
words!(HookStatus: Active = "active", Disabled = "disabled", Deleted = "deleted");
words!(DeliveryStatus: Due = "due", Delivered = "delivered", Failed = "failed");
words!(MailStatus:
    Due = "due",
    Sending = "sending",
    Sent = "sent",
    Refused = "refused",
    Unknown = "unknown",
    Dropped = "dropped",
);
words!(LinkRole:
    Subject = "subject",
    Context = "context",
    Trigger = "trigger",
    Evidence = "evidence",
);
words!(PlanState: Waiting = "waiting", Halted = "halted", Linked = "linked", Done = "done");
words!(CloseReason:
    Filled = "filled",
    NotFilledAtOnce = "not_filled_at_once",
    Cancelled = "cancelled",
    SelfTrade = "self_trade",
    Expired = "expired",
    MarketClosed = "market_closed",
    MarketVoided = "market_voided",
    FillLimit = "fill_limit",
    DeadManSwitch = "dead_man_switch",
    AccountFrozen = "account_frozen",
);
words!(PostingKind:
    Deposit = "deposit",
    Withdrawal = "withdrawal",
    Subsidy = "subsidy",
    Trade = "trade",
    Fee = "fee",
    Merge = "merge",
    Payout = "payout",
    Refund = "refund",
    SubsidyReturn = "subsidy_return",
    Correction = "correction",
);
words!(Status:
    Draft = "draft",
    Open = "open",
    Halted = "halted",
    Closed = "closed",
    Proposed = "proposed",
    Disputed = "disputed",
    Settled = "settled",
    Voided = "voided",
);

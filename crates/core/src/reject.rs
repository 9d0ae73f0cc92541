//! Refusals: answers, not failures. Each has a stable code, never reused, and carries the numbers
//! that explain it. A refused command changes nothing but the memory of its idempotency key.

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::access::{LONGEST_OVERLAP, MOST_NAME, MOST_NETWORKS};
use crate::evidence::EvidenceFault;
use crate::id::AccountId;
use crate::market::Status;
use crate::state::MAX_ALLOWANCE;
use crate::units::{Fraction, Lots, Micros, Timestamp};

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error, Encode, Decode)]
pub enum Reject {
    /// No such account.
    #[n(0)]
    #[error("there is no such account")]
    AccountNotFound,
    /// The actor's role does not allow it.
    #[n(1)]
    #[error("this account's role does not allow that")]
    RoleNotAllowed,
    /// No such market.
    #[n(2)]
    #[error("there is no such market")]
    MarketNotFound,
    /// No such outcome in that market.
    #[n(3)]
    #[error("the market has no such outcome")]
    OutcomeNotFound,
    /// No such open order of the actor's.
    #[n(4)]
    #[error("there is no such open order")]
    OrderNotFound,
    /// No such key.
    #[n(5)]
    #[error("there is no such key")]
    KeyNotFound,
    /// That key is in use already.
    #[n(6)]
    #[error("this key is in use already")]
    KeyTaken,
    /// The account's cash does not cover what the order could cost.
    #[n(7)]
    #[error("{required} is needed and {available} is available")]
    InsufficientFunds {
        /// What is free.
        #[n(0)]
        available: Micros,
        /// What is needed.
        #[n(1)]
        required: Micros,
    },
    /// The account's shares do not cover what it wants to sell.
    #[n(8)]
    #[error("{required} shares are needed and {available} are free")]
    InsufficientPosition {
        /// What is free.
        #[n(0)]
        available: Lots,
        /// What is needed.
        #[n(1)]
        required: Lots,
    },
    /// Past a limit that keeps every sum exact.
    #[n(9)]
    #[error("this would pass the exchange's limits on quantities and money")]
    LimitExceeded,
    /// The market takes no orders now.
    #[n(10)]
    #[error("the market is {}, not open", status.word())]
    MarketNotOpen {
        /// Where it stands.
        #[n(0)]
        status: Status,
    },
    /// The limit price is not on the market's grid.
    #[n(11)]
    #[error("prices of this market are multiples of {}", in_words(*tick))]
    PriceOffTick {
        /// The grid, in ticks.
        #[n(0)]
        tick: u16,
    },
    /// A `post_only` order would have filled in part.
    #[n(12)]
    #[error("a part of the order would fill at once")]
    PostOnlyWouldTake,
    /// A `fok` order would not have filled as a whole.
    #[n(13)]
    #[error("only {fillable} can be filled at once")]
    FokNotFilled {
        /// What could be filled.
        #[n(0)]
        fillable: Lots,
    },
    /// The amount buys not even one lot within the limit.
    #[n(14)]
    #[error("the amount buys nothing within the price")]
    NothingToFill,
    /// The order arrived after its `valid_until`, or would expire before it could rest.
    #[n(15)]
    #[error("the order arrived later than it may")]
    TooLate,
    /// The combination of order fields has no meaning.
    #[n(16)]
    #[error("{fault}")]
    OrderInvalid {
        /// What is wrong.
        #[n(0)]
        fault: OrderFault,
    },
    /// The account has as many open orders as it may.
    #[n(17)]
    #[error("no more than {most} open orders")]
    TooManyOrders {
        /// How many are allowed.
        #[n(0)]
        most: u32,
    },
    /// Another open order of the account has this `client_order_id`.
    #[n(18)]
    #[error("another open order has this client_order_id")]
    ClientOrderIdTaken,
    /// Orders could not rest in markets of more than two outcomes. Version 0.1 gave it; it is kept for
    /// the journals that have it.
    #[n(19)]
    #[error("orders could not rest in a market of more than two outcomes")]
    RestingNotSupported,
    /// That cannot be a market.
    #[n(20)]
    #[error("{fault}")]
    MarketInvalid {
        /// What is wrong.
        #[n(0)]
        fault: MarketFault,
    },
    /// Another market has this slug.
    #[n(21)]
    #[error("another market has this slug")]
    SlugTaken,
    /// The market's life does not allow that step now.
    #[n(22)]
    #[error("a market that is {} cannot do that", status.word())]
    WrongPhase {
        /// Where it stands.
        #[n(0)]
        status: Status,
    },
    /// A payout vector does not fit the market.
    #[n(23)]
    #[error("the payout names every outcome's share, and the shares sum to 1")]
    PayoutInvalid,
    /// The proposer of a market's end, or of money that comes in, cannot confirm.
    #[n(24)]
    #[error("what somebody proposed is confirmed by somebody else")]
    SecondOperatorNeeded {
        /// Who proposed it.
        #[n(0)]
        proposed_by: AccountId,
    },
    /// An operator who holds or held a position cannot resolve the market.
    #[n(25)]
    #[error("an operator who holds or held a position in a market cannot resolve it")]
    ConflictOfInterest,
    /// The proposal can still be disputed.
    #[n(26)]
    #[error("the resolution can be disputed until its window ends")]
    DisputeWindowOpen {
        /// When it ends.
        #[n(0)]
        until: Timestamp,
    },
    /// The window for disputes has ended.
    #[n(27)]
    #[error("the window for disputes has ended")]
    DisputeWindowClosed,
    /// Only those who hold shares can dispute.
    #[n(28)]
    #[error("only an account that holds shares in the market can dispute")]
    NotAHolder,
    /// The same idempotency key came with another body.
    #[n(29)]
    #[error("this idempotency key was used with another request")]
    IdempotencyKeyReused,
    /// The market holds as many open orders as it may.
    #[n(30)]
    #[error("the market's book is full")]
    BookFull,
    /// The article is linked to the market already.
    #[n(31)]
    #[error("the article is linked to the market already, or the market has its 50")]
    LinkNotPossible,
    /// Only who sponsors a market can make its maker deeper, or write its draft anew.
    #[n(32)]
    #[error("only the market's sponsor can do that")]
    NotTheSponsor,
    /// The liquidity asked for is not more than there is, or there is no maker.
    #[n(33)]
    #[error("the market has a maker, and its liquidity can only grow, up to 10000000 shares")]
    LiquidityInvalid,
    /// A key would get more than the key that asks for it has.
    #[n(34)]
    #[error("a key grants no scope, moment or address that it does not have itself")]
    GrantTooWide,
    /// What a key is to be is nothing that a key can be.
    #[n(35)]
    #[error(
        "a key's name has 1 to {MOST_NAME} characters, its addresses are 1 to {MOST_NETWORKS} ranges, \
         and it lives on for at most {LONGEST_OVERLAP} s after it was rotated"
    )]
    GrantInvalid,
    /// The account has as many keys as its owner may make.
    #[n(36)]
    #[error("no more than {most} keys")]
    TooManyKeys {
        /// How many are allowed.
        #[n(0)]
        most: u32,
    },
    /// Another key has taken the key's place already.
    #[n(37)]
    #[error("the key was rotated already: key {successor} follows it")]
    KeyRotated {
        /// The other one's place.
        #[n(0)]
        successor: u32,
    },
    /// The key that asks has ended.
    #[n(38)]
    #[error("the key that asks has ended")]
    KeyInvalid,
    /// A draft is not what it was when its change was made.
    #[n(39)]
    #[error("the draft was changed meanwhile: read it again")]
    DraftChanged,
    /// The account works on an article of the market.
    #[n(40)]
    #[error("this account works on an article of the market, and does not trade in it")]
    KeptOut,
    /// The market keeps as many accounts out as it may.
    #[n(41)]
    #[error("a market keeps out no more than {most} accounts")]
    TooManyKeptOut {
        /// How many are allowed.
        #[n(0)]
        most: u32,
    },
    /// Who held what at the market's end is not known, or not known any more.
    #[n(42)]
    #[error("who held what at the market's end is kept for 30 days, and not known any more")]
    CorrectionTooLate,
    /// The market has ended so already.
    #[n(43)]
    #[error("the market has ended so already")]
    NothingToCorrect,
    /// What is spent cannot be taken back, and the sponsor's cash does not bear it.
    #[n(44)]
    #[error("{missing} more is needed from the market's sponsor for what cannot be taken back")]
    CorrectionUncovered {
        /// What the sponsor lacks.
        #[n(0)]
        missing: Micros,
    },
    /// The account is frozen.
    #[n(45)]
    #[error("the account is frozen: it gives no orders and moves no money until it is let go on")]
    AccountFrozen,
    /// No account has such an allowance.
    #[n(57)]
    #[error("an allowance is 1 to {MAX_ALLOWANCE} per cent of what everyone has")]
    AllowanceInvalid,
    /// No such halt of many markets stands.
    #[n(46)]
    #[error("no halt of these markets stands")]
    HaltNotFound,
    /// No such proposal waits.
    #[n(47)]
    #[error("no such proposal waits")]
    ProposalNotFound,
    /// A payout is proposed on what it cannot rest on.
    #[n(48)]
    #[error(
        "a payout rests on a primary source of the market's rules or on two independent publishers, and never on \
         the market's own articles alone"
    )]
    EvidenceInsufficient {
        /// Pieces that are of a primary source.
        #[n(0)]
        primary: u32,
        /// Publishers that are independent of each other.
        #[n(1)]
        publishers: u32,
        /// Pieces that are none of the articles that the market hangs off.
        #[n(2)]
        others: u32,
    },
    /// A piece of evidence is not what it says it is.
    #[n(49)]
    #[error("evidence {item}: {fault}")]
    EvidenceInvalid {
        /// Which one, from 1.
        #[n(0)]
        item: u32,
        /// What is wrong.
        #[n(1)]
        fault: EvidenceFault,
    },
    /// The market's rules have no such part.
    #[n(50)]
    #[error("the market's rules have no such clause")]
    ClauseUnknown,
    /// A market whose rules say when it closes before its time was to be closed without a clause.
    #[n(51)]
    #[error(
        "the market's rules say when trading ends before its time: a close before then names one of those clauses"
    )]
    EarlyCloseClauseMissing,
    /// Nobody else than its author has approved the draft as it is.
    #[n(52)]
    #[error("another operator than its author reads and approves the draft before it opens")]
    ReviewMissing,
    /// Who wrote a draft cannot review it.
    #[n(53)]
    #[error("a draft is reviewed by another operator than the one who wrote it")]
    ReviewByAuthor,
    /// Whoever reviewed the draft came to something else in one of its stories.
    #[n(54)]
    #[error(
        "the draft was read otherwise than its author meant it: its words have to change before it opens"
    )]
    WorldsDiffer,
    /// The operator has read this text of the draft already.
    #[n(55)]
    #[error("an operator reads a text of a draft once")]
    ReviewedAlready,
    /// The draft has no stories to be read by.
    #[n(56)]
    #[error("the draft has no stories, and no review is asked for")]
    NothingToReview,
}

/// Ticks as the decimal that clients write.
fn in_words(ticks: u16) -> String {
    Fraction::new(ticks).map_or_else(String::new, |step| step.to_string())
}

impl Reject {
    /// The refusal's stable name on the wire.
    pub const fn code(&self) -> &'static str {
        match self {
            Reject::AccountNotFound => "account_not_found",
            Reject::RoleNotAllowed => "role_not_allowed",
            Reject::MarketNotFound => "market_not_found",
            Reject::OutcomeNotFound => "outcome_not_found",
            Reject::OrderNotFound => "order_not_found",
            Reject::KeyNotFound => "key_not_found",
            Reject::KeyTaken => "key_taken",
            Reject::InsufficientFunds { .. } => "insufficient_funds",
            Reject::InsufficientPosition { .. } => "insufficient_position",
            Reject::LimitExceeded => "limit_exceeded",
            Reject::MarketNotOpen { .. } => "market_not_open",
            Reject::PriceOffTick { .. } => "price_off_tick",
            Reject::PostOnlyWouldTake => "post_only_would_take",
            Reject::FokNotFilled { .. } => "fok_not_filled",
            Reject::NothingToFill => "nothing_to_fill",
            Reject::TooLate => "too_late",
            Reject::OrderInvalid { .. } => "order_invalid",
            Reject::TooManyOrders { .. } => "too_many_orders",
            Reject::ClientOrderIdTaken => "client_order_id_taken",
            Reject::RestingNotSupported => "resting_not_supported",
            Reject::MarketInvalid { .. } => "market_invalid",
            Reject::SlugTaken => "slug_taken",
            Reject::WrongPhase { .. } => "wrong_phase",
            Reject::PayoutInvalid => "payout_invalid",
            Reject::SecondOperatorNeeded { .. } => "second_operator_needed",
            Reject::ConflictOfInterest => "conflict_of_interest",
            Reject::DisputeWindowOpen { .. } => "dispute_window_open",
            Reject::DisputeWindowClosed => "dispute_window_closed",
            Reject::NotAHolder => "not_a_holder",
            Reject::IdempotencyKeyReused => "idempotency_key_reused",
            Reject::BookFull => "book_full",
            Reject::LinkNotPossible => "link_not_possible",
            Reject::NotTheSponsor => "not_the_sponsor",
            Reject::LiquidityInvalid => "liquidity_invalid",
            Reject::GrantTooWide => "grant_too_wide",
            Reject::GrantInvalid => "grant_invalid",
            Reject::TooManyKeys { .. } => "too_many_keys",
            Reject::KeyRotated { .. } => "key_rotated",
            Reject::KeyInvalid => "key_invalid",
            Reject::DraftChanged => "draft_changed",
            Reject::KeptOut => "kept_out",
            Reject::TooManyKeptOut { .. } => "too_many_kept_out",
            Reject::CorrectionTooLate => "correction_too_late",
            Reject::NothingToCorrect => "nothing_to_correct",
            Reject::CorrectionUncovered { .. } => "correction_uncovered",
            Reject::AccountFrozen => "account_frozen",
            Reject::AllowanceInvalid => "allowance_invalid",
            Reject::HaltNotFound => "halt_not_found",
            Reject::ProposalNotFound => "proposal_not_found",
            Reject::EvidenceInsufficient { .. } => "evidence_insufficient",
            Reject::EvidenceInvalid { .. } => "evidence_invalid",
            Reject::ClauseUnknown => "clause_unknown",
            Reject::EarlyCloseClauseMissing => "early_close_clause_missing",
            Reject::ReviewMissing => "review_missing",
            Reject::ReviewByAuthor => "review_by_author",
            Reject::WorldsDiffer => "worlds_differ",
            Reject::ReviewedAlready => "reviewed_already",
            Reject::NothingToReview => "nothing_to_review",
        }
    }
}

/// Why a combination of order fields has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Encode, Decode)]
#[cbor(index_only)]
pub enum OrderFault {
    /// Selling by amount.
    #[n(0)]
    #[error("an amount of money can only be spent on a buy")]
    SpendSells,
    /// `post_only` with an order that does not rest.
    #[n(1)]
    #[error("post_only needs an order that can rest: gtc or gtd with a price")]
    PostOnlyCannotRest,
    /// A market order that should rest.
    #[n(2)]
    #[error("an order without a price cannot rest: use ioc or fok")]
    MarketOrderCannotRest,
    /// A spend that should rest, or must fill as a whole.
    #[n(3)]
    #[error("an order by amount is ioc")]
    SpendCannotRest,
    /// Nothing, or less.
    #[n(4)]
    #[error("quantities and amounts are more than zero")]
    NotPositive,
    /// An amendment that changes nothing, or takes away what has filled.
    #[n(5)]
    #[error("an amendment gives a price, or a quantity above what has filled")]
    AmendsNothing,
}

impl MarketFault {
    /// The member of a draft that it is about, as a path; of several the last to be set.
    pub const fn field(self) -> &'static str {
        match self {
            MarketFault::Slug => "slug",
            MarketFault::Question => "question",
            MarketFault::Outcomes | MarketFault::OutcomeKey | MarketFault::Prior => "outcomes",
            MarketFault::Liquidity => "liquidity",
            MarketFault::Tick => "tick",
            MarketFault::Fee => "taker_fee",
            MarketFault::Times => "closes_at",
            MarketFault::Rules => "rules",
            MarketFault::Scale => "scale",
            MarketFault::Worlds => "worlds",
            MarketFault::PriceBand => "price_band",
            MarketFault::EarlyClose => "rules.early_close",
        }
    }
}

/// Why something cannot be a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Encode, Decode)]
#[cbor(index_only)]
pub enum MarketFault {
    /// The slug.
    #[n(0)]
    #[error("slug: 3 to 80 lower-case letters, digits and hyphens")]
    Slug,
    /// The question.
    #[n(1)]
    #[error("question: it must ask something")]
    Question,
    /// The number of outcomes.
    #[n(2)]
    #[error("outcomes: 2 to 256 of them, exactly 2 in a binary or scalar market")]
    Outcomes,
    /// An outcome's key or name.
    #[n(3)]
    #[error("outcomes: keys are 1 to 40 of a-z, 0-9, - and _, all different, and each has a name")]
    OutcomeKey,
    /// The priors.
    #[n(4)]
    #[error("outcomes: priors are at least 0.0001 each and sum to 1")]
    Prior,
    /// The liquidity.
    #[n(5)]
    #[error("liquidity: 1 to 10000000 shares")]
    Liquidity,
    /// The tick.
    #[n(6)]
    #[error("tick: 0.0001, 0.001 or 0.01")]
    Tick,
    /// The fee.
    #[n(7)]
    #[error("taker_fee: 0 to 0.1")]
    Fee,
    /// The times.
    #[n(8)]
    #[error("opens_at is not in the past, closes_at is after it, dispute_hours at most 720")]
    Times,
    /// The rules.
    #[n(9)]
    #[error("rules: criteria and at least one source")]
    Rules,
    /// The scale of a scalar market.
    #[n(10)]
    #[error("scale: a scalar market has one, low below high; other markets have none")]
    Scale,
    /// The stories of its review.
    #[n(21)]
    #[error(
        "worlds: up to 12 stories, at least 2 where a review is required, each with one of the market's outcomes \
         or, of a scalar market, with a number; a review says something to each of them"
    )]
    Worlds,
    /// The price band.
    #[n(22)]
    #[error("price_band: a width of 0.01 to 0.99 within 1 to 3600 seconds")]
    PriceBand,
    /// When it closes before its time.
    #[n(23)]
    #[error(
        "rules.early_close: up to 10 clauses, none of them empty, of a market that has a closes_at"
    )]
    EarlyClose,
}

//! What the engine did, in the order it did it. Events are kept in the journal beside their command,
//! so that an upgrade of the matching code never rewrites history, and everything that is shown of
//! the past is read from them.
//!
//! Every movement of money is in an event: [`Event::postings`] gives it in double entry.

use minicbor::{Decode, Encode};
use smallvec::{SmallVec, smallvec};

use crate::access::Role;
use crate::band::Swing;
use crate::book::BookSide;
use crate::command::{Request, Stamp};
use crate::evidence::Clause;
use crate::id::{AccountId, MarketId, OrderId, Outcome};
use crate::market::Status;
use crate::reject::Reject;
use crate::units::{Lots, Micros, Price, Timestamp};

/// One command with all that came of it: what the journal keeps.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Record {
    /// Its place and moment.
    #[n(0)]
    pub stamp: Stamp,
    /// Who asked for what.
    #[n(1)]
    pub request: Request,
    /// What the engine did. Deadlines that had passed come first, also before a refusal.
    #[n(2)]
    pub events: Vec<Event>,
    /// Why it was refused, if it was.
    #[n(3)]
    pub refusal: Option<Reject>,
}

/// What the engine did.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Event {
    /// An account was opened.
    #[n(0)]
    AccountOpened {
        /// Its place.
        #[n(0)]
        account: AccountId,
        /// What it may do.
        #[n(1)]
        role: Role,
    },
    /// An account got a key.
    #[n(1)]
    KeyIssued {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Its place among the account's keys.
        #[n(1)]
        key: u32,
    },
    /// A key was ended.
    #[n(2)]
    KeyRevoked {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Its place among the account's keys.
        #[n(1)]
        key: u32,
    },
    /// Money came in.
    #[n(3)]
    Deposited {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// How much.
        #[n(1)]
        amount: Micros,
    },
    /// Money went out.
    #[n(4)]
    Withdrawn {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// How much.
        #[n(1)]
        amount: Micros,
    },
    /// A market was drafted and its subsidy locked in its escrow.
    #[n(5)]
    MarketCreated {
        /// Its place.
        #[n(0)]
        market: MarketId,
        /// Who sponsors it.
        #[n(1)]
        sponsor: AccountId,
        /// What the sponsor locked.
        #[n(2)]
        subsidy: Micros,
    },
    /// A market entered another phase of its life.
    #[n(6)]
    PhaseChanged {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Its phase from here on.
        #[n(1)]
        status: Status,
    },
    /// Words were appended to a market's rules.
    #[n(7)]
    Clarified {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// How many clarifications it has.
        #[n(1)]
        version: u32,
    },
    /// An article was linked to a market.
    #[n(8)]
    ArticleLinked {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// An order was accepted. Its terms are in the command.
    #[n(9)]
    OrderAccepted {
        /// Its place.
        #[n(0)]
        order: OrderId,
        /// Whose.
        #[n(1)]
        account: AccountId,
        /// Where.
        #[n(2)]
        market: MarketId,
    },
    /// An incoming order took from a resting one. The resting account's side is settled here, the
    /// incoming one's in [`Event::OrderTook`].
    #[n(10)]
    BookFill(#[n(0)] BookFill),
    /// An incoming order traded with the maker.
    #[n(11)]
    MakerFill {
        /// The incoming order.
        #[n(0)]
        taker: OrderId,
        /// Where.
        #[n(1)]
        market: MarketId,
        /// On which outcome's curve.
        #[n(2)]
        outcome: Outcome,
        /// Lots that the maker sold; negative for what it bought.
        #[n(3)]
        lots: Lots,
        /// Money that the maker got; negative for what it paid.
        #[n(4)]
        amount: Micros,
    },
    /// All that an incoming order took at once.
    #[n(12)]
    OrderTook(#[n(0)] OrderTook),
    /// What was left of an order came to rest on the book.
    #[n(13)]
    OrderRested {
        /// Which order.
        #[n(0)]
        order: OrderId,
        /// Lots that rest.
        #[n(1)]
        remaining: Lots,
        /// Money held for them.
        #[n(2)]
        reserved: Micros,
    },
    /// A resting order was changed.
    #[n(14)]
    OrderAmended {
        /// Which order.
        #[n(0)]
        order: OrderId,
        /// Lots left to fill.
        #[n(1)]
        remaining: Lots,
        /// Its price, in its contract's own terms.
        #[n(2)]
        limit: Price,
        /// Where.
        #[n(3)]
        market: MarketId,
    },
    /// An order's life ended.
    #[n(15)]
    OrderClosed {
        /// Which order.
        #[n(0)]
        order: OrderId,
        /// Whose.
        #[n(1)]
        account: AccountId,
        /// Where.
        #[n(2)]
        market: MarketId,
        /// Why.
        #[n(3)]
        reason: CloseReason,
        /// Lots that did not fill.
        #[n(4)]
        cancelled: Lots,
    },
    /// Free complete sets of an account were sold back to the escrow.
    #[n(16)]
    SetsMerged {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Where.
        #[n(1)]
        market: MarketId,
        /// How many lots of sets.
        #[n(2)]
        sets: Lots,
    },
    /// A settled market paid a holder.
    #[n(17)]
    PaidOut {
        /// Whom.
        #[n(0)]
        account: AccountId,
        /// From which market.
        #[n(1)]
        market: MarketId,
        /// How much; nothing when only losing shares were held.
        #[n(2)]
        amount: Micros,
    },
    /// A voided market gave back what an account had put in.
    #[n(18)]
    Refunded {
        /// Whom.
        #[n(0)]
        account: AccountId,
        /// From which market.
        #[n(1)]
        market: MarketId,
        /// How much.
        #[n(2)]
        amount: Micros,
    },
    /// What was left in a finished market's escrow went back to its sponsor.
    #[n(19)]
    SponsorReturned {
        /// The sponsor.
        #[n(0)]
        account: AccountId,
        /// From which market.
        #[n(1)]
        market: MarketId,
        /// How much.
        #[n(2)]
        amount: Micros,
    },
    /// A maker was made deeper; its odds stay.
    #[n(20)]
    LiquidityAdded {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Who locked the subsidy of what was added.
        #[n(1)]
        sponsor: AccountId,
        /// The liquidity `b` from here on.
        #[n(2)]
        liquidity: Lots,
        /// What was locked.
        #[n(3)]
        locked: Micros,
    },
    /// An incoming order met the best orders of all other outcomes: everyone bought and complete sets
    /// were minted, or everyone sold and they were merged. Each resting order's side is in its own
    /// [`Event::BookFill`], the incoming one's money in [`Event::OrderTook`].
    #[n(21)]
    SetFill {
        /// The incoming order.
        #[n(0)]
        taker: OrderId,
        /// Where.
        #[n(1)]
        market: MarketId,
        /// On which outcome.
        #[n(2)]
        outcome: Outcome,
        /// The incoming order's side, as Yes on that outcome.
        #[n(3)]
        side: BookSide,
        /// Lots of complete sets.
        #[n(4)]
        lots: Lots,
        /// The money for Yes on the outcome: what a bid pays or an ask receives. A bid pays less than
        /// nothing where the others' bids sum to more than a set is worth.
        #[n(5)]
        amount: Micros,
    },
    /// Another key took a key's place.
    #[n(22)]
    KeyRotated {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// The place of the one that ends.
        #[n(1)]
        key: u32,
        /// The place of the one that follows it.
        #[n(2)]
        successor: u32,
        /// When the first one ends, if not before.
        #[n(3)]
        ends_at: Timestamp,
    },
    /// A dead man's switch was set, or turned off.
    #[n(23)]
    SwitchSet {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// When it cancels their orders; none when it is off.
        #[n(1)]
        cancels_at: Option<Timestamp>,
    },
    /// Nobody asked again in time: a dead man's switch cancels what follows, and is off.
    #[n(24)]
    SwitchFired {
        /// Whose.
        #[n(0)]
        account: AccountId,
    },
    /// A draft was written anew.
    #[n(25)]
    MarketRevised {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Who sponsors it.
        #[n(1)]
        sponsor: AccountId,
        /// What the sponsor locked for it beyond what was locked; less than nothing when some of that came
        /// back.
        #[n(2)]
        locked: Micros,
        /// All that the sponsor has locked from here on.
        #[n(3)]
        subsidy: Micros,
    },
    /// An account was kept out of a market's trade, or let in again.
    #[n(26)]
    KeptOut {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Whom.
        #[n(1)]
        account: AccountId,
        /// Out, or in again.
        #[n(2)]
        out: bool,
    },
    /// Who held what at a market's end is kept, so that it can be corrected.
    #[n(27)]
    EndRemembered {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Until when.
        #[n(1)]
        until: Timestamp,
    },
    /// Who held what at a market's end is forgotten, and with it a correction that waited.
    #[n(28)]
    EndForgotten {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Another end was proposed for a market that has ended.
    #[n(29)]
    CorrectionProposed {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// A correction gave an account what it should have got more, or took what it should have got less.
    #[n(30)]
    Amended {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Of which market.
        #[n(1)]
        market: MarketId,
        /// How much it got; less than nothing when it was taken.
        #[n(2)]
        amount: Micros,
    },
    /// A market has another end from here on.
    #[n(31)]
    CorrectionMade {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// A halt of many markets stands from here on. What it halts follows, market by market.
    #[n(32)]
    ManyHalted {
        /// How many it halts.
        #[n(0)]
        markets: u32,
    },
    /// A halt of many markets was lifted. What becomes of those that stood still by it follows, market by
    /// market.
    #[n(33)]
    ManyResumed {
        /// How many trade again.
        #[n(0)]
        markets: u32,
    },
    /// An account was frozen.
    #[n(34)]
    AccountFrozen {
        /// Whose.
        #[n(0)]
        account: AccountId,
    },
    /// A frozen account goes on.
    #[n(35)]
    AccountUnfrozen {
        /// Whose.
        #[n(0)]
        account: AccountId,
    },
    /// An account may ask more or less of the exchange than it might.
    #[n(46)]
    AllowanceSet {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Per cent of what everyone may.
        #[n(1)]
        percent: u16,
    },
    /// A large deposit waits for another administrator.
    #[n(36)]
    DepositProposed {
        /// The proposal's number.
        #[n(0)]
        proposal: u32,
        /// Whose money it would be.
        #[n(1)]
        account: AccountId,
        /// How much.
        #[n(2)]
        amount: Micros,
    },
    /// That fewer deposits take two administrators waits for another one.
    #[n(40)]
    ThresholdProposed {
        /// The proposal's number.
        #[n(0)]
        proposal: u32,
        /// From which amount on they would; none, where none would.
        #[n(1)]
        from: Option<Micros>,
    },
    /// Deposits from an amount on take two administrators from here on.
    #[n(41)]
    ThresholdSet {
        /// From which amount on; none, where none does.
        #[n(0)]
        from: Option<Micros>,
    },
    /// Another administrator confirmed a proposal; what it comes to follows.
    #[n(42)]
    FundsConfirmed {
        /// The proposal's number.
        #[n(0)]
        proposal: u32,
    },
    /// A proposal was taken back.
    #[n(43)]
    FundsDropped {
        /// The proposal's number.
        #[n(0)]
        proposal: u32,
    },
    /// A market's odds left its price band. That it halts by that follows.
    #[n(44)]
    BandLeft {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Which move of them was too far.
        #[n(1)]
        swing: Swing,
    },
    /// An operator ended a market's trading before its time. What that comes to follows.
    #[n(45)]
    ClosedEarly {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// By which clause of the rules; none, where the rules foresee no early close.
        #[n(1)]
        clause: Option<Clause>,
    },
    /// Somebody else than its author read a draft.
    #[n(37)]
    MarketReviewed {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Who read it.
        #[n(1)]
        by: AccountId,
        /// Whether they came to the same as its author in every story.
        #[n(2)]
        alike: bool,
        /// Whether it may open as it is.
        #[n(3)]
        approved: bool,
    },
}

/// See [`Event::BookFill`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BookFill {
    /// The incoming order; 0 when there is none, because the maker grew deeper and served it.
    #[n(0)]
    pub taker: OrderId,
    /// The resting order.
    #[n(1)]
    pub maker: OrderId,
    /// Whose the resting order is.
    #[n(2)]
    pub account: AccountId,
    /// Where.
    #[n(3)]
    pub market: MarketId,
    /// On which outcome's book.
    #[n(4)]
    pub outcome: Outcome,
    /// At the resting order's price, as Yes on that outcome.
    #[n(5)]
    pub price: Price,
    /// Lots traded.
    #[n(6)]
    pub lots: Lots,
    /// Lots left of the resting order.
    #[n(7)]
    pub left: Lots,
    /// What the resting account got; negative for what it paid.
    #[n(8)]
    pub cash: Micros,
    /// The incoming order's side, as Yes on that outcome.
    #[n(9)]
    pub side: BookSide,
}

/// See [`Event::OrderTook`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OrderTook {
    /// Which order.
    #[n(0)]
    pub order: OrderId,
    /// Whose.
    #[n(1)]
    pub account: AccountId,
    /// Where.
    #[n(2)]
    pub market: MarketId,
    /// Lots filled.
    #[n(3)]
    pub lots: Lots,
    /// What the account got, before the fee; negative for what it paid. In its contract's own terms
    /// that is the amount of a sell, and minus the amount of a buy.
    #[n(4)]
    pub cash: Micros,
    /// What the account paid on top.
    #[n(5)]
    pub fee: Micros,
}

/// Why an order's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum CloseReason {
    /// All of it filled.
    #[n(0)]
    Filled,
    /// It was not to wait.
    #[n(1)]
    NotFilledAtOnce,
    /// Its owner cancelled it.
    #[n(2)]
    Cancelled,
    /// It met its owner's own order.
    #[n(3)]
    SelfTrade,
    /// Its time ran out.
    #[n(4)]
    Expired,
    /// Its market closed.
    #[n(5)]
    MarketClosed,
    /// Its market was voided.
    #[n(6)]
    MarketVoided,
    /// It was incoming, and its command had used up as many resting orders as one may.
    #[n(7)]
    FillLimit,
    /// Its owner's dead man's switch was not set again in time.
    #[n(8)]
    DeadManSwitch,
    /// Its owner's account was frozen.
    #[n(9)]
    AccountFrozen,
}

impl CloseReason {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            CloseReason::Filled => "filled",
            CloseReason::NotFilledAtOnce => "not_filled_at_once",
            CloseReason::Cancelled => "cancelled",
            CloseReason::SelfTrade => "self_trade",
            CloseReason::Expired => "expired",
            CloseReason::MarketClosed => "market_closed",
            CloseReason::MarketVoided => "market_voided",
            CloseReason::FillLimit => "fill_limit",
            CloseReason::DeadManSwitch => "dead_man_switch",
            CloseReason::AccountFrozen => "account_frozen",
        }
    }
}

/// Where money can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purse {
    /// With an account; [`AccountId::WORLD`] is everything outside.
    Account(AccountId),
    /// In a market's escrow.
    Escrow(MarketId),
}

/// One half of a movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Whose balance changes.
    pub purse: Purse,
    /// By how much.
    pub amount: Micros,
    /// What for.
    pub kind: PostingKind,
    /// In which market, if in one.
    pub market: Option<MarketId>,
}

/// What a movement of money was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostingKind {
    /// Money came in.
    Deposit,
    /// Money went out.
    Withdrawal,
    /// A sponsor's subsidy was locked.
    Subsidy,
    /// Shares changed hands.
    Trade,
    /// A taker's fee.
    Fee,
    /// Complete sets were sold back.
    Merge,
    /// A market paid.
    Payout,
    /// A voided market gave back.
    Refund,
    /// A sponsor got back what was left.
    SubsidyReturn,
    /// A market's end was corrected.
    Correction,
}

impl PostingKind {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            PostingKind::Deposit => "deposit",
            PostingKind::Withdrawal => "withdrawal",
            PostingKind::Subsidy => "subsidy",
            PostingKind::Trade => "trade",
            PostingKind::Fee => "fee",
            PostingKind::Merge => "merge",
            PostingKind::Payout => "payout",
            PostingKind::Refund => "refund",
            PostingKind::SubsidyReturn => "subsidy_return",
            PostingKind::Correction => "correction",
        }
    }
}

impl Event {
    /// The movements of money in this event, in pairs that sum to nothing.
    pub fn postings(&self) -> SmallVec<[Posting; 4]> {
        let escrow = |account, market, amount, kind| {
            pair(
                Purse::Account(account),
                Purse::Escrow(market),
                amount,
                kind,
                Some(market),
            )
        };
        let world = |account, amount, kind| {
            let world = Purse::Account(AccountId::WORLD);
            pair(Purse::Account(account), world, amount, kind, None)
        };
        match *self {
            Event::Deposited { account, amount } => world(account, amount, PostingKind::Deposit),
            Event::Withdrawn { account, amount } => {
                world(account, -amount, PostingKind::Withdrawal)
            }
            Event::MarketCreated {
                market,
                sponsor,
                subsidy,
            } => escrow(sponsor, market, -subsidy, PostingKind::Subsidy),
            Event::BookFill(fill) => {
                escrow(fill.account, fill.market, fill.cash, PostingKind::Trade)
            }
            Event::OrderTook(took) => {
                let mut all = escrow(took.account, took.market, took.cash, PostingKind::Trade);
                let fees = Purse::Account(AccountId::FEES);
                let payer = Purse::Account(took.account);
                all.extend(pair(
                    payer,
                    fees,
                    -took.fee,
                    PostingKind::Fee,
                    Some(took.market),
                ));
                all
            }
            Event::SetsMerged {
                account,
                market,
                sets,
            } => escrow(account, market, sets.as_sets(), PostingKind::Merge),
            Event::PaidOut {
                account,
                market,
                amount,
            } => escrow(account, market, amount, PostingKind::Payout),
            Event::Refunded {
                account,
                market,
                amount,
            } => escrow(account, market, amount, PostingKind::Refund),
            Event::SponsorReturned {
                account,
                market,
                amount,
            } => escrow(account, market, amount, PostingKind::SubsidyReturn),
            Event::Amended {
                account,
                market,
                amount,
            } => escrow(account, market, amount, PostingKind::Correction),
            Event::AccountOpened { .. }
            | Event::KeyIssued { .. }
            | Event::KeyRevoked { .. }
            | Event::KeyRotated { .. }
            | Event::SwitchSet { .. }
            | Event::SwitchFired { .. }
            | Event::AccountFrozen { .. }
            | Event::AccountUnfrozen { .. }
            | Event::AllowanceSet { .. }
            | Event::ManyHalted { .. }
            | Event::ManyResumed { .. }
            | Event::DepositProposed { .. }
            | Event::ThresholdProposed { .. }
            | Event::ThresholdSet { .. }
            | Event::FundsConfirmed { .. }
            | Event::FundsDropped { .. }
            | Event::PhaseChanged { .. }
            | Event::BandLeft { .. }
            | Event::ClosedEarly { .. }
            | Event::Clarified { .. }
            | Event::ArticleLinked { .. }
            | Event::KeptOut { .. }
            | Event::EndRemembered { .. }
            | Event::EndForgotten { .. }
            | Event::CorrectionProposed { .. }
            | Event::CorrectionMade { .. }
            | Event::MarketReviewed { .. }
            | Event::OrderAccepted { .. }
            | Event::MakerFill { .. }
            | Event::SetFill { .. }
            | Event::OrderRested { .. }
            | Event::OrderAmended { .. }
            | Event::OrderClosed { .. } => smallvec![],
            Event::LiquidityAdded {
                market,
                sponsor,
                locked,
                ..
            } => escrow(sponsor, market, -locked, PostingKind::Subsidy),
            Event::MarketRevised {
                market,
                sponsor,
                locked,
                ..
            } => {
                let kind = match locked < Micros::ZERO {
                    true => PostingKind::SubsidyReturn,
                    false => PostingKind::Subsidy,
                };
                escrow(sponsor, market, -locked, kind)
            }
        }
    }

    /// The market whose public picture this event changes.
    pub fn market(&self) -> Option<MarketId> {
        match *self {
            Event::MarketCreated { market, .. }
            | Event::MarketRevised { market, .. }
            | Event::PhaseChanged { market, .. }
            | Event::BandLeft { market, .. }
            | Event::ClosedEarly { market, .. }
            | Event::Clarified { market, .. }
            | Event::ArticleLinked { market }
            | Event::KeptOut { market, .. }
            | Event::MarketReviewed { market, .. }
            | Event::OrderAccepted { market, .. }
            | Event::MakerFill { market, .. }
            | Event::SetFill { market, .. }
            | Event::LiquidityAdded { market, .. }
            | Event::OrderAmended { market, .. }
            | Event::OrderClosed { market, .. }
            | Event::SetsMerged { market, .. }
            | Event::PaidOut { market, .. }
            | Event::Refunded { market, .. }
            | Event::SponsorReturned { market, .. }
            | Event::EndRemembered { market, .. }
            | Event::EndForgotten { market }
            | Event::CorrectionProposed { market }
            | Event::Amended { market, .. }
            | Event::CorrectionMade { market } => Some(market),
            Event::BookFill(fill) => Some(fill.market),
            Event::OrderTook(took) => Some(took.market),
            Event::AccountOpened { .. }
            | Event::KeyIssued { .. }
            | Event::KeyRevoked { .. }
            | Event::KeyRotated { .. }
            | Event::SwitchSet { .. }
            | Event::SwitchFired { .. }
            | Event::AccountFrozen { .. }
            | Event::AccountUnfrozen { .. }
            | Event::AllowanceSet { .. }
            | Event::ManyHalted { .. }
            | Event::ManyResumed { .. }
            | Event::DepositProposed { .. }
            | Event::ThresholdProposed { .. }
            | Event::ThresholdSet { .. }
            | Event::FundsConfirmed { .. }
            | Event::FundsDropped { .. }
            | Event::Deposited { .. }
            | Event::Withdrawn { .. }
            | Event::OrderRested { .. } => None,
        }
    }
}

fn pair(
    gets: Purse,
    gives: Purse,
    amount: Micros,
    kind: PostingKind,
    market: Option<MarketId>,
) -> SmallVec<[Posting; 4]> {
    if amount == Micros::ZERO {
        return smallvec![];
    }
    smallvec![
        Posting {
            purse: gets,
            amount,
            kind,
            market
        },
        Posting {
            purse: gives,
            amount: -amount,
            kind,
            market
        },
    ]
}

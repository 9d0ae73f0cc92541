//! What can be asked of the exchange. A request and its stamp are all that the engine ever learns
//! of the world: the journal keeps them, and replaying them gives the same state.
//!
//! These types are the journal's format (golden files lock it): fields are numbered, a number is
//! never used twice, and what is added later is optional.

use minicbor::{Decode, Encode};

use crate::access::{Grant, PublicKey, Role, RsaPublicKey};
use crate::evidence::{Clause, Item};
use crate::halt::Scope;
use crate::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use crate::market::{ArticleLink, Ending, HaltReason, MarketSpec, Payout, VoidRule};
use crate::passage::Passage;
use crate::review::Verdict;
use crate::units::{Lots, Micros, Price, Timestamp};

/// A command's place and moment, given by the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Stamp {
    /// Its place in the journal: one more than the command before it.
    #[n(0)]
    pub seq: Seq,
    /// Its moment: never before the one of the command before it.
    #[n(1)]
    pub at: Timestamp,
}

/// Who asks for what, and under which key they may ask again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// The account that asks.
    #[n(0)]
    pub actor: AccountId,
    /// The idempotency key, when the caller gave one.
    #[n(1)]
    pub key: Option<RequestKey>,
    /// What is asked.
    #[n(2)]
    pub command: Command,
    /// Why, in the actor's words, where the command itself does not say. It changes nothing but what
    /// the journal tells later.
    #[n(3)]
    pub reason: Option<String>,
    /// How many requests were sent at once under the key, this one included, when it is the first of
    /// them. The others' keys are [`RequestKey::item`]s of this one's.
    #[n(4)]
    pub batch: Option<u16>,
}

impl Request {
    /// A request without an idempotency key, and without a reason.
    pub fn new(actor: AccountId, command: Command) -> Request {
        Request {
            actor,
            key: None,
            command,
            reason: None,
            batch: None,
        }
    }

    /// Commands of one account that were sent at once, to be answered one by one. A key is that of the
    /// first, and the others' are made from it.
    pub fn batch(
        actor: AccountId,
        key: Option<&RequestKey>,
        commands: Vec<Command>,
    ) -> Vec<Request> {
        let all = u16::try_from(commands.len()).ok();
        let request = |(ix, command)| Request {
            key: key.map(|key| key.item(ix)),
            batch: all.filter(|_| ix == 0 && key.is_some()),
            ..Request::new(actor, command)
        };
        (0..).zip(commands).map(request).collect()
    }

    /// The request under an idempotency key, if there is one.
    #[must_use]
    pub fn under(self, key: Option<RequestKey>) -> Request {
        Request { key, ..self }
    }

    /// The request with a reason, if there is one.
    #[must_use]
    pub fn because(self, reason: Option<String>) -> Request {
        Request { reason, ..self }
    }
}

/// An idempotency key with a digest of the body it came with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestKey {
    /// The caller's text, 1 … 128 visible ASCII characters, or what [`RequestKey::item`] makes of it.
    #[n(0)]
    pub key: String,
    /// A digest of method, path and body: another body under the same key is refused.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub fingerprint: [u8; 32],
}

impl RequestKey {
    /// The key of one of the requests that were sent at once under this key, by its place among them.
    /// The first has this key itself, so that another request under it is found out. In the others'
    /// there is a space, which no caller's text has.
    #[must_use]
    pub fn item(&self, ix: usize) -> RequestKey {
        RequestKey {
            key: item_key(&self.key, ix),
            fingerprint: self.fingerprint,
        }
    }
}

/// The text of [`RequestKey::item`].
pub fn item_key(key: &str, ix: usize) -> String {
    match ix {
        0 => key.to_owned(),
        ix => format!("{key} {ix}"),
    }
}

/// Everything that changes the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Command {
    /// Lets deadlines that have passed take effect. The writer sends it when one is due.
    #[n(0)]
    Tick,
    /// Opens an account, with a first key if one is given.
    #[n(1)]
    OpenAccount(#[n(0)] OpenAccount),
    /// Gives an account another key.
    #[n(2)]
    IssueKey {
        /// Whose key.
        #[n(0)]
        account: AccountId,
        /// What it opens.
        #[n(1)]
        grant: Box<Grant>,
        /// The owner's key that asks, by its place, when it is not an administrator who does. It
        /// grants no more than it has.
        #[n(2)]
        by: Option<u32>,
    },
    /// Ends a key.
    #[n(3)]
    RevokeKey {
        /// Whose key.
        #[n(0)]
        account: AccountId,
        /// Its place among the account's keys.
        #[n(1)]
        key: u32,
        /// The owner's key that asks, by its place, when it is not an administrator who does.
        #[n(2)]
        by: Option<u32>,
    },
    /// Money comes in, or waits for another administrator's word when it is much.
    #[n(4)]
    Deposit(#[n(0)] Transfer),
    /// Money goes out.
    #[n(5)]
    Withdraw(#[n(0)] Transfer),
    /// Drafts a market and locks its subsidy from the actor's account.
    #[n(6)]
    CreateMarket(#[n(0)] Box<MarketSpec>),
    /// Opens a draft for trading.
    #[n(7)]
    OpenMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Stops trading for a while.
    #[n(8)]
    HaltMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Why.
        #[n(1)]
        reason: HaltReason,
    },
    /// Lets trading go on.
    #[n(9)]
    ResumeMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Ends trading and cancels what rests.
    #[n(10)]
    CloseMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Why, 1 … 1,000 characters.
        #[n(1)]
        reason: String,
        /// By which clause of the rules, where they say when trading ends before its time.
        #[n(2)]
        clause: Option<Clause>,
    },
    /// Appends a clarification to the rules.
    #[n(11)]
    Clarify {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// The words to add.
        #[n(1)]
        text: String,
        /// What of the market they are about; none, where nobody said.
        #[n(2)]
        about: Option<Passage>,
    },
    /// Links an article to a market.
    #[n(12)]
    LinkArticle {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Which article, and as what.
        #[n(1)]
        link: ArticleLink,
    },
    /// Proposes how a closed market resolves.
    #[n(13)]
    ProposeResolution {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// What each outcome pays.
        #[n(1)]
        payout: Payout,
        /// Where else one can see that it happened: addresses or references.
        #[n(2)]
        evidence: Vec<String>,
        /// The reasoning in words.
        #[n(3)]
        note: String,
        /// What it rests on, piece by piece; none in journals from before there were pieces.
        #[n(4)]
        items: Option<Vec<Item>>,
    },
    /// Objects to a proposal within its window.
    #[n(14)]
    Dispute {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Why.
        #[n(1)]
        reason: String,
        /// What speaks for the objection.
        #[n(2)]
        evidence: Vec<String>,
        /// The same, piece by piece.
        #[n(3)]
        items: Option<Vec<Item>>,
        /// Which part of the rules the proposal goes against; none in journals from before one was named.
        #[n(4)]
        clause: Option<Clause>,
    },
    /// Confirms a proposal and pays everyone.
    #[n(15)]
    ConfirmResolution {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Withdraws a draft: what its sponsor locked goes back. Before it took two operators to call any other
    /// market off, one of them did it by this, and a journal that has that is replayed so.
    #[n(16)]
    VoidMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Why.
        #[n(1)]
        reason: String,
    },
    /// Places an order.
    #[n(17)]
    Place(#[n(0)] PlaceOrder),
    /// Changes a resting order.
    #[n(18)]
    Amend(#[n(0)] AmendOrder),
    /// Cancels a resting order.
    #[n(19)]
    Cancel {
        /// Which order.
        #[n(0)]
        order: OrderId,
    },
    /// Cancels all of the actor's resting orders, in one market or in all.
    #[n(20)]
    CancelAll {
        /// Which market; all of them when absent.
        #[n(0)]
        market: Option<MarketId>,
    },
    /// Makes a maker deeper without moving its odds. The actor, who has to be the market's sponsor,
    /// locks the subsidy of what is added.
    #[n(21)]
    AddLiquidity {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// Its liquidity `b` from now on: more than it has.
        #[n(1)]
        liquidity: Lots,
        /// Why, if a reason was given: 1 … 1,000 characters.
        #[n(2)]
        reason: Option<String>,
    },
    /// Puts another key that opens the same in a key's place, which lives on for a while.
    #[n(22)]
    RotateKey(#[n(0)] Box<RotateKey>),
    /// Sets the actor's dead man's switch: all of their resting orders are cancelled unless they ask again
    /// in time. What was set before is forgotten.
    #[n(23)]
    CancelAfter {
        /// Seconds from now, at most [`crate::orders::LONGEST_SWITCH`]; 0 turns the switch off.
        #[n(0)]
        seconds: u32,
    },
    /// Writes a draft anew. The actor, who has to be the market's sponsor, locks the subsidy that the
    /// draft needs from now on in the place of the one that it had.
    #[n(24)]
    ReviseMarket {
        /// Which market.
        #[n(0)]
        market: MarketId,
        /// All of it as it is from now on, under the same slug.
        #[n(1)]
        spec: Box<MarketSpec>,
        /// [`MarketSpec::digest`] of the draft that was read: another change in between is not undone.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        revises: [u8; 32],
    },
    /// Keeps an account out of a market's trade, or lets it in again: who works on an article does not
    /// trade on what it says. Its resting orders there are cancelled; what it holds stays and is paid.
    #[n(25)]
    KeepOut {
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
    /// Proposes to call a market off, and ends its trading.
    #[n(26)]
    ProposeVoid(#[n(0)] Box<ProposeVoid>),
    /// Confirms that a market is called off, and refunds everyone.
    #[n(27)]
    ConfirmVoid {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Proposes another end for a market that has ended.
    #[n(28)]
    ProposeCorrection(#[n(0)] Box<ProposeCorrection>),
    /// Confirms the correction that is proposed, and books what it comes to.
    #[n(29)]
    ConfirmCorrection {
        /// Which market.
        #[n(0)]
        market: MarketId,
    },
    /// Stops trading in many markets at once, and in those of its scope that open while it stands.
    #[n(30)]
    HaltMany(#[n(0)] Box<HaltMany>),
    /// Lifts a halt of many markets: those that stand still by it trade again.
    #[n(31)]
    ResumeMany {
        /// Which markets the halt is about.
        #[n(0)]
        scope: Scope,
    },
    /// Freezes an account: its orders are cancelled, and it gives none and moves no money until it is let
    /// go on.
    #[n(32)]
    FreezeAccount {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Why, for its owner to read: 1 … 1,000 characters.
        #[n(1)]
        reason: String,
    },
    /// Lets a frozen account go on.
    #[n(33)]
    UnfreezeAccount {
        /// Whose.
        #[n(0)]
        account: AccountId,
    },
    /// Says how much of what everyone may ask of the exchange an account may: more for a market maker, less for a program that runs
    /// wild. Cancels never become fewer.
    #[n(37)]
    SetAllowance {
        /// Whose.
        #[n(0)]
        account: AccountId,
        /// Per cent of everyone's: 1 … [`MAX_ALLOWANCE`](crate::state::MAX_ALLOWANCE); 100 is what everyone has.
        #[n(1)]
        percent: u16,
        /// Why, for its owner to read: 1 … 1,000 characters.
        #[n(2)]
        reason: String,
    },
    /// Has deposits from an amount on take two administrators. To raise it takes two as well: then it waits.
    #[n(34)]
    SetLargeDeposits {
        /// From which amount on; none, where one is to be enough for any.
        #[n(0)]
        from: Option<Micros>,
    },
    /// Confirms what another administrator proposed about deposits, or takes a proposal back.
    #[n(35)]
    DecideFunds {
        /// Which one.
        #[n(0)]
        proposal: u32,
        /// Confirmed, or taken back.
        #[n(1)]
        confirm: bool,
    },
    /// Says what a draft comes to in each of its stories, and whether it may open. The actor is another one
    /// than its author.
    #[n(36)]
    ReviewMarket(#[n(0)] Box<ReviewMarket>),
}

impl Command {
    /// The owner's key that asks about keys, by its place; none when an administrator does, and where
    /// it is about something else.
    pub fn own_key(&self) -> Option<u32> {
        match self {
            Command::IssueKey { by, .. } | Command::RevokeKey { by, .. } => *by,
            Command::RotateKey(rotate) => rotate.by,
            _ => None,
        }
    }
}

/// See [`Command::HaltMany`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HaltMany {
    /// Which markets.
    #[n(0)]
    pub scope: Scope,
    /// Why, for everyone to read: 1 … 1,000 characters.
    #[n(1)]
    pub reason: String,
}

/// See [`Command::ProposeVoid`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProposeVoid {
    /// Which market.
    #[n(0)]
    pub market: MarketId,
    /// By which rule.
    #[n(1)]
    pub rule: VoidRule,
    /// Why, 1 … 1,000 characters.
    #[n(2)]
    pub reason: String,
    /// Where one can see that it is so: addresses or references.
    #[n(3)]
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    #[n(4)]
    pub items: Option<Vec<Item>>,
}

/// See [`Command::ProposeCorrection`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProposeCorrection {
    /// Which market.
    #[n(0)]
    pub market: MarketId,
    /// How it should have ended.
    #[n(1)]
    pub ending: Ending,
    /// What was wrong, 1 … 1,000 characters.
    #[n(2)]
    pub reason: String,
    /// Where else one can see that it is so: addresses or references.
    #[n(3)]
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece. A payout needs what a resolution's does.
    #[n(4)]
    pub items: Option<Vec<Item>>,
}

/// See [`Command::RotateKey`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RotateKey {
    /// Whose key.
    #[n(0)]
    pub account: AccountId,
    /// Its place among the account's keys.
    #[n(1)]
    pub key: u32,
    /// The other key's digest, as a [`Grant`] has it.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: [u8; 32],
    /// Seconds for which the first one lives on, at most [`crate::access::LONGEST_OVERLAP`].
    #[n(3)]
    pub overlap: u32,
    /// The other key's public half, if it signs.
    #[n(4)]
    pub public_key: Option<PublicKey>,
    /// The owner's key that asks, by its place, when it is not an administrator who does. It has all
    /// that the rotated one has.
    #[n(5)]
    pub by: Option<u32>,
    /// The same public half of an RSA key pair; never beside the other one.
    #[n(6)]
    pub rsa_public_key: Option<RsaPublicKey>,
}

/// See [`Command::ReviewMarket`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReviewMarket {
    /// Which market.
    #[n(0)]
    pub market: MarketId,
    /// [`crate::review::text_digest`] of what was read: a change in between is not approved with it.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub text: [u8; 32],
    /// What it comes to, story by story.
    #[n(2)]
    pub verdicts: Vec<Verdict>,
    /// Whether it may open. It may not, where a story is read otherwise than by its author.
    #[n(3)]
    pub approve: bool,
    /// What there is to say about it, if anything.
    #[n(4)]
    pub note: Option<String>,
}

/// See [`Command::OpenAccount`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpenAccount {
    /// Whose account, for people to read.
    #[n(0)]
    pub name: String,
    /// What it may do.
    #[n(1)]
    pub role: Role,
    /// Its first key.
    #[n(2)]
    pub grant: Option<Box<Grant>>,
}

/// See [`Command::Deposit`] and [`Command::Withdraw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transfer {
    /// Whose money.
    #[n(0)]
    pub account: AccountId,
    /// How much, more than nothing.
    #[n(1)]
    pub amount: Micros,
}

/// Which half of a complete set is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Contract {
    /// One share of the outcome.
    #[n(0)]
    Yes,
    /// One share of every other outcome.
    #[n(1)]
    No,
}

/// Whether shares are wanted or given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Side {
    /// Money for shares.
    #[n(0)]
    Buy,
    /// Shares for money.
    #[n(1)]
    Sell,
}

/// How much is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Size {
    /// So many lots.
    #[n(0)]
    Quantity(#[n(0)] Lots),
    /// As many lots as this money buys at once, fee included.
    #[n(1)]
    Spend(#[n(0)] Micros),
}

/// How long what does not fill at once may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TimeInForce {
    /// Until it is cancelled.
    #[n(0)]
    Gtc,
    /// Until a moment.
    #[n(1)]
    Gtd(#[n(0)] Timestamp),
    /// Not at all: the rest is cancelled.
    #[n(2)]
    Ioc,
    /// Not at all: all of it fills, or the order is refused.
    #[n(3)]
    Fok,
}

/// What happens when the best resting order is the account's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SelfTrade {
    /// The incoming order stops there; its rest is cancelled.
    #[n(0)]
    CancelNewest,
    /// The resting order is cancelled; the incoming one goes on.
    #[n(1)]
    CancelOldest,
}

/// An order as it was asked for, in its contract's own terms.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PlaceOrder {
    /// In which market.
    #[n(0)]
    pub market: MarketId,
    /// On which outcome.
    #[n(1)]
    pub outcome: Outcome,
    /// Yes or No on it.
    #[n(2)]
    pub contract: Contract,
    /// Bought or sold.
    #[n(3)]
    pub side: Side,
    /// How much.
    #[n(4)]
    pub size: Size,
    /// The worst price taken. Absent: a market order, which takes any.
    #[n(5)]
    pub limit: Option<Price>,
    /// How long it waits.
    #[n(6)]
    pub time_in_force: TimeInForce,
    /// Refuse it if any part would fill at once.
    #[n(7)]
    pub post_only: bool,
    /// What to do about the account's own orders.
    #[n(8)]
    pub self_trade: SelfTrade,
    /// The caller's name for it, unique among the account's open orders; 1 … 64 bytes.
    #[n(9)]
    pub client_order_id: Option<String>,
    /// Refuse it when it reaches the engine later than this.
    #[n(10)]
    pub valid_until: Option<Timestamp>,
}

/// See [`Command::Amend`]. What is absent stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AmendOrder {
    /// Which order.
    #[n(0)]
    pub order: OrderId,
    /// Its whole quantity from now on, filled lots included.
    #[n(1)]
    pub quantity: Option<Lots>,
    /// Its price from now on, in its contract's own terms.
    #[n(2)]
    pub limit: Option<Price>,
    /// Refuse the change when it reaches the engine later than this.
    #[n(3)]
    pub valid_until: Option<Timestamp>,
}

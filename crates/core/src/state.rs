//! Everything that the exchange remembers, apart from money (`ledger`) and open orders (`orders`).

use std::collections::BTreeSet;
use std::sync::Arc;

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

use crate::access::{Key, Role};
use crate::band::Watch;
use crate::book::Book;
use crate::evidence::numbered;
use crate::id::{AccountId, MarketId, OrderId, Outcome};
use crate::market::{
    ArticleLink, Clarification, ClosedEarly, Corrected, Correction, MarketSpec, Phase,
};
use crate::review::Review;
use crate::route::Maker;
use crate::units::{Fraction, Lots, Micros, Price, Timestamp};

/// An account: who it is and what opens it.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Account {
    /// For people to read.
    #[n(0)]
    pub name: Box<str>,
    /// What it may do.
    #[n(1)]
    pub role: Role,
    /// Its keys, oldest first; revoked ones too.
    #[n(2)]
    pub keys: Vec<Key>,
    /// When it was opened.
    #[n(3)]
    pub opened_at: Timestamp,
    /// When its dead man's switch cancels its orders, if it is set.
    #[n(4)]
    pub cancels_at: Option<Timestamp>,
    /// That it gives no orders and moves no money, and why.
    #[n(5)]
    pub frozen: Option<Box<Frozen>>,
    /// How much it may ask of the exchange; none for what everyone may.
    #[n(6)]
    pub allowance: Option<Box<Allowance>>,
}

/// How much an account may ask of the exchange, where that is not what everyone may. Nothing in the engine is slower
/// or faster by it: whoever lets requests in asks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Allowance {
    /// Per cent of what everyone may: 1 … [`MAX_ALLOWANCE`].
    #[n(0)]
    pub percent: u16,
    /// Since when.
    #[n(1)]
    pub at: Timestamp,
    /// Who said so.
    #[n(2)]
    pub by: AccountId,
    /// Why, for its owner to read.
    #[n(3)]
    pub reason: String,
}

/// A hundred times what everyone may: more is another installation.
pub const MAX_ALLOWANCE: u16 = 10_000;
/// What everyone may, in per cent of itself.
pub const USUAL_ALLOWANCE: u16 = 100;

/// Why an account is frozen.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Frozen {
    /// Since when.
    #[n(0)]
    pub at: Timestamp,
    /// Who said so.
    #[n(1)]
    pub by: AccountId,
    /// Why, for its owner to read.
    #[n(2)]
    pub reason: String,
}

/// A market as it stands.
#[derive(Clone, Debug)]
pub struct Market {
    /// Its place.
    pub id: MarketId,
    /// As its operator wrote it.
    pub spec: Arc<MarketSpec>,
    /// The grid of its prices, of `spec` once more: every order asks for it.
    pub tick: u16,
    /// What takers pay, of `spec` once more.
    pub taker_fee: Fraction,
    /// Who sponsors it.
    pub sponsor: AccountId,
    /// What the sponsor locked.
    pub subsidy: Micros,
    /// Where it stands in its life.
    pub phase: Phase,
    /// What was added to its rules, oldest first.
    pub clarifications: Vec<Clarification>,
    /// The articles it belongs to.
    pub links: Vec<ArticleLink>,
    /// Accounts that do not trade in it, in order: they work on its articles.
    pub kept_out: Vec<AccountId>,
    /// What others than its author made of its draft, oldest first: the last [`MOST_REVIEWS`] of them.
    ///
    /// [`MOST_REVIEWS`]: crate::review::MOST_REVIEWS
    pub reviews: Arc<Vec<Review>>,
    /// Its maker.
    pub maker: Option<Maker>,
    /// The book of its first outcome where there are two, else each outcome's.
    pub books: Vec<Book>,
    /// Orders that rest on the book.
    pub open_orders: u32,
    /// Lots that takers filled so far.
    pub volume: Lots,
    /// Each outcome's last traded price.
    pub last: SmallVec<[Option<Price>; 2]>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
    /// Where its odds stood lately: of a market with a price band, while it trades.
    pub watch: Option<Box<Watch>>,
    /// That somebody ended its trading before its time.
    pub closed_early: Option<Box<ClosedEarly>>,
    /// Who held what at its end, for as long as that can be corrected.
    pub ended: Option<Box<Ended>>,
    /// Another end that is proposed.
    pub correction: Option<Box<Correction>>,
    /// What its end was before, and why not: oldest first.
    pub corrections: Vec<Corrected>,
}

/// Who held what at a market's end, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ended {
    /// Until when it is kept.
    #[n(0)]
    pub until: Timestamp,
    /// The money that was in the escrow.
    #[n(1)]
    pub money: Micros,
    /// What of it the sponsor has by now: what was left, less what a correction could not take back.
    #[n(2)]
    pub returned: Micros,
    /// Everyone who ever had a position, in order of their first share.
    #[n(3)]
    pub held: Vec<Held>,
}

/// What an account held at a market's end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Held {
    /// Whose.
    #[n(0)]
    pub account: AccountId,
    /// Shares, by outcome.
    #[n(1)]
    #[cbor(with = "crate::snapshot::small_list")]
    pub shares: SmallVec<[Lots; 2]>,
    /// What it got by now.
    #[n(2)]
    pub got: Micros,
}

impl Ended {
    /// Whether all that was in the escrow is with somebody.
    pub fn adds_up(&self) -> bool {
        let got = self.held.iter().map(|held| i128::from(held.got.get()));
        got.sum::<i128>() + i128::from(self.returned.get()) == i128::from(self.money.get())
    }
}

impl Market {
    /// The book that orders on `outcome` rest on.
    pub fn book(&self, outcome: Outcome) -> &Book {
        let ix = if self.books.len() == 1 {
            0
        } else {
            outcome.ix()
        };
        &self.books[ix]
    }

    pub(crate) fn book_mut(&mut self, outcome: Outcome) -> &mut Book {
        let ix = if self.books.len() == 1 {
            0
        } else {
            outcome.ix()
        };
        &mut self.books[ix]
    }

    /// A clarification of its rules, by its version.
    pub fn clarification(&self, version: u32) -> Option<&Clarification> {
        numbered(&self.clarifications, version)
    }

    /// Its spec with what was added since it was written: the liquidity that its maker has by now, and
    /// the articles.
    pub fn draft(&self) -> MarketSpec {
        let liquidity = self.maker.as_ref().map(|maker| maker.curve.liquidity());
        self.spec.with(liquidity, &self.links)
    }

    /// How many outcomes it has.
    pub fn outcomes(&self) -> usize {
        self.last.len()
    }
}

/// What has to happen at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Close(MarketId),
    Expire(OrderId),
    Open(MarketId),
    CancelAll(AccountId),
    Forget(MarketId),
}

/// What has to happen, by moment. At one moment closes come first: nothing trades at its close.
pub(crate) type Agenda = BTreeSet<(Timestamp, Due)>;

//! A market: what it asks, how it is traded, and where it stands in its life.
//! Says which steps of life follow which; moves no money and knows no orders.

use minicbor::{Decode, Encode};

use crate::band::{PriceBand, Swing};
use crate::command::Stamp;
use crate::evidence::{Clause, Item, numbered};
use crate::halt::Scope;
use crate::id::{AccountId, Seq};
use crate::passage::Passage;
use crate::reject::{MarketFault, Reject};
use crate::review::ReviewPlan;
use crate::units::{Fraction, Lots, TICKS, Timestamp};

/// Outcomes that a market may have at most: its maker's cost grows with them.
pub const MAX_OUTCOMES: usize = 256;

/// The highest fee rate, a tenth of p·(1−p).
pub const MAX_FEE_RATE: Fraction = Fraction::new(1_000).expect("within 0 … 10,000");

/// Hours in which a proposed resolution can be disputed, at most: a month.
pub const LONGEST_DISPUTE_HOURS: u32 = 720;

/// A market as its operator wrote it. Frozen from the first trade on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MarketSpec {
    /// Its name in addresses: 3 … 80 of `a-z0-9-`.
    #[n(0)]
    pub slug: String,
    /// How the outcomes are to be read.
    #[n(1)]
    pub kind: Kind,
    /// What it asks.
    #[n(2)]
    pub question: String,
    /// 2 … 256 of them, exactly one of which happens.
    #[n(3)]
    pub outcomes: Vec<OutcomeSpec>,
    /// How it is decided.
    #[n(4)]
    pub rules: Rules,
    /// The maker's liquidity; absent, the market is a pure order book.
    #[n(5)]
    pub liquidity: Option<Lots>,
    /// Limit prices are multiples of this many ticks: 1, 10 or 100.
    #[n(6)]
    pub tick: u16,
    /// What takers pay, at most [`MAX_FEE_RATE`].
    #[n(7)]
    pub taker_fee: Fraction,
    /// When it opens by itself.
    #[n(8)]
    pub opens_at: Option<Timestamp>,
    /// When it closes by itself.
    #[n(9)]
    pub closes_at: Option<Timestamp>,
    /// Hours in which a proposed resolution can be disputed, 0 … 720.
    #[n(10)]
    pub dispute_hours: u32,
    /// Words to find it by.
    #[n(11)]
    pub tags: Vec<String>,
    /// The articles it hangs off.
    #[n(12)]
    pub articles: Vec<ArticleLink>,
    /// Of a scalar market: what its number is measured in and between which ends.
    #[n(13)]
    pub scale: Option<Scale>,
    /// How another person has to read it before it opens; none in journals from before there were reviews.
    #[n(14)]
    pub review: Option<ReviewPlan>,
    /// How far its odds may move within a while before it halts itself; none, where they may.
    #[n(15)]
    pub price_band: Option<PriceBand>,
}

/// How a market's outcomes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// Yes and No.
    #[n(0)]
    Binary,
    /// One of several.
    #[n(1)]
    Categorical,
    /// A number on a scale: Long pays the part of the scale below it, Short the part above.
    #[n(2)]
    Scalar,
}

/// The scale of a scalar market. Its ends are in millionths of the unit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Scale {
    /// At it or below, Short pays everything.
    #[n(0)]
    pub low: i64,
    /// At it or above, Long pays everything.
    #[n(1)]
    pub high: i64,
    /// What is counted, for people to read.
    #[n(2)]
    pub unit: String,
}

/// The ends of a scale are within ±10^15 millionths, so that their products fit.
const MAX_SCALE: i64 = 1_000_000_000_000_000;

impl Scale {
    /// What Long and Short pay when the number is `value`, in millionths of the unit: Long the part of
    /// the scale below it, to the nearest tick, and of two equally near ones the higher.
    pub fn payout(&self, value: i64) -> Payout {
        let (low, high) = (i128::from(self.low), i128::from(self.high));
        let value = i128::from(value).clamp(low, high);
        let ticks = (2 * (value - low) * i128::from(TICKS) + (high - low)) / (2 * (high - low));
        let long = u16::try_from(ticks).ok().and_then(Fraction::new);
        let long = long.expect("a part of the scale");
        let short = Fraction::new(TICKS - long.ticks()).expect("the other part");
        Payout(vec![long, short])
    }

    fn is_sound(&self) -> bool {
        self.low < self.high && self.low >= -MAX_SCALE && self.high <= MAX_SCALE
    }
}

/// One outcome.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OutcomeSpec {
    /// Its name in requests: 1 … 40 of `a-z0-9_-`.
    #[n(0)]
    pub key: String,
    /// Its name on pages.
    #[n(1)]
    pub name: String,
    /// The maker's odds before the first trade. All of them sum to 1.
    #[n(2)]
    pub prior: Fraction,
}

/// How a market is decided.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Rules {
    /// What counts as each outcome.
    #[n(0)]
    pub criteria: String,
    /// What counts in the cases that people will argue about.
    #[n(1)]
    pub edge_cases: Vec<String>,
    /// Who is believed.
    #[n(2)]
    pub sources: Vec<Source>,
    /// When trading ends before its time, clause by clause; none, where the rules foresee no such case.
    #[n(3)]
    pub early_close: Option<Vec<String>>,
}

/// Clauses of a market's early close at most: nobody keeps more of them in mind while they trade.
pub const MOST_EARLY_CLOSES: usize = 10;

impl Rules {
    /// When trading ends before its time, clause by clause.
    pub fn early_close(&self) -> &[String] {
        self.early_close.as_deref().unwrap_or_default()
    }

    /// What a clause says about an early close; none, where it is another one or there is none of its number.
    pub fn early_close_of(&self, clause: Clause) -> Option<&str> {
        match clause {
            Clause::EarlyClose(number) => numbered(self.early_close(), number).map(String::as_str),
            Clause::Criteria | Clause::EdgeCase(_) | Clause::Clarification(_) => None,
        }
    }

    /// Before a time that there is not nothing can close; and a list without a clause says nothing.
    fn is_early_close_sound(&self, closes_at: Option<Timestamp>) -> bool {
        let Some(clauses) = &self.early_close else {
            return true;
        };
        closes_at.is_some()
            && (1..=MOST_EARLY_CLOSES).contains(&clauses.len())
            && clauses.iter().all(|clause| !clause.trim().is_empty())
    }
}

/// Who is believed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Source {
    /// Its name.
    #[n(0)]
    pub name: String,
    /// Where to look.
    #[n(1)]
    pub url: String,
    /// Whether it decides alone; the others stand in when it is silent.
    #[n(2)]
    pub primary: bool,
}

/// An article that belongs to a market, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ArticleLink {
    /// The article's slug.
    #[n(0)]
    pub article: String,
    /// Its part.
    #[n(1)]
    pub role: LinkRole,
}

/// Accounts that a market keeps out: the desks of 50 articles, none of them large.
pub const MAX_KEPT_OUT: usize = 2_048;

/// An article's part in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum LinkRole {
    /// The market asks about what it reports.
    #[n(0)]
    Subject,
    /// It explains the background.
    #[n(1)]
    Context,
    /// Its publication moves the question.
    #[n(2)]
    Trigger,
    /// It shows how the question was answered.
    #[n(3)]
    Evidence,
}

/// Words that were appended to the rules.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Clarification {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// By whom.
    #[n(1)]
    pub by: AccountId,
    /// The words.
    #[n(2)]
    pub text: String,
    /// Its place in the journal; none in snapshots from before it was kept.
    #[n(3)]
    pub seq: Option<Seq>,
    /// What of the market it is about; none, where nobody said.
    #[n(4)]
    pub about: Option<Passage>,
}

impl Clarification {
    /// Whether it stood before what has its place in the journal at `then`. Where its own place was not kept the moments
    /// say so, and what is of the same one counts as later.
    pub fn is_before(&self, then: Stamp) -> bool {
        match self.seq {
            Some(seq) => seq < then.seq,
            None => self.at <= then.at,
        }
    }
}

/// That somebody ended a market's trading before its time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ClosedEarly {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// Which operator.
    #[n(1)]
    pub by: AccountId,
    /// Why, in their words.
    #[n(2)]
    pub reason: String,
    /// By which clause of the rules, or by which clarification, where they foresaw another end; none, where they foresee
    /// no early close.
    #[n(3)]
    pub clause: Option<Clause>,
}

/// What each outcome pays, in its market's order. Sums to one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Payout(Vec<Fraction>);

impl Payout {
    /// A payout vector whose fractions sum to one.
    pub fn new(shares: Vec<Fraction>) -> Option<Payout> {
        let sum: u32 = shares.iter().map(|share| u32::from(share.ticks())).sum();
        (sum == u32::from(TICKS) && shares.len() <= MAX_OUTCOMES).then_some(Payout(shares))
    }

    /// What each outcome pays.
    pub fn shares(&self) -> &[Fraction] {
        &self.0
    }
}

/// Why trading stands still.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum HaltReason {
    /// An operator said so.
    #[n(0)]
    Operator(#[n(0)] String),
    /// An article under embargo is about to be published.
    #[n(1)]
    Embargo,
    /// An operator halted many markets at once, and this is one of them.
    #[n(2)]
    Many {
        /// Which ones.
        #[n(0)]
        scope: Scope,
        /// Why.
        #[n(1)]
        reason: String,
    },
    /// Its odds left its price band, and it halted itself.
    #[n(3)]
    Band(#[n(0)] Swing),
}

/// How a market is proposed to resolve.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Proposal {
    /// What each outcome would pay.
    #[n(0)]
    pub payout: Payout,
    /// Who proposed it.
    #[n(1)]
    pub by: AccountId,
    /// When.
    #[n(2)]
    pub at: Timestamp,
    /// Until when it can be disputed.
    #[n(3)]
    pub until: Timestamp,
    /// Where else one can see that it happened.
    #[n(4)]
    pub evidence: Vec<String>,
    /// The reasoning.
    #[n(5)]
    pub note: String,
    /// What it rests on, piece by piece; none where it was proposed before there were pieces.
    #[n(6)]
    pub items: Option<Vec<Item>>,
}

/// By which rule a market is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum VoidRule {
    /// The rules can be read in two ways, and what happened is on either side.
    #[n(0)]
    AmbiguousQuestion,
    /// What the question is about was called off, and the rules do not say what then.
    #[n(1)]
    OccurrenceCalledOff,
    /// Nobody who is believed says what happened, and nobody will.
    #[n(2)]
    SourceGone,
    /// Whoever runs the market made a mistake in it.
    #[n(3)]
    OperatorMistake,
    /// None of these: the words say which.
    #[n(4)]
    Other,
}

impl VoidRule {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            VoidRule::AmbiguousQuestion => "ambiguous_question",
            VoidRule::OccurrenceCalledOff => "occurrence_called_off",
            VoidRule::SourceGone => "source_gone",
            VoidRule::OperatorMistake => "operator_mistake",
            VoidRule::Other => "other",
        }
    }
}

/// Why a market is proposed to be called off.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct VoidProposal {
    /// By which rule.
    #[n(0)]
    pub rule: VoidRule,
    /// Why, in words.
    #[n(1)]
    pub reason: String,
    /// Who proposed it.
    #[n(2)]
    pub by: AccountId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
    /// Until when it can be disputed.
    #[n(4)]
    pub until: Timestamp,
    /// Where one can see that it is so.
    #[n(5)]
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    #[n(6)]
    pub items: Option<Vec<Item>>,
}

/// How a market ends.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Ending {
    /// Each outcome pays its part.
    #[n(0)]
    Paid(#[n(0)] Payout),
    /// It is called off, by a rule.
    #[n(1)]
    Void(#[n(0)] VoidRule),
}

/// Another end that is proposed for a market that has ended.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Correction {
    /// How it should have ended.
    #[n(0)]
    pub ending: Ending,
    /// What was wrong.
    #[n(1)]
    pub reason: String,
    /// Who proposed it.
    #[n(2)]
    pub by: AccountId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
    /// Where else one can see that it is so.
    #[n(4)]
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    #[n(5)]
    pub items: Option<Vec<Item>>,
}

/// A correction that was made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Corrected {
    /// What was proposed.
    #[n(0)]
    pub correction: Correction,
    /// How the market had ended.
    #[n(1)]
    pub was: Ending,
    /// Who confirmed it.
    #[n(2)]
    pub confirmed_by: AccountId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
}

/// An objection to a proposal.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Objection {
    /// Who objected.
    #[n(0)]
    pub by: AccountId,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// Why.
    #[n(2)]
    pub reason: String,
    /// What speaks for it.
    #[n(3)]
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    #[n(4)]
    pub items: Option<Vec<Item>>,
    /// Which part of the rules it names; none where it was raised before it had to name one.
    #[n(5)]
    pub clause: Option<Clause>,
}

/// Where a market stands in its life. Each state owns what only it knows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Phase {
    /// Written, not open.
    #[n(0)]
    Draft,
    /// Trading.
    #[n(1)]
    Open,
    /// Not trading for a while; resting orders stay, cancels work.
    #[n(2)]
    Halted {
        /// Why.
        #[n(0)]
        reason: HaltReason,
    },
    /// Done trading.
    #[n(3)]
    Closed,
    /// A resolution is proposed.
    #[n(4)]
    Proposed(#[n(0)] Proposal),
    /// A proposal was objected to.
    #[n(5)]
    Disputed(#[n(0)] Proposal, #[n(1)] Objection),
    /// Paid.
    #[n(6)]
    Settled {
        /// The proposal that was confirmed.
        #[n(0)]
        proposal: Proposal,
        /// By whom.
        #[n(1)]
        confirmed_by: AccountId,
        /// When.
        #[n(2)]
        at: Timestamp,
    },
    /// Called off and refunded.
    #[n(7)]
    Voided {
        /// Why.
        #[n(0)]
        reason: String,
        /// By whom.
        #[n(1)]
        by: AccountId,
        /// When.
        #[n(2)]
        at: Timestamp,
        /// What was proposed by another and confirmed; none where one operator did it: of a draft that
        /// was withdrawn, and of markets from before it took two.
        #[n(3)]
        proposal: Option<VoidProposal>,
    },
    /// It is proposed to call it off. Trading has ended.
    #[n(8)]
    VoidProposed(#[n(0)] VoidProposal),
    /// A proposal to call it off was objected to.
    #[n(9)]
    VoidDisputed(#[n(0)] VoidProposal, #[n(1)] Objection),
}

/// A phase without what it owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// See [`Phase::Draft`].
    #[n(0)]
    Draft,
    /// See [`Phase::Open`].
    #[n(1)]
    Open,
    /// See [`Phase::Halted`].
    #[n(2)]
    Halted,
    /// See [`Phase::Closed`].
    #[n(3)]
    Closed,
    /// See [`Phase::Proposed`] and [`Phase::VoidProposed`].
    #[n(4)]
    Proposed,
    /// See [`Phase::Disputed`] and [`Phase::VoidDisputed`].
    #[n(5)]
    Disputed,
    /// See [`Phase::Settled`].
    #[n(6)]
    Settled,
    /// See [`Phase::Voided`].
    #[n(7)]
    Voided,
}

impl Status {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Open => "open",
            Status::Halted => "halted",
            Status::Closed => "closed",
            Status::Proposed => "proposed",
            Status::Disputed => "disputed",
            Status::Settled => "settled",
            Status::Voided => "voided",
        }
    }

    /// Whether the market's life is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Status::Settled | Status::Voided)
    }
}

impl Phase {
    /// The phase without what it owns.
    pub const fn status(&self) -> Status {
        match self {
            Phase::Draft => Status::Draft,
            Phase::Open => Status::Open,
            Phase::Halted { .. } => Status::Halted,
            Phase::Closed => Status::Closed,
            Phase::Proposed(_) | Phase::VoidProposed(_) => Status::Proposed,
            Phase::Disputed(..) | Phase::VoidDisputed(..) => Status::Disputed,
            Phase::Settled { .. } => Status::Settled,
            Phase::Voided { .. } => Status::Voided,
        }
    }

    /// How it ended; none before, and where one operator called it off.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Phase::Settled { proposal, .. } => Some(Ending::Paid(proposal.payout.clone())),
            Phase::Voided { proposal, .. } => Some(Ending::Void(proposal.as_ref()?.rule)),
            _ => None,
        }
    }

    /// The scope of the halt of many markets by which it stands still, if it does by one.
    pub fn halted_with_many(&self) -> Option<&Scope> {
        match self {
            Phase::Halted {
                reason: HaltReason::Many { scope, .. },
            } => Some(scope),
            _ => None,
        }
    }

    /// Refuses unless the market stands at one of `allowed`.
    pub fn require(&self, allowed: &[Status]) -> Result<(), Reject> {
        match allowed.contains(&self.status()) {
            true => Ok(()),
            false => Err(Reject::WrongPhase {
                status: self.status(),
            }),
        }
    }
}

impl MarketSpec {
    /// The same with another liquidity and other articles.
    pub(crate) fn with(&self, liquidity: Option<Lots>, articles: &[ArticleLink]) -> MarketSpec {
        MarketSpec {
            liquidity,
            articles: articles.to_vec(),
            ..self.clone()
        }
    }

    /// A digest of all of it.
    ///
    /// # Panics
    /// Never: memory takes what it is given.
    pub fn digest(&self) -> [u8; 32] {
        let bytes = minicbor::to_vec(self).expect("memory takes what it is given");
        blake3::hash(&bytes).into()
    }

    /// Refuses what cannot be a market. `at` is the moment of creation.
    pub fn check(&self, at: Timestamp) -> Result<(), MarketFault> {
        let outcomes = self.outcomes.len();
        if !is_name(&self.slug, 3, 80, "-") {
            return Err(MarketFault::Slug);
        }
        if self.question.is_empty() {
            return Err(MarketFault::Question);
        }
        let two = matches!(self.kind, Kind::Binary | Kind::Scalar);
        if !(2..=MAX_OUTCOMES).contains(&outcomes) || (two && outcomes != 2) {
            return Err(MarketFault::Outcomes);
        }
        let scaled = self
            .scale
            .as_ref()
            .map_or(self.kind != Kind::Scalar, |scale| {
                self.kind == Kind::Scalar && scale.is_sound()
            });
        if !scaled {
            return Err(MarketFault::Scale);
        }
        for (ix, outcome) in self.outcomes.iter().enumerate() {
            let twin = self
                .outcomes
                .iter()
                .take(ix)
                .any(|other| other.key == outcome.key);
            if twin || !is_name(&outcome.key, 1, 40, "-_") || outcome.name.is_empty() {
                return Err(MarketFault::OutcomeKey);
            }
        }
        let sum: u32 = self
            .outcomes
            .iter()
            .map(|o| u32::from(o.prior.ticks()))
            .sum();
        if sum != u32::from(TICKS) || self.outcomes.iter().any(|o| o.prior == Fraction::ZERO) {
            return Err(MarketFault::Prior);
        }
        if self
            .liquidity
            .is_some_and(|b| !(100..=1_000_000_000).contains(&b.get()))
        {
            return Err(MarketFault::Liquidity);
        }
        if ![1, 10, 100].contains(&self.tick) {
            return Err(MarketFault::Tick);
        }
        if self.taker_fee > MAX_FEE_RATE {
            return Err(MarketFault::Fee);
        }
        let start = self.opens_at.unwrap_or(at);
        if start < at
            || self.closes_at.is_some_and(|end| end <= start)
            || self.dispute_hours > LONGEST_DISPUTE_HOURS
        {
            return Err(MarketFault::Times);
        }
        if self.rules.criteria.is_empty() || self.rules.sources.is_empty() {
            return Err(MarketFault::Rules);
        }
        if !self.rules.is_early_close_sound(self.closes_at) {
            return Err(MarketFault::EarlyClose);
        }
        if self.price_band.is_some_and(|band| !band.is_sound()) {
            return Err(MarketFault::PriceBand);
        }
        match self.review.as_ref().is_none_or(|plan| plan.is_sound(self)) {
            true => Ok(()),
            false => Err(MarketFault::Worlds),
        }
    }
}

/// Whether `text` is `min` … `max` of lower-case letters, digits and `extra`, none of `extra` first.
pub(crate) fn is_name(text: &str, min: usize, max: usize, extra: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (min..=max).contains(&text.len())
        && text.starts_with(plain)
        && text.chars().all(|c| plain(c) || extra.contains(c))
}

//! What is sent and what is answered. Amounts are exact decimals; members that a later exchange adds to
//! its answers are passed over.

mod access;
mod account;
mod article;
mod batch;
mod decided;
mod followed;
mod history;
mod life;
mod market;
mod order;
mod question;
mod quote;
mod revise;
mod stream;
mod words;

pub use access::{
    IssueKey, KeyIssued, KeyLine, KeyRevoked, KeyRotated, KeyStatus, KeyUse, RotateKey, Scope,
};
pub use account::{
    Account, AccountFrozen, AccountLine, AccountOpened, AllowanceSet, Cash, Frozen, FundsDecided,
    FundsProposal, HeldShares, LargeDepositsSet, LedgerEntry, OwnAllowance, OwnFill, Position,
    Role, SignIn, SignInGone, SignInPasskey, SignInSession, SignInSet, Transferred,
};
pub use article::{
    Article, ArticleFilter, ArticleLine, ArticleMarket, ArticleOdds, ArticleWithMarkets,
    CorrectArticle, Linked, NewArticle, Received, Snapshot,
};
pub use batch::{PlacedAll, SwitchSet};
pub use decided::{Decided, DecidedBooked, DecidedHead, DecidedStep, DecidedStepKind};
pub use followed::{FeedError, FollowedFeed};
pub use history::{
    Bar, Candle, CandleQuery, Interval, Movements, Statement, StatementBalance, StatementPosition,
};
pub use life::{
    Clarification, Correction, CorrectionPreview, CorrectionProposal, Dispute, Ending,
    EvidenceItem, Halt, HaltScope, Holder, ManyHalted, ManyResumed, MarketStep, Objection,
    Proposal, Propose, ProposeCorrection, ProposeVoid, ResolutionPreview, Settlement, StandingHalt,
    Swing, Void, VoidPreview, VoidProposal,
};
pub use market::{
    ArticleLink, Book, BookQuery, Level, MakerDepth, Market, MarketEvent, MarketFilter,
    MarketOutcome, NewMarket, NewOutcome, Odds, OddsPoint, PriceBand, Rules, RulesSource, Scale,
    Trade,
};
pub use order::{
    AllCancelled, Amend, Amended, AmendedOrder, Cancelled, CancelledOrder, Fill, NewOrder, Order,
    OrderFilter, Placed, Recalled, Which,
};
pub use question::{
    AskForReview, BlankForm, CheckedQuestion, FillTemplate, FilledTemplate, Finding,
    MarketReviewed, NewWorld, QuestionBlank, QuestionDraft, QuestionTemplate, Reading, Review,
    ReviewMarket, Severity, SimilarMarket, Verdict, World,
};
pub use quote::Quote;
pub use revise::{MarketRevised, ReviseMarket};
pub use stream::{Balance, Channel, Declared, HeldProposal, Holding, ProposalStep};
pub use words::{
    ArticleStatus, Contract, HaltKind, Kind, LinkRole, MarketStatus, OrderStatus, OrderType,
    SelfTrade, Side, Source, TimeInForce, VoidRule,
};

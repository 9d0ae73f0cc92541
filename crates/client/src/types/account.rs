//! Accounts and money.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::words::{Contract, Side, Source};

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Opens accounts, moves money in and out, manages keys.
    Admin,
    /// Creates, watches and resolves markets, and sponsors their liquidity.
    Operator,
    /// Publishes articles and links them to markets.
    Editor,
    /// Trades.
    Trader,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its money.
    pub cash: Cash,
    /// When its dead man's switch cancels its open orders; none when it is off.
    #[serde(default)]
    pub cancels_at: Option<Timestamp>,
    /// That it gives no orders and moves no money, and why; none when it may.
    #[serde(default)]
    pub frozen: Option<Frozen>,
    /// How much it may ask for, where an operator set that; none for what everyone may.
    #[serde(default)]
    pub allowance: Option<OwnAllowance>,
    /// Its shares, oldest market first.
    pub positions: Vec<Position>,
    /// What it may use, and what it uses: told to who watches over accounts.
    #[serde(default)]
    pub limits: Option<AccountLimits>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What an account may use, and what it uses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountLimits {
    /// Its open orders.
    pub open_orders: Used,
    /// Its keys that open something.
    pub live_keys: Used,
    /// Its streams of what is its alone that are open on the server that was asked.
    pub streams: Used,
    /// What its requests take from there.
    pub allowances: Vec<Allowance>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Used {
    /// How many it has.
    pub used: u64,
    /// How many it may have.
    pub most: u64,
}

/// Tokens that come back by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Allowance {
    /// What it is for, such as `orders`.
    pub name: String,
    /// Tokens that come back each second.
    pub per_second: u32,
    /// Tokens that can be taken at once.
    pub burst: u32,
    /// Tokens that are left.
    #[serde(default)]
    pub remaining: Option<u32>,
}

/// What one administrator proposed and another has to confirm.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FundsProposal {
    /// Its id.
    pub id: String,
    /// What it is about: `deposit`, or `threshold`, from which amount on a deposit takes two.
    pub kind: String,
    /// The account that would get a deposit.
    pub account: Option<String>,
    /// How much it would get; or from which amount on a deposit would take two, none where none would.
    pub amount: Option<Decimal>,
    /// The administrator who proposed it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, if that was said.
    pub reason: Option<String>,
}

/// What became of another amount from which on a deposit takes two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LargeDepositsSet {
    /// Its place in the journal.
    pub seq: u64,
    /// What was asked for.
    pub from: Option<Decimal>,
    /// What another administrator has to confirm; none, when it is so from here on.
    pub proposal: Option<String>,
}

/// A proposal was confirmed, and is booked; or it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FundsDecided {
    /// Its place in the journal.
    pub seq: u64,
    /// The proposal's id.
    pub id: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

/// That an account gives no orders and moves no money.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Frozen {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
}

/// That an account may ask for more or less than everyone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OwnAllowance {
    /// Per cent of what everyone may ask for.
    pub percent: u16,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
}

/// How much an account may ask for was set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AllowanceSet {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    pub account: String,
    /// Per cent of what everyone may ask for.
    pub percent: u16,
}

/// An account was frozen, or goes on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountFrozen {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    pub account: String,
    /// Whether it is frozen from here on.
    pub frozen: bool,
    /// How many of its orders that cancelled.
    pub cancelled: usize,
}

/// Money of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Cash {
    /// Free to use.
    pub available: Decimal,
    /// Held for open orders.
    pub reserved: Decimal,
}

/// Shares of one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Position {
    /// The market's slug.
    pub market: String,
    /// What the market asks.
    pub question: String,
    /// The outcome's key.
    pub outcome: String,
    /// How many.
    pub shares: HeldShares,
    /// What was paid for them, fees included: the average cost.
    pub cost: Decimal,
    /// What they are worth at the odds shown; none when there are none.
    pub value: Option<Decimal>,
}

/// Shares that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct HeldShares {
    /// Free to sell.
    pub free: Decimal,
    /// Held for open orders.
    pub reserved: Decimal,
}

/// A movement of an account's money.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LedgerEntry {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What for: `deposit`, `trade`, `fee`, `payout`, …
    pub kind: String,
    /// The market's slug, if it was in one.
    pub market: Option<String>,
    /// How much came; negative for what went.
    pub amount: Decimal,
    /// All of the account's money after it, reserved money included.
    pub balance: Decimal,
}

/// A fill of one of an account's orders.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OwnFill {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The order's id.
    pub order: String,
    /// The market's slug.
    pub market: String,
    /// The outcome's key, as the order named it.
    pub outcome: String,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// With whom; of an order that rested, always the book.
    pub source: Source,
    /// The price; none in sets and along the maker's curve.
    pub price: Option<Decimal>,
    /// How many shares.
    pub quantity: Decimal,
    /// What was paid or received for them, before the fee.
    pub amount: Decimal,
    /// The fee; a command's whole fee stands at its last fill.
    pub fee: Decimal,
    /// Whether the order came in, rather than rested.
    pub is_taker: bool,
    /// Which version of the market's rules it was made under: how many clarifications they had by then.
    #[serde(default)]
    pub rules_version: u32,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountLine {
    /// Its id.
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// That it gives no orders and moves no money; none when it may.
    #[serde(default)]
    pub frozen: Option<Frozen>,
}

/// An account was opened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountOpened {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    pub id: String,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its first key. It is shown to whoever asked for it, and nowhere else.
    #[serde(default)]
    pub key: Option<String>,
}

/// How somebody can sign in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignInSet {
    /// The account's id.
    pub account: String,
    /// What its owner types.
    pub name: String,
    /// What the account is for.
    pub role: Role,
    /// Where the owner chooses a password, once; none where one was given.
    pub link: Option<String>,
    /// When the link ends.
    pub link_ends_at: Option<Timestamp>,
}

/// How somebody signs in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignIn {
    /// The account's id.
    pub account: String,
    /// What its owner types.
    pub name: String,
    /// What the account is for.
    pub role: Role,
    /// Whether there is a password yet.
    pub has_password: bool,
    /// When name or password was last set.
    pub set_at: Timestamp,
    /// By which account.
    pub set_by: String,
    /// Where they are signed in, newest first.
    pub sessions: Vec<SignInSession>,
    /// What they can sign in with beside the password, oldest first.
    pub passkeys: Vec<SignInPasskey>,
}

/// A passkey of somebody who signs in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignInPasskey {
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub added_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When it signed as only a copy of it would: it opens nothing from then on.
    pub refused_at: Option<Timestamp>,
}

/// Where somebody is signed in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignInSession {
    /// Its number.
    pub id: String,
    /// Since when.
    pub began_at: Timestamp,
    /// When it was last used, to a minute.
    pub seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub ends_at: Timestamp,
    /// Where it began.
    pub address: Option<String>,
    /// In which browser, as it names itself.
    pub agent: Option<String>,
}

/// Nobody signs in with the account any more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignInGone {
    /// The account's id.
    pub account: String,
}

/// Money came or went.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Transferred {
    /// Its place in the journal.
    pub seq: u64,
    /// The account's id.
    pub account: String,
    /// How much.
    pub amount: Decimal,
    /// What another administrator has to confirm before it is booked, when it is a large deposit.
    #[serde(default)]
    pub proposal: Option<String>,
}

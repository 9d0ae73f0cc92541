//! Money that comes in by two administrators: from which amount on, and what one has proposed and another
//! has not confirmed yet. Moves no money: that is in `engine/deposits`.

use minicbor::{Decode, Encode};

use crate::command::Transfer;
use crate::id::AccountId;
use crate::units::{Micros, Timestamp};

/// Proposals that may wait: more would be read by nobody.
pub const MOST_PROPOSALS: usize = 200;

/// Which deposits take two administrators, and what waits for the second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Deposits {
    /// From this amount on a deposit takes two; none, where one is always enough.
    #[n(0)]
    pub large: Option<Micros>,
    /// How many proposals there ever were: the last one's number.
    #[n(1)]
    pub last: u32,
    /// What waits, the oldest first.
    #[n(2)]
    pub waiting: Vec<FundsProposal>,
}

/// What one administrator proposed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FundsProposal {
    /// Its number: they are counted from 1.
    #[n(0)]
    pub id: u32,
    /// What is to be.
    #[n(1)]
    pub what: Funds,
    /// Who proposed it.
    #[n(2)]
    pub by: AccountId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
    /// Why, as far as that was said.
    #[n(4)]
    pub reason: Option<String>,
}

/// What takes two administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Funds {
    /// A large deposit.
    #[n(0)]
    Deposit(#[n(0)] Transfer),
    /// That only larger deposits take two from there on, or none does.
    #[n(1)]
    Threshold(#[n(0)] Option<Micros>),
}

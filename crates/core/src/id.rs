//! Names of things inside the exchange: small integers given out in order, so that state can be
//! arrays. On the wire they are opaque strings; see the API's wire types.

use std::fmt;

use minicbor::{Decode, Encode};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// An account, counted from 0 in the order of opening.
    AccountId(u32)
}
id! {
    /// A market, counted from 0 in the order of creation.
    MarketId(u32)
}
id! {
    /// An order, counted from 1 in the order of acceptance.
    OrderId(u64)
}
id! {
    /// A command's place in the journal, counted from 1.
    Seq(u64)
}
id! {
    /// An outcome's place in its market's list, counted from 0.
    Outcome(u16)
}

impl AccountId {
    /// Everything outside the exchange. Its balance is minus the money inside.
    pub const WORLD: AccountId = AccountId(0);
    /// Where fees go.
    pub const FEES: AccountId = AccountId(1);
    /// The administrator that the first start opens.
    pub const ADMIN: AccountId = AccountId(2);
}

impl MarketId {
    /// What no market is: there cannot be so many. An order there is refused like any other.
    pub const NONE: MarketId = MarketId(u32::MAX);
}

impl Outcome {
    /// What no outcome is: a market has at most 256.
    pub const NONE: Outcome = Outcome(u16::MAX);

    /// The place as an index.
    pub const fn ix(self) -> usize {
        self.0 as usize
    }
}

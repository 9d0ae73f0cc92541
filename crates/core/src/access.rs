//! Who may do what: roles of accounts and the keys that open them. Kept in the engine's own state,
//! so that a key's birth and death have their place in the journal.
//! Only digests of keys come here; the keys themselves are never seen.

use minicbor::{Decode, Encode};

use crate::units::Timestamp;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// The exchange's own books: the world outside, and fees. Nobody signs in to these.
    #[n(0)]
    System,
    /// Opens accounts, moves money in and out, manages keys.
    #[n(1)]
    Admin,
    /// Creates, watches and resolves markets, and sponsors their liquidity.
    #[n(2)]
    Operator,
    /// Publishes articles and links them to markets.
    #[n(3)]
    Editor,
    /// Trades.
    #[n(4)]
    Trader,
}

/// What a key lets its bearer do, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Scopes(u8);

impl Scopes {
    /// See one's own account.
    pub const READ: Scopes = Scopes(1);
    /// Place, change and cancel orders.
    pub const TRADE: Scopes = Scopes(2);
    /// Run markets.
    pub const OPERATE: Scopes = Scopes(4);
    /// Run the exchange.
    pub const ADMIN: Scopes = Scopes(8);
    /// Publish articles.
    pub const EDIT: Scopes = Scopes(16);

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Scopes) -> Scopes {
        Scopes(self.0 | other.0)
    }

    /// Whether every scope of `wanted` is in this set.
    pub const fn allows(self, wanted: Scopes) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// All that an account of `role` can use, which is what its first key carries.
    pub const fn of(role: Role) -> Scopes {
        match role {
            Role::System => Scopes(0),
            Role::Admin => Scopes::READ.and(Scopes::ADMIN),
            Role::Operator => Scopes::READ.and(Scopes::OPERATE),
            Role::Editor => Scopes::READ.and(Scopes::EDIT),
            Role::Trader => Scopes::READ.and(Scopes::TRADE),
        }
    }
}

/// A key to be: its digest and what it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// BLAKE3 of the key's text. A key is 256 random bits, so a fast digest is right.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: [u8; 32],
    /// What it lets its bearer do.
    #[n(1)]
    pub scopes: Scopes,
    /// When it stops.
    #[n(2)]
    pub expires_at: Option<Timestamp>,
}

/// A key that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Key {
    /// What was granted.
    #[n(0)]
    pub grant: Grant,
    /// When it was issued.
    #[n(1)]
    pub issued_at: Timestamp,
    /// When it was revoked.
    #[n(2)]
    pub revoked_at: Option<Timestamp>,
}

impl Key {
    /// Whether the key opens anything at `at`.
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.grant.expires_at.is_none_or(|end| at < end)
    }
}

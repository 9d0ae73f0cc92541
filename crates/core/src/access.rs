//! Who may do what: roles of accounts and the keys that open them. Kept in the engine's own state,
//! so that a key's birth and death have their place in the journal.
//! Only digests and public halves of keys come here; what opens an account is never seen.

mod network;
mod rsa;

use minicbor::{Decode, Encode};

use crate::units::Timestamp;

pub use network::{Network, NetworkError};
pub use rsa::{KeyId, RsaPublicKey};

/// Live keys of an account when its owner asks for another one: a program, a person and a machine
/// each have their own, and nobody keeps track of more.
pub const MOST_LIVE_KEYS: usize = 50;
/// Keys that an account ever had when its owner asks for another one. They are all remembered: this
/// bounds what an account can make the exchange remember, and lasts a year of hourly rotation.
pub const MOST_KEYS_EVER: usize = 10_000;
/// Ranges of addresses that one key may be used from: a longer list is a network.
pub const MOST_NETWORKS: usize = 16;
/// Characters of a key's name: a line in a list.
pub const MOST_NAME: usize = 64;
/// Seconds for which a rotated key may live on: a week, in which every machine is deployed once.
pub const LONGEST_OVERLAP: u32 = 7 * 86_400;

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
    /// Issue, rotate and revoke the account's own keys. A grant keeps it apart: see
    /// [`Grant::manages`].
    pub const MANAGE: Scopes = Scopes(32);

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Scopes) -> Scopes {
        Scopes(self.0 | other.0)
    }

    /// The set without the scopes of another one.
    #[must_use]
    pub const fn without(self, other: Scopes) -> Scopes {
        Scopes(self.0 & !other.0)
    }

    /// Whether every scope of `wanted` is in this set.
    pub const fn allows(self, wanted: Scopes) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// What an account of `role` can do itself: all that it can use, but for [`Scopes::MANAGE`].
    pub const fn of(role: Role) -> Scopes {
        match role {
            Role::System => Scopes(0),
            Role::Admin => Scopes::READ.and(Scopes::ADMIN),
            Role::Operator => Scopes::READ.and(Scopes::OPERATE),
            Role::Editor => Scopes::READ.and(Scopes::EDIT),
            Role::Trader => Scopes::READ.and(Scopes::TRADE),
        }
    }

    /// All that an account of `role` can use, which is what its first key carries.
    pub const fn all(role: Role) -> Scopes {
        Scopes::of(role).and(Scopes::MANAGE)
    }
}

/// The public half of an Ed25519 key pair. Whether it is a point of the curve is for those to check
/// who verify signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PublicKey(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl PublicKey {
    /// What a key that signs is found under. The context keeps it apart from digests of texts.
    pub fn digest(&self) -> [u8; 32] {
        blake3::derive_key("tidings Ed25519 public key of an account", &self.0)
    }
}

/// A key to be: its digest and what it opens.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// BLAKE3 of the key's text. A key is 256 random bits, so a fast digest is right. Of a key that
    /// signs, [`PublicKey::digest`] or [`RsaPublicKey::digest`].
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: [u8; 32],
    /// What it lets its bearer do, but for [`Scopes::MANAGE`].
    #[n(1)]
    pub scopes: Scopes,
    /// When it stops.
    #[n(2)]
    pub expires_at: Option<Timestamp>,
    /// Whether it manages the account's keys. Grants from before there was such a scope say nothing:
    /// they do when they have all the others of their role.
    #[n(3)]
    pub manages: Option<bool>,
    /// The owner's name for it, 1 … [`MOST_NAME`] characters.
    #[n(4)]
    pub name: Option<Box<str>>,
    /// The only addresses that it may be used from, 1 … [`MOST_NETWORKS`] ranges; absent: any.
    #[n(5)]
    pub networks: Option<Box<[Network]>>,
    /// The key that requests are signed with; absent: whoever bears the key's text has it.
    #[n(6)]
    pub public_key: Option<PublicKey>,
    /// The same of a key that signs as another venue's clients do; never beside the one above.
    #[n(7)]
    pub rsa_public_key: Option<RsaPublicKey>,
}

impl Grant {
    /// A grant of everything in `reach` to whoever bears the text with this digest.
    pub fn bearer(digest: [u8; 32], reach: Scopes) -> Grant {
        Grant {
            digest,
            scopes: reach.without(Scopes::MANAGE),
            expires_at: None,
            manages: Some(reach.allows(Scopes::MANAGE)),
            name: None,
            networks: None,
            public_key: None,
            rsa_public_key: None,
        }
    }

    /// A grant of everything in `reach` to whoever signs for a public key.
    pub fn signer(public_key: PublicKey, reach: Scopes) -> Grant {
        Grant {
            public_key: Some(public_key),
            ..Grant::bearer(public_key.digest(), reach)
        }
    }

    /// A grant of everything in `reach` to whoever signs for an RSA public key.
    pub fn rsa_signer(public_key: RsaPublicKey, reach: Scopes) -> Grant {
        let digest = public_key.digest();
        Grant {
            rsa_public_key: Some(public_key),
            ..Grant::bearer(digest, reach)
        }
    }

    /// Whether requests are signed with it; if not, whoever bears the key's text has it.
    pub fn signs(&self) -> bool {
        self.public_key.is_some() || self.rsa_public_key.is_some()
    }

    /// All that it lets its bearer do, on an account of `role`.
    pub fn reach(&self, role: Role) -> Scopes {
        let manages = self
            .manages
            .unwrap_or_else(|| self.scopes.allows(Scopes::of(role)));
        match manages {
            true => self.scopes.and(Scopes::MANAGE),
            false => self.scopes,
        }
    }

    /// Whether it is what a grant may be: a name that fits a line, ranges that are some and not too
    /// many, and a digest that is of its public key.
    pub(crate) fn is_sound(&self) -> bool {
        let name = self.name.as_ref().is_none_or(|name| {
            let chars = name.chars().count();
            (1..=MOST_NAME).contains(&chars)
        });
        let networks = self.networks.as_ref().is_none_or(|networks| {
            (1..=MOST_NETWORKS).contains(&networks.len()) && networks.iter().all(Network::is_sound)
        });
        let digest = match (&self.public_key, &self.rsa_public_key) {
            (None, None) => true,
            (Some(key), None) => key.digest() == self.digest,
            (None, Some(key)) => key.is_sound() && key.digest() == self.digest,
            (Some(_), Some(_)) => false,
        };
        name && networks && digest
    }
}

/// A key that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
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
    /// What took its place, once it was rotated.
    #[n(3)]
    pub succession: Option<Succession>,
}

/// A key that was rotated: another one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Succession {
    /// The other one's place among the account's keys.
    #[n(0)]
    pub successor: u32,
    /// When this one stops.
    #[n(1)]
    pub ends_at: Timestamp,
}

impl Key {
    /// A key as it is issued.
    pub fn issued(grant: Grant, at: Timestamp) -> Key {
        Key {
            grant,
            issued_at: at,
            revoked_at: None,
            succession: None,
        }
    }

    /// Whether the key opens anything at `at`.
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.end().is_none_or(|end| at < end)
    }

    /// When it stops by itself: its own end, or that of its overlap with its successor.
    pub fn end(&self) -> Option<Timestamp> {
        let overlap = self.succession.map(|succession| succession.ends_at);
        [self.grant.expires_at, overlap].into_iter().flatten().min()
    }

    /// Whether a grant gives no more than this key of an account of `role` has: no scope, no moment
    /// and no address.
    pub fn covers(&self, grant: &Grant, role: Role) -> bool {
        let reach = self.grant.reach(role).allows(grant.reach(role));
        let moment = self
            .end()
            .is_none_or(|end| grant.expires_at.is_some_and(|other| other <= end));
        let addresses = self.grant.networks.as_ref().is_none_or(|own| {
            let within = |other: &Network| own.iter().any(|own| own.covers(other));
            let others = grant.networks.as_ref();
            others.is_some_and(|others| others.iter().all(within))
        });
        (reach && moment && addresses) || cfg!(planted = "a_key_grants_more")
    }
}

#[cfg(test)]
mod tests;

//! Keys: what is asked of them, and what is said of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a key lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// See one's own account.
    Read,
    /// Place, change and cancel orders.
    Trade,
    /// Run markets.
    Operate,
    /// Publish articles.
    Edit,
    /// Run the exchange.
    Admin,
    /// Issue, rotate and revoke the account's own keys.
    Manage,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// A key to be issued. What is absent is the exchange's habit: see its documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IssueKey {
    /// The owner's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// When it stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The only addresses that it may be used from: 1 to 16 of them, or of ranges such as `10.0.0.0/8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<String>>,
    /// The public half of a key pair, as [`write_public_key`](crate::write_public_key) writes it. With it no
    /// key is shown: requests are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Why. The journal keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a key is to be rotated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RotateKey {
    /// Seconds for which the first key lives on, 0 to 604800; a day when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
    /// The other key's public half, if it is to sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Why. The journal keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A key was issued.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeyIssued {
    /// Its place in the journal.
    pub seq: u64,
    /// Its place among the account's keys.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// The key, unless it signs. It is shown to whoever asked for it, and nowhere else.
    #[serde(default)]
    pub key: Option<String>,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// When it stops.
    pub expires_at: Option<Timestamp>,
}

/// A key was rotated: another one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeyRotated {
    /// Its place in the journal.
    pub seq: u64,
    /// The other key's place among the account's keys.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// The other key, unless it signs. It is shown to whoever asked for it, and nowhere else.
    #[serde(default)]
    pub key: Option<String>,
    /// The place of the key that was rotated.
    pub replaces: String,
    /// When that one stops, if not before.
    pub replaced_ends_at: Timestamp,
}

/// A key was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeyRevoked {
    /// Its place in the journal.
    pub seq: u64,
    /// Its place among the account's keys.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// When.
    pub revoked_at: Timestamp,
}

/// Whether a key opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyStatus {
    /// It does.
    Live,
    /// Its time has ended.
    Expired,
    /// Another one has taken its place.
    Rotated,
    /// It was ended.
    Revoked,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// A key in a list, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeyLine {
    /// Its place among the account's keys.
    pub id: String,
    /// The owner's name for it.
    pub name: Option<String>,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// When it stops.
    pub expires_at: Option<Timestamp>,
    /// The only addresses that it may be used from; none: any.
    pub addresses: Option<Vec<String>>,
    /// What requests are signed for; none: the key's text opens.
    pub public_key: Option<String>,
    /// Whether it opens anything.
    pub status: KeyStatus,
    /// Whether it is the key that asks.
    pub is_asking: bool,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it stops by itself.
    pub ends_at: Option<Timestamp>,
    /// When and from where it was last let in; none: not since `used_since`.
    pub last_used: Option<KeyUse>,
    /// From when on uses are known.
    pub used_since: Timestamp,
}

/// A use of a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeyUse {
    /// When.
    pub at: Timestamp,
    /// From which address, where that is known.
    pub address: Option<String>,
}

//! Keys: what is asked of them, and what is said of them. Their texts are in answers to those who
//! asked for them, and nowhere else.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tidings_core::access::{
    Grant, Key, LONGEST_OVERLAP, MOST_NETWORKS, Network, PublicKey, Role, RsaPublicKey, Scopes,
};
use tidings_core::units::Timestamp;
use utoipa::ToSchema;

use crate::auth::Use;
use crate::problem::Problem;
use crate::signature::{
    read_public_key, read_rsa_public_key, write_public_key, write_rsa_public_key,
};
use crate::wire::schema::text_schema;
use crate::wire::text::{Text, Why};
use crate::wire::time::Time;

/// What a key lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Scope)]
pub enum ScopeWord {
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
}

const SCOPES: [(ScopeWord, Scopes); 6] = [
    (ScopeWord::Read, Scopes::READ),
    (ScopeWord::Trade, Scopes::TRADE),
    (ScopeWord::Operate, Scopes::OPERATE),
    (ScopeWord::Edit, Scopes::EDIT),
    (ScopeWord::Admin, Scopes::ADMIN),
    (ScopeWord::Manage, Scopes::MANAGE),
];

/// A set of scopes in words.
pub fn scope_words(scopes: Scopes) -> Vec<ScopeWord> {
    SCOPES
        .iter()
        .filter(|(_, scope)| scopes.allows(*scope))
        .map(|(word, _)| *word)
        .collect()
}

/// The set that words name, as far as a role can use it; `otherwise` where there are no words.
pub(crate) fn scopes_of(
    words: Option<&[ScopeWord]>,
    role: Role,
    otherwise: Scopes,
) -> Result<Scopes, Problem> {
    let named = words.map(|words| {
        let wanted = SCOPES.iter().filter(|(word, _)| words.contains(word));
        wanted.map(|(_, scope)| *scope).reduce(Scopes::and)
    });
    match named {
        Some(None) => Err(Problem::invalid_body(
            "scopes",
            "at least one, or leave it out",
        )),
        Some(Some(scopes)) if !Scopes::all(role).allows(scopes) => Err(Problem::invalid_body(
            "scopes",
            "more than the account's role can use",
        )),
        Some(Some(scopes)) => Ok(scopes),
        None => Ok(otherwise),
    }
}

/// Addresses that begin alike, or one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkText(pub Network);

text_schema! {
    NetworkText("203.0.113.0/24", "An IPv4 or IPv6 address, or a prefix of one.");
}

impl Serialize for NetworkText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NetworkText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NetworkText, D::Error> {
        let text = String::deserialize(deserializer)?;
        Network::from_str(&text)
            .map(NetworkText)
            .map_err(de::Error::custom)
    }
}

/// A key to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IssueKey)]
pub struct IssueKeyBody {
    /// The owner's name for it.
    pub name: Option<Text<64>>,
    /// What it opens. Absent: of an administrator, all that the account's role can use; of the owner,
    /// what the key that asks opens, but for `manage`.
    pub scopes: Option<Vec<ScopeWord>>,
    /// When it stops. Absent: when the owner's key that asks does, else never.
    pub expires_at: Option<Time>,
    /// The only addresses that it may be used from, 1 to 16 of them or of ranges. Absent: those of the
    /// owner's key that asks, else any.
    pub addresses: Option<Vec<NetworkText>>,
    /// The public half of an Ed25519 key pair, base64. With it no key is shown: requests are signed.
    #[schema(example = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")]
    pub public_key: Option<String>,
    /// Instead, the public half of an RSA key pair of 2,048 to 4,096 bits, as PEM: requests under
    /// `/trade-api/v2` are signed as Kalshi's clients sign them, and nothing else is opened.
    #[schema(
        example = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A…\n-----END PUBLIC KEY-----\n"
    )]
    pub rsa_public_key: Option<String>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

impl IssueKeyBody {
    /// The grant that is asked for. `digest` is that of a text that could be shown.
    pub(crate) fn grant(&self, digest: [u8; 32], scopes: Scopes) -> Result<Grant, Problem> {
        let half = PublicHalf::read(self.public_key.as_deref(), self.rsa_public_key.as_deref())?;
        let plain = match half {
            Some(PublicHalf::Ed25519(key)) => Grant::signer(key, scopes),
            Some(PublicHalf::Rsa(key)) => Grant::rsa_signer(key, scopes),
            None => Grant::bearer(digest, scopes),
        };
        if let Some(addresses) = &self.addresses
            && !(1..=MOST_NETWORKS).contains(&addresses.len())
        {
            let detail = format!("1 to {MOST_NETWORKS} addresses or ranges, or leave it out");
            return Err(Problem::invalid_body("addresses", detail));
        }
        let networks = self.addresses.as_ref();
        Ok(Grant {
            expires_at: self.expires_at.map(|time| time.0),
            name: self.name.as_ref().map(|name| name.0.as_str().into()),
            networks: networks.map(|networks| networks.iter().map(|range| range.0).collect()),
            ..plain
        })
    }
}

/// How a key is to be rotated. The other key opens the same, from the same addresses, to the same end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RotateKey)]
pub struct RotateKeyBody {
    /// Seconds for which the first key lives on, 0 to 604800. Absent: a day.
    #[schema(minimum = 0, maximum = 604_800, example = 86_400)]
    pub overlap_seconds: Option<u32>,
    /// The other key's public half, if it is to sign; a key that signs is followed by one that does.
    pub public_key: Option<String>,
    /// The same of an RSA key pair, as PEM.
    pub rsa_public_key: Option<String>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// Long enough to deploy it everywhere, in every time zone.
const USUAL_OVERLAP: u32 = 86_400;

impl RotateKeyBody {
    /// Seconds for which the first key lives on.
    pub(crate) fn overlap(&self) -> Result<u32, Problem> {
        match self.overlap_seconds.unwrap_or(USUAL_OVERLAP) {
            seconds if seconds <= LONGEST_OVERLAP => Ok(seconds),
            _ => {
                let detail = format!("0 to {LONGEST_OVERLAP} are allowed");
                Err(Problem::invalid_body("overlap_seconds", detail))
            }
        }
    }
}

/// The public half of a key pair that a body names.
pub(crate) enum PublicHalf {
    Ed25519(PublicKey),
    Rsa(RsaPublicKey),
}

impl PublicHalf {
    /// Reads what a body has, which is one of them, or none.
    pub(crate) fn read(
        ed25519: Option<&str>,
        rsa: Option<&str>,
    ) -> Result<Option<PublicHalf>, Problem> {
        match (ed25519, rsa) {
            (None, None) => Ok(None),
            (Some(text), None) => {
                let key = read_public_key(text).ok_or_else(|| {
                    let detail = "not the base64 of an Ed25519 public key, which has 32 bytes";
                    Problem::invalid_body("public_key", detail)
                })?;
                Ok(Some(PublicHalf::Ed25519(key)))
            }
            (None, Some(text)) => {
                let key = read_rsa_public_key(text).ok_or_else(|| {
                    let detail = "not the PEM (BEGIN PUBLIC KEY) of an RSA key of 2048 to 4096 \
                                  bits with the exponent 65537";
                    Problem::invalid_body("rsa_public_key", detail)
                })?;
                Ok(Some(PublicHalf::Rsa(key)))
            }
            (Some(_), Some(_)) => {
                let detail = "a key signs with one key pair: send one public half";
                Err(Problem::invalid_body("rsa_public_key", detail))
            }
        }
    }

    /// What it is found under.
    pub(crate) fn digest(&self) -> [u8; 32] {
        match self {
            PublicHalf::Ed25519(key) => key.digest(),
            PublicHalf::Rsa(key) => key.digest(),
        }
    }
}

/// What a key opens, and how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyTerms)]
pub struct Opens {
    /// The owner's name for it.
    pub name: Option<String>,
    /// What it opens.
    pub scopes: Vec<ScopeWord>,
    /// When it stops.
    pub expires_at: Option<Time>,
    /// The only addresses that it may be used from; null: any.
    pub addresses: Option<Vec<NetworkText>>,
    /// What requests are signed for; null: the key's text opens, or an RSA key signs.
    pub public_key: Option<String>,
    /// The RSA key that requests under `/trade-api/v2` are signed for, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rsa_public_key: Option<String>,
    /// What such a request names its key by: `KALSHI-ACCESS-KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3f2504e0-4f89-8d3a-9a0c-0305e82c3301")]
    pub key_id: Option<String>,
}

impl Opens {
    /// What a grant says of itself.
    pub fn of(grant: &Grant) -> Opens {
        let scopes = match grant.manages {
            Some(true) => grant.scopes.and(Scopes::MANAGE),
            _ => grant.scopes,
        };
        let networks = grant.networks.as_ref();
        Opens {
            name: grant.name.as_deref().map(str::to_owned),
            scopes: scope_words(scopes),
            expires_at: grant.expires_at.map(Time),
            addresses: networks.map(|all| all.iter().map(|range| NetworkText(*range)).collect()),
            public_key: grant.public_key.as_ref().map(write_public_key),
            rsa_public_key: grant.rsa_public_key.as_ref().map(write_rsa_public_key),
            key_id: grant
                .rsa_public_key
                .as_ref()
                .map(|key| key.id().to_string()),
        }
    }
}

/// A key was issued.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyIssued)]
pub struct KeyIssuedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// Its place among the account's keys.
    #[schema(example = "1")]
    pub id: String,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// The key, unless it signs. It is shown here and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tdg_3f1c0e…")]
    pub key: Option<String>,
    /// What it opens, and how.
    #[serde(flatten)]
    pub opens: Opens,
}

/// A key was rotated: another one takes its place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyRotated)]
pub struct KeyRotatedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The other key's place among the account's keys.
    #[schema(example = "2")]
    pub id: String,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// The other key, unless it signs. It is shown here and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tdg_3f1c0e…")]
    pub key: Option<String>,
    /// What it opens, and how.
    #[serde(flatten)]
    pub opens: Opens,
    /// The place of the key that was rotated.
    #[schema(example = "1")]
    pub replaces: String,
    /// When that one stops, if not before.
    pub replaced_ends_at: Time,
}

/// A key was revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyRevoked)]
pub struct KeyRevokedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// Its place among the account's keys.
    #[schema(example = "1")]
    pub id: String,
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// When.
    pub revoked_at: Time,
}

/// Whether a key opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It does.
    Live,
    /// Its time has ended.
    Expired,
    /// Another one has taken its place.
    Rotated,
    /// It was ended.
    Revoked,
}

/// A key without its text, which nobody has but its bearer.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyLine {
    /// Its place among the account's keys.
    #[schema(example = "0")]
    pub id: String,
    /// What it opens, and how.
    #[serde(flatten)]
    pub opens: Opens,
    /// Whether it opens anything.
    pub status: KeyStatus,
    /// Whether it is the key that asks.
    pub is_asking: bool,
    /// When it was issued.
    pub issued_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// The key that takes its place, if it was rotated.
    pub successor: Option<String>,
    /// When it stops by itself: at `expires_at`, or before when it was rotated.
    pub ends_at: Option<Time>,
    /// When it was last let in; null: not since `used_since`. It is not kept when the server stops.
    pub last_used: Option<UseJson>,
    /// From when on uses are known: the start of this server.
    pub used_since: Time,
}

/// A use of a key.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = KeyUse)]
pub struct UseJson {
    /// When.
    pub at: Time,
    /// From which address; null where that is not known.
    #[schema(example = "203.0.113.9")]
    pub address: Option<String>,
}

/// What a key's line says beside the key.
pub(crate) struct Beside {
    /// What the account is for.
    pub(crate) role: Role,
    pub(crate) now: Timestamp,
    /// Whether it is the key that asks.
    pub(crate) is_asking: bool,
    pub(crate) last_used: Option<Use>,
    pub(crate) used_since: Timestamp,
}

impl KeyLine {
    /// An account's key and its place.
    pub(crate) fn of(number: u32, key: &Key, beside: &Beside) -> KeyLine {
        let Key {
            grant,
            issued_at,
            revoked_at,
            succession,
        } = key;
        let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= beside.now);
        let status = match () {
            () if revoked_at.is_some() => KeyStatus::Revoked,
            () if over(grant.expires_at) => KeyStatus::Expired,
            () if over(succession.map(|succession| succession.ends_at)) => KeyStatus::Rotated,
            () => KeyStatus::Live,
        };
        KeyLine {
            id: number.to_string(),
            opens: Opens {
                scopes: scope_words(grant.reach(beside.role)),
                ..Opens::of(grant)
            },
            status,
            is_asking: beside.is_asking,
            issued_at: Time(*issued_at),
            revoked_at: revoked_at.map(Time),
            successor: succession.map(|succession| succession.successor.to_string()),
            ends_at: key.end().map(Time),
            last_used: beside.last_used.map(|last| UseJson {
                at: Time(last.at),
                address: last.from.map(|from| from.to_string()),
            }),
            used_since: Time(beside.used_since),
        }
    }
}

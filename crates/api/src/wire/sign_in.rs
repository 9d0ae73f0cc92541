//! Signing in to the console, as administrators see it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use tidings_core::access::Role;
use tidings_core::id::AccountId;
use tidings_store::{PasskeyRow, Session, SignIn};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::account::RoleWord;
use crate::wire::id;
use crate::wire::text::Text;
use crate::wire::time::Time;

/// How somebody is to sign in.
// Without `Debug`: a password is written nowhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetSignIn, example = json!({"name": "mika"}))]
pub struct SetSignInBody {
    /// What they type; absent, the name that they have, or one made from the account's.
    pub name: Option<SignInName>,
    /// Their password, of 12 to 256 characters; absent, they choose one with the link in the answer.
    pub password: Option<Text<256>>,
}

/// A name to sign in with: 3 … 64 of `a-z0-9._@-`, a letter or digit first.
pub struct SignInName(pub String);

const LEAST: usize = 3;
const MOST: usize = 64;

impl<'de> Deserialize<'de> for SignInName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SignInName, D::Error> {
        let text = String::deserialize(deserializer)?;
        match is_name(&text) {
            true => Ok(SignInName(text)),
            false => Err(de::Error::custom(
                "a name has 3 to 64 of a-z, 0-9, '.', '_', '@' and '-', a letter or digit first",
            )),
        }
    }
}

impl PartialSchema for SignInName {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.pattern(Some("^[a-z0-9][a-z0-9._@-]{2,63}$")).into()
    }
}

impl ToSchema for SignInName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SignInName")
    }
}

/// Whether it can be one.
pub fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (LEAST..=MOST).contains(&text.len())
        && text.bytes().next().is_some_and(plain)
        && text
            .bytes()
            .all(|byte| plain(byte) || b"._@-".contains(&byte))
}

/// The name of whoever was given none: the account's in small letters, or its id where that is none.
pub fn usual_name(called: &str, account: AccountId) -> String {
    let words = called.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").to_lowercase().chars().take(MOST).collect();
    match is_name(&name) {
        true => name,
        false => id::account(account),
    }
}

/// How somebody can sign in from here on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInSet)]
pub struct SignInSetJson {
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// What its owner types.
    #[schema(example = "mika")]
    pub name: String,
    /// What the account is for.
    pub role: RoleWord,
    /// Where the owner chooses a password, once; null where one was given. Whoever has it can sign in: it is
    /// not shown again, and earlier ones open nothing.
    pub link: Option<String>,
    /// When the link ends.
    pub link_ends_at: Option<Time>,
}

/// How somebody signs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignIn)]
pub struct SignInJson {
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
    /// What its owner types.
    #[schema(example = "mika")]
    pub name: String,
    /// What the account is for.
    pub role: RoleWord,
    /// Whether there is a password yet.
    pub has_password: bool,
    /// When name or password was last set.
    pub set_at: Time,
    /// By which account.
    #[schema(example = "acc_2")]
    pub set_by: String,
    /// Where they are signed in, newest first.
    pub sessions: Vec<SessionJson>,
    /// What they can sign in with beside the password, oldest first.
    pub passkeys: Vec<PasskeyJson>,
}

/// A passkey of somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyJson {
    /// What its owner calls it.
    #[schema(example = "My phone")]
    pub name: String,
    /// Since when.
    pub added_at: Time,
    /// When it was last used.
    pub used_at: Option<Time>,
    /// When it signed as only a copy of it would: it opens nothing from then on.
    pub refused_at: Option<Time>,
}

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionJson {
    /// Its number.
    #[schema(example = "7")]
    pub id: String,
    /// Since when.
    pub began_at: Time,
    /// When it was last used, to a minute.
    pub seen_at: Time,
    /// When it ends, however much it is used.
    pub ends_at: Time,
    /// Where it began.
    #[schema(example = "192.0.2.7")]
    pub address: Option<String>,
    /// In which browser, as it names itself.
    pub agent: Option<String>,
}

/// An account that nobody signs in to any more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInGone)]
pub struct SignInGoneJson {
    /// The account's id.
    #[schema(example = "acc_3")]
    pub account: String,
}

impl SignInJson {
    pub(crate) fn of(
        known: &SignIn,
        role: Role,
        sessions: &[Session],
        passkeys: &[PasskeyRow],
    ) -> SignInJson {
        SignInJson {
            account: id::account(known.account),
            name: known.name.clone(),
            role: role.into(),
            has_password: known.hash.is_some(),
            set_at: Time(known.set_at),
            set_by: id::account(known.set_by),
            sessions: sessions.iter().map(SessionJson::of).collect(),
            passkeys: passkeys.iter().map(PasskeyJson::of).collect(),
        }
    }
}

impl PasskeyJson {
    fn of(passkey: &PasskeyRow) -> PasskeyJson {
        PasskeyJson {
            name: passkey.name.clone(),
            added_at: Time(passkey.added_at),
            used_at: passkey.used_at.map(Time),
            refused_at: passkey.doubted_at.map(Time),
        }
    }
}

impl SessionJson {
    fn of(session: &Session) -> SessionJson {
        SessionJson {
            id: session.id.to_string(),
            began_at: Time(session.began_at),
            seen_at: Time(session.seen_at),
            ends_at: Time(session.ends_at),
            address: session.address.clone(),
            agent: session.agent.clone(),
        }
    }
}

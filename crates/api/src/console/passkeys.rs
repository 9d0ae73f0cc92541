//! Passkeys: signing in with what an authenticator signs, in the place of a name and a password.
//!
//! The checks of WebAuthn are the crate's; what is decided here is who may add one, what an answer belongs to, and when
//! a passkey opens nothing any more. Whoever adds or removes one types the password again: a browser that was left open is not
//! enough. A passkey is one that its authenticator finds by itself, and that it gives only to whom it has verified,
//! by a PIN or a finger: it takes the place of both halves of a sign-in.
//!
//! What is asked is kept here, and never at the browser: for [`WAIT`], and for one answer, right or wrong. It is lost when
//! the server stops, and asked again.

mod rp;
mod waiting;

use serde_json::Value;
use tidings_core::units::Timestamp;
use tidings_store::{NewPasskey, PasskeyRow};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::{Refusal, SignedIn, Visitor, begin, owner, owner_id, prove};
use crate::app::App;
use crate::problem::Problem;
use crate::wire::id;
use rp::RelyingParty;
use waiting::Waiting;

/// Passkeys of an account.
pub const PASSKEYS: u32 = 10;
/// Characters of a passkey's name.
pub const NAME_CHARS: usize = 60;
/// Seconds for which an answer is waited for: as long as WebAuthn recommends, for whoever has to look for the key.
pub const WAIT: u32 = 300;

/// Sign-ins that are waited for at once. Of more, the oldest are forgotten.
const SIGN_INS: usize = 4_096;
/// Passkeys that are about to be added. Each was asked for with a password.
const ADDITIONS: usize = 256;

/// What passkeys are checked with, and what was asked.
pub(crate) struct Passkeys {
    party: Option<RelyingParty>,
    sign_ins: Waiting<DiscoverableAuthentication>,
    additions: Waiting<Addition>,
}

/// A passkey that somebody is about to add.
struct Addition {
    /// Who asked for it: the session, and no other of the same account.
    session: u64,
    handle: Uuid,
    state: PasskeyRegistration,
}

/// Why a passkey was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It opens nothing here. Why, nobody is told who is not signed in.
    NotKnown,
    /// What was asked is not waited for: it was answered, too long ago, or of somebody else.
    TooLate,
    /// What the browser sent is no passkey that can be used here.
    NotTaken,
    /// It is there already, or the account has as many as it may.
    NotAdded,
    /// It has no name, or too long a one.
    Name,
    /// There are none here: the server's address is none that browsers keep them for.
    NotHere,
}

/// What a browser is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the answer has to come with.
    pub attempt: String,
    /// What its authenticator needs, as `navigator.credentials` takes it but for its bytes, which are in base64url.
    pub options: Value,
}

impl Passkeys {
    pub(crate) fn at(base_url: &str) -> Passkeys {
        Passkeys {
            party: RelyingParty::at(base_url),
            sign_ins: Waiting::new(SIGN_INS),
            additions: Waiting::new(ADDITIONS),
        }
    }

    fn party(&self) -> Result<&RelyingParty, Refusal> {
        self.party.as_ref().ok_or(Refusal::Unfit(Unfit::NotHere))
    }
}

/// The origin whose pages can ask for passkeys; none, where browsers keep none for this server's address: they do for
/// a name, and only with TLS or on the same machine.
pub fn passkey_origin(app: &App) -> Option<&str> {
    app.passkeys().party.as_ref().map(RelyingParty::origin)
}

/// [`passkey_origin`] of a server that readers find at `base_url`.
pub fn passkey_origin_at(base_url: &str) -> Option<String> {
    RelyingParty::at(base_url).map(|party| party.origin().to_owned())
}

/// The passkeys of whoever is signed in, oldest first.
///
/// # Errors
/// When they cannot be read.
pub async fn passkeys(app: &App, who: &SignedIn) -> Result<Vec<PasskeyRow>, Problem> {
    Ok(app
        .store()
        .passkeys_of(who.caller.account, PASSKEYS)
        .await?)
}

/// Asks for a passkey to be made, for whoever is signed in and types their password again.
///
/// # Errors
/// When the password is another.
pub async fn ask_to_add(
    app: &App,
    who: &SignedIn,
    password: &str,
    visitor: &Visitor,
) -> Result<Asked, Refusal> {
    let party = app.passkeys().party()?;
    let known = prove(app, who, password, visitor).await?;
    let rows = passkeys(app, who).await?;
    if rows.len() >= PASSKEYS as usize {
        return Err(Refusal::Unfit(Unfit::NotAdded));
    }
    // One handle for all of an account's: an authenticator keeps one passkey of a handle.
    let handle = match rows.first() {
        Some(row) => Uuid::from_slice(&row.handle).map_err(Problem::internal)?,
        None => random_handle()?,
    };
    let had: Vec<CredentialID> = rows.iter().filter_map(read_key).map(credential).collect();
    let (options, state) = party
        .ask_to_add(handle, &known.name, &who.name, had)
        .map_err(Problem::internal)?;
    let addition = Addition {
        session: who.session.id,
        handle,
        state,
    };
    let attempt = super::random_text()?;
    app.passkeys()
        .additions
        .put(attempt.clone(), ends_at(app), addition);
    Ok(Asked { attempt, options })
}

/// Adds the passkey that was made.
///
/// # Errors
/// When it was not asked for by this session, or is none that can be used here.
pub async fn add_passkey(
    app: &App,
    who: &SignedIn,
    attempt: &str,
    name: &str,
    answer: &str,
) -> Result<(), Refusal> {
    let party = app.passkeys().party()?;
    let found = app.passkeys().additions.take(attempt, app.now());
    let Some(asked) = found.filter(|asked| asked.session == who.session.id) else {
        return Err(Refusal::Unfit(Unfit::TooLate));
    };
    let name = name.trim();
    let is_name = (1..=NAME_CHARS).contains(&name.chars().count());
    if !is_name || name.chars().any(char::is_control) {
        return Err(Refusal::Unfit(Unfit::Name));
    }
    let not_taken = || Refusal::Unfit(Unfit::NotTaken);
    let answer: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| not_taken())?;
    let made = party.added(&answer, &asked.state).map_err(|error| {
        tracing::info!(account = %owner_id(who), %error, "a passkey was not taken");
        not_taken()
    })?;
    let key = serde_json::to_string(&made).map_err(Problem::internal)?;
    let new = NewPasskey {
        account: who.caller.account,
        handle: asked.handle.as_bytes(),
        credential: made.cred_id().as_ref(),
        name,
        key: &key,
        at: app.now(),
    };
    if !app.store().add_passkey(new, PASSKEYS).await? {
        return Err(Refusal::Unfit(Unfit::NotAdded));
    }
    tracing::info!(account = %owner_id(who), name, "a passkey was added");
    Ok(())
}

/// Removes a passkey of whoever is signed in and types their password again. One that is not there is removed.
///
/// # Errors
/// When the password is another.
pub async fn remove_passkey(
    app: &App,
    who: &SignedIn,
    passkey: u64,
    password: &str,
    visitor: &Visitor,
) -> Result<(), Refusal> {
    prove(app, who, password, visitor).await?;
    let removed = app.store().remove_passkey(who.caller.account, passkey);
    if removed.await? {
        tracing::info!(account = %owner_id(who), passkey, "a passkey was removed");
    }
    Ok(())
}

/// Asks whoever is there to sign in with a passkey.
///
/// # Errors
/// When there are none here.
pub fn ask_to_sign_in(app: &App) -> Result<Asked, Refusal> {
    let asked = app.passkeys().party()?.ask_to_sign_in();
    let (options, state) = asked.map_err(Problem::internal)?;
    let attempt = super::random_text()?;
    app.passkeys()
        .sign_ins
        .put(attempt.clone(), ends_at(app), state);
    Ok(Asked { attempt, options })
}

/// Signs somebody in with a passkey: gives what opens the session, as [`super::sign_in`] does.
///
/// # Errors
/// When what was asked is not waited for, or the passkey opens nothing.
pub async fn sign_in_with_passkey(
    app: &App,
    attempt: &str,
    answer: &str,
    visitor: &Visitor,
) -> Result<(String, SignedIn), Refusal> {
    let party = app.passkeys().party()?;
    app.attempts().look_from(visitor.place)?;
    let Some(asked) = app.passkeys().sign_ins.take(attempt, app.now()) else {
        return Err(Refusal::Unfit(Unfit::TooLate));
    };
    let in_vain = |why: &dyn std::fmt::Display| {
        app.attempts().failed_from(visitor.place);
        tracing::info!(address = ?visitor.address, %why, "a sign-in with a passkey failed");
        Refusal::Unfit(Unfit::NotKnown)
    };
    let answer: PublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| in_vain(&"it is no answer"))?;
    let Some(row) = app.store().passkey(answer.get_credential_id()).await? else {
        return Err(in_vain(&"nobody has it"));
    };
    if answer.get_user_unique_id() != Some(&row.handle) {
        return Err(in_vain(&"it is somebody else's"));
    }
    let Some(mut key) = read_key(&row) else {
        return Err(Problem::internal("a passkey's row cannot be read").into());
    };
    if row.doubted_at.is_some() {
        return Err(in_vain(&"it is doubted"));
    }
    let signed = match party.signed(&answer, asked, &key) {
        Ok(signed) => signed,
        Err(error @ WebauthnError::CredentialPossibleCompromise) => {
            app.store().doubt_passkey(row.id, app.now()).await?;
            let account = id::account(row.account);
            tracing::warn!(%account, passkey = row.id, "a passkey signed as only a copy of it would");
            return Err(in_vain(&error));
        }
        Err(error) => return Err(in_vain(&error)),
    };
    key.update_credential(&signed);
    let may = app.store().sign_in_of(row.account).await?.is_some();
    let Some(owner) = owner(app, row.account).await?.filter(|_| may) else {
        return Err(in_vain(&"its owner may not sign in"));
    };
    let used = serde_json::to_string(&key).map_err(Problem::internal)?;
    let noted = app.store().use_passkey(row.id, &row.key, &used, app.now());
    if !noted.await? {
        return Err(in_vain(&"it was used or removed meanwhile"));
    }
    begin(app, owner, visitor).await
}

fn ends_at(app: &App) -> Timestamp {
    let wait = i64::from(WAIT) * 1_000_000;
    Timestamp::from_micros(app.now().as_micros().saturating_add(wait))
}

fn read_key(row: &PasskeyRow) -> Option<Passkey> {
    serde_json::from_str(&row.key).ok()
}

fn credential(key: Passkey) -> CredentialID {
    key.cred_id().clone()
}

/// What an authenticator calls an account by. It says nothing of the account: authenticators show it to whoever has
/// them.
fn random_handle() -> Result<Uuid, Problem> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(Problem::internal)?;
    Ok(Uuid::from_bytes(bits))
}

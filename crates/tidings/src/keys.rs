//! The administrator's keys: the first one, which the first start makes, and one to replace it when
//! it is lost. Both are commands of the world outside, in the journal like all others. And key pairs
//! for those who sign, which the exchange learns one half of.

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use tidings_api::auth::key_digest;
use tidings_api::console;
use tidings_api::wire::sign_in::{is_name, usual_name};
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{Command, OpenAccount, Request};
use tidings_core::id::AccountId;
use tidings_exchange::{Exchange, Home, Options};
use tidings_signature::{SecretKey, write_public_key};
use tidings_store::Store;

use crate::cli::{GenerateArgs, KeysArgs, PasswordArgs};
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

/// A fresh random key.
pub(crate) fn random_key() -> Result<String, Failure> {
    Ok(format!("tdg_{}", blake3::Hash::from(random()?).to_hex()))
}

/// A random password of 80 bits, in groups that can be typed.
pub(crate) fn random_password() -> Result<String, Failure> {
    let letters = blake3::Hash::from(random()?).to_hex();
    let groups: Vec<&str> = (0..5).map(|ix| &letters[4 * ix..4 * ix + 4]).collect();
    Ok(groups.join("-"))
}

/// The installation's secret, from which the API derives the keys that it gives out. It is kept beside
/// the database and not in it: whoever gets hold of a copy of the database has no key to the exchange.
/// Lost, it is made anew, and only a repeated request for a key no longer shows the same one.
pub(crate) fn secret(data: &Path) -> Result<[u8; 32], Failure> {
    let path = data.join(SECRET_FILE);
    let unusable = || format!("the secret in {} cannot be used", path.display());
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| Failure::new(unusable())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = random()?;
            write_for_owner(&path, &secret).map_err(failed(unusable()))?;
            Ok(secret)
        }
        Err(error) => Err(failed(unusable())(error)),
    }
}

/// Writes a file that nobody else may read.
pub(crate) fn write_for_owner(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut how = std::fs::OpenOptions::new();
    how.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let mut file = how.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Where the secret is, in the data directory.
const SECRET_FILE: &str = "keys.secret";

/// 256 random bits.
pub(crate) fn random() -> Result<[u8; 32], Failure> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(failed("the system gives no random numbers"))?;
    Ok(bits)
}

/// Whether the exchange has an administrator: the first start opens that account before any other.
pub(crate) async fn has_admin(exchange: &Exchange) -> Result<bool, Failure> {
    let found = exchange
        .query(|engine| engine.account(AccountId::ADMIN).is_some())
        .await;
    found.map_err(failed("the exchange does not answer"))
}

/// Opens the administrator's account with its first key.
pub(crate) async fn open_admin(exchange: &Exchange, key: &str) -> Result<(), Failure> {
    let open = OpenAccount {
        name: "Administrator".to_owned(),
        role: Role::Admin,
        grant: Some(Box::new(admin_grant(key))),
    };
    as_the_world(exchange, Command::OpenAccount(open), None).await
}

/// Whether a text is a live key of an administrator.
pub(crate) fn is_admin_key(exchange: &Exchange, key: &str) -> bool {
    let known = exchange.key(&key_digest(key));
    known.is_some_and(|known| known.role == Role::Admin && known.key.is_live(exchange.now()))
}

/// `tidings keys generate`: makes a key pair, and prints the half that the exchange is given.
pub(crate) fn generate(args: &GenerateArgs) -> Result<ExitCode, Failure> {
    let shown = args.file.display();
    let secret = SecretKey::from_seed(&random()?);
    let mut how = std::fs::OpenOptions::new();
    // A key that is there is the only one of its kind: it is never written over.
    how.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let written = how.open(&args.file).and_then(|mut file| {
        file.write_all(secret.to_pem().as_bytes())?;
        file.sync_all()
    });
    written.map_err(failed(format!("the key cannot be written to {shown}")))?;
    say(&write_public_key(&secret.public()));
    Ok(ExitCode::SUCCESS)
}

/// `tidings keys`: gives the administrator another key and prints it.
pub(crate) async fn issue(args: KeysArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    database::exists(&place)?;
    let what = "no key can be issued";
    let store = Store::open(&place.database).await.map_err(failed(what))?;
    // What is answered here is written down where the server will look for it.
    let home = Home::open(&place.data).map_err(failed(what))?;
    let options = Options {
        home: Some(home),
        ..Options::default()
    };
    let exchange = Exchange::start(store.clone(), options)
        .await
        .map_err(failed(what))?;
    let issued = replace(&exchange, args.revoke_others, args.reason).await;
    exchange.shutdown().await;
    store.close().await;
    let key = issued?;
    say(&format!("A new admin key, shown this once:\n\n  {key}\n"));
    Ok(ExitCode::SUCCESS)
}

/// `tidings keys password`: makes a link with which somebody chooses a password for the console. For the
/// first administrator, and for whoever has lost both password and key.
pub(crate) async fn password(args: PasswordArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    database::exists(&place)?;
    let what = "no link can be made";
    let store = Store::open(&place.database).await.map_err(failed(what))?;
    let home = Home::open(&place.data).map_err(failed(what))?;
    let options = Options {
        home: Some(home),
        ..Options::default()
    };
    let exchange = Exchange::start(store.clone(), options)
        .await
        .map_err(failed(what))?;
    let made = link(&exchange, &args.account, args.name.as_deref()).await;
    exchange.shutdown().await;
    store.close().await;
    let (name, opens) = made?;
    let address = console::link_address("", &opens);
    say(&format!(
        "{name} chooses a password at this path of the server, once it runs; within {} hours, once:\n\n  \
         {address}\n",
        console::LINK_HOURS
    ));
    Ok(ExitCode::SUCCESS)
}

/// A name to sign in with, and what opens its link.
async fn link(
    exchange: &Exchange,
    account: &str,
    name: Option<&str>,
) -> Result<(String, String), Failure> {
    let missing = || Failure::new(format!("there is no account {account}"));
    let id = tidings_api::wire::id::parse_account(account).ok_or_else(missing)?;
    let read = move |engine: &tidings_core::Engine| {
        let owner = engine.account(id)?;
        Some((owner.role, owner.name.to_string()))
    };
    let found = exchange.query(read).await;
    let (role, called) = found
        .map_err(failed("the exchange does not answer"))?
        .ok_or_else(missing)?;
    if !console::is_staff(role) {
        return Err(Failure::new(
            "only administrators, operators and editors sign in to the console",
        ));
    }
    let what = || failed("no link can be made");
    let (store, now) = (exchange.store(), exchange.now());
    let known = store.sign_in_of(id).await.map_err(what())?;
    let name = match (name, known) {
        (Some(name), _) => name.to_owned(),
        (None, Some(known)) => known.name,
        (None, None) => usual_name(&called, id),
    };
    if !is_name(&name) {
        return Err(Failure::new(
            "a name has 3 to 64 of a-z, 0-9, '.', '_', '@' and '-'",
        ));
    }
    let set = store
        .set_sign_in(id, &name, None, AccountId::WORLD, now)
        .await;
    if set.map_err(what())?.is_none() {
        return Err(Failure::new(format!("another account signs in as {name}")));
    }
    let opens = blake3::Hash::from(random()?).to_hex().to_string();
    let (digest, ends_at) = (key_digest(&opens), now.plus_hours(console::LINK_HOURS));
    let made = store.add_password_link(&digest, id, AccountId::WORLD, now, ends_at);
    made.await.map_err(what())?;
    Ok((name, opens))
}

async fn replace(
    exchange: &Exchange,
    revoke_others: bool,
    reason: Option<String>,
) -> Result<String, Failure> {
    let account = AccountId::ADMIN;
    let live = exchange.query(move |engine| {
        let keys = &engine.account(account)?.keys;
        let live = (0..).zip(keys).filter(|(_, key)| key.revoked_at.is_none());
        Some(live.map(|(ix, _)| ix).collect::<Vec<u32>>())
    });
    let Some(live) = live.await.map_err(failed("the exchange does not answer"))? else {
        return Err(Failure::new(
            "nobody has an admin key yet: the first start of the server makes it",
        ));
    };
    let key = random_key()?;
    let grant = admin_grant(&key);
    let issue = Command::IssueKey {
        account,
        grant: Box::new(grant),
        by: None,
    };
    as_the_world(exchange, issue, reason.clone()).await?;
    for key in live.into_iter().filter(|_| revoke_others) {
        let revoke = Command::RevokeKey {
            account,
            key,
            by: None,
        };
        as_the_world(exchange, revoke, reason.clone()).await?;
    }
    Ok(key)
}

fn admin_grant(key: &str) -> Grant {
    Grant::bearer(key_digest(key), Scopes::all(Role::Admin))
}

async fn as_the_world(
    exchange: &Exchange,
    command: Command,
    reason: Option<String>,
) -> Result<(), Failure> {
    let request = Request::new(AccountId::WORLD, command).because(reason);
    let record = exchange.submit(request).await;
    match record
        .map_err(failed("the exchange does not answer"))?
        .refusal
        .clone()
    {
        None => Ok(()),
        Some(refusal) => Err(failed("the exchange refuses the admin key")(refusal)),
    }
}

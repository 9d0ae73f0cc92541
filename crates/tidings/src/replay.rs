//! `tidings replay`: the exchange as it stood at a place in its journal. All markets, or one with its book
//! and its open orders, or one account with what it held.

mod page;
mod state;

use std::process::ExitCode;

use tidings_api::wire::id;
use tidings_core::Engine;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_exchange::{StartError, newest_snapshot, replay_until};
use tidings_store::Store;

use crate::cli::ReplayArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::journal;
use crate::say::say;
use crate::settings::Place;
use state::State;

/// Whom or what is asked for.
enum Subject {
    Everything,
    Market(MarketId),
    Account(AccountId),
}

/// Carries the journal out and shows where it led.
pub(crate) async fn show(args: ReplayArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place.clone())?;
    let account = args.account.as_deref().map(journal::account).transpose()?;
    let what = "the journal cannot be replayed";
    let store = database::to_read(&place).await?;
    let end = store.head().await.map_err(failed(what))?.last_seq;
    let until = Seq(args.until.unwrap_or(end.0));
    if until > end {
        let what = format!("the journal ends at {end}: there is nothing to replay up to {until}");
        return Err(Failure::new(what));
    }
    let replayed = replayed(&store, until).await;
    store.close().await;
    let engine = replayed.map_err(failed(what))?;
    if engine.last().seq != until {
        let what = format!("{what}: the record {} is missing", engine.last().seq.0 + 1);
        return Err(Failure::new(what));
    }
    let subject = subject(&engine, args.market.as_deref(), account)?;
    let state = State::of(&engine, &subject);
    match args.json {
        true => say(&serde_json::to_string(&state).map_err(failed("it cannot be written out"))?),
        false => say(&page::of(&state, end)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The state after a record, from the newest snapshot that is not after it.
async fn replayed(store: &Store, until: Seq) -> Result<Engine, StartError> {
    let start = newest_snapshot(store, until).await?;
    let recovered = replay_until(store, start, until, |_, _, _| Ok::<_, StartError>(true));
    Ok(recovered.await?.engine)
}

fn subject(
    engine: &Engine,
    market: Option<&str>,
    account: Option<AccountId>,
) -> Result<Subject, Failure> {
    let at = engine.last().seq;
    if let Some(account) = account {
        return match engine.account(account) {
            Some(_) => Ok(Subject::Account(account)),
            None => {
                let id = id::account(account);
                Err(Failure::new(format!("there was no account {id} at {at}")))
            }
        };
    }
    let Some(name) = market else {
        return Ok(Subject::Everything);
    };
    let by_id = id::parse_market(name).filter(|id| engine.market(*id).is_some());
    match by_id.or_else(|| engine.market_by_slug(name)) {
        Some(market) => Ok(Subject::Market(market)),
        None => Err(Failure::new(format!(
            "there was no market {name:?} at {at}"
        ))),
    }
}

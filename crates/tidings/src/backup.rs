//! `tidings backup`: a copy of all that must survive, as of one moment, while the server goes on. What can
//! be made again is not in it.

use std::process::ExitCode;

use tidings_core::id::Seq;
use tidings_store::{Chain, Head, Store, StoreError};

use crate::cli::BackupArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

/// Groups in memory at once: each has up to 1,024 records.
const PAGE: u32 = 16;

/// Copies the database, reads the copy, and says what is in it.
pub(crate) async fn backup(args: BackupArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    database::file(&place)?;
    database::exists(&place)?;
    let shown = args.file.display();
    let name = args.file.to_str();
    let name = name.ok_or_else(|| Failure::new(format!("{shown} is no text")))?;
    let what = "the database cannot be copied";
    let store = Store::open_beside(&place.database)
        .await
        .map_err(failed(what))?;
    let copied = store.backup(&args.file).await;
    store.close().await;
    copied.map_err(failed(what))?;

    let unsound = format!("{shown} was written and does not hold");
    let copy = Store::open_beside(name)
        .await
        .map_err(failed(unsound.clone()))?;
    let head = end_of(&copy).await;
    copy.close().await;
    let head = head.map_err(failed(unsound))?;
    say(&format!(
        "{shown}: records 1 to {}, whose head is {}, and all articles.",
        head.last_seq,
        database::noted(&head)
    ));
    Ok(ExitCode::SUCCESS)
}

/// Where a journal ends, whose chain of hashes was followed to there.
async fn end_of(store: &Store) -> Result<Head, StoreError> {
    let head = store.head().await?;
    let mut chain = Chain::start();
    while chain.head().last_seq < head.last_seq {
        let next = Seq(chain.head().last_seq.0 + 1);
        let groups = store.groups(next, PAGE).await?;
        for group in &groups {
            chain.follow(group)?;
        }
        if groups.is_empty() {
            break;
        }
    }
    chain.finish(&head)?;
    Ok(head)
}

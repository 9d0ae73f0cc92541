//! `tidings restore`: a backup in the place of the database. The one that was there is kept under another
//! name, and the data directory learns that what came after the backup is given up: a server would
//! otherwise refuse a journal that lacks what was answered.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tidings_core::id::Seq;
use tidings_exchange::{Home, StartError, holds, replay};
use tidings_store::{Head, Mark, Store, StoreError};

use crate::cli::RestoreArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

const WHAT: &str = "the backup cannot be restored";

/// Checks a backup, puts it in place, and says what is given up.
pub(crate) async fn restore(args: RestoreArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    let path = database::file(&place)?;
    let shown = args.file.display();
    let name = args.file.to_str().filter(|_| args.file.exists());
    let name = name.ok_or_else(|| Failure::new(format!("there is no backup at {shown}")))?;
    let home = Home::open(&place.data).map_err(failed(WHAT))?;
    let backup = Store::open_beside(name).await.map_err(failed(WHAT))?;
    let head = verified(&backup).await;
    let head = head.map_err(failed(format!("{shown} does not hold")))?;
    let witness = home.witness().map_err(failed(WHAT))?;
    let lost = lost(&backup, witness.as_ref())
        .await
        .map_err(failed(WHAT))?;

    let former = Former::of(&place, path).await?;
    let copy = path.with_extension("restoring");
    // One that was not finished.
    remove_if_there(&copy).map_err(failed(WHAT))?;
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(failed(WHAT))?;
    }
    let copied = backup.backup(&copy).await;
    backup.close().await;
    copied.map_err(failed(WHAT))?;
    Store::replace(&place.database, &copy, &former.name).map_err(failed(WHAT))?;
    home.remember(Mark::from(head)).map_err(failed(WHAT))?;

    say(&format!(
        "{}: records 1 to {}, whose head is {}.",
        place.shown(),
        head.last_seq,
        database::noted(&head)
    ));
    if former.was_there {
        say(&format!("What was there is {}.", former.name.display()));
    }
    say(&lost.in_words());
    Ok(ExitCode::SUCCESS)
}

async fn verified(backup: &Store) -> Result<Head, StartError> {
    let head = backup.head().await?;
    let replayed = replay(backup, |_, _, _| true).await?;
    replayed.chain.finish(&head)?;
    Ok(head)
}

/// The database that makes room.
struct Former {
    /// What it will be called.
    name: PathBuf,
    was_there: bool,
    /// Keeps its lock: a server with another data directory may use the same file.
    _store: Option<Store>,
}

impl Former {
    async fn of(place: &Place, path: &Path) -> Result<Former, Failure> {
        if !path.exists() {
            return Ok(Former {
                name: free_name(path, "nothing"),
                was_there: false,
                _store: None,
            });
        }
        let (store, seq) = match Store::open(&place.database).await {
            Ok(store) => {
                let seq = store.head().await.map(|head| head.last_seq.to_string());
                // Moves its write-ahead log into the file.
                store.close().await;
                (Some(store), seq.ok())
            }
            Err(error @ StoreError::InUse { .. }) => return Err(failed(WHAT)(error)),
            // One that cannot be opened may be why there is a backup to restore.
            Err(_) => (None, None),
        };
        Ok(Former {
            name: free_name(path, seq.as_deref().unwrap_or("damaged")),
            was_there: true,
            _store: store,
        })
    }
}

/// `tidings.db.before-restore-1250`, or with a number more if that is there already.
fn free_name(path: &Path, suffix: &str) -> PathBuf {
    let name = |more: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".before-restore-{suffix}"));
        if more > 1 {
            name.push(format!("-{more}"));
        }
        PathBuf::from(name)
    };
    let free = (1..).map(name).find(|name| !name.exists());
    free.expect("some name is free")
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What a journal lacks of what was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing, as far as the directory remembers.
    Nothing,
    /// The records after its end.
    After { end: Seq, answered: Seq },
    /// It goes on as far, and another way.
    Other { end: Seq, answered: Seq },
}

/// What a journal lacks of what a data directory remembers.
pub(crate) async fn lost(store: &Store, witness: Option<&Mark>) -> Result<Lost, StartError> {
    let end = store.head().await?.last_seq;
    let Some(witness) = witness else {
        return Ok(Lost::Nothing);
    };
    let answered = witness.seq;
    Ok(match answered > end {
        true => Lost::After { end, answered },
        false if holds(store, witness).await? => Lost::Nothing,
        false => Lost::Other { end, answered },
    })
}

impl Lost {
    pub(crate) fn in_words(self) -> String {
        match self {
            Lost::Nothing => "Nothing that is known to have been answered is given up.".to_owned(),
            Lost::After { end, answered } => {
                let records = answered.0 - end.0;
                format!(
                    "Given up: {records} records that were answered, from {} to {answered}.",
                    end.0 + 1
                )
            }
            Lost::Other { end, answered } => format!(
                "Given up: another journal, which was answered up to record {answered}; this one \
                 ends at {end} and does not have that record."
            ),
        }
    }
}

//! `tidings accept-loss`: somebody decides that a database which lacks what was answered is the one to go
//! on with: a standby that was promoted before it had everything, or the only copy that is left.

use std::process::ExitCode;

use tidings_exchange::Home;
use tidings_store::Mark;

use crate::cli::AcceptLossArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::restore::{Lost, lost};
use crate::say::say;
use crate::settings::Place;

/// Says what the database lacks, and has the data directory forget it if that is wanted.
pub(crate) async fn accept(args: AcceptLossArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    let what = "the data directory cannot be used";
    let store = database::to_read(&place).await?;
    let home = Home::open(&place.data).map_err(failed(what))?;
    let witness = home.witness().map_err(failed(what))?;
    let unreadable = "the database cannot be read";
    let head = store.head().await.map_err(failed(unreadable))?;
    let lost = lost(&store, witness.as_ref()).await;
    let lost = lost.map_err(failed(unreadable))?;
    store.close().await;
    say(&format!(
        "{}: records 1 to {}, whose head is {}.",
        place.shown(),
        head.last_seq,
        database::noted(&head)
    ));
    say(&lost.in_words());
    match lost {
        Lost::Nothing => Ok(ExitCode::SUCCESS),
        _ if args.yes => {
            home.remember(Mark::from(head)).map_err(failed(what))?;
            say("The server starts from there.");
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Failure::new(
            "nothing was changed: give --yes to go on without those records",
        )),
    }
}

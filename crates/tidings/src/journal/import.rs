//! `tidings journal import`: an exported journal as an empty database's own, of either kind. Every group
//! keeps its bytes, its epoch and its hash, so a head that was noted of the one is a head of the other.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use tidings_core::id::Seq;
use tidings_exchange::Home;
use tidings_store::{Head, Mark, Store};

use super::export::read;
use super::portable::Reader;
use crate::cli::ImportArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

/// Reads the whole file, puts its groups into the database, and says where that ends.
pub(crate) async fn import(args: ImportArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    let path = args.file.as_path();
    let what = format!("{} cannot be imported", path.display());
    // All of it, before a database is made of it.
    let end = read(path).map_err(failed(what.clone()))?;
    let home = Home::open(&place.data).map_err(failed(what.clone()))?;
    let store = Store::open(&place.database)
        .await
        .map_err(failed(what.clone()))?;
    let adopted = adopt(&store, path, &what).await;
    let found = store.head().await;
    store.close().await;
    adopted?;
    let found = found.map_err(failed(what.clone()))?;
    if Mark::from(found) != Mark::from(end) {
        return Err(Failure::new(format!("{what}: the database ends elsewhere")));
    }
    home.remember(Mark::from(found)).map_err(failed(what))?;
    say(&format!(
        "{}: records 1 to {}, whose head is {}. There are no articles; the server, or `tidings rebuild`, \
         makes the read tables.",
        place.shown(),
        found.last_seq,
        database::noted(&found)
    ));
    Ok(ExitCode::SUCCESS)
}

async fn adopt(store: &Store, path: &Path, what: &str) -> Result<(), Failure> {
    let Head { last_seq, .. } = store.head().await.map_err(failed(what))?;
    if last_seq != Seq(0) {
        let why = format!("{what}: the database has a journal, up to record {last_seq}");
        return Err(Failure::new(why));
    }
    let file = File::open(path).map_err(failed(what))?;
    let mut reader = Reader::start(BufReader::new(file)).map_err(failed(what))?;
    while let Some(group) = reader.next().map_err(failed(what))? {
        store.adopt(&group).await.map_err(failed(what))?;
    }
    Ok(())
}

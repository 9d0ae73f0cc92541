//! `tidings journal export`: the journal as one file that proves itself; see `portable`.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::ExitCode;

use tidings_api::wire::journal::hex;
use tidings_core::id::Seq;
use tidings_store::{Head, Store};

use super::portable::{NotPortable, Reader, Writer};
use crate::cli::ExportArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::say::say;
use crate::settings::Place;

/// Groups in memory at once: each has up to 1,024 records.
const PAGE: u32 = 16;

/// Writes the journal into a file, reads that again, and says what is in it.
pub(crate) async fn export(args: ExportArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place)?;
    let store = database::to_read(&place).await?;
    let path = args.file.as_path();
    let written = write(&store, path).await;
    store.close().await;
    let written = written?;
    let unsound = format!("{} was written and does not hold", path.display());
    let read = read(path).map_err(failed(unsound.clone()))?;
    if read != written {
        return Err(Failure::new(unsound));
    }
    let (seq, hash) = (read.last_seq, hex(&read.last_hash));
    say(&format!(
        "{}: records 1 to {seq}, whose head is {seq}:{hash}. Articles are not in it.",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn write(store: &Store, path: &Path) -> Result<Head, Failure> {
    let what = format!("the journal cannot be exported to {}", path.display());
    let head = store.head().await.map_err(failed(what.clone()))?;
    let file = create(path).map_err(failed(what.clone()))?;
    let mut writer = Writer::start(BufWriter::new(file)).map_err(failed(what.clone()))?;
    let mut next = Seq(1);
    while next <= head.last_seq {
        let groups = store
            .groups(next, PAGE)
            .await
            .map_err(failed(what.clone()))?;
        if groups.is_empty() {
            let missing = format!("{what}: the record {next} is missing");
            return Err(Failure::new(missing));
        }
        for group in groups.iter().filter(|group| group.last <= head.last_seq) {
            writer.group(group).map_err(failed(what.clone()))?;
        }
        next = groups.last().map_or(next, |group| Seq(group.last.0 + 1));
    }
    let (out, end) = writer.finish().map_err(failed(what.clone()))?;
    let file = out.into_inner().map_err(failed(what.clone()))?;
    file.sync_all().map_err(failed(what))?;
    Ok(end)
}

/// A file that is not there yet, for its owner alone: it holds keys' digests and people's positions.
fn create(path: &Path) -> std::io::Result<File> {
    let mut how = OpenOptions::new();
    how.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

/// Where the journal in a file ends, all of which was read.
pub(super) fn read(path: &Path) -> Result<Head, NotPortable> {
    let mut reader = Reader::start(BufReader::new(File::open(path)?))?;
    while reader.next()?.is_some() {}
    Ok(reader.head())
}

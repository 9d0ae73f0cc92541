//! From a journal to a state: the newest snapshot that is whole, and every command after it applied
//! again, which has to come to what was recorded.

use tidings_core::event::{Event, Record};
use tidings_core::id::Seq;
use tidings_core::{Answer, Engine};
use tidings_store::{Chain, Contents, Head, Mark, SnapshotInfo, Store, StoredGroup};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::StartError;
use crate::aside::{compute, is_aside, rest};

/// Groups read from the store at once: a few megabytes when they are large.
const PAGE: u32 = 64;
/// Records that a page has beside trade, or so: a server gives them, and they are applied, within a millisecond.
const RECORDS_ASIDE: u32 = 1_000;
/// Pages that are read and decoded ahead of the one that is applied.
const PAGES_AHEAD: usize = 2;

/// A state that a journal leads to.
pub struct Recovered {
    /// The state.
    pub engine: Engine,
    /// The journal as far as it was followed.
    pub chain: Chain,
    /// How many groups were read.
    pub groups: u64,
    /// How many hashes of the whole state were found and compared.
    pub state_hashes: u64,
}

impl Recovered {
    /// Before the first record.
    pub fn nothing() -> Recovered {
        Recovered {
            engine: Engine::new(),
            chain: Chain::start(),
            groups: 0,
            state_hashes: 0,
        }
    }

    /// Applies a group again, up to a place that may be within it.
    fn apply(
        &mut self,
        group: &StoredGroup,
        records: &[Record],
        until: Seq,
    ) -> Result<(), StartError> {
        self.chain.follow(group)?;
        let mut events = Vec::new();
        for record in records.iter().filter(|record| record.stamp.seq <= until) {
            apply_again(&mut self.engine, record, &mut events)?;
        }
        if let Some(state_hash) = group.state_hash.filter(|_| group.last <= until) {
            if state_hash != self.engine.state_hash() {
                return Err(StartError::Diverged { seq: group.last });
            }
            self.state_hashes += 1;
        }
        self.groups += 1;
        Ok(())
    }
}

/// Reads the whole journal, checks its chain, and applies every command again.
///
/// `each` sees every group with its records and the state after it, and says whether to go on.
///
/// # Errors
/// When the journal is damaged, or when a command does not come to what was recorded.
pub async fn replay<F>(store: &Store, each: F) -> Result<Recovered, StartError>
where
    F: FnMut(&Engine, &StoredGroup, &Contents) -> bool,
{
    replay_from(store, Recovered::nothing(), each).await
}

/// Goes on from a state to the journal's end, or until `each` says that it is enough.
///
/// # Errors
/// As [`replay`].
pub async fn replay_from<F>(
    store: &Store,
    recovered: Recovered,
    mut each: F,
) -> Result<Recovered, StartError>
where
    F: FnMut(&Engine, &StoredGroup, &Contents) -> bool,
{
    let each = |engine: &Engine, group: &StoredGroup, contents: &Contents| {
        Ok::<bool, StartError>(each(engine, group, contents))
    };
    replay_until(store, recovered, Seq(u64::MAX), each).await
}

/// Goes on from a state to a place in the journal, which may be within a group, or until `each`, which sees
/// whole groups only, says that it is enough or fails.
///
/// # Errors
/// As [`replay`], and what `each` fails with.
pub async fn replay_until<E, F>(
    store: &Store,
    mut recovered: Recovered,
    until: Seq,
    mut each: F,
) -> Result<Recovered, E>
where
    E: From<StartError>,
    F: FnMut(&Engine, &StoredGroup, &Contents) -> Result<bool, E>,
{
    if recovered.engine.last().seq >= until {
        return Ok(recovered);
    }
    let from = Seq(recovered.engine.last().seq.0 + 1);
    let mut pages = Pages::from(store, from);
    'pages: while let Some(page) = pages.next().await {
        for (group, contents) in page? {
            recovered.apply(&group, &contents.records, until)?;
            let goes_on = group.last > until || each(&recovered.engine, &group, &contents)?;
            if !goes_on || group.last >= until {
                break 'pages;
            }
        }
    }
    pages.end().await;
    Ok(recovered)
}

type Page = Result<Vec<(StoredGroup, Contents)>, StartError>;

/// The journal's pages, in order.
enum Pages<'a> {
    /// Reading and decoding take as long as applying: each has a thread.
    Ahead {
        read: mpsc::Receiver<Page>,
        reader: JoinHandle<()>,
    },
    /// Beside trade nobody waits for them, and the threads that answer have other things to do.
    InTurn {
        store: &'a Store,
        from: Seq,
        /// Groups of the next one.
        groups: u32,
    },
}

impl Pages<'_> {
    fn from(store: &Store, from: Seq) -> Pages<'_> {
        if is_aside() {
            return Pages::InTurn {
                store,
                from,
                groups: 1,
            };
        }
        let (pages, read) = mpsc::channel(PAGES_AHEAD);
        let reader = tokio::spawn(read_ahead(store.clone(), from, pages));
        Pages::Ahead { read, reader }
    }

    /// The next page; none at the journal's end.
    async fn next(&mut self) -> Option<Page> {
        match self {
            Pages::Ahead { read, .. } => read.recv().await,
            Pages::InTurn {
                store,
                from,
                groups,
            } => {
                rest(store.kind())();
                let page = read_page(store, *from, *groups).await;
                if let Ok(read) = &page {
                    let last = &read.last()?.0;
                    *groups = groups_after(read.len(), last.last.0 + 1 - read[0].0.first.0);
                    *from = Seq(last.last.0 + 1);
                }
                Some(page)
            }
        }
    }

    async fn end(self) {
        if let Pages::Ahead { read, reader } = self {
            drop(read);
            reader.await.expect("reading does not panic");
        }
    }
}

/// How many groups to read beside trade after some with so many records: a quiet exchange has a command in each, and whoever rested
/// after each of those would be for ever behind.
fn groups_after(groups: usize, records: u64) -> u32 {
    let groups = u64::from(RECORDS_ASIDE) * groups as u64 / records.max(1);
    u32::try_from(groups).unwrap_or(PAGE).clamp(1, PAGE)
}

async fn read_ahead(store: Store, mut from: Seq, pages: mpsc::Sender<Page>) {
    loop {
        let page = read_page(&store, from, PAGE).await;
        let last = match &page {
            Ok(groups) => groups.last().map(|(group, _)| group.last),
            Err(_) => None,
        };
        let at_the_end = matches!(&page, Ok(groups) if groups.is_empty());
        // Whoever applies them may have had enough.
        if at_the_end || pages.send(page).await.is_err() {
            return;
        }
        let Some(last) = last else { return };
        from = Seq(last.0 + 1);
    }
}

async fn read_page(store: &Store, from: Seq, groups: u32) -> Page {
    let groups = store.groups(from, groups).await?;
    let decode = move |group: StoredGroup| {
        match group.contents() {
            Ok(contents) => Ok((group, contents)),
            // Bytes that were changed are why they cannot be read.
            Err(malformed) => Err(group.verify().err().unwrap_or(malformed).into()),
        }
    };
    if is_aside() {
        return groups.into_iter().map(decode).collect();
    }
    let decoded = tokio::task::spawn_blocking(move || groups.into_iter().map(decode).collect());
    match decoded.await {
        Ok(page) => page,
        // The process ends: whoever reads this has had enough.
        Err(error) if error.is_cancelled() => Ok(Vec::new()),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn apply_again(
    engine: &mut Engine,
    record: &Record,
    events: &mut Vec<Event>,
) -> Result<(), StartError> {
    let seq = record.stamp.seq;
    // Places follow each other, or the group would not have given its records.
    if record.stamp.at < engine.last().at {
        return Err(StartError::Diverged { seq });
    }
    events.clear();
    #[cfg(planted = "keys_forgotten_by_a_restart")]
    let record = &Record {
        request: tidings_core::command::Request::new(
            record.request.actor,
            record.request.command.clone(),
        ),
        ..record.clone()
    };
    let refusal = match engine.apply_again(record, events) {
        Answer::Done => None,
        Answer::Refused(reject) => Some(reject),
        Answer::Repeated(_) | Answer::KeyReused => return Err(StartError::Diverged { seq }),
    };
    match *events == record.events && refusal == record.refusal {
        true => Ok(()),
        false => Err(StartError::Diverged { seq }),
    }
}

/// The newest snapshot at or before `until` that is whole and belongs to this journal, as a state to go
/// on from; an empty exchange when there is none.
///
/// # Errors
/// When the store fails. A snapshot that is damaged is told in the log, and the one before it taken.
pub async fn newest_snapshot(store: &Store, until: Seq) -> Result<Recovered, StartError> {
    for info in store.snapshots().await? {
        if info.seq > until {
            continue;
        }
        match restore(store, &info).await? {
            Ok(recovered) => return Ok(recovered),
            Err(fault) => {
                tracing::error!(seq = %info.seq, fault, "a snapshot is not used");
            }
        }
    }
    Ok(Recovered::nothing())
}

/// A state from a snapshot, or what is wrong with it.
///
/// # Errors
/// When the store fails.
pub async fn restore(
    store: &Store,
    info: &SnapshotInfo,
) -> Result<Result<Recovered, String>, StartError> {
    let mark = Mark {
        seq: info.seq,
        hash: info.chain_hash,
    };
    let Some(epoch) = epoch_at(store, &mark).await? else {
        return Ok(Err("it is not of this journal".to_owned()));
    };
    let Some(bytes) = store.snapshot(info.seq).await? else {
        return Ok(Err("it is not there".to_owned()));
    };
    let hash = info.hash;
    let restored = compute(move || {
        if *blake3::hash(&bytes).as_bytes() != hash {
            return Err("its bytes are not those that were written".to_owned());
        }
        Engine::restore(&bytes).map_err(|error| error.to_string())
    });
    let engine = match restored.await {
        Ok(engine) if engine.last().seq == info.seq => engine,
        Ok(_) => return Ok(Err("it is of another place than it says".to_owned())),
        Err(fault) => return Ok(Err(fault)),
    };
    let head = Head {
        epoch,
        last_seq: info.seq,
        last_hash: info.chain_hash,
    };
    Ok(Ok(Recovered {
        engine,
        chain: Chain::after(head),
        groups: 0,
        state_hashes: 0,
    }))
}

/// Whether a journal has the group that ends at a mark.
///
/// # Errors
/// When the store fails, or that group was changed.
pub async fn holds(store: &Store, mark: &Mark) -> Result<bool, StartError> {
    Ok(epoch_at(store, mark).await?.is_some())
}

/// The epoch of the group that ends at a mark; none when the journal has no such group.
pub(crate) async fn epoch_at(store: &Store, mark: &Mark) -> Result<Option<u64>, StartError> {
    if mark.seq == Seq(0) {
        return Ok((mark.hash == [0; 32]).then_some(0));
    }
    let groups = store.groups(mark.seq, 1).await?;
    let ends_here = |group: &&StoredGroup| group.last == mark.seq && group.hash == mark.hash;
    match groups.first().filter(ends_here) {
        None => Ok(None),
        Some(group) => {
            group.verify()?;
            Ok(Some(group.epoch))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beside_trade_has_about_as_many_records_however_large_groups_are() {
        for (groups, records, next) in [
            (1, 1, PAGE),
            (PAGE as usize, 64, PAGE),
            (4, 600, 6),
            (6, 900, 6),
            (1, 1_000, 1),
            (3, 12_000, 1),
        ] {
            assert_eq!(groups_after(groups, records), next, "{groups} of {records}");
        }
    }
}

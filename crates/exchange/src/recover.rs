//! From a journal to a state: every command is applied again and has to come to what was recorded.

use std::sync::Arc;

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_core::{Answer, Engine};
use tidings_store::{Chain, Head, OddsPoint, Projection, Store, StoredGroup};

use crate::StartError;
use crate::writer::odds_after;

/// Groups read from the store at once.
const PAGE: u32 = 256;

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

/// Reads the whole journal, checks its chain, and applies every command again.
///
/// `each` sees every group with its records and the state after it.
///
/// # Errors
/// When the journal is damaged, or when a command does not come to what was recorded.
pub async fn replay<F>(store: &Store, mut each: F) -> Result<Recovered, StartError>
where
    F: AsyncFnMut(&Engine, &[Arc<Record>], Vec<OddsPoint>) -> Result<(), StartError>,
{
    let mut recovered = Recovered {
        engine: Engine::new(),
        chain: Chain::start(),
        groups: 0,
        state_hashes: 0,
    };
    loop {
        let next = Seq(recovered.engine.last().seq.0 + 1);
        let groups = store.groups(next, PAGE).await?;
        if groups.is_empty() {
            return Ok(recovered);
        }
        for group in &groups {
            let records = apply_group(&mut recovered, group)?;
            let odds = odds_after(&recovered.engine, &records);
            each(&recovered.engine, &records, odds).await?;
        }
    }
}

fn apply_group(
    recovered: &mut Recovered,
    group: &StoredGroup,
) -> Result<Vec<Arc<Record>>, StartError> {
    recovered.chain.follow(group)?;
    let records: Vec<Arc<Record>> = group.records()?.into_iter().map(Arc::new).collect();
    for record in &records {
        apply_again(&mut recovered.engine, record)?;
    }
    if let Some(state_hash) = group.state_hash {
        if state_hash != recovered.engine.state_hash() {
            return Err(StartError::Diverged { seq: group.last });
        }
        recovered.state_hashes += 1;
    }
    recovered.groups += 1;
    Ok(records)
}

fn apply_again(engine: &mut Engine, record: &Record) -> Result<(), StartError> {
    // Places follow each other, or the group would not have given its records.
    if record.stamp.at < engine.last().at {
        return Err(StartError::Diverged {
            seq: record.stamp.seq,
        });
    }
    let mut events = Vec::with_capacity(record.events.len());
    let request = &record.request;
    #[cfg(planted = "keys_forgotten_by_a_restart")]
    let request = &tidings_core::command::Request::new(request.actor, request.command.clone());
    let refusal = match engine.apply(record.stamp, request, &mut events) {
        Answer::Done => None,
        Answer::Refused(reject) => Some(reject),
        Answer::Repeated(_) | Answer::KeyReused => {
            return Err(StartError::Diverged {
                seq: record.stamp.seq,
            });
        }
    };
    match events == record.events && refusal == record.refusal {
        true => Ok(()),
        false => Err(StartError::Diverged {
            seq: record.stamp.seq,
        }),
    }
}

/// Recovers a state and brings the read tables up to it.
pub(crate) async fn recover(store: &Store, head: &Head) -> Result<Recovered, StartError> {
    let projected = store.projected().await?;
    let recovered = replay(store, async |_, records, odds| {
        let behind: Vec<Arc<Record>> = records
            .iter()
            .filter(|record| record.stamp.seq > projected)
            .cloned()
            .collect();
        if !behind.is_empty() {
            store.project(&Projection::new(&behind, &odds)).await?;
        }
        Ok(())
    })
    .await?;
    recovered.chain.finish(head)?;
    Ok(recovered)
}

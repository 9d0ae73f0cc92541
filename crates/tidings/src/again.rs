//! The journal carried out again, record by record, as far as one wants: every command has to come to
//! what was recorded.

use tidings_core::command::Stamp;
use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_core::{Answer, Engine};
use tidings_exchange::{Recovered, StartError};
use tidings_store::{Chain, Store, StoredGroup};

use crate::database;

/// Groups in memory at once: each has up to 1,024 records.
const PAGE: u32 = 64;

/// How far it has come.
pub(crate) struct Again {
    /// The state.
    pub(crate) engine: Engine,
    /// The journal as far as it was followed.
    pub(crate) chain: Chain,
    /// Hashes of the whole state that were found and compared.
    pub(crate) state_hashes: u64,
}

impl Again {
    /// Before the first record.
    pub(crate) fn from_nothing() -> Again {
        Again {
            engine: Engine::new(),
            chain: Chain::start(),
            state_hashes: 0,
        }
    }

    /// After a snapshot.
    pub(crate) fn from(recovered: Recovered) -> Again {
        Again {
            engine: recovered.engine,
            chain: recovered.chain,
            state_hashes: 0,
        }
    }

    /// Carries out every record up to a place, which may be within a group. `each` sees every whole
    /// group, its records, and the state after it.
    pub(crate) async fn run<E: From<StartError>>(
        &mut self,
        store: &Store,
        until: Seq,
        mut each: impl FnMut(&Engine, &StoredGroup, &[Record]) -> Result<(), E>,
    ) -> Result<(), E> {
        while self.engine.last().seq < until {
            let next = Seq(self.engine.last().seq.0 + 1);
            let groups = store.groups(next, PAGE).await.map_err(StartError::Store)?;
            if groups.is_empty() {
                return Ok(());
            }
            for group in &groups {
                let records = self.group(group, until)?;
                if group.last <= until {
                    each(&self.engine, group, &records)?;
                }
            }
        }
        Ok(())
    }

    fn group(&mut self, group: &StoredGroup, until: Seq) -> Result<Vec<Record>, StartError> {
        self.chain.follow(group)?;
        let records = database::records(group)?;
        for record in records.iter().filter(|record| record.stamp.seq <= until) {
            self.record(record)?;
        }
        match group.state_hash.filter(|_| group.last <= until) {
            Some(hash) if hash != self.engine.state_hash() => {
                return Err(StartError::Diverged { seq: group.last });
            }
            Some(_) => self.state_hashes += 1,
            None => {}
        }
        Ok(records)
    }

    fn record(&mut self, record: &Record) -> Result<(), StartError> {
        let Stamp { seq, at } = record.stamp;
        let diverged = Err(StartError::Diverged { seq });
        // The engine stops the process over a clock that runs backwards; here it is the journal's
        // fault, and said so.
        if at < self.engine.last().at {
            return diverged;
        }
        let mut events = Vec::with_capacity(record.events.len());
        let answer = self
            .engine
            .apply(record.stamp, &record.request, &mut events);
        let refusal = match answer {
            Answer::Done => None,
            Answer::Refused(reject) => Some(reject),
            Answer::Repeated(_) | Answer::KeyReused => return diverged,
        };
        match events == record.events && refusal == record.refusal {
            true => Ok(()),
            false => diverged,
        }
    }
}

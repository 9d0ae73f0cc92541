//! The start: the journal is claimed, the state is found, and the threads and tasks set to work.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings_core::id::Seq;
use tidings_store::{Claim, Head, Instance, Mark, SnapshotInfo, Store};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::aside::{self, Aside};
use crate::commit::Committer;
use crate::desk::Desk;
use crate::lanes::lanes;
use crate::live::{Live, Projected};
use crate::meter::Meter;
use crate::private::Followed;
use crate::projector::{self, Projector};
use crate::recover::{epoch_at, newest_snapshot, replay_from};
use crate::snapshotter::Snapshotter;
use crate::writer::{self, Writer};
use crate::{Condition, Exchange, Home, Options, Recovered, Shared, StartError, Starting, Tasks};

/// How often a server that waits looks whether the journal is free: an owner that stopped in order has
/// given it back before its lease ends.
const LOOK: Duration = Duration::from_millis(250);

pub(crate) async fn start(store: Store, options: Options) -> Result<Exchange, StartError> {
    let head = claim(&store, &options).await?;
    if let Some(home) = &options.home {
        remembered(&store, home, &head).await?;
    }
    let recovered = recover(&store, &head, &options).await?;
    let projected = history(&store).await?;
    let newest = store.snapshots().await?.into_iter().next();
    tracing::info!(
        seq = head.last_seq.0,
        hash = %blake3::Hash::from(head.last_hash).to_hex(),
        epoch = head.epoch,
        "recovered"
    );
    set_to_work(store, options, (head, recovered), projected, newest)
}

/// Waits until the journal is this server's.
async fn claim(store: &Store, options: &Options) -> Result<Head, StartError> {
    // One that has no home is nobody's former self.
    let instance = match &options.home {
        Some(home) => home.instance(),
        None => anybody(),
    };
    let mut waited = false;
    loop {
        match store.claim(instance, options.lease).await? {
            Claim::Granted(head) => return Ok(head),
            Claim::Held { remaining } => {
                if !waited {
                    tracing::info!(?remaining, "another server owns the journal: waiting");
                    waited = true;
                }
                say(options, Starting::Waiting { remaining });
                tokio::time::sleep(remaining.clamp(PROMPT, LOOK)).await;
            }
        }
    }
}

/// A lease that has nearly ended is looked at again soon, and not at once.
const PROMPT: Duration = Duration::from_millis(5);

fn anybody() -> Instance {
    let mut name = [0; 16];
    getrandom::fill(&mut name).expect("the system has random numbers");
    Instance(name)
}

/// Checks that the journal has what this server answered last.
async fn remembered(store: &Store, home: &Home, head: &Head) -> Result<(), StartError> {
    let Some(witness) = home.witness()? else {
        return Ok(());
    };
    let is_there = witness.seq <= head.last_seq && epoch_at(store, &witness).await?.is_some();
    match is_there {
        true => Ok(()),
        false => Err(StartError::Forgotten {
            answered: witness.seq,
            end: head.last_seq,
        }),
    }
}

/// The state at the journal's end.
async fn recover(store: &Store, head: &Head, options: &Options) -> Result<Recovered, StartError> {
    let of = head.last_seq.0;
    let tell = |done: Seq| say(options, Starting::Recovering { done: done.0, of });
    tell(Seq(0));
    let start = newest_snapshot(store, head.last_seq).await?;
    tell(start.engine.last().seq);
    let recovered = replay_from(store, start, |_, group, _| {
        tell(group.last);
        // Where another server still appends, this one has claimed: there is nothing after it.
        true
    })
    .await?;
    recovered.chain.finish(head)?;
    Ok(recovered)
}

/// How far the read tables go. Tables of another journal are emptied.
async fn history(store: &Store) -> Result<Mark, StartError> {
    let mark = store.projected().await?;
    if epoch_at(store, &mark).await?.is_some() {
        return Ok(mark);
    }
    tracing::warn!(seq = %mark.seq, "the read tables are not of this journal: they are made again");
    store.unproject().await?;
    Ok(store.projected().await?)
}

fn set_to_work(
    store: Store,
    options: Options,
    (head, recovered): (Head, Recovered),
    projected: Mark,
    newest: Option<SnapshotInfo>,
) -> Result<Exchange, StartError> {
    let engine = recovered.engine;
    let at = (projected.seq == head.last_seq).then(|| engine.last().at);
    let seq = projected.seq;
    let live = Arc::new(Live::of(&engine, head, Projected { seq, at }));
    let meter = Arc::new(Meter::new());
    let (jobs, waiting_jobs) = lanes(options.queue);
    let (batches, waiting_batches) = projector::queue(head.last_seq);
    let (running, condition) = watch::channel(Condition::Running);
    let rest = aside::rest(store.kind());
    let snapshotter = options.snapshot_every.map(|every| Snapshotter {
        store: store.clone().with_rests(rest),
        committed: live.committed(),
        newest,
        every,
    });
    let (projector, gatherer) =
        Projector::new(&store, rest, Arc::clone(&live), waiting_batches, seq);
    say(&options, Starting::Running);
    let writer = Writer {
        desk: Desk {
            engine,
            clock: options.clock.clone(),
            jobs: waiting_jobs,
            events: Vec::new(),
            meter: Arc::clone(&meter),
            followed: Followed::default(),
        },
        committer: Committer::new(
            store.clone(),
            options.home,
            Arc::clone(&live),
            options.lease,
            head,
        ),
        live: Arc::clone(&live),
        batches,
        condition: running,
        since_hash: writer::RECORDS_PER_HASH,
    };
    let runtime = Handle::current();
    let thread = std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || writer.run(runtime))
        .map_err(StartError::Thread)?;
    let gatherer = Aside::start("gatherer", gatherer.run());
    let projector = Aside::start("history", projector.run());
    let snapshotter = snapshotter
        .map(|snapshotter| Aside::start("snapshots", snapshotter.run()))
        .transpose();
    let tasks = Tasks {
        writer: thread,
        gatherer: gatherer.map_err(StartError::Thread)?,
        projector: projector.map_err(StartError::Thread)?,
        snapshotter: snapshotter.map_err(StartError::Thread)?,
    };
    Ok(Exchange {
        shared: Arc::new(Shared {
            store,
            live,
            jobs,
            meter,
            clock: options.clock,
            condition,
            tasks: Mutex::new(Some(tasks)),
        }),
    })
}

fn say(options: &Options, starting: Starting) {
    if let Some(told) = &options.starting {
        told.send_replace(starting);
    }
}

//! Work that nobody waits for an answer of: history and snapshots. It has threads of its own, so that those
//! that answer are never held up by it, and the system lets the others run first.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use std::time::Duration;

use tidings_store::DatabaseKind;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::task::JoinHandle;

/// A thread that works beside trade.
pub(crate) struct Aside {
    thread: thread::JoinHandle<()>,
    /// The work ends with it: so it does when the runtime goes.
    leave: JoinHandle<()>,
}

impl Aside {
    /// Sets a thread to work. What the work waits for is the runtime's.
    ///
    /// # Errors
    /// When the system has no room for another thread.
    pub(crate) fn start(
        name: &str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Aside> {
        let runtime = Handle::current();
        let (holds, mut let_go) = tokio::sync::oneshot::channel::<()>();
        let leave = runtime.spawn(async move {
            std::future::pending::<()>().await;
            drop(holds);
        });
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                give_way();
                let until = async {
                    tokio::select! {
                        // Looked at first: nothing can be waited for in a runtime that goes.
                        biased;
                        _ = &mut let_go => {}
                        () = work => {}
                    }
                };
                let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(until)));
                // It may go while something begins to be waited for, which panics then.
                if let Err(panic) = ended
                    && let_go.try_recv() == Err(TryRecvError::Empty)
                {
                    resume_unwind(panic);
                }
            })?;
        Ok(Aside { thread, leave })
    }

    /// Lets the work go where it waits next.
    pub(crate) fn abort(&self) {
        self.leave.abort();
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// When it panicked.
    pub(crate) async fn join(self) -> thread::Result<()> {
        let thread = self.thread;
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        joined.unwrap_or_else(|gone| Err(Box::new(gone)))
    }
}

thread_local! {
    static GIVES_WAY: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is one that works beside trade.
pub(crate) fn is_aside() -> bool {
    GIVES_WAY.get()
}

/// How long a thread beside trade rests. It is scheduled as idle, but a processor that has such a thread does not ask another
/// one for what waits there; one that has nothing does.
const REST: Duration = Duration::from_micros(100);
/// How long where it has a server work. What that gets at once keeps it for about as long, and a commit that comes meanwhile waits
/// on the same processor.
const REST_OF_A_SERVER: Duration = Duration::from_micros(300);

/// What a thread beside trade does now and then that works with such a database.
pub(crate) fn rest(kind: DatabaseKind) -> fn() {
    match kind {
        DatabaseKind::Sqlite => || thread::sleep(REST),
        DatabaseKind::Postgres => || thread::sleep(REST_OF_A_SERVER),
    }
}

/// Computes for a while on a thread of its own, which gives way if the calling one does.
///
/// # Panics
/// When the work does, or the system has no room for a thread.
pub(crate) async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    if !is_aside() {
        let done = tokio::task::spawn_blocking(work).await;
        return done.unwrap_or_else(|error| resume_unwind(error.into_panic()));
    }
    let (says, hears) = oneshot::channel();
    let beside = move || {
        give_way();
        // Whoever waited may have let go.
        drop(says.send(catch_unwind(AssertUnwindSafe(work))));
    };
    let thread = thread::Builder::new().name("beside".to_owned());
    thread.spawn(beside).expect("room for a thread");
    let done = hears.await.expect("the thread says how it ended");
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The thread that calls it runs while no other wants to, and is interrupted as soon as one does. Niceness alone
/// does not do that: a thread that answers waited some milliseconds until a nicer one's turn was over.
fn give_way() {
    GIVES_WAY.set(true);
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::set_thread_priority_and_policy;
        use thread_priority::{
            NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, thread_native_id,
        };
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let thread = thread_native_id();
        if let Err(error) = set_thread_priority_and_policy(thread, ThreadPriority::Min, idle) {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "a thread gives way to nobody");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::Aside;

    #[tokio::test]
    async fn work_ends_by_itself_or_where_it_waits() {
        let done = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&done);
        let work = async move { set.store(true, Ordering::Relaxed) };
        let aside = Aside::start("works", work).expect("a thread");
        aside.join().await.expect("no panic");
        assert!(done.load(Ordering::Relaxed));
        let aside = Aside::start("waits", std::future::pending()).expect("a thread");
        aside.abort();
        aside.join().await.expect("no panic");
    }

    #[tokio::test]
    async fn a_panic_is_told() {
        let work = async { panic!("as the test wants it") };
        let aside = Aside::start("panics", work).expect("a thread");
        assert!(aside.join().await.is_err());
    }

    #[test]
    fn work_ends_without_a_panic_when_the_runtime_goes() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (says, waits) = mpsc::channel();
        let work = async move {
            says.send(()).expect("somebody hears it");
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        };
        let aside = runtime
            .block_on(async { Aside::start("sleeps", work) })
            .expect("a thread");
        waits.recv().expect("it works");
        drop(runtime);
        aside.thread.join().expect("no panic");
    }

    #[test]
    fn work_that_begins_to_wait_in_a_runtime_that_went_ends_without_a_panic() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (says, waits) = mpsc::channel();
        let (tells, hears) = mpsc::channel();
        let work = async move {
            says.send(()).expect("somebody hears it");
            hears.recv().expect("the runtime is gone");
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        };
        let aside = runtime
            .block_on(async { Aside::start("wakes late", work) })
            .expect("a thread");
        waits.recv().expect("it works");
        drop(runtime);
        tells.send(()).expect("it waits for it");
        aside.thread.join().expect("no panic");
    }

    #[tokio::test]
    async fn what_is_computed_comes_back_from_either_kind_of_thread() {
        let (says, hears) = tokio::sync::oneshot::channel();
        let work = async move {
            let here = super::is_aside();
            let there = super::compute(super::is_aside).await;
            says.send((here, there)).expect("somebody hears it");
        };
        let aside = Aside::start("computes", work).expect("a thread");
        assert_eq!(hears.await.expect("it works"), (true, true));
        aside.join().await.expect("no panic");
        assert!(!super::is_aside());
        assert!(!super::compute(super::is_aside).await);
        let panics = async { super::compute(|| panic!("as the test wants it")).await };
        let aside = Aside::start("panics", panics).expect("a thread");
        assert!(aside.join().await.is_err());
    }

    /// The thread gives way and no other: what the system says of each.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_its_own_thread_gives_way() {
        use thread_priority::NormalThreadSchedulePolicy::{Idle, Other};
        use thread_priority::ThreadSchedulePolicy::Normal;
        use thread_priority::thread_schedule_policy;

        let (says, hears) = tokio::sync::oneshot::channel();
        let work = async move {
            let policy = thread_schedule_policy().expect("a policy");
            says.send(policy).expect("somebody hears it");
        };
        let aside = Aside::start("gives way", work).expect("a thread");
        assert_eq!(hears.await.expect("it works"), Normal(Idle));
        aside.join().await.expect("no panic");
        assert_eq!(thread_schedule_policy().expect("a policy"), Normal(Other));
    }
}

//! Work that nobody waits for an answer of: history and snapshots. It has threads of its own, so that those
//! that answer are never held up by it, and the system lets the others run first.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::task::JoinHandle;

/// How much more a thread gives way than its process does, as the system counts it: up to 19, which gives way
/// to everyone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Yields {
    /// It has to keep up: when everyone wants to run it gets a third of what another does.
    Some = 5,
    /// It may take its time: a tenth.
    Much = 10,
}

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
        yields: Yields,
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
                give_way(yields);
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

/// Of the thread that calls it. Where the system knows no such thing of a thread, it is as good as the others.
fn give_way(yields: Yields) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        let of_process = getpriority_process(None).unwrap_or(0);
        if let Err(error) = setpriority_process(None, of_process + yields as i32) {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "a thread gives way to nobody");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = yields;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::{Aside, Yields};

    #[tokio::test]
    async fn work_ends_by_itself_or_where_it_waits() {
        let done = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&done);
        let work = async move { set.store(true, Ordering::Relaxed) };
        let aside = Aside::start("works", Yields::Some, work).expect("a thread");
        aside.join().await.expect("no panic");
        assert!(done.load(Ordering::Relaxed));
        let aside = Aside::start("waits", Yields::Much, std::future::pending()).expect("a thread");
        aside.abort();
        aside.join().await.expect("no panic");
    }

    #[tokio::test]
    async fn a_panic_is_told() {
        let work = async { panic!("as the test wants it") };
        let aside = Aside::start("panics", Yields::Some, work).expect("a thread");
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
            .block_on(async { Aside::start("sleeps", Yields::Some, work) })
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
            .block_on(async { Aside::start("wakes late", Yields::Some, work) })
            .expect("a thread");
        waits.recv().expect("it works");
        drop(runtime);
        tells.send(()).expect("it waits for it");
        aside.thread.join().expect("no panic");
    }

    /// The thread gives way and no other: what the system says of each.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_its_own_thread_gives_way() {
        let (says, hears) = tokio::sync::oneshot::channel();
        let work = async move {
            says.send(niceness()).expect("somebody hears it");
        };
        let before = niceness();
        let aside = Aside::start("gives way", Yields::Much, work).expect("a thread");
        assert_eq!(hears.await.expect("it works"), (before + 10).min(19));
        aside.join().await.expect("no panic");
        assert_eq!(niceness(), before);
    }

    #[cfg(target_os = "linux")]
    fn niceness() -> i32 {
        rustix::process::getpriority_process(None).expect("a priority")
    }
}

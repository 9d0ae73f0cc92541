//! What a task waits for beside its work: the end of the server, a heartbeat, a client that is late. It is looked at
//! when it has woken the task, and not each time that the work has: each look at a timer or a signal takes a lock, or
//! memory that is far away, and a task that is woken thousands of times a second has neither to spare.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Whether to look at something that seldom happens.
pub struct Rarely {
    wakes: Arc<Wakes>,
    /// Whoever is woken, as it was last seen here.
    task: Option<Waker>,
}

struct Wakes {
    /// There is something to look at.
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Rarely {
    /// What has not been looked at.
    pub fn new() -> Rarely {
        Rarely {
            wakes: Arc::new(Wakes {
                woken: AtomicBool::new(true),
                task: Mutex::new(None),
            }),
            task: None,
        }
    }

    /// What `look` finds; it is not called when nothing has woken the task since it found nothing.
    pub fn look<T>(
        &mut self,
        cx: &mut Context<'_>,
        look: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let same = self.task.as_ref();
        if !same.is_some_and(|task| task.will_wake(cx.waker())) {
            self.task = Some(cx.waker().clone());
            self.wakes.register(cx.waker().clone());
        }
        // Before the look: what happens after it is for the next one.
        if !self.wakes.woken.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        self.wakes.woken.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&self.wakes));
        let found = look(&mut Context::from_waker(&waker));
        if found.is_ready() {
            // Nobody waits for what comes next.
            self.wakes.woken.store(true, Ordering::Release);
        }
        found
    }
}

impl Default for Rarely {
    fn default() -> Rarely {
        Rarely::new()
    }
}

impl Wakes {
    fn register(&self, task: Waker) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        // It stays registered: a task that was woken for something else does not come here before it is woken again.
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &*task {
            task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicUsize;

use futures_util::task::{ArcWake, waker};

use super::*;

/// A task that counts how often it was woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl ArcWake for Task {
    fn wake_by_ref(task: &Arc<Task>) {
        task.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    fn woken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Looks once, and says what was found and whether it was looked at.
fn look(rarely: &mut Rarely, task: &Arc<Task>, found: Poll<()>) -> (Poll<()>, Option<Waker>) {
    let mut kept = None;
    let task = waker(Arc::clone(task));
    let found = rarely.look(&mut Context::from_waker(&task), |cx| {
        kept = Some(cx.waker().clone());
        found
    });
    (found, kept)
}

#[test]
fn it_is_looked_at_first_and_then_when_it_has_woken_the_task() {
    let (mut rarely, task) = (Rarely::new(), Arc::new(Task::default()));
    let (found, kept) = look(&mut rarely, &task, Poll::Pending);
    assert!(found.is_pending());
    let wakes = kept.expect("the first look is one");
    for _ in 0..3 {
        let (found, kept) = look(&mut rarely, &task, Poll::Ready(()));
        assert!(found.is_pending() && kept.is_none(), "nothing has come");
    }
    assert_eq!(task.woken(), 0);
    wakes.wake_by_ref();
    assert_eq!(task.woken(), 1);
    let (found, kept) = look(&mut rarely, &task, Poll::Pending);
    assert!(found.is_pending() && kept.is_some());
    // Woken once and looked at for nothing, it can wake again.
    wakes.wake();
    assert_eq!(task.woken(), 2);
    assert!(look(&mut rarely, &task, Poll::Ready(())).0.is_ready());
}

#[test]
fn after_something_was_found_it_is_looked_at_again() {
    let (mut rarely, task) = (Rarely::new(), Arc::new(Task::default()));
    for _ in 0..3 {
        let (found, kept) = look(&mut rarely, &task, Poll::Ready(()));
        assert!(found.is_ready() && kept.is_some());
    }
}

#[test]
fn whoever_looked_last_is_woken() {
    let (mut rarely, first) = (Rarely::new(), Arc::new(Task::default()));
    let second = Arc::new(Task::default());
    let (_, kept) = look(&mut rarely, &first, Poll::Pending);
    let (_, none) = look(&mut rarely, &second, Poll::Pending);
    assert!(none.is_none(), "another task is no reason to look");
    kept.expect("it was looked at").wake();
    assert_eq!((first.woken(), second.woken()), (0, 1));
}

//! Who is called, and when.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use super::*;

/// A reader that counts how often it was woken.
struct Reader {
    ear: Arc<Ear>,
    woken: Arc<Count>,
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Count>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Reader {
    fn enter(crowd: &Crowd, name: usize) -> Reader {
        let reader = Reader {
            ear: Arc::default(),
            woken: Arc::default(),
        };
        crowd.enter(name as u64, &reader.ear);
        reader.look();
        reader
    }

    fn look(&self) {
        self.ear.listen(&Waker::from(Arc::clone(&self.woken)));
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }
}

fn many() -> (Crowd, Vec<Reader>) {
    let crowd = Crowd::default();
    let readers = (0..AT_ONCE * 2 + 9).map(|name| Reader::enter(&crowd, name));
    let readers = readers.collect();
    (crowd, readers)
}

fn woken(readers: &[Reader]) -> usize {
    readers.iter().map(Reader::woken).sum()
}

#[tokio::test(start_paused = true)]
async fn the_next_ones_are_called_when_those_before_have_looked() {
    let (crowd, readers) = many();
    let mut call = pin!(crowd.call());
    let mut called = 0;
    while called < readers.len() {
        let poll = |cx: &mut Context<'_>| Poll::Ready(call.as_mut().poll(cx).is_ready());
        assert!(!poll_fn(poll).await, "it waits for those it called");
        let until = readers.len().min(called + AT_ONCE);
        assert_eq!(woken(&readers), until);
        let (last, others) = readers[called..until].split_last().expect("some");
        others.iter().for_each(Reader::look);
        let poll = |cx: &mut Context<'_>| Poll::Ready(call.as_mut().poll(cx).is_ready());
        assert!(!poll_fn(poll).await);
        assert_eq!(woken(&readers), until, "one has not looked");
        last.look();
        called = until;
    }
    call.await;
    assert!(readers.iter().all(|reader| reader.woken() == 1));
}

/// Calls everyone; whoever was woken looks within a millisecond. How long it took.
async fn call(crowd: &Crowd, readers: &[Reader]) -> Duration {
    let before: Vec<usize> = readers.iter().map(Reader::woken).collect();
    let began = tokio::time::Instant::now();
    let look = async {
        loop {
            tokio::time::sleep(PATIENCE / 2).await;
            let all = readers.iter().zip(&before);
            let called = all.filter(|(reader, before)| reader.woken() > **before);
            called.for_each(|(reader, _)| reader.look());
        }
    };
    tokio::select! {
        () = crowd.call() => began.elapsed(),
        () = look => unreachable!("they look for ever"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_look_holds_up_the_others_once_and_not_for_long() {
    let (crowd, readers) = many();
    let (silent, others) = readers.split_first().expect("some");
    let took = call(&crowd, others).await;
    assert!(took <= PATIENCE * 5, "{took:?}");
    call(&crowd, others).await;
    assert_eq!(silent.woken(), 1, "it is not called a second time");
    silent.look();
    call(&crowd, others).await;
    assert_eq!(silent.woken(), 2, "it has looked, and is called again");
    assert!(others.iter().all(|other| other.woken() == 3));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_is_not_waited_for() {
    let (crowd, readers) = many();
    let began = tokio::time::Instant::now();
    let leave = async {
        tokio::task::yield_now().await;
        for (reader, name) in readers.into_iter().zip(0..) {
            crowd.leave(name);
            drop(reader);
        }
    };
    tokio::join!(crowd.call(), leave);
    assert!(began.elapsed().is_zero());
}

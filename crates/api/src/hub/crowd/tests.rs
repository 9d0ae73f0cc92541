//! Who is called, and when.

use std::future::poll_fn;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicUsize;
use std::task::{Poll, Wake};

use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;

use super::*;

/// Counts how often a reader was woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Count>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A reader that looks when the test has it look.
struct Reader {
    ear: Arc<Ear>,
    woken: Arc<Count>,
}

impl Reader {
    fn enter(crowd: &Crowd, name: usize) -> Reader {
        let reader = Reader {
            ear: Arc::default(),
            woken: Arc::default(),
        };
        crowd.enter(name as u64, Wanted::ODDS, &reader.ear);
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

#[tokio::test]
async fn who_does_not_look_is_called_once() {
    let crowd = Crowd::default();
    let readers: Vec<_> = (0..AT_ONCE * 2 + 3)
        .map(|name| Reader::enter(&crowd, name))
        .collect();
    let (silent, others) = readers.split_first().expect("some");
    for times in 1..=3 {
        crowd.call(Wanted::ODDS).await;
        assert_eq!(silent.woken(), 1);
        for other in others {
            assert_eq!(other.woken(), times);
            other.look();
        }
    }
    silent.look();
    crowd.call(Wanted::ODDS).await;
    assert_eq!(silent.woken(), 2, "it has looked, and is called again");
    crowd.leave(0);
    silent.look();
    crowd.call(Wanted::ODDS).await;
    assert_eq!(silent.woken(), 2, "it has left");
}

/// What comes over a socket while a market's readers are told is looked at before many more of them have been: with
/// one thread, as on one core.
#[test]
fn a_request_waits_for_a_few_readers_only() {
    const READERS: u32 = 2_000;
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_io()
        .build()
        .expect("a runtime");
    let crowd = Arc::new(Crowd::default());
    let looks = Arc::new(AtomicUsize::new(0));
    let ready = Arc::new(tokio::sync::Semaphore::new(0));
    let (here, there) = UnixStream::pair().expect("two sockets");
    here.set_nonblocking(true).expect("a socket");
    let there = Arc::new(there);
    let served = {
        let _in_it = runtime.enter();
        let mut here = tokio::net::UnixStream::from_std(here).expect("a socket");
        let looks = Arc::clone(&looks);
        runtime.spawn(async move {
            let mut waited: Vec<usize> = Vec::new();
            while here.read_exact(&mut [0]).await.is_ok() {
                waited.push(looks.load(Ordering::Relaxed) - waited.len() * 100);
            }
            waited
        })
    };
    for name in 0..READERS {
        let ear = Arc::new(Ear::default());
        crowd.enter(name.into(), Wanted::ODDS, &ear);
        let (looks, ready) = (Arc::clone(&looks), Arc::clone(&ready));
        let there = Arc::clone(&there);
        runtime.spawn(async move {
            let mut first = true;
            poll_fn(|cx| {
                ear.listen(cx.waker());
                match std::mem::take(&mut first) {
                    true => {
                        ready.add_permits(1);
                        Poll::Pending
                    }
                    false => Poll::Ready(()),
                }
            })
            .await;
            // After each hundred somebody asks for something.
            if looks.fetch_add(1, Ordering::Relaxed) % 100 == 0 {
                (&*there).write_all(&[1]).expect("it is there");
            }
        });
    }
    let told = runtime.spawn(async move {
        let all = ready.acquire_many(READERS).await;
        drop(all.expect("it is open"));
        crowd.call(Wanted::ODDS).await;
    });
    runtime.block_on(told).expect("everyone is called");
    drop(there);
    let waited = runtime.block_on(served).expect("it ends");
    assert_eq!(looks.load(Ordering::Relaxed), 2_000);
    assert_eq!(waited.len(), 20);
    assert!(waited.iter().all(|waited| *waited <= 24), "{waited:?}");
}

#[tokio::test]
async fn who_wants_none_of_what_is_new_is_not_called() {
    let crowd = Crowd::default();
    let news = |names: &str| -> Wanted { names.parse().expect("they are known") };
    let readers: Vec<_> = ["odds", "trade", "book", "market", "odds,book"]
        .into_iter()
        .enumerate()
        .map(|(name, wants)| {
            let reader = Reader::enter(&crowd, name);
            crowd.enter(name as u64, news(wants), &reader.ear);
            reader
        })
        .collect();
    // What happened is one log, so whoever wants any of it looks.
    for (new, called) in [
        ("odds", [true, false, false, false, true]),
        ("trade,market", [false, true, false, true, false]),
        ("book", [false, false, true, false, true]),
    ] {
        assert!(crowd.call(news(new)).await);
        let woken = readers.iter().map(|reader| {
            let woken = reader.woken() > 0;
            reader.woken.0.store(0, Ordering::Relaxed);
            reader.look();
            woken
        });
        assert_eq!(woken.collect::<Vec<_>>(), called, "{new}");
    }
    assert!(!crowd.call(Wanted::NOTHING).await, "there was nobody");
}

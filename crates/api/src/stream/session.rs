//! One stream, from its first message to its last: a task that reads, hands in, listens and writes.
//!
//! It waits for one thing at a time, whichever comes, then says all that is ready in one frame. While a
//! client does not take what it was sent, nothing more is read from it.

mod hear;

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tidings_core::id::AccountId;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use crate::app::App;
use crate::auth::{self, Caller};
use crate::hub::HEARTBEAT;
use crate::limits::{IN_FLIGHT, Place, SILENCE_TIME, STALL_TIME, Ticket};
use crate::stream::close::End;
use crate::stream::orders::{Done, Group, InFlight};
use crate::stream::private::Private;
use crate::stream::public::Public;
use crate::stream::tell::{
    HeartbeatMessage, HeartbeatType, HelloMessage, HelloType, Outbox, place,
};
use crate::wire::id;

/// How long what was accepted may take to be answered when the server stops. Less than a port waits for
/// its connections.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// How long a client may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Who is at the other end.
pub(super) struct Peer {
    pub(super) place: Place,
    pub(super) address: Option<IpAddr>,
    pub(super) caller: Option<Caller>,
    /// Held for as long as the stream is open.
    pub(super) _ticket: Ticket,
    /// The same of the account, if one is known.
    pub(super) ticket_of_account: Option<Ticket<AccountId>>,
}

pub(super) struct Session {
    app: App,
    socket: WebSocket,
    peer: Peer,
    out: Outbox,
    in_flight: FuturesUnordered<InFlight>,
    /// How many commands these are.
    waiting: usize,
    /// Commands of the frame at hand.
    group: Group,
    private: Private,
    public: Public,
    /// Resolves when the key is gone.
    key_gone: BoxFuture<'static, ()>,
    heartbeat: Interval,
    /// When the client was last heard of.
    heard: Instant,
    /// By when a client without a key has to have said something.
    silent_until: Option<Instant>,
    /// When the server said that it stops.
    stopping: Option<Instant>,
}

/// What a session waits for.
enum Wake {
    Frame(Option<Result<Message, axum::Error>>),
    Done(Vec<Done>),
    Private,
    Public,
    Beat,
    Silent,
    KeyGone,
    Stop,
}

impl Session {
    pub(super) fn new(app: App, socket: WebSocket, peer: Peer) -> Session {
        let now = Instant::now();
        let mut heartbeat = interval_at(now + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Session {
            key_gone: auth::gone(&app, peer.caller.as_ref()).boxed(),
            silent_until: peer.caller.is_none().then_some(now + SILENCE_TIME),
            public: Public::new(&app),
            app,
            socket,
            peer,
            out: Outbox::default(),
            in_flight: FuturesUnordered::new(),
            waiting: 0,
            group: Group::default(),
            private: Private::default(),
            heartbeat,
            heard: now,
            stopping: None,
        }
    }

    /// Serves the stream to its end, and says why it ended.
    pub(super) async fn run(mut self) {
        self.hello();
        let end = match self.serve().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        tracing::debug!(?end, "a stream ends");
        // What waits is lost to whoever does not take it, and said to everybody else.
        let goodbye = async {
            if let Some(frame) = self.out.take() {
                self.socket.send(Message::Text(frame)).await?;
            }
            self.socket.send(Message::Close(Some(end.frame()))).await?;
            // A connection that is closed before the client has read all may lose the rest.
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<(), axum::Error>(())
        };
        if end != End::Gone {
            drop(timeout(GOODBYE, goodbye).await);
        }
    }

    fn hello(&mut self) {
        let exchange = self.app.exchange();
        let seq = exchange.committed().seq;
        self.out.push(&HelloMessage {
            r#type: HelloType,
            place: place(exchange.epoch(), seq),
            seq: seq.0,
            account: self.peer.caller.map(|caller| id::account(caller.account)),
            heartbeat_seconds: HEARTBEAT.as_secs(),
        });
    }

    async fn serve(&mut self) -> Result<Infallible, End> {
        loop {
            self.flush().await?;
            if self.stopping.is_some() && self.in_flight.is_empty() {
                return Err(End::Stopping);
            }
            match self.wake().await {
                Wake::Frame(frame) => self.read(frame).await?,
                Wake::Done(done) => self.answer(done),
                Wake::Private => self.tell_private().await?,
                Wake::Public => self.public.tell(&mut self.out),
                Wake::Beat => self.beat().await?,
                Wake::Silent => return Err(End::Silent),
                Wake::KeyGone => return Err(End::Key),
                Wake::Stop if self.stopping.is_some() => return Err(End::Stopping),
                Wake::Stop => self.stopping = Some(Instant::now()),
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        // A client that asks faster than it is answered is not read from; nor is one that is told goodbye.
        let reads = self.waiting < IN_FLIGHT && self.stopping.is_none();
        let silent_until = self.silent_until;
        let stop = stop(&self.app, self.stopping);
        tokio::select! {
            frame = self.socket.recv(), if reads => Wake::Frame(frame),
            Some(done) = self.in_flight.next(), if !self.in_flight.is_empty() => Wake::Done(done),
            () = self.private.ready() => Wake::Private,
            () = self.public.ready() => Wake::Public,
            _ = self.heartbeat.tick() => Wake::Beat,
            () = until(silent_until) => Wake::Silent,
            () = &mut self.key_gone => Wake::KeyGone,
            () = stop => Wake::Stop,
        }
    }

    /// Sends what waits, for as long as a reader may take nothing.
    async fn flush(&mut self) -> Result<(), End> {
        let Some(frame) = self.out.take() else {
            return Ok(());
        };
        self.send(Message::Text(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let stop = stop(&self.app, Some(self.stopping.unwrap_or_else(Instant::now)));
        tokio::select! {
            sent = timeout(STALL_TIME, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Stalled),
            },
            () = &mut self.key_gone => Err(End::Key),
            () = async { self.app.shutdown().cancelled().await; stop.await } => Err(End::Stopping),
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        if self.heard.elapsed() >= STALL_TIME {
            return Err(End::Stalled);
        }
        self.out.push(&HeartbeatMessage {
            r#type: HeartbeatType,
            seq: self.app.exchange().committed().seq.0,
        });
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    /// Says the answers that are there.
    fn answer(&mut self, first: Vec<Done>) {
        let mut ready = Some(first);
        while let Some(done) = ready {
            self.waiting -= done.len();
            for Done { id, op, outcome } in done {
                match outcome {
                    Ok(answer) => self.out.push_answer(&id, op, &answer),
                    Err(problem) => self.out.push_problem(Some(&id), &problem),
                }
            }
            ready = match self.out.is_full() {
                true => None,
                false => self.in_flight.next().now_or_never().flatten(),
            };
        }
    }

    async fn tell_private(&mut self) -> Result<(), End> {
        let Some(caller) = self.peer.caller else {
            return Ok(());
        };
        let told = self.private.tell(&self.app, caller.account, &mut self.out);
        // The writer is gone or late, and with it what would have to be said: nothing is left out.
        told.await.map_err(|_| End::Unavailable)
    }
}

/// When the server stops; once it has said so, when it has waited long enough.
fn stop(app: &App, stopping: Option<Instant>) -> impl Future<Output = ()> + Send + use<> {
    let shutdown = app.shutdown().clone();
    async move {
        match stopping {
            None => shutdown.cancelled().await,
            Some(since) => tokio::time::sleep_until(since + LAST_ANSWERS).await,
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

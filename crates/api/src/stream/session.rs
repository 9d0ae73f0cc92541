//! One stream, from its first message to its last: a task that reads, hands in, listens and writes.
//!
//! It waits for one thing at a time, whichever comes, then says all that is ready in one frame. While a
//! client does not take what it was sent, nothing more is read from it.

use std::convert::Infallible;
use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::value::RawValue;
use tidings_core::id::AccountId;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use crate::app::App;
use crate::auth::{self, Caller, key_missing};
use crate::hub::HEARTBEAT;
use crate::limits::{Charge, IN_FLIGHT, Place, SILENCE_TIME, STALL_TIME, Ticket};
use crate::problem::Problem;
use crate::stream::ask::{
    self, Ask, AuthMessage, AuthOp, BadFrame, SubscribeMessage, SubscribeOp, UnsubscribeMessage,
    UnsubscribeOp,
};
use crate::stream::close::End;
use crate::stream::orders::{self, Done, InFlight, Order};
use crate::stream::private::Private;
use crate::stream::public::Public;
use crate::stream::tell::{
    AuthenticatedJson, HeartbeatMessage, HeartbeatType, HelloMessage, HelloType, Outbox,
    SubscriptionJson, place,
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
    Done(Done),
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
        let reads = self.in_flight.len() < IN_FLIGHT && self.stopping.is_none();
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
    fn answer(&mut self, first: Done) {
        let mut done = Some(first);
        while let Some(Done { id, op, outcome }) = done {
            match outcome {
                Ok(answer) => self.out.push_answer(&id, op, &answer),
                Err(problem) => self.out.push_problem(Some(&id), &problem),
            }
            done = match self.out.is_full() {
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

    async fn read(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        let text = match frame {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(End::Binary),
            Some(Ok(Message::Text(text))) => text,
            Some(Err(error)) => return Err(fault(&error)),
        };
        // What a key opened is closed with it also for what was on its way.
        if self.peer.caller.is_some_and(|caller| !caller.is_live(&self.app)) {
            return Err(End::Key);
        }
        let first = self.silent_until.take().is_some();
        let messages = match ask::messages(&text) {
            Ok(messages) => messages,
            Err(BadFrame::NotJson) => return Err(End::NotJson),
            Err(BadFrame::Refused(problem)) => {
                let charged = self.charge(Charge::Nothing);
                self.out.push_problem(None, charged.as_ref().err().unwrap_or(&problem));
                return Ok(());
            }
        };
        for (message, ix) in messages.into_iter().zip(0..) {
            self.hear(message, first && ix == 0).await?;
        }
        Ok(())
    }

    /// Does what a message asks, or says why not.
    async fn hear(&mut self, message: &RawValue, first: bool) -> Result<(), End> {
        let (id, ask) = match ask::read(message) {
            Ok(read) => read,
            Err(bad) => {
                let charged = self.charge(Charge::Nothing);
                let problem = charged.err().unwrap_or(bad.problem);
                self.out.push_problem(bad.id.as_deref(), &problem);
                return Ok(());
            }
        };
        if let Ask::Auth(auth) = ask {
            return self.authenticate(&id, &auth, first);
        }
        let done = match ask {
            Ask::Subscribe(message) => self.subscribe(&id, message).await,
            Ask::Unsubscribe(message) => self.unsubscribe(&id, message),
            command => self.command(id.clone(), command),
        };
        if let Err(problem) = done {
            self.out.push_problem(Some(&id), &problem);
        }
        Ok(())
    }

    fn charge(&self, charge: Charge) -> Result<(), Problem> {
        charge.take(&self.app, self.peer.caller.as_ref(), self.peer.place)
    }

    fn authenticate(&mut self, id: &str, auth: &AuthMessage, first: bool) -> Result<(), End> {
        if !first {
            let detail = "say who you are with the first message, or open another stream";
            let problem = Problem::new("auth_too_late", detail);
            let charged = self.charge(Charge::Nothing);
            self.out.push_problem(Some(id), &charged.err().unwrap_or(problem));
            return Ok(());
        }
        let let_in = auth::caller(&self.app, &auth.key, self.peer.address).and_then(|caller| {
            let ticket = self.app.open_stream_of(caller.account)?;
            Ok((caller, ticket))
        });
        match let_in {
            Ok((caller, ticket)) => {
                self.key_gone = caller.gone(&self.app).boxed();
                self.peer.caller = Some(caller);
                self.peer.ticket_of_account = Some(ticket);
                let account = id::account(caller.account);
                self.out.push_done(id, AuthOp::WORD, &AuthenticatedJson { account });
                Ok(())
            }
            Err(problem) => {
                let charged = self.charge(Charge::WrongKey);
                self.out.push_problem(Some(id), &charged.err().unwrap_or(problem));
                Err(End::Key)
            }
        }
    }

    fn caller(&self) -> Result<Caller, Problem> {
        self.peer.caller.ok_or_else(key_missing)
    }

    async fn subscribe(&mut self, id: &str, message: SubscribeMessage) -> Result<(), Problem> {
        self.charge(Charge::Subscription)?;
        let SubscribeMessage {
            channel,
            markets,
            after,
            ..
        } = message;
        if channel.is_of_markets() {
            let markets = self.public.resolve(channel, markets)?;
            let slugs = Some(markets.iter().map(|market| market.spec.slug.clone()).collect());
            let told = SubscriptionJson {
                channel,
                markets: slugs,
            };
            self.out.push_done(id, SubscribeOp::WORD, &told);
            self.public.subscribe(channel, &markets, after.as_deref(), &mut self.out);
            return Ok(());
        }
        no_markets(markets.as_ref())?;
        let caller = self.caller()?.reading()?;
        // The answer comes before what it lets in, and only if that can be had.
        let mut told = Outbox::default();
        let subscribed =
            self.private
                .subscribe(&self.app, caller.account, channel, after.as_deref(), &mut told);
        subscribed.await?;
        let answer = SubscriptionJson {
            channel,
            markets: None,
        };
        self.out.push_done(id, SubscribeOp::WORD, &answer);
        self.out.append(told);
        Ok(())
    }

    fn unsubscribe(&mut self, id: &str, message: UnsubscribeMessage) -> Result<(), Problem> {
        self.charge(Charge::Nothing)?;
        let channel = message.channel;
        let markets = if channel.is_of_markets() {
            Some(self.public.unsubscribe(channel, message.markets)?)
        } else {
            no_markets(message.markets.as_ref())?;
            self.private.unsubscribe(channel);
            None
        };
        let told = SubscriptionJson { channel, markets };
        self.out.push_done(id, UnsubscribeOp::WORD, &told);
        Ok(())
    }

    /// Hands in what a trader asks, at what it costs over HTTP.
    fn command(&mut self, id: String, ask: Ask<'_>) -> Result<(), Problem> {
        if let Some((method, path)) = orders::route(&ask) {
            self.charge(Charge::Route(method, path))?;
        }
        let trader = self.caller()?.trading()?;
        let order = match ask {
            Ask::Place(message) => Order::place(&self.app, message)?,
            Ask::Amend(message) => Order::amend(message)?,
            Ask::Cancel(message) => Order::cancel(message)?,
            Ask::CancelAll(message) => Order::cancel_all(&self.app, message)?,
            Ask::Auth(_) | Ask::Subscribe(_) | Ask::Unsubscribe(_) => return Ok(()),
        };
        let handed_in = orders::hand_in(&self.app, trader, id, order)?;
        self.in_flight.push(handed_in);
        Ok(())
    }
}

fn no_markets(markets: Option<&Vec<String>>) -> Result<(), Problem> {
    match markets {
        None => Ok(()),
        Some(_) => Err(Problem::invalid_body(
            "markets",
            "this channel is the account's, in all markets",
        )),
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

/// What a frame that could not be read ends with.
fn fault(error: &axum::Error) -> End {
    match error.source().and_then(|source| source.downcast_ref()) {
        Some(tungstenite::Error::Capacity(_)) => End::TooLong,
        Some(tungstenite::Error::Utf8(_)) => End::NotJson,
        Some(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
            End::Gone
        }
        Some(tungstenite::Error::Protocol(_)) => End::Protocol,
        _ => End::Gone,
    }
}

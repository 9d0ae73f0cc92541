//! What a session does with what it reads: frame by frame, message by message.

use std::error::Error as _;

use axum::extract::ws::Message;
use futures_util::future::FutureExt;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use super::Session;
use crate::auth::{self, Caller, key_missing};
use crate::limits::Charge;
use crate::problem::Problem;
use crate::stream::ask::{
    self, Ask, AuthMessage, AuthOp, BadFrame, SubscribeMessage, SubscribeOp, UnsubscribeMessage,
    UnsubscribeOp,
};
use crate::stream::close::End;
use crate::stream::orders::{self, Order};
use crate::stream::tell::{AuthenticatedJson, Outbox, SubscriptionJson};
use crate::wire::id;

impl Session {
    pub(super) async fn read(
        &mut self,
        frame: Option<Result<Message, axum::Error>>,
    ) -> Result<(), End> {
        self.heard = Instant::now();
        let text = match frame {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(End::Binary),
            Some(Ok(Message::Text(text))) => text,
            Some(Err(error)) => return Err(fault(&error)),
        };
        // What a key opened is closed with it also for what was on its way.
        if self
            .peer
            .caller
            .is_some_and(|caller| !caller.is_live(&self.app))
        {
            return Err(End::Key);
        }
        let first = self.silent_until.take().is_some();
        let messages = match ask::messages(&text) {
            Ok(messages) => messages,
            Err(BadFrame::NotJson) => return Err(End::NotJson),
            Err(BadFrame::Refused(problem)) => {
                let charged = self.charge(Charge::Nothing);
                self.out
                    .push_problem(None, charged.as_ref().err().unwrap_or(&problem));
                return Ok(());
            }
        };
        for (message, ix) in messages.into_iter().zip(0..) {
            self.hear(message, first && ix == 0).await?;
        }
        self.hand_in_group();
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
            self.out
                .push_problem(Some(id), &charged.err().unwrap_or(problem));
            return Ok(());
        }
        let (problem, charge) = match auth::caller(&self.app, &auth.key, self.peer.address) {
            Err(problem) => (problem, Charge::WrongKey),
            Ok(caller) => match self.app.open_stream_of(caller.account) {
                Err(problem) => (problem, Charge::Nothing),
                Ok(ticket) => {
                    self.key_gone = caller.gone(&self.app).boxed();
                    self.peer.caller = Some(caller);
                    self.peer.ticket_of_account = Some(ticket);
                    let account = id::account(caller.account);
                    self.out
                        .push_done(id, AuthOp::WORD, &AuthenticatedJson { account });
                    return Ok(());
                }
            },
        };
        let problem = self.charge(charge).err().unwrap_or(problem);
        self.out.push_problem(Some(id), &problem);
        Err(End::Key)
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
            let slugs = Some(
                markets
                    .iter()
                    .map(|market| market.spec.slug.clone())
                    .collect(),
            );
            let told = SubscriptionJson {
                channel,
                markets: slugs,
            };
            self.out.push_done(id, SubscribeOp::WORD, &told);
            self.public
                .subscribe(channel, &markets, after.as_deref(), &mut self.out);
            return Ok(());
        }
        no_markets(markets.as_ref())?;
        let caller = self.caller()?.reading()?;
        // The answer comes before what it lets in, and only if that can be had.
        let mut told = Outbox::default();
        let subscribed = self.private.subscribe(
            &self.app,
            caller.account,
            channel,
            after.as_deref(),
            &mut told,
        );
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
        if order.is_cancel() {
            // What was asked before it is at least on its way.
            self.hand_in_group();
            self.waiting += 1;
            self.in_flight
                .push(orders::hand_in(&self.app, trader, id, order));
        } else if self.group.add(trader, id, order) {
            self.hand_in_group();
        }
        Ok(())
    }

    /// Hands in the orders of the frame that wait for others to go with.
    fn hand_in_group(&mut self) {
        let group = std::mem::take(&mut self.group);
        if group.len() > 0 {
            self.waiting += group.len();
            self.in_flight.push(group.hand_in(&self.app));
        }
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

//! What is the account's alone: its orders, fills and balances. Nothing of it is left out: a reader gets each
//! change in the order of the journal, or is told that it missed some and gets all that there is.

use std::sync::Arc;

use tidings_core::id::{AccountId, Seq};
use tidings_core::ledger::{Cash, Holding};
use tidings_exchange::{AccountChange, Balance, EndStep, Heard, Listener};

use crate::app::App;
use crate::problem::Problem;
use crate::stream::ask::ChannelWord;
use crate::stream::tell::{
    BalancesMessage, BalancesWord, EventType, FillsMessage, FillsWord, OrdersMessage, OrdersWord,
    Outbox, ProposalsMessage, ProposalsWord, place,
};
use crate::wire::account::{BalanceJson, OwnFillJson};
use crate::wire::held::HeldProposalJson;
use crate::wire::order::OrderJson;

/// The channels of one account that a stream listens to.
#[derive(Default)]
pub(super) struct Private {
    listener: Option<Listener>,
    /// Each channel's place: up to there the reader has everything.
    orders: Option<Seq>,
    fills: Option<Seq>,
    balances: Option<Seq>,
    proposals: Option<Seq>,
    /// Whether there may be something to say.
    awake: bool,
}

impl Private {
    /// Listens to a channel from a place on, or from here on with all that there is.
    pub(super) async fn subscribe(
        &mut self,
        app: &App,
        account: AccountId,
        channel: ChannelWord,
        after: Option<&str>,
        out: &mut Outbox,
    ) -> Result<(), Problem> {
        let heard = app.listen(account).await?;
        let from = after.and_then(|after| resumable(app, &heard, after));
        let at = from.unwrap_or(heard.as_of.seq);
        if from.is_none() {
            let kind = match after {
                None => EventType::Snapshot,
                Some(_) => EventType::Reset,
            };
            tell_all(app, &heard, channel, kind, out);
        }
        *self.place_of(channel) = Some(at);
        self.listener = Some(heard.listener);
        self.awake = true;
        Ok(())
    }

    /// Listens to a channel no longer.
    pub(super) fn unsubscribe(&mut self, channel: ChannelWord) {
        *self.place_of(channel) = None;
        if self.from().is_none() {
            *self = Private::default();
        }
    }

    /// Waits until there is something to say.
    pub(super) async fn ready(&mut self) {
        if !self.awake {
            match &mut self.listener {
                Some(listener) => listener.changed().await,
                None => std::future::pending().await,
            }
            self.awake = true;
        }
    }

    /// Says what has happened, as far as it fits.
    pub(super) async fn tell(
        &mut self,
        app: &App,
        account: AccountId,
        out: &mut Outbox,
    ) -> Result<(), Problem> {
        self.awake = false;
        let (Some(listener), Some(from)) = (&self.listener, self.from()) else {
            return Ok(());
        };
        let Some(changes) = listener.after(from) else {
            return self.reset(app, account, out).await;
        };
        for change in changes {
            if out.is_full() {
                self.awake = true;
                break;
            }
            self.tell_one(app, &change, out);
        }
        Ok(())
    }

    /// The reader has missed what is not kept: it is told so, and all that there is.
    async fn reset(
        &mut self,
        app: &App,
        account: AccountId,
        out: &mut Outbox,
    ) -> Result<(), Problem> {
        let heard = app.listen(account).await?;
        for channel in PRIVATE {
            if let Some(at) = self.place_of(channel) {
                *at = heard.as_of.seq;
                tell_all(app, &heard, channel, EventType::Reset, out);
            }
        }
        self.listener = Some(heard.listener);
        self.awake = true;
        Ok(())
    }

    fn tell_one(&mut self, app: &App, change: &Arc<AccountChange>, out: &mut Outbox) {
        let seq = change.seq;
        let place = place(app.exchange().epoch(), seq);
        let (r#type, seq_number) = (EventType::Update, seq.0);
        if passes(&mut self.orders, seq) && !change.orders.is_empty() {
            let orders = change.orders.iter().filter_map(|order| {
                let market = app.exchange().market(order.view.terms.market)?;
                Some(OrderJson::changed(order, &market))
            });
            out.push(&OrdersMessage {
                r#type,
                channel: OrdersWord,
                place: place.clone(),
                seq: seq_number,
                data: orders.collect(),
            });
        }
        if passes(&mut self.fills, seq) && !change.fills.is_empty() {
            let fills = change.fills.iter().filter_map(|fill| {
                let market = app.exchange().market(fill.market)?;
                Some(OwnFillJson::of(fill, &market))
            });
            out.push(&FillsMessage {
                r#type,
                channel: FillsWord,
                place: place.clone(),
                seq: seq_number,
                data: fills.collect(),
            });
        }
        if passes(&mut self.balances, seq)
            && let Some(balance) = &change.balance
        {
            out.push(&BalancesMessage {
                r#type,
                channel: BalancesWord,
                place: place.clone(),
                seq: seq_number,
                data: BalanceJson::of(balance, |market| app.exchange().market(market)),
            });
        }
        if passes(&mut self.proposals, seq) && !change.ends.is_empty() {
            out.push(&ProposalsMessage {
                r#type,
                channel: ProposalsWord,
                place,
                seq: seq_number,
                data: proposals(app, &change.ends),
            });
        }
    }

    /// The first place from which some channel lacks something.
    fn from(&self) -> Option<Seq> {
        let places = [self.orders, self.fills, self.balances, self.proposals];
        places.into_iter().flatten().min()
    }

    fn place_of(&mut self, channel: ChannelWord) -> &mut Option<Seq> {
        match channel {
            ChannelWord::Orders => &mut self.orders,
            ChannelWord::Fills => &mut self.fills,
            ChannelWord::Balances => &mut self.balances,
            ChannelWord::Proposals => &mut self.proposals,
            ChannelWord::Odds | ChannelWord::Trade | ChannelWord::Book | ChannelWord::Market => {
                unreachable!("a market's channel is not an account's")
            }
        }
    }
}

/// The channels that are an account's.
const PRIVATE: [ChannelWord; 4] = [
    ChannelWord::Orders,
    ChannelWord::Fills,
    ChannelWord::Balances,
    ChannelWord::Proposals,
];

/// Moves a channel's place past a command; false when it has that already, or is not listened to.
fn passes(place: &mut Option<Seq>, seq: Seq) -> bool {
    match place {
        Some(at) if *at < seq => {
            *at = seq;
            true
        }
        _ => false,
    }
}

/// The place that a client comes back with, if it is one of ours and all after it is kept.
fn resumable(app: &App, heard: &Heard, after: &str) -> Option<Seq> {
    let (epoch, seq) = after.split_once(':')?;
    let seq = Seq(seq.parse().ok()?);
    let ours = epoch.parse() == Ok(app.exchange().epoch()) && seq <= heard.as_of.seq;
    (ours && heard.listener.after(seq).is_some()).then_some(seq)
}

/// All that there is of a channel.
fn tell_all(app: &App, heard: &Heard, channel: ChannelWord, r#type: EventType, out: &mut Outbox) {
    let seq = heard.as_of.seq.0;
    let place = place(app.exchange().epoch(), heard.as_of.seq);
    match channel {
        ChannelWord::Orders => {
            let orders = heard.orders.iter().filter_map(|order| {
                let market = app.exchange().market(order.terms.market)?;
                Some(OrderJson::open(order, &market))
            });
            out.push(&OrdersMessage {
                r#type,
                channel: OrdersWord,
                place,
                seq,
                data: orders.collect(),
            });
        }
        ChannelWord::Fills => out.push(&FillsMessage {
            r#type,
            channel: FillsWord,
            place,
            seq,
            data: Vec::new(),
        }),
        ChannelWord::Proposals => out.push(&ProposalsMessage {
            r#type,
            channel: ProposalsWord,
            place,
            seq,
            data: proposals(app, &heard.ends),
        }),
        _ => out.push(&BalancesMessage {
            r#type,
            channel: BalancesWord,
            place,
            seq,
            data: BalanceJson::of(&whole(heard), |market| app.exchange().market(market)),
        }),
    }
}

fn proposals(app: &App, ends: &[EndStep]) -> Vec<HeldProposalJson> {
    let proposal = |step: &EndStep| {
        let market = app.exchange().market(step.market)?;
        Some(HeldProposalJson::of(step, &market))
    };
    ends.iter().filter_map(proposal).collect()
}

fn whole(heard: &Heard) -> Balance {
    let account = &heard.account;
    let holdings = account.positions.iter().map(|held| {
        let holding = Holding {
            free: held.free,
            reserved: held.reserved,
            cost: held.cost,
        };
        (held.market, held.outcome, holding)
    });
    Balance {
        cash: Cash {
            available: account.available,
            reserved: account.reserved,
        },
        holdings: holdings.collect(),
        frozen: account.frozen.clone(),
    }
}

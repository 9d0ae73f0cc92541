//! What everyone may see of markets: odds, trades, books and phases, from the hub that all readers share.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{SelectAll, Stream, StreamExt};
use tidings_core::id::MarketId;
use tidings_core::view::MarketView;

use crate::app::App;
use crate::hub::{After, Event, Place, SubscribeOptions, Subscription, Told, Wanted};
use crate::limits::SUBSCRIPTIONS;
use crate::markets;
use crate::problem::Problem;
use crate::stream::ask::ChannelWord;
use crate::stream::tell::{EventType, Outbox, STALE, Said};
use crate::wire::odds::PhaseJson;

/// The markets' channels that a stream listens to.
pub(super) struct Public {
    app: App,
    /// Only those that have something to say are looked at.
    lines: SelectAll<Line>,
    /// The marks of the lines, which end them, by what the lines are of.
    open: BTreeMap<(ChannelWord, MarketId), Mark>,
    /// What woke the stream.
    next: Option<Said>,
}

/// Ends a line when it is set.
type Mark = Arc<AtomicBool>;

impl Public {
    pub(super) fn new(app: &App) -> Public {
        Public {
            app: app.clone(),
            lines: SelectAll::new(),
            open: BTreeMap::new(),
            next: None,
        }
    }

    /// The markets that a message names, if so many more can be listened to.
    pub(super) fn resolve(
        &self,
        channel: ChannelWord,
        named: Option<Vec<String>>,
    ) -> Result<Vec<Arc<MarketView>>, Problem> {
        let named = named.filter(|named| !named.is_empty());
        let named = named.ok_or_else(|| {
            Problem::invalid_body("markets", "say of which markets, by their slugs or ids")
        })?;
        let found = self.find(&named)?;
        let is_new = |market: &&Arc<MarketView>| !self.open.contains_key(&(channel, market.id));
        if self.open.len() + found.iter().filter(is_new).count() > SUBSCRIPTIONS {
            let detail = format!("a stream listens to {SUBSCRIPTIONS} channels of markets at most");
            let problem = Problem::new("too_many_subscriptions", detail);
            return Err(problem.with("most", SUBSCRIPTIONS));
        }
        Ok(found)
    }

    /// Each market once, in the order of its first name.
    fn find(&self, named: &[String]) -> Result<Vec<Arc<MarketView>>, Problem> {
        let mut found: Vec<Arc<MarketView>> = Vec::with_capacity(named.len());
        for name in named {
            let market = markets::find(&self.app, name)?;
            if found.iter().all(|other| other.id != market.id) {
                found.push(market);
            }
        }
        Ok(found)
    }

    /// Listens to a channel of some markets, from here on or from a place on, and says what there is.
    pub(super) fn subscribe(
        &mut self,
        channel: ChannelWord,
        markets: &[Arc<MarketView>],
        after: Option<&str>,
        out: &mut Outbox,
    ) {
        let ids = markets.iter().map(|market| market.id);
        self.end(ids.map(|id| (channel, id)).collect());
        for market in markets {
            let mark = Mark::default();
            let mut line = Line::open(&self.app, channel, market, After::id(after), &mark);
            if let Some(snapshot) = line.nothing_yet() {
                out.push_said(&snapshot);
            }
            while let Some(told) = line.hub.try_next() {
                if let Some(said) = line.say(&told) {
                    out.push_said(&said);
                }
            }
            self.open.insert((channel, market.id), mark);
            self.lines.push(line);
        }
    }

    /// Listens no longer to a channel of some markets, or of all; gives the slugs of those that were listened to.
    pub(super) fn unsubscribe(
        &mut self,
        channel: ChannelWord,
        named: Option<Vec<String>>,
    ) -> Result<Vec<String>, Problem> {
        let mut keys: Vec<(ChannelWord, MarketId)> = match named {
            None => self
                .open
                .keys()
                .copied()
                .filter(|key| key.0 == channel)
                .collect(),
            Some(named) => {
                let found = self.find(&named)?;
                found.iter().map(|market| (channel, market.id)).collect()
            }
        };
        keys.retain(|key| self.open.contains_key(key));
        let slug = |key: &(ChannelWord, MarketId)| {
            let market = self.app.exchange().market(key.1)?;
            Some(market.spec.slug.clone())
        };
        let slugs = keys.iter().filter_map(slug).collect();
        self.end(keys);
        Ok(slugs)
    }

    fn end(&mut self, keys: Vec<(ChannelWord, MarketId)>) {
        let mut ended = 0;
        for key in keys {
            if let Some(mark) = self.open.remove(&key) {
                mark.store(true, Ordering::Relaxed);
                ended += 1;
            }
        }
        if ended > 0 {
            let lines = std::mem::take(&mut self.lines).into_iter();
            self.lines = lines.filter(|line| !line.is_ended()).collect();
        }
    }

    /// Waits until there is something to say.
    pub(super) async fn ready(&mut self) {
        if self.next.is_none() {
            self.next = self.lines.next().await;
        }
        if self.next.is_none() {
            std::future::pending().await
        }
    }

    /// Says what there is, as far as it fits.
    pub(super) fn tell(&mut self, out: &mut Outbox) {
        let mut next = self.next.take();
        while let Some(said) = next {
            out.push_said(&said);
            next = match out.is_full() {
                true => None,
                false => self.lines.next().now_or_never().flatten(),
            };
        }
    }
}

/// One channel of one market.
struct Line {
    app: App,
    channel: ChannelWord,
    market: MarketId,
    slug: Arc<str>,
    hub: Subscription,
    mark: Mark,
    /// What the next messages are, and how many of them: a market of many outcomes has a book for each.
    start: (EventType, usize),
    whole: usize,
    /// Up to where the reader has everything.
    place: Place,
    /// Trades of a command whose last one has not come yet.
    trades: Vec<Bytes>,
}

impl Line {
    fn open(
        app: &App,
        channel: ChannelWord,
        market: &MarketView,
        after: After,
        mark: &Mark,
    ) -> Line {
        // What is told comes after this, or is in what is told first.
        let place = Place {
            epoch: app.exchange().epoch(),
            seq: app.exchange().committed().seq,
        };
        let outcomes = market.spec.outcomes.len();
        let whole = match channel {
            ChannelWord::Trade => 0,
            // Two outcomes have one book.
            ChannelWord::Book if outcomes > 2 => outcomes,
            _ => 1,
        };
        let wanted = Wanted {
            odds: channel == ChannelWord::Odds,
            trades: channel == ChannelWord::Trade,
            books: channel == ChannelWord::Book,
            phases: channel == ChannelWord::Market,
        };
        let options = SubscribeOptions {
            after,
            ..SubscribeOptions::of(wanted)
        };
        Line {
            app: app.clone(),
            channel,
            market: market.id,
            slug: market.spec.slug.as_str().into(),
            hub: app.subscribe(&[market.id], options),
            mark: Arc::clone(mark),
            start: (EventType::Snapshot, whole),
            whole,
            place: match after {
                After::Place(has) => has,
                After::Nothing | After::Unknown => place,
            },
            trades: Vec::new(),
        }
        .starting(after)
    }

    /// Trades have no state: one who is here for the first time has all that will come.
    fn starting(mut self, after: After) -> Line {
        if self.channel == ChannelWord::Trade && after == After::Nothing {
            self.start.1 = 1;
        }
        self
    }

    fn nothing_yet(&mut self) -> Option<Said> {
        let is_first = self.channel == ChannelWord::Trade && self.start.1 > 0;
        is_first.then(|| self.said(Vec::new()))
    }

    fn is_ended(&self) -> bool {
        self.mark.load(Ordering::Relaxed)
    }

    /// What the hub tells, as a message, if it makes one.
    fn say(&mut self, told: &Told) -> Option<Said> {
        if let Some(place) = told.id {
            self.place = place;
        }
        let event = told.frame.event();
        if event == Event::Reset {
            self.start = (EventType::Reset, self.whole.max(1));
            self.trades.clear();
        }
        match (self.channel, event) {
            (_, Event::Stale) => Some(self.as_word(STALE, vec![told.frame.json()])),
            (ChannelWord::Odds, Event::Odds | Event::Reset)
            | (ChannelWord::Book, Event::Book)
            | (ChannelWord::Market, Event::Market) => Some(self.said(vec![told.frame.json()])),
            (ChannelWord::Market, Event::Reset) => {
                let view = self.app.exchange().market(self.market)?;
                let phase = serde_json::to_vec(&PhaseJson::of(&view)).ok()?;
                Some(self.said(vec![phase.into()]))
            }
            (ChannelWord::Trade, Event::Reset) => Some(self.said(Vec::new())),
            (ChannelWord::Trade, Event::Trade) => {
                self.trades.push(told.frame.json());
                // The place comes with the last one of a command.
                told.id?;
                let trades = std::mem::take(&mut self.trades);
                Some(self.said(trades))
            }
            _ => None,
        }
    }

    fn said(&mut self, documents: Vec<Bytes>) -> Said {
        let kind = match &mut self.start {
            (_, 0) => EventType::Update,
            (kind, left) => {
                *left -= 1;
                *kind
            }
        };
        self.as_word(kind.word(), documents)
    }

    fn as_word(&self, word: &'static str, documents: Vec<Bytes>) -> Said {
        Said {
            word,
            channel: self.channel,
            market: Arc::clone(&self.slug),
            place: self.place,
            documents,
        }
    }
}

impl Stream for Line {
    type Item = Said;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Said>> {
        if self.is_ended() {
            return Poll::Ready(None);
        }
        while let Poll::Ready(told) = self.hub.poll_next(cx) {
            if let Some(said) = self.say(&told) {
                return Poll::Ready(Some(said));
            }
        }
        Poll::Pending
    }
}

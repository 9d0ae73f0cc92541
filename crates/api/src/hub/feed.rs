//! One market that somebody follows: what its readers are told, brought up to date in rounds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tidings_core::command::Stamp;
use tidings_core::id::{MarketId, Seq};
use tidings_core::view::MarketView;
use tidings_exchange::{Exchange, TradeEvent};
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::books::Books;
use super::crowd::Crowd;
use super::event::{Event, Place, Wanted};
use super::frame::{Frame, Told};
use super::log::Log;
use super::reader::Following;

/// Trades of a market that the exchange keeps; fewer means that all since its start are there.
const KEPT_TRADES: usize = 256;

/// How late a timer may be.
const COARSE: Duration = Duration::from_millis(3);

/// A market with readers.
pub(super) struct Feed {
    view: watch::Receiver<Arc<MarketView>>,
    trades: broadcast::Receiver<Arc<TradeEvent>>,
    /// Trades that were taken but whose command is not wholly published.
    early: Vec<Arc<TradeEvent>>,
    /// The last trade that was taken.
    taken: Option<(Seq, u32)>,
    /// Trades up to this command may be missing: the channel had more than it holds.
    torn: Option<Seq>,
    /// The market as it was at the place up to which everything is told.
    shown: Arc<MarketView>,
    /// The odds as they were last told to everyone.
    odds: Option<Arc<Frame>>,
    /// What they are as of; before that, what the market was as of when its first reader came in.
    odds_as_of: Seq,
    /// When they may be told again.
    odds_due: Instant,
    /// The market for who comes in, as it was when somebody came in last.
    pictures: Mutex<Option<Pictures>>,
    pub(super) log: Log,
    pub(super) books: Books,
    pub(super) crowd: Arc<Crowd>,
    /// How many follow it.
    pub(super) readers: usize,
    /// How many of them want its books.
    pub(super) book_readers: usize,
}

/// A market as it stands, for any number of readers.
struct Pictures {
    as_of: Seq,
    odds: Arc<Frame>,
    reset: Arc<Frame>,
}

impl Feed {
    /// Listens to a market, whose readers are told everything after a place from here on. Trades are listened to
    /// before those that were are looked at: none is in neither.
    pub(super) fn of(
        exchange: &Exchange,
        market: MarketId,
        place: Place,
        interval: Duration,
    ) -> Option<Feed> {
        let trades = exchange.trades(market)?;
        let view = exchange.watch(market)?;
        let kept = exchange.recent_trades(market);
        let oldest = kept.first().filter(|_| kept.len() >= KEPT_TRADES);
        let log = Log::after(oldest.map_or(Seq(0), |oldest| oldest.seq));
        let shown = Arc::clone(&view.borrow());
        let mut feed = Feed {
            taken: kept.last().map(|last| (last.seq, last.part)),
            torn: None,
            early: kept,
            trades,
            odds: None,
            odds_as_of: shown.as_of.seq,
            // Whoever comes in has just been told them.
            odds_due: Instant::now() + interval,
            pictures: Mutex::default(),
            log,
            books: Books::of(&shown),
            shown,
            crowd: Arc::default(),
            readers: 0,
            book_readers: 0,
            view,
        };
        feed.log_trades(place);
        Some(feed)
    }

    /// The market as it is shown.
    pub(super) fn view(&self) -> Arc<MarketView> {
        Arc::clone(&self.shown)
    }

    /// Takes what happened up to a place, and says what of it readers have to be told.
    pub(super) fn advance(&mut self, place: Place, interval: Duration) -> Wanted {
        let before = self.log.end();
        self.take_trades();
        self.log_trades(place);
        if let Some(torn) = self.torn {
            // Those around the gap are not told: the picture that comes instead has them. What of them is not
            // wholly published is lost once it is.
            self.early.clear();
            self.log.lose(place.seq);
            self.torn = Some(torn).filter(|torn| *torn > place.seq);
        }
        let view = Arc::clone(&self.view.borrow());
        // One that is later is wholly published in a moment: then is the next round.
        if view.as_of.seq <= place.seq {
            self.show(view, place);
        }
        let odds = self.note_odds(place, interval);
        let happened = self.log.end() != before;
        Wanted {
            odds,
            trades: happened,
            phases: happened,
            books: false,
        }
    }

    /// Takes what waits in the channel.
    fn take_trades(&mut self) {
        let mut whole = true;
        loop {
            match self.trades.try_recv() {
                Ok(trade) if Some((trade.seq, trade.part)) <= self.taken => {}
                Ok(trade) => {
                    self.taken = Some((trade.seq, trade.part));
                    self.early.push(trade);
                }
                Err(TryRecvError::Lagged(_)) => whole = false,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if !whole {
            self.torn = self.taken.map(|(seq, _)| seq);
        }
    }

    /// Logs the trades of commands that are wholly published.
    fn log_trades(&mut self, place: Place) {
        let whole = self.early.partition_point(|trade| trade.seq <= place.seq);
        if whole == 0 {
            return;
        }
        // As it is published by now, and not as it is shown: a clarification may be of the same round.
        let view = Arc::clone(&self.view.borrow());
        let rest = self.early.split_off(whole);
        let mut trades = std::mem::replace(&mut self.early, rest)
            .into_iter()
            .peekable();
        while let Some(trade) = trades.next() {
            let seq = trade.seq;
            let is_last = trades.peek().is_none_or(|next| next.seq != seq);
            let id = is_last.then_some(Place { seq, ..place });
            let rules = view.rules_version(Stamp { seq, at: trade.at });
            self.log
                .push(Frame::trade(trade, Arc::clone(&view.spec), rules, id));
        }
    }

    /// Shows the market as it is, and logs a change of phase.
    fn show(&mut self, view: Arc<MarketView>, place: Place) {
        if view.phase.status() != self.shown.phase.status() {
            self.log.push(Frame::phase(Arc::clone(&view), place));
        }
        self.shown = view;
    }

    /// Notes the odds when they are due, and says whether they were.
    fn note_odds(&mut self, place: Place, interval: Duration) -> bool {
        let now = Instant::now();
        let due = self.odds_late() && now >= self.odds_due;
        if due {
            let frame = Frame::state(Event::Odds, self.view(), place);
            self.odds = Some(Arc::new(frame));
            self.odds_as_of = self.shown.as_of.seq;
            // From when they were due, where only the clock was late: ten times a second are not nine.
            let on_time = now - self.odds_due < COARSE;
            self.odds_due = if on_time { self.odds_due } else { now } + interval;
        }
        due
    }

    /// Whether the market has changed since its odds were told.
    fn odds_late(&self) -> bool {
        self.shown.as_of.seq > self.odds_as_of
    }

    /// When odds that are held back may be told.
    pub(super) fn next(&self) -> Option<Instant> {
        self.odds_late().then_some(self.odds_due)
    }

    /// The market as it is shown, and what it is as of.
    pub(super) fn picture(&self, event: Event, place: Place) -> (Seq, Arc<Frame>) {
        let view = self.view();
        let as_of = view.as_of.seq;
        let mut kept = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = kept.take().filter(|kept| kept.as_of == as_of);
        let pictures = kept.insert(fresh.unwrap_or_else(|| Pictures::of(view, place)));
        let frame = match event {
            Event::Reset => &pictures.reset,
            _ => &pictures.odds,
        };
        (as_of, Arc::clone(frame))
    }

    /// The trades of the commands after a place; none when there are more than are kept, those included that will
    /// be told in a moment.
    pub(super) fn missed(&self, seq: Seq) -> Option<Vec<Told>> {
        let kept = self.log.trades_after(seq)?;
        let missed: Vec<Told> = kept.map(Told::as_is).collect();
        let soon = self.early.len() + self.trades.len();
        (missed.len() + soon <= KEPT_TRADES).then_some(missed)
    }

    /// Tells a reader what it has not been told.
    pub(super) fn tell(
        &self,
        place: Place,
        wanted: Wanted,
        reader: &mut Following,
        told: &mut Vec<Told>,
    ) {
        match self.log.from(reader.next) {
            // Whoever wants to know how things stand has missed nothing, however far the log has moved.
            _ if !wanted.all_that_happened() => {}
            Some(frames) => {
                let wanted = frames.filter(|frame| wanted.takes(frame.event()));
                told.extend(wanted.map(Told::as_is));
            }
            None => {
                let (as_of, reset) = self.picture(Event::Reset, place);
                let id = Some(place);
                told.push(Told { id, frame: reset });
                reader.odds = as_of;
                reader.books = 0;
            }
        }
        reader.next = self.log.end();
        if let Some(odds) = &self.odds
            && wanted.odds
            && self.odds_as_of > reader.odds
        {
            told.push(Told::as_is(odds));
            reader.odds = self.odds_as_of;
        }
        if wanted.books {
            reader.books = self.books.tell(reader.books, told);
        }
    }
}

impl Pictures {
    fn of(view: Arc<MarketView>, place: Place) -> Pictures {
        let frame = |event| Arc::new(Frame::state(event, Arc::clone(&view), place));
        Pictures {
            as_of: view.as_of.seq,
            odds: frame(Event::Odds),
            reset: frame(Event::Reset),
        }
    }
}

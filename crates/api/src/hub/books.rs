//! The books of one market as readers are told them. Depth is computed on the writer's thread, so it is asked for
//! at most once in an interval, only when the market has changed, and only while somebody wants it: how many
//! do makes no difference.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::id::{MarketId, Outcome, Seq};
use tidings_core::view::{BookView, MarketView};
use tokio::time::Instant;

use super::event::{Event, Place};
use super::frame::{Frame, Told};
use crate::app::App;
use crate::wire::book::BookJson;

/// Levels on each side: what a screen and most strategies look at. `GET …/book` has up to 200.
pub const LEVELS: usize = 10;

/// Books computed in one look at the state. Of a market with a maker one takes tens of microseconds, so the writer
/// is held up for less than a commit takes.
const AT_ONCE: u16 = 8;

/// A market's books. With two outcomes there is one: the second's is its mirror.
pub(super) struct Books {
    /// By outcome.
    told: Vec<Option<TellBook>>,
    /// Counts what was told.
    version: u64,
    /// The market's place when they were last computed.
    as_of: Option<Seq>,
    /// When they may be computed again.
    due: Instant,
    /// Whether they are being computed.
    asked: bool,
}

struct TellBook {
    version: u64,
    view: BookView,
    frame: Arc<Frame>,
}

/// The books of a market as they were computed, or none when the exchange did not say.
pub(super) struct Computed {
    pub(super) market: MarketId,
    /// The market's place before.
    as_of: Seq,
    books: Option<Vec<BookView>>,
}

impl Books {
    pub(super) fn of(market: &MarketView) -> Books {
        let outcomes = match market.spec.outcomes.len() {
            2 => 1,
            outcomes => outcomes,
        };
        Books {
            told: (0..outcomes).map(|_| None).collect(),
            version: 0,
            as_of: None,
            due: Instant::now(),
            asked: false,
        }
    }

    /// When they are to be computed, if that is so.
    pub(super) fn next(&self, market: &MarketView) -> Option<Instant> {
        let late = !self.asked && Some(market.as_of.seq) > self.as_of;
        late.then_some(self.due)
    }

    /// What to compute, when it is time to.
    pub(super) fn ask(&mut self, market: &Arc<MarketView>, interval: Duration) -> Option<Wish> {
        let now = Instant::now();
        if self.next(market).is_none_or(|due| due > now) {
            return None;
        }
        self.asked = true;
        self.due = now + interval;
        Some(Wish {
            market: market.id,
            as_of: market.as_of.seq,
            books: u16::try_from(self.told.len()).expect("at most 256 outcomes"),
        })
    }

    /// Takes what was computed, and says whether any book is another one.
    pub(super) fn take(&mut self, computed: Computed, market: &MarketView, place: Place) -> bool {
        self.asked = false;
        let Some(books) = computed.books else {
            return false;
        };
        self.as_of = Some(computed.as_of);
        let before = self.version;
        for ((told, view), outcome) in self.told.iter_mut().zip(books).zip(0..) {
            let same = told
                .as_ref()
                .is_some_and(|told| (&told.view.bids, &told.view.asks) == (&view.bids, &view.asks));
            if same {
                continue;
            }
            self.version += 1;
            let json = BookJson::of(&view, market, Outcome(outcome));
            let frame = Frame::made(Event::Book, Some(market.id), Some(place), &json);
            *told = Some(TellBook {
                version: self.version,
                view,
                frame: Arc::new(frame),
            });
        }
        self.version != before
    }

    /// Tells the books that changed after a version, and says which version it is.
    pub(super) fn tell(&self, after: u64, told: &mut Vec<Told>) -> u64 {
        if self.version > after {
            let books = self.told.iter().flatten();
            let later = books.filter(|book| book.version > after);
            told.extend(later.map(|book| Told::as_is(&book.frame)));
        }
        self.version
    }
}

/// Books that are to be computed.
pub(super) struct Wish {
    market: MarketId,
    as_of: Seq,
    books: u16,
}

impl Wish {
    /// Has them computed, a few in one look at the state.
    pub(super) async fn compute(self, app: App) -> Computed {
        let mut books = Vec::with_capacity(usize::from(self.books));
        let mut whole = true;
        for start in (0..self.books).step_by(usize::from(AT_ONCE)) {
            let some = start..self.books.min(start + AT_ONCE);
            match look(&app, self.market, some).await {
                Some(some) => books.extend(some),
                None => whole = false,
            }
        }
        Computed {
            market: self.market,
            as_of: self.as_of,
            books: whole.then_some(books),
        }
    }
}

async fn look(app: &App, market: MarketId, outcomes: Range<u16>) -> Option<Vec<BookView>> {
    let books = app.read(move |engine| {
        let book = |outcome| engine.book_view(market, Outcome(outcome), LEVELS, true);
        outcomes.map(book).collect::<Option<Vec<_>>>()
    });
    books.await.ok().flatten()
}

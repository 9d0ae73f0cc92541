//! What a reader can be told, what it wants to be told, and up to where it was.

use std::fmt;
use std::str::FromStr;

use tidings_core::id::Seq;

/// What a frame tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// What the stream carries; again once a stale one is well.
    Stream,
    /// Every outcome's odds and the market's status: conflated.
    Odds,
    /// A trade: each is told.
    Trade,
    /// The best levels of an outcome's book: conflated.
    Book,
    /// A change of phase.
    Market,
    /// Events were missed: what `Odds` says, to start from.
    Reset,
    /// Nobody knows whether what was told is still so.
    Stale,
}

impl Event {
    /// Its name on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Event::Stream => "stream",
            Event::Odds => "odds",
            Event::Trade => "trade",
            Event::Book => "book",
            Event::Market => "market",
            Event::Reset => "reset",
            Event::Stale => "stale",
        }
    }
}

/// The events that a reader wants. `Stale` comes whatever it wants, and `Reset` where it missed something of that or
/// comes back from a place that says nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// [`Event::Odds`].
    pub odds: bool,
    /// [`Event::Trade`].
    pub trades: bool,
    /// [`Event::Book`].
    pub books: bool,
    /// [`Event::Market`].
    pub phases: bool,
}

impl Wanted {
    /// When nobody says: all but books, which are much more than most readers look at.
    pub const USUAL: Wanted = Wanted {
        odds: true,
        trades: true,
        books: false,
        phases: true,
    };
    /// For cards that show odds.
    pub const ODDS: Wanted = Wanted {
        odds: true,
        ..Wanted::NOTHING
    };
    /// Everything.
    pub(super) const ALL: Wanted = Wanted {
        odds: true,
        trades: true,
        books: true,
        phases: true,
    };
    pub(super) const NOTHING: Wanted = Wanted {
        odds: false,
        trades: false,
        books: false,
        phases: false,
    };

    /// Their names, in the order of the documentation.
    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.odds, Event::Odds),
            (self.trades, Event::Trade),
            (self.books, Event::Book),
            (self.phases, Event::Market),
        ];
        let wanted = all.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, event)| event.word()).collect()
    }

    /// Whether it wants each of what happened, and not only how things stand.
    pub(super) fn all_that_happened(self) -> bool {
        self.trades || self.phases
    }

    /// Whether it wants any of some others.
    pub(super) fn any_of(self, others: Wanted) -> bool {
        (self.odds && others.odds)
            || (self.books && others.books)
            || (self.all_that_happened() && others.all_that_happened())
    }

    pub(super) fn takes(self, event: Event) -> bool {
        match event {
            Event::Odds => self.odds,
            Event::Trade => self.trades,
            Event::Book => self.books,
            Event::Market => self.phases,
            Event::Stream | Event::Reset | Event::Stale => true,
        }
    }
}

/// Names with commas between them: `odds,book`.
impl FromStr for Wanted {
    type Err = String;

    fn from_str(names: &str) -> Result<Wanted, String> {
        let mut wanted = Wanted::NOTHING;
        for name in names.split(',') {
            match name {
                "odds" => wanted.odds = true,
                "trade" => wanted.trades = true,
                "book" => wanted.books = true,
                "market" => wanted.phases = true,
                _ => return Err("odds, trade, book and market are known".to_owned()),
            }
        }
        Ok(wanted)
    }
}

/// A place in the journal under an epoch of its ownership, `epoch:seq`: who has it has everything up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How often the journal had been claimed. What is kept for those who come back is of one epoch.
    pub epoch: u64,
    /// The last record.
    pub seq: Seq,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq)
    }
}

/// What is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Place, NoPlace> {
        let (epoch, seq) = text.split_once(':').ok_or(NoPlace)?;
        let number = |text: &str| text.parse().map_err(|_| NoPlace);
        Ok(Place {
            epoch: number(epoch)?,
            seq: Seq(number(seq)?),
        })
    }
}

/// Where a reader comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// It is here for the first time.
    #[default]
    Nothing,
    /// It has everything up to there.
    Place(Place),
    /// It was here, and what it says of that is no place: it is told everything anew.
    Unknown,
}

impl After {
    /// By the id that a reader comes back with, if it does.
    pub fn id(id: Option<&str>) -> After {
        match id.map(str::parse) {
            None => After::Nothing,
            Some(Ok(place)) => After::Place(place),
            Some(Err(NoPlace)) => After::Unknown,
        }
    }
}

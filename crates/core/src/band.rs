//! A market's price band: how far its odds may move within a while before it halts itself.
//! In: its odds after each trade, and the journal's moment. Out: the move that was too far, if one was.
//! Knows nothing of orders and phases: what follows from a move is in `engine/band`.
//!
//! Odds are held against every place where they stood within the last so many seconds, and not only
//! against the one at the beginning of a stretch of them: between two such stretches a market could
//! move twice as far and nothing would halt it.

use std::collections::VecDeque;

use minicbor::{Decode, Encode};

use crate::id::Outcome;
use crate::units::{Fraction, Timestamp};
use crate::view::Odds;

/// The narrowest band, a hundredth: a narrower one is left by an order of everyday size.
const NARROWEST: u16 = 100;

/// The widest band: what moves further is certain anyway.
const WIDEST: u16 = 9_900;

/// An hour. A longer look back is what an operator on watch has, and each second of it is remembered.
const LONGEST_SECONDS: u32 = 3_600;

/// How far odds may move, and within what time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PriceBand {
    /// The furthest that an outcome's odds may move: 0.01 … 0.99.
    #[n(0)]
    pub width: Fraction,
    /// Within so many seconds: 1 … 3,600.
    #[n(1)]
    pub seconds: u32,
}

/// A move of an outcome's odds that left the band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Swing {
    /// Whose odds.
    #[n(0)]
    pub outcome: Outcome,
    /// Where they stood.
    #[n(1)]
    pub from: Odds,
    /// Where they came to.
    #[n(2)]
    pub to: Odds,
    /// How many seconds ago they still stood there; 0 within the same second.
    #[n(3)]
    pub seconds: u32,
}

/// Where a market's odds stood lately.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Watch {
    #[n(0)]
    outcomes: Vec<Trail>,
}

/// Where an outcome's odds stood lately.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Trail {
    /// Where they stand; none before the first trade of a market without a maker.
    #[n(0)]
    stand: Option<Odds>,
    /// The highest places, falling: each is above all that came after it.
    #[n(1)]
    high: VecDeque<Stood>,
    /// The lowest places, rising.
    #[n(2)]
    low: VecDeque<Stood>,
}

/// That odds stood somewhere, and until which second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Stood {
    #[n(0)]
    until: i64,
    #[n(1)]
    odds: Odds,
}

/// Where an outcome's odds stand, and the highest and the lowest place where they stood lately.
struct Move {
    to: Option<Odds>,
    from: [Option<Stood>; 2],
}

impl PriceBand {
    /// Whether it can be one.
    pub fn is_sound(&self) -> bool {
        (NARROWEST..=WIDEST).contains(&self.width.ticks())
            && (1..=LONGEST_SECONDS).contains(&self.seconds)
    }

    /// Its width as odds.
    pub fn width_in_odds(&self) -> Odds {
        Odds::from(self.width.ticks()) * 100
    }
}

impl Watch {
    /// Begins with odds as they stand, and nothing before them.
    pub(crate) fn begin(odds: Vec<Option<Odds>>) -> Watch {
        let trail = |stand| Trail {
            stand,
            high: VecDeque::new(),
            low: VecDeque::new(),
        };
        Watch {
            outcomes: odds.into_iter().map(trail).collect(),
        }
    }

    /// Notes where odds stand from `at` on.
    pub(crate) fn note(&mut self, band: PriceBand, at: Timestamp, odds: &[Option<Odds>]) {
        let second = second_of(at);
        for (trail, odds) in self.outcomes.iter_mut().zip(odds) {
            trail.note(second, i64::from(band.seconds), *odds);
        }
    }

    /// The furthest move that brought an outcome to where it stands, if it is further than the band is
    /// wide; of several as far ones the first outcome's.
    pub(crate) fn swing(&self, band: PriceBand, at: Timestamp) -> Option<Swing> {
        let moves = self.outcomes.iter().map(|trail| Move {
            to: trail.stand,
            from: [trail.high.front().copied(), trail.low.front().copied()],
        });
        furthest(band, at, moves)
    }

    /// What [`Watch::swing`] would say once `odds` are noted at `at`; nothing is noted. Nothing is copied either:
    /// anyone may ask for quotes, and a market of many outcomes remembers many places.
    pub(crate) fn swing_to(
        &self,
        band: PriceBand,
        at: Timestamp,
        odds: &[Option<Odds>],
    ) -> Option<Swing> {
        let (second, seconds) = (second_of(at), i64::from(band.seconds));
        let trails = self.outcomes.iter().zip(odds);
        let moves = trails.map(|(trail, odds)| trail.move_to(second, seconds, *odds));
        furthest(band, at, moves)
    }

    /// Whether it can be what a market of so many outcomes is watched with.
    pub(crate) fn is_sound(&self, outcomes: usize, last: Timestamp) -> bool {
        let last = second_of(last);
        let within = |odds: Odds| odds <= 1_000_000;
        let sound = |stood: &VecDeque<Stood>, falls: bool| {
            let falls = |one: &Stood, next: &Stood| match falls {
                true => one.odds > next.odds,
                false => one.odds < next.odds,
            };
            stood.iter().all(|stood| within(stood.odds))
                && stood.back().is_none_or(|stood| stood.until <= last)
                && stood
                    .iter()
                    .zip(stood.iter().skip(1))
                    .all(|(one, next)| one.until < next.until && falls(one, next))
        };
        self.outcomes.len() == outcomes
            && self.outcomes.iter().all(|trail| {
                trail.stand.is_none_or(within)
                    && sound(&trail.high, true)
                    && sound(&trail.low, false)
            })
    }
}

impl Trail {
    fn note(&mut self, second: i64, seconds: i64, odds: Option<Odds>) {
        if let Some(odds) = self.stand.filter(|_| self.stand != odds) {
            let stood = Stood {
                until: second,
                odds,
            };
            push(&mut self.high, stood, |known| known <= odds);
            push(&mut self.low, stood, |known| known >= odds);
        }
        self.stand = odds;
        if cfg!(planted = "a_band_never_forgets") {
            return;
        }
        for places in [&mut self.high, &mut self.low] {
            while places
                .front()
                .is_some_and(|stood| stood.until < second - seconds)
            {
                places.pop_front();
            }
        }
    }

    /// What would be at the front once [`Trail::note`] has noted `odds`: of the places that are not too old the first
    /// one, or the one that odds leave, where that outdoes it.
    fn move_to(&self, second: i64, seconds: i64, odds: Option<Odds>) -> Move {
        let left = self.stand.filter(|_| self.stand != odds);
        let left = left.map(|odds| Stood {
            until: second,
            odds,
        });
        let front = |places: &VecDeque<Stood>, outdone: fn(Odds, Odds) -> bool| {
            let old = places.partition_point(|stood| stood.until < second - seconds);
            let known = places.get(old).copied();
            match (known, left) {
                (Some(known), Some(left)) if !outdone(known.odds, left.odds) => Some(known),
                (known, left) => left.or(known),
            }
        };
        Move {
            to: odds,
            from: [
                front(&self.high, |known, left| known <= left),
                front(&self.low, |known, left| known >= left),
            ],
        }
    }
}

/// The furthest of the moves, if it is further than the band is wide.
fn furthest(band: PriceBand, at: Timestamp, moves: impl Iterator<Item = Move>) -> Option<Swing> {
    let mut furthest = band.width_in_odds();
    let mut swing = None;
    for (outcome, Move { to, from }) in (0..).map(Outcome).zip(moves) {
        let Some(to) = to else {
            continue;
        };
        for stood in from.into_iter().flatten() {
            if stood.odds.abs_diff(to) > furthest {
                furthest = stood.odds.abs_diff(to);
                let seconds = second_of(at) - stood.until;
                swing = Some(Swing {
                    outcome,
                    from: stood.odds,
                    to,
                    seconds: u32::try_from(seconds).expect("within the band's seconds"),
                });
            }
        }
    }
    swing
}

/// Adds a place behind those that it does not outdo. One of the same second that stays outdoes it: so
/// there are no more places than seconds.
fn push(places: &mut VecDeque<Stood>, stood: Stood, outdone: impl Fn(Odds) -> bool) {
    while places.back().is_some_and(|known| outdone(known.odds)) {
        places.pop_back();
    }
    if places.back().is_none_or(|known| known.until < stood.until) {
        places.push_back(stood);
    }
}

/// The whole second that a moment is in.
fn second_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

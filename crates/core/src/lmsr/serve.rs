//! How far a maker goes when it serves limits on several outcomes at once: the *least stable point*
//! of `mechanism.md`, section 5.
//! In: positions and, for some outcomes, a limit and a number of lots. Out: positions from which no
//! limit would let the maker go one lot further. Knows nothing of whose the limits are.
//!
//! **Why there is one such point.** A lot of an outcome is *enabled* when the odds after it are within
//! the outcome's limit. Selling a lot of one outcome lowers the odds of every other, so it never
//! disables another's lot. Let two orders of enabled lots end at `q` and `q'`, and let the first take
//! the first lot that leads past `q'`, an outcome's lot number `m`. Before it, the first order has of
//! every outcome at most what `q'` has, and of this one exactly as much: so at `q'` this lot is
//! enabled too, and `q'` was not the end. Hence neither leads past the other: `q = q'`. Therefore any
//! step that takes only enabled lots leads to the right point, and steps may be as long as can be
//! shown. Buying back is the mirror image.
//!
//! **How it gets there.** First a *leap*: the weight of all outcomes at which every want stands at its
//! limit has a closed form, and up to it each want's lots are enabled. A *pass* then moves each outcome
//! alone as far as its limit lets it. What the leap left, for caution and because lots are whole, is a
//! few lots each; but where limits sum to nearly 1 these let each other go on, again and again. From
//! then on all of them advance in step, one lot each in a round. The lots of the last of Δ rounds are
//! the hardest: the odds before each rise from round to round. So one look at round Δ shows all of them
//! to be enabled, and the longest *advance* is found by halves around a guess in closed form. The work
//! grows with the number of outcomes, not with lots.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::Curve;
use super::estimate::{Round, Standing};
use crate::units::{Lots, Price};

/// Which way the maker goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It sells: limits are the highest odds after a lot.
    Sells,
    /// It buys back: limits are the lowest odds after a lot.
    Buys,
}

impl Way {
    /// The position after `lots` more.
    fn moved(self, position: Lots, lots: Lots) -> Lots {
        match self {
            Way::Sells => position + lots,
            Way::Buys => position - lots,
        }
    }

    /// +1 for selling, −1 for buying.
    pub(super) fn sign(self) -> i64 {
        match self {
            Way::Sells => 1,
            Way::Buys => -1,
        }
    }
}

/// What is wanted of one outcome: lots, as long as the odds after each are within a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Which outcome.
    pub outcome: usize,
    /// The odds that a lot must not lead past.
    pub limit: Price,
    /// Lots still wanted.
    pub left: Lots,
}

/// The wants that advance in step: their indices, in the order of their turns.
type Advancing = SmallVec<[usize; 8]>;

/// Multiples of b up to which a doubtful round is looked at exactly: there the others still weigh
/// 10^−20 of what they did. Farther ones are left for later, when they are nearer.
const NEAR: i64 = 46;

/// Passes in a row after which nothing could advance by more than a few rounds.
const MAX_ALONE: u32 = 3;
/// See [`MAX_ALONE`].
const FEW: i64 = 4;

impl Curve {
    /// Moves `sold` to the least stable point: from there no want has lots left of which the next is
    /// enabled. `wants` has at most one entry for an outcome; what each got is taken off its `left`. Says
    /// how many passes it took: the work is to be bounded whatever is asked.
    pub fn serve(&self, sold: &mut [Lots], way: Way, wants: &mut [Want]) -> u32 {
        let estimate = self.estimate();
        let mut standing = Standing::new(&estimate, sold, way);
        let mut service = Service {
            curve: self,
            way,
            sold,
            wants,
        };
        let mut wanting = 0;
        let mut alone = 0;
        let mut passes = 0;
        loop {
            passes += 1;
            // A leap goes as far as all that want lots can go together.
            let now = service.wanting();
            if now > 1 && now != wanting {
                service.leap(&mut standing);
            }
            wanting = now;
            let mut moved = service.pass(&mut standing);
            if moved.is_empty() {
                return passes;
            }
            // Out of step, they may go on one lot a pass: then they are brought into step.
            if alone == MAX_ALONE {
                moved = service.fall_in(&mut standing);
            }
            match service.advance(&mut standing, moved) > FEW {
                true => alone = 0,
                false => alone = (alone + 1) % (MAX_ALONE + 1),
            }
        }
    }
}

/// Wants being served.
struct Service<'a> {
    curve: &'a Curve,
    way: Way,
    sold: &'a mut [Lots],
    wants: &'a mut [Want],
}

impl Service<'_> {
    /// How many wants have lots left.
    fn wanting(&self) -> usize {
        let left = |want: &&Want| want.left > Lots::ZERO;
        self.wants.iter().filter(left).count()
    }

    /// Moves all outcomes together as far as is sure.
    fn leap(&mut self, standing: &mut Standing<'_>) {
        let lots = standing.leap(self.wants);
        if lots.iter().any(|lots| *lots > 0) {
            for (ix, lots) in lots.into_iter().enumerate() {
                self.take(ix, Lots::new(lots));
            }
            standing.refresh(self.sold);
        }
    }

    /// Moves every outcome alone, as far as is sure, and says which ones moved.
    fn pass(&mut self, standing: &mut Standing<'_>) -> Advancing {
        let mut moved = Advancing::new();
        for ix in 0..self.wants.len() {
            let want = self.wants[ix];
            if want.left == Lots::ZERO || !self.is_enabled(standing, want) {
                continue;
            }
            let sure = standing.lots_to(self.sold, want.outcome, want.limit).max(1);
            let lots = Lots::new(sure).min(want.left);
            self.take(ix, lots);
            standing.set(want.outcome, self.sold);
            moved.push(ix);
        }
        moved
    }

    /// Lets those with the most headroom take lots, one at a time, until every one that goes on is
    /// less than a lot of headroom apart from every other: then all go on in this order, turn by turn.
    /// They are at most two lots apart after a pass.
    fn fall_in(&mut self, standing: &mut Standing<'_>) -> Advancing {
        let wanted = |wants: &[Want]| -> Advancing {
            let left = |ix: &usize| wants[*ix].left > Lots::ZERO;
            (0..wants.len()).filter(left).collect()
        };
        for _ in 0..3 * self.wants.len() {
            let first = standing.most_headroom(&wanted(self.wants), self.wants);
            let Some(ix) = first.filter(|ix| self.is_enabled(standing, self.wants[*ix])) else {
                break;
            };
            self.take(ix, Lots::new(1));
            standing.set(self.wants[ix].outcome, self.sold);
        }
        let mut ixs = wanted(self.wants);
        standing.keep_in_step(&mut ixs, self.wants);
        ixs
    }

    /// Moves all of `moved` by the same number of lots, as far as every lot of it is enabled when
    /// they take turns, and says by how many.
    fn advance(&mut self, standing: &mut Standing<'_>, mut moved: Advancing) -> i64 {
        moved.retain(|ix| self.wants[*ix].left > Lots::ZERO);
        if moved.len() < 2 {
            return 0;
        }
        let room = moved.iter().map(|ix| self.wants[*ix].left.get()).min();
        let room = room.unwrap_or(0);
        let ahead = standing.advance(&moved, self.wants, self.sold);
        let guess = standing.guess(&ahead).filter(|guess| *guess < room);
        let rounds = longest(room, guess, |rounds| {
            let round = standing.round(&ahead, rounds - 1);
            round.is_some_and(|round| self.all_enabled(round, &moved, rounds))
        });
        if rounds > 0 {
            for ix in moved {
                self.take(ix, Lots::new(rounds));
            }
            standing.refresh(self.sold);
        }
        rounds
    }

    fn take(&mut self, ix: usize, lots: Lots) {
        let want = &mut self.wants[ix];
        want.left -= lots;
        let position = &mut self.sold[want.outcome];
        *position = self.way.moved(*position, lots);
    }

    fn is_enabled(&self, standing: &Standing<'_>, want: Want) -> bool {
        standing
            .is_enabled(want.outcome, want.limit)
            .unwrap_or_else(|| self.is_enabled_exactly(self.sold, want))
    }

    #[cold]
    fn is_enabled_exactly(&self, sold: &[Lots], want: Want) -> bool {
        let after = self
            .curve
            .odds_after(sold, want.outcome, self.way.sign(), want.limit);
        match self.way {
            Way::Sells => after != Ordering::Greater,
            Way::Buys => after != Ordering::Less,
        }
    }

    /// Whether every lot of `round`, the last of `rounds`, is enabled in its turn.
    fn all_enabled(&self, mut round: Round<'_, '_>, moved: &Advancing, rounds: i64) -> bool {
        moved.iter().enumerate().all(|(turn, ix)| {
            let want = self.wants[*ix];
            round.next(want).unwrap_or_else(|| {
                // What has fallen so far behind is beyond all doubt but the most expensive one.
                let near = rounds <= NEAR * self.curve.liquidity.get();
                near && {
                    let before = self.before_turn(moved, rounds - 1, turn);
                    self.is_enabled_exactly(&before, want)
                }
            })
        })
    }

    /// Positions after whole rounds and the turns before `turn` of the next.
    #[cold]
    fn before_turn(&self, moved: &Advancing, rounds: i64, turn: usize) -> Vec<Lots> {
        let mut sold = self.sold.to_vec();
        for (place, ix) in moved.iter().enumerate() {
            let lots = Lots::new(rounds + i64::from(place < turn));
            let position = &mut sold[self.wants[*ix].outcome];
            *position = self.way.moved(*position, lots);
        }
        sold
    }
}

/// The largest number of 0 … `most` that is `fine`, where all below one that is are too; looked for
/// around `guess`, or without one at the end first and then from the start.
fn longest(most: i64, guess: Option<i64>, fine: impl Fn(i64) -> bool) -> i64 {
    if !fine(1) {
        return 0;
    }
    if guess.is_none() && fine(most) {
        return most;
    }
    // Between a number that is fine and one that is not, first by strides that double.
    let (mut low, mut high) = (1, most + 1);
    let mut stride = 1;
    let guess = guess.map_or(1, |guess| guess.max(1));
    if guess == 1 || fine(guess) {
        low = guess;
        while low + stride < high {
            match fine(low + stride) {
                true => low += stride,
                false => high = low + stride,
            }
            stride *= 2;
        }
    } else {
        high = guess;
        while high - stride > low {
            match fine(high - stride) {
                true => low = high - stride,
                false => high -= stride,
            }
            stride *= 2;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match fine(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

#[cfg(test)]
mod tests;

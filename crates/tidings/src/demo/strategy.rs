//! What each simulated trader wants to do at a stall, given what is there to see. Pure: a stall, an
//! account's shares and random numbers in, at most one order out.
//!
//! Odds are fractions here. Nothing of this is the exchange's arithmetic: it is how people guess.

use super::cast::Part;
use super::random::Random;
use super::stall::Stall;

/// The shares of one contract that a trader gathers, as a part of the market's liquidity.
const MOST_HELD: f64 = 0.3;

/// How much worse than the odds a price may be where there is no maker.
const CARE: f64 = 0.04;

/// Yes or No.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contract {
    Yes,
    No,
}

/// Shares that a trader holds and can sell, by outcome.
pub(super) type Held = Vec<f64>;

/// What a trader wishes to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// One thing.
    Order(Want),
    /// To replace all its orders in the market by these bids. An offer of Yes is a bid for No.
    Quote(Vec<Want>),
}

/// An order that a trader wants.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Want {
    pub(super) outcome: usize,
    pub(super) contract: Contract,
    pub(super) how: How,
}

/// In which way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum How {
    /// Spend an amount at once.
    Spend { amount: f64 },
    /// Buy at once up to a price in cents.
    Take { cents: u32, shares: f64 },
    /// Sell what is held, at once and at any price.
    Sell { shares: f64 },
    /// Sell what is held, at once and down to a price in cents.
    SellFor { cents: u32, shares: f64 },
    /// Leave a bid at a price in cents for some minutes.
    Rest {
        cents: u32,
        shares: f64,
        minutes: u32,
    },
}

impl Stall {
    /// What a trader wishes to do here.
    pub(super) fn wish(&self, part: Part, held: &Held, random: &mut Random) -> Option<Wish> {
        match part {
            Part::Maker => Some(Wish::Quote(self.quote(held, random))),
            _ => self.want(part, held, random).map(Wish::Order),
        }
    }

    fn want(&self, part: Part, held: &Held, random: &mut Random) -> Option<Want> {
        let outcome = if self.outcomes.len() == 2 {
            0
        } else {
            random.place(self.outcomes.len())
        };
        let want = match part {
            Part::Follower => self.follow(outcome, random),
            Part::Contrarian => self.oppose(outcome, random),
            Part::Dabbler => Some(self.dabble(outcome, random)),
            Part::Reader => self.read(outcome, random),
            _ => None,
        };
        want.map(|want| self.within_bounds(want, held, random))
            .map(|want| self.with_care(want))
    }

    /// Bids and offers around the odds of every outcome, leaning to where opinion is. Of two outcomes
    /// the second is the first one's mirror.
    fn quote(&self, held: &Held, random: &mut Random) -> Vec<Want> {
        let (outcomes, depth) = match self.outcomes.len() {
            2 => (1, 3),
            many => (many, 2),
        };
        let shares = random.between(15.0, 90.0);
        let minutes = 5 + random.place(15) as u32;
        let mut levels = Vec::new();
        for outcome in 0..outcomes {
            let (bid, offer) = self.around(held, outcome, random);
            for (contract, best) in [(Contract::Yes, bid), (Contract::No, 100 - offer)] {
                levels.extend((0..depth).map(|step| Want {
                    outcome,
                    contract,
                    // More of it where it is cheaper.
                    how: How::Rest {
                        cents: best.saturating_sub(2 * step).max(1),
                        shares: shares * f64::from(step + 1),
                        minutes,
                    },
                }));
            }
        }
        levels
    }

    /// The best bid and offer of a quote for an outcome, in cents of Yes.
    fn around(&self, held: &Held, outcome: usize, random: &mut Random) -> (u32, u32) {
        let odds = self.odds[outcome];
        let lean = (self.opinion()[outcome] - odds).clamp(-0.01, 0.01);
        let away = |random: &mut Random| 0.01 * random.place(3) as f64;
        let bid = cents((odds + lean.min(0.0) - away(random)).floor_cents());
        let offer = cents((odds + lean.max(0.0) + away(random)).ceil_cents()).max(bid + 1);
        self.less_of_the_same(held, outcome, bid, offer)
    }

    /// With much of one side in hand, bid less for more of it.
    fn less_of_the_same(&self, held: &Held, outcome: usize, bid: u32, offer: u32) -> (u32, u32) {
        let much = |contract| shares_of(held, outcome, contract) > self.liquidity * MOST_HELD;
        let bid = match much(Contract::Yes) {
            true => bid.saturating_sub(2).max(1),
            false => bid,
        };
        let offer = match much(Contract::No) {
            true => (offer + 2).min(99),
            false => offer,
        };
        (bid, offer)
    }

    /// Buys what rose, sells what fell.
    fn follow(&self, outcome: usize, random: &mut Random) -> Option<Want> {
        let moved = self.odds[outcome] - self.memory.front()?[outcome];
        match moved.abs() > 0.004 {
            true => {
                let how = How::Spend {
                    amount: random.between(4.0, 30.0),
                };
                Some(Want {
                    outcome,
                    contract: toward(moved),
                    how,
                })
            }
            false => self.wait(outcome, random),
        }
    }

    /// Stands against a move away from the slow average.
    fn oppose(&self, outcome: usize, random: &mut Random) -> Option<Want> {
        let gap = self.slow[outcome] - self.odds[outcome];
        if gap.abs() <= 0.012 {
            return self.wait(outcome, random);
        }
        let contract = toward(gap);
        let price = price_of(contract, self.slow[outcome]);
        let shares = random.between(8.0, 45.0);
        let how = How::Take {
            cents: cents(price.ceil_cents()),
            shares,
        };
        Some(Want {
            outcome,
            contract,
            how,
        })
    }

    /// Tries its luck, mostly on what is likely.
    fn dabble(&self, outcome: usize, random: &mut Random) -> Want {
        let contract = match random.chance(self.odds[outcome] * 0.6 + 0.2) {
            true => Contract::Yes,
            false => Contract::No,
        };
        let how = match random.chance(0.35) {
            true => How::Sell {
                shares: random.between(2.0, 20.0),
            },
            false => How::Spend {
                amount: random.between(2.0, 18.0),
            },
        };
        Want {
            outcome,
            contract,
            how,
        }
    }

    /// Buys until the odds are what it thinks.
    fn read(&self, outcome: usize, random: &mut Random) -> Option<Want> {
        let think = self.opinion()[outcome].clamp(0.03, 0.97);
        let odds = self.odds[outcome].clamp(0.01, 0.99);
        let gap = think - odds;
        if gap.abs() <= 0.008 {
            return self.wait(outcome, random);
        }
        // A market of liquidity b moves by one in log-odds for b shares.
        let whole = self.liquidity * (logit(think) - logit(odds)).abs();
        let part = if self.hurry > 0 { 0.5 } else { 0.3 };
        let shares = (whole * part).clamp(3.0, 140.0);
        let contract = toward(gap);
        let price = price_of(contract, think);
        let how = How::Take {
            cents: cents(price.ceil_cents()),
            shares,
        };
        Some(Want {
            outcome,
            contract,
            how,
        })
    }

    /// Leaves a bid a little below the odds; half of the time.
    fn wait(&self, outcome: usize, random: &mut Random) -> Option<Want> {
        if random.chance(0.5) {
            return None;
        }
        let contract = if random.chance(0.5) {
            Contract::Yes
        } else {
            Contract::No
        };
        let below = 0.01 * (1 + random.place(4)) as f64;
        let price = price_of(contract, self.odds[outcome]) - below;
        let how = How::Rest {
            cents: cents(price.floor_cents()),
            shares: random.between(5.0, 60.0),
            minutes: 1 + random.place(8) as u32,
        };
        Some(Want {
            outcome,
            contract,
            how,
        })
    }

    /// Whoever holds as much of a contract as is good turns around, and whoever wants to sell what
    /// they have not buys.
    fn within_bounds(&self, want: Want, held: &Held, random: &mut Random) -> Want {
        let Want {
            outcome,
            mut contract,
            how,
        } = want;
        let most = self.liquidity * MOST_HELD;
        let has = |contract| shares_of(held, outcome, contract);
        let how = match how {
            How::Sell { shares } => {
                if has(contract) < 1.0 {
                    contract = contract.other();
                }
                match has(contract) {
                    few if few < 1.0 => How::Spend {
                        amount: random.between(2.0, 10.0),
                    },
                    free => How::Sell {
                        shares: shares.min(free),
                    },
                }
            }
            _ if has(contract) > most => How::Sell {
                shares: has(contract) * random.between(0.05, 0.2),
            },
            buy => buy,
        };
        Want {
            outcome,
            contract,
            how,
        }
    }
}

impl Stall {
    /// Where only orders stand, nobody takes any price: a little worse than the odds has to do.
    fn with_care(&self, want: Want) -> Want {
        if self.made {
            return want;
        }
        let price = price_of(want.contract, self.odds[want.outcome]);
        let how = match want.how {
            How::Spend { amount } => How::Take {
                cents: cents((price + CARE).ceil_cents()),
                shares: amount / price.max(0.05),
            },
            How::Sell { shares } => How::SellFor {
                cents: cents((price - CARE).floor_cents()),
                shares,
            },
            other => other,
        };
        Want { how, ..want }
    }
}

impl Contract {
    const fn other(self) -> Contract {
        match self {
            Contract::Yes => Contract::No,
            Contract::No => Contract::Yes,
        }
    }
}

/// Shares of a contract: No on an outcome is one of each other outcome.
fn shares_of(held: &Held, outcome: usize, contract: Contract) -> f64 {
    let wanted = |ix: &usize| (*ix == outcome) == (contract == Contract::Yes);
    let shares = (0..held.len()).filter(wanted).map(|ix| held[ix]);
    shares.reduce(f64::min).unwrap_or(0.0)
}

fn toward(gap: f64) -> Contract {
    if gap > 0.0 {
        Contract::Yes
    } else {
        Contract::No
    }
}

fn price_of(contract: Contract, odds: f64) -> f64 {
    match contract {
        Contract::Yes => odds,
        Contract::No => 1.0 - odds,
    }
}

fn logit(odds: f64) -> f64 {
    (odds / (1.0 - odds)).ln()
}

trait Cents {
    fn floor_cents(self) -> f64;
    fn ceil_cents(self) -> f64;
}

impl Cents for f64 {
    fn floor_cents(self) -> f64 {
        (self * 100.0).floor()
    }

    fn ceil_cents(self) -> f64 {
        (self * 100.0).ceil()
    }
}

/// A whole number of cents that is a price.
fn cents(whole: f64) -> u32 {
    whole.clamp(1.0, 99.0) as u32
}

#[cfg(test)]
mod tests;

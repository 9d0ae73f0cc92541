//! Who has what left.

use std::time::Duration;

use tidings_core::id::AccountId;
use tidings_core::state::USUAL_ALLOWANCE;

use super::address::Place;
use super::bucket::{Buckets, Standing, TooFew};
use super::cost::{Allowance, Cost, Kind};
use super::rate::Rate;
use super::settings::Limits;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Every allowance.
pub(crate) struct Limiter {
    limits: Limits,
    orders: Buckets<AccountId>,
    cancels: Buckets<AccountId>,
    reads: Buckets<AccountId>,
    staff: Buckets<AccountId>,
    public: Buckets<Place>,
    failures: Buckets<Place>,
}

/// Whose allowance a request takes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payer {
    /// Somebody with an account, whichever of its keys they sent: two keys have one allowance. And so many per cent of
    /// what everyone may ask for are theirs.
    Account(Caller, u16),
    /// Whoever is there and sent no key.
    Nobody(Place),
    /// Whoever is there and sent a key that opens nothing.
    Stranger(Place),
}

impl Payer {
    /// Somebody with an account, as it stands now: an open stream has its caller from when it was opened.
    pub(super) fn account(app: &App, caller: Caller) -> Payer {
        Payer::Account(caller, app.exchange().allowance(caller.account))
    }
}

/// A request that has to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limited {
    allowance: Allowance,
    rate: Rate,
    pub(super) few: TooFew,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Limiter {
        Limiter {
            orders: Buckets::new(limits.orders),
            cancels: Buckets::new(limits.cancels),
            reads: Buckets::new(limits.reads),
            staff: Buckets::new(limits.staff),
            public: Buckets::new(limits.public),
            failures: Buckets::new(limits.failures),
            limits,
        }
    }

    /// What this installation has set.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes what a request costs; nothing where it is free.
    pub(super) fn take(&self, payer: Payer, cost: &Cost) -> Result<Option<Standing>, Limited> {
        let (allowance, rate, taken) = match payer {
            Payer::Account(caller, percent) => {
                let Some(allowance) = cost.kind.of_account(caller.role) else {
                    return Ok(None);
                };
                let (buckets, rate) = (self.of_account(allowance), self.own(allowance, percent));
                let taken = buckets.take_at(rate, caller.account, cost.tokens);
                (allowance, rate, taken)
            }
            Payer::Nobody(place) | Payer::Stranger(place) => {
                let failed = matches!(payer, Payer::Stranger(_));
                let Some(allowance) = cost.kind.of_address(failed) else {
                    return Ok(None);
                };
                // A guess costs the same wherever it is made.
                let tokens = if failed { 1 } else { cost.tokens };
                let taken = self.of_address(allowance).take(place, tokens);
                (allowance, self.rate(allowance), taken)
            }
        };
        taken.map(Some).map_err(|few| Limited {
            allowance,
            rate,
            few,
        })
    }

    /// Takes what a command of so many orders costs, one of which was paid for at the door, from somebody with so many per
    /// cent of what everyone may ask for.
    pub(crate) fn take_rest(
        &self,
        caller: Caller,
        percent: u16,
        orders: usize,
    ) -> Result<(), Problem> {
        let rest = u32::try_from(orders).unwrap_or(u32::MAX).saturating_sub(1);
        let Some(allowance) = Kind::Command.of_account(caller.role) else {
            return Ok(());
        };
        let rate = self.own(allowance, percent);
        let buckets = self.of_account(allowance);
        let taken = buckets.take_rest(rate, caller.account, rest);
        taken.map(drop).map_err(|few| {
            Problem::from(Limited {
                allowance,
                rate,
                few,
            })
        })
    }

    /// How whoever paid stands since.
    pub(super) fn look_again(&self, payer: Payer, cost: &Cost) -> Option<Standing> {
        match payer {
            Payer::Account(caller, percent) => {
                let allowance = cost.kind.of_account(caller.role)?;
                Some(self.look(caller.account, allowance, percent))
            }
            Payer::Nobody(place) | Payer::Stranger(place) => {
                let failed = matches!(payer, Payer::Stranger(_));
                let allowance = cost.kind.of_address(failed)?;
                Some(self.of_address(allowance).look(place))
            }
        }
    }

    /// How an account stands with an allowance that it has.
    pub(super) fn look(&self, account: AccountId, allowance: Allowance, percent: u16) -> Standing {
        let rate = self.own(allowance, percent);
        self.of_account(allowance).look_at(rate, account)
    }

    /// What an account may that has so many per cent of what everyone has. Whoever gets less can let themselves out, and stop
    /// trade, as fast as everyone.
    pub(super) fn own(&self, allowance: Allowance, percent: u16) -> Rate {
        let percent = match allowance {
            Allowance::Cancels => percent.max(USUAL_ALLOWANCE),
            _ => percent,
        };
        self.rate(allowance).scaled(percent)
    }

    pub(super) fn rate(&self, allowance: Allowance) -> Rate {
        match allowance {
            Allowance::Orders => self.limits.orders,
            Allowance::Cancels => self.limits.cancels,
            Allowance::Reads => self.limits.reads,
            Allowance::Staff => self.limits.staff,
            Allowance::Public => self.limits.public,
            Allowance::Failures => self.limits.failures,
        }
    }

    fn of_account(&self, allowance: Allowance) -> &Buckets<AccountId> {
        match allowance {
            Allowance::Orders => &self.orders,
            Allowance::Cancels => &self.cancels,
            Allowance::Staff => &self.staff,
            Allowance::Reads | Allowance::Public | Allowance::Failures => &self.reads,
        }
    }

    fn of_address(&self, allowance: Allowance) -> &Buckets<Place> {
        match allowance {
            Allowance::Failures => &self.failures,
            _ => &self.public,
        }
    }
}

impl From<Limited> for Problem {
    fn from(limited: Limited) -> Problem {
        let Limited {
            allowance,
            rate,
            few,
        } = limited;
        let millis = millis(few.wait);
        let (code, whose) = match allowance {
            Allowance::Failures => ("too_many_failures", "address"),
            allowance if allowance.is_of_account() => ("rate_limited", "account"),
            _ => ("rate_limited", "address"),
        };
        let detail = format!(
            "this {whose} has used up its allowance of {}; there is enough in {millis} ms",
            allowance.word()
        );
        Problem::new(code, detail)
            .with("allowance", allowance.word())
            .with("per_second", rate.per_second.get())
            .with("burst", rate.burst.get())
            .with("remaining", few.standing.remaining)
            .with("retry_after_ms", millis)
            .again_in(few.wait)
    }
}

/// Rounded up: nobody is told to come too early.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

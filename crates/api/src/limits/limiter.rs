//! Who has what left.

use std::time::Duration;

use tidings_core::id::AccountId;

use super::address::Place;
use super::bucket::{Buckets, Standing, TooFew};
use super::cost::{Allowance, Cost, Kind};
use super::rate::Rate;
use super::settings::Limits;
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
    /// Somebody with an account, whichever of its keys they sent: two keys have one allowance.
    Account(Caller),
    /// Whoever is there and sent no key.
    Nobody(Place),
    /// Whoever is there and sent a key that opens nothing.
    Stranger(Place),
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
        let (allowance, taken) = match payer {
            Payer::Account(caller) => {
                let Some(allowance) = cost.kind.of_account(caller.role) else {
                    return Ok(None);
                };
                let buckets = self.of_account(allowance);
                (allowance, buckets.take(caller.account, cost.tokens))
            }
            Payer::Nobody(place) | Payer::Stranger(place) => {
                let failed = matches!(payer, Payer::Stranger(_));
                let Some(allowance) = cost.kind.of_address(failed) else {
                    return Ok(None);
                };
                // A guess costs the same wherever it is made.
                let tokens = if failed { 1 } else { cost.tokens };
                (allowance, self.of_address(allowance).take(place, tokens))
            }
        };
        taken.map(Some).map_err(|few| Limited {
            allowance,
            rate: self.rate(allowance),
            few,
        })
    }

    /// Takes what a command of so many orders costs, one of which was paid for at the door.
    pub(crate) fn take_rest(&self, caller: Caller, orders: usize) -> Result<(), Problem> {
        let rest = u32::try_from(orders).unwrap_or(u32::MAX).saturating_sub(1);
        let Some(allowance) = Kind::Command.of_account(caller.role) else {
            return Ok(());
        };
        let taken = self.of_account(allowance).take_rest(caller.account, rest);
        taken.map(drop).map_err(|few| {
            let rate = self.rate(allowance);
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
            Payer::Account(caller) => {
                let allowance = cost.kind.of_account(caller.role)?;
                Some(self.look(caller.account, allowance))
            }
            Payer::Nobody(place) | Payer::Stranger(place) => {
                let failed = matches!(payer, Payer::Stranger(_));
                let allowance = cost.kind.of_address(failed)?;
                Some(self.of_address(allowance).look(place))
            }
        }
    }

    /// How an account stands with an allowance that it has.
    pub(super) fn look(&self, account: AccountId, allowance: Allowance) -> Standing {
        self.of_account(allowance).look(account)
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

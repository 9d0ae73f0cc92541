//! How much an account may ask of the exchange: kept here, so that it is journalled who said so, when and why, and
//! minded where requests are let in.

use crate::engine::Engine;
use crate::event::Event;
use crate::id::AccountId;
use crate::reject::Reject;
use crate::state::{Allowance, MAX_ALLOWANCE, USUAL_ALLOWANCE};
use crate::units::Timestamp;

impl Engine {
    /// Gives an account so many per cent of what everyone may ask for. The usual hundred is as if nothing had been said.
    pub(super) fn set_allowance(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: AccountId,
        (percent, reason): (u16, &str),
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_watched(by, id)?;
        if !(1..=MAX_ALLOWANCE).contains(&percent) {
            return Err(Reject::AllowanceInvalid);
        }

        let allowance = Allowance {
            percent,
            at,
            by,
            reason: reason.to_owned(),
        };
        let account = &mut self.accounts[id.0 as usize];
        account.allowance = (percent != USUAL_ALLOWANCE).then(|| Box::new(allowance));
        let account = id;
        events.push(Event::AllowanceSet { account, percent });
        Ok(())
    }
}

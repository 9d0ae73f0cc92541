//! Keys: issued, rotated and revoked, by an administrator or by one of the account's own keys.
//! In: what is asked, and which key asks. Out: events, or a refusal. A key never gives more than it
//! has; whether it may give anything at all is one of its scopes.

use crate::access::{
    Grant, Key, LONGEST_OVERLAP, MOST_KEYS_EVER, MOST_LIVE_KEYS, Role, Scopes, Succession,
};
use crate::command::RotateKey;
use crate::engine::Engine;
use crate::event::Event;
use crate::id::AccountId;
use crate::reject::Reject;
use crate::state::Account;
use crate::units::Timestamp;

impl Engine {
    pub(super) fn issue_key(
        &mut self,
        at: Timestamp,
        account: AccountId,
        grant: &Grant,
        by: Option<u32>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let owner = self.key_owner_account(account)?;
        if let Some(by) = by {
            check_maker(owner, by, grant, at)?;
            check_room(owner, at)?;
        }
        self.check_grant(grant)?;

        self.add_key(at, account, grant.clone(), events);
        Ok(())
    }

    /// The other key opens what the first one does, until the moment at which that one would end by
    /// what was granted.
    pub(super) fn rotate_key(
        &mut self,
        at: Timestamp,
        rotate: &RotateKey,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let &RotateKey {
            account,
            key,
            digest,
            overlap,
            public_key,
            by,
            ref rsa_public_key,
        } = rotate;
        let owner = self.key_owner_account(account)?;
        let first = owner.keys.get(key as usize).filter(|key| key.is_live(at));
        let first = first.ok_or(Reject::KeyNotFound)?;
        if let Some(Succession { successor, .. }) = first.succession {
            return Err(Reject::KeyRotated { successor });
        }
        let mut grant = Grant {
            digest,
            public_key,
            rsa_public_key: rsa_public_key.clone(),
            ..first.grant.clone()
        };
        // A grant that says nothing of managing means something else beside a successor that does.
        grant.manages = Some(first.grant.reach(owner.role).allows(Scopes::MANAGE));
        if let Some(by) = by {
            check_maker(owner, by, &grant, at)?;
            check_room(owner, at)?;
        }
        if overlap > LONGEST_OVERLAP {
            return Err(Reject::GrantInvalid);
        }
        self.check_grant(&grant)?;

        let successor = self.add_key(at, account, grant, events);
        let ends_at = at.plus_seconds(overlap);
        self.accounts[account.0 as usize].keys[key as usize].succession =
            Some(Succession { successor, ends_at });
        events.push(Event::KeyRotated {
            account,
            key,
            successor,
            ends_at,
        });
        Ok(())
    }

    /// A key may always end itself; others only when it manages keys.
    pub(super) fn revoke_key(
        &mut self,
        at: Timestamp,
        account: AccountId,
        key: u32,
        by: Option<u32>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let owner = self
            .accounts
            .get_mut(account.0 as usize)
            .ok_or(Reject::AccountNotFound)?;
        if let Some(by) = by {
            let asking = live(owner, by, at)?;
            if by != key && !asking.grant.reach(owner.role).allows(Scopes::MANAGE) {
                return Err(Reject::GrantTooWide);
            }
        }
        let found = owner
            .keys
            .get_mut(key as usize)
            .filter(|key| key.revoked_at.is_none());
        let revoked = found.ok_or(Reject::KeyNotFound)?;

        revoked.revoked_at = Some(at);
        events.push(Event::KeyRevoked { account, key });
        Ok(())
    }

    pub(super) fn add_key(
        &mut self,
        at: Timestamp,
        account: AccountId,
        grant: Grant,
        events: &mut Vec<Event>,
    ) -> u32 {
        let keys = &mut self.accounts[account.0 as usize].keys;
        let key = u32::try_from(keys.len()).expect("fewer keys than 2^32");
        self.key_digests.insert(grant.digest, (account, key));
        keys.push(Key::issued(grant, at));
        events.push(Event::KeyIssued { account, key });
        key
    }

    /// Whether a grant can be a key of anyone.
    pub(super) fn check_grant(&self, grant: &Grant) -> Result<(), Reject> {
        if !grant.is_sound() {
            return Err(Reject::GrantInvalid);
        }
        match self.key_digests.contains_key(&grant.digest) {
            true => Err(Reject::KeyTaken),
            false => Ok(()),
        }
    }

    /// An account that keys can be of.
    fn key_owner_account(&self, account: AccountId) -> Result<&Account, Reject> {
        let owner = self.account(account).ok_or(Reject::AccountNotFound)?;
        match owner.role {
            Role::System => Err(Reject::RoleNotAllowed),
            _ => Ok(owner),
        }
    }
}

/// A key makes others when it manages keys and has all that they get.
fn check_maker(owner: &Account, by: u32, grant: &Grant, at: Timestamp) -> Result<(), Reject> {
    let maker = live(owner, by, at)?;
    let manages = maker.grant.reach(owner.role).allows(Scopes::MANAGE);
    match manages && maker.covers(grant, owner.role) {
        true => Ok(()),
        false => Err(Reject::GrantTooWide),
    }
}

/// An administrator who replaces a lost key is not held up by these.
fn check_room(owner: &Account, at: Timestamp) -> Result<(), Reject> {
    let live = owner.keys.iter().filter(|key| key.is_live(at)).count();
    for (keys, most) in [(live, MOST_LIVE_KEYS), (owner.keys.len(), MOST_KEYS_EVER)] {
        if keys >= most {
            let most = u32::try_from(most).expect("a small bound");
            return Err(Reject::TooManyKeys { most });
        }
    }
    Ok(())
}

/// The key that asks. The door let it in; it may have ended since.
fn live(owner: &Account, by: u32, at: Timestamp) -> Result<&Key, Reject> {
    let key = owner.keys.get(by as usize).filter(|key| key.is_live(at));
    key.ok_or(Reject::KeyInvalid)
}

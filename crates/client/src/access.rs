//! `/v1/accounts` for administrators, and `/v1/account/keys` for everyone with an account.

use reqwest::Method;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::list::{List, Page};
use crate::types::{
    Account, AccountFrozen, AccountLine, AccountOpened, AllowanceSet, FundsDecided, FundsProposal,
    IssueKey, KeyIssued, KeyLine, KeyRevoked, KeyRotated, LargeDepositsSet, Role, RotateKey,
    SignIn, SignInGone, SignInSet, Transferred,
};

impl Client {
    /// Opens an account and gives it its first key. For administrators, as all that follows up to the
    /// account's own keys.
    pub fn open_account(&self, name: &str, role: Role) -> Command<AccountOpened> {
        self.post(&["accounts"], &json!({ "name": name, "role": role }))
    }

    /// All accounts, newest first.
    pub fn accounts(&self) -> List<AccountLine> {
        self.list(&["accounts"], &(), false)
    }

    /// An account, as its owner sees it. For operators, too.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn account_of(&self, account: &str) -> Result<Account, Error> {
        self.get(&["accounts", account], &()).await
    }

    /// Stops an account: its orders are cancelled, and it gives none and moves no money. For operators, too.
    pub fn freeze_account(&self, account: &str, reason: &str) -> Command<AccountFrozen> {
        let body = json!({ "reason": reason });
        self.post(&["accounts", account, "freeze"], &body)
    }

    /// Lets a frozen account go on. For operators, too.
    pub fn unfreeze_account(&self, account: &str) -> Command<AccountFrozen> {
        self.post(&["accounts", account, "unfreeze"], &json!({}))
    }

    /// Lets an account ask for so many per cent of what everyone may: more for a market maker, less for a program that runs
    /// wild; 100 is the usual. For operators, too.
    pub fn set_allowance(
        &self,
        account: &str,
        percent: u16,
        reason: &str,
    ) -> Command<AllowanceSet> {
        let body = json!({ "percent": percent, "reason": reason });
        self.post(&["accounts", account, "allowance"], &body)
    }

    /// Money comes in.
    pub fn deposit(&self, account: &str, amount: Decimal) -> Command<Transferred> {
        let body = json!({ "amount": amount });
        self.post(&["accounts", account, "deposits"], &body)
    }

    /// Has deposits from an amount on take two administrators; none, where one is to be enough. That fewer
    /// do waits for another one.
    pub fn set_large_deposits(&self, from: Option<Decimal>) -> Command<LargeDepositsSet> {
        let path = ["deposits", "threshold"];
        let body = json!({ "from": from });
        self.command(Method::PUT, &path, &(), Some(&body))
    }

    /// From which amount on a deposit takes two administrators; none, where none does.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn large_deposits(&self) -> Result<Option<Decimal>, Error> {
        #[derive(Deserialize)]
        struct Threshold {
            from: Option<Decimal>,
        }
        let threshold: Threshold = self.get(&["deposits", "threshold"], &()).await?;
        Ok(threshold.from)
    }

    /// What waits for another administrator than the one who proposed it, the oldest first.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn deposits_that_wait(&self) -> Result<Vec<FundsProposal>, Error> {
        let page: Page<FundsProposal> = self.get(&["deposits"], &()).await?;
        Ok(page.data)
    }

    /// Confirms what another administrator proposed: a deposit is booked by that.
    pub fn confirm_deposit(&self, proposal: &str) -> Command<FundsDecided> {
        self.post(&["deposits", proposal, "confirm"], &json!({}))
    }

    /// Takes a proposal back.
    pub fn drop_deposit(&self, proposal: &str) -> Command<FundsDecided> {
        self.command(Method::DELETE, &["deposits", proposal], &(), None::<&()>)
    }

    /// Money goes out.
    pub fn withdraw(&self, account: &str, amount: Decimal) -> Command<Transferred> {
        let body = json!({ "amount": amount });
        self.post(&["accounts", account, "withdrawals"], &body)
    }

    /// Lets an account's owner sign in to the console: with a password, or with the one that they choose with
    /// the link in the answer.
    pub fn set_sign_in_of(
        &self,
        account: &str,
        name: Option<&str>,
        password: Option<&str>,
    ) -> Command<SignInSet> {
        let mut body = serde_json::Map::new();
        for (field, value) in [("name", name), ("password", password)] {
            body.extend(value.map(|value| (field.to_owned(), value.into())));
        }
        self.post(&["accounts", account, "sign-in"], &body)
    }

    /// How an account's owner signs in to the console, and where they are signed in.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn sign_in_of(&self, account: &str) -> Result<SignIn, Error> {
        self.get(&["accounts", account, "sign-in"], &()).await
    }

    /// Takes an account's sign-in away; its sessions end at once.
    pub fn drop_sign_in_of(&self, account: &str) -> Command<SignInGone> {
        let path = ["accounts", account, "sign-in"];
        self.command(Method::DELETE, &path, &(), None::<&()>)
    }

    /// Gives an account another key.
    pub fn issue_key_of(&self, account: &str, key: &IssueKey) -> Command<KeyIssued> {
        self.post(&["accounts", account, "keys"], key)
    }

    /// An account's keys, newest first.
    pub fn keys_of(&self, account: &str) -> List<KeyLine> {
        self.list(&["accounts", account, "keys"], &(), false)
    }

    /// Puts another key in the place of one of an account's.
    pub fn rotate_key_of(&self, account: &str, key: &str, how: &RotateKey) -> Command<KeyRotated> {
        self.post(&["accounts", account, "keys", key, "rotate"], how)
    }

    /// Ends one of an account's keys.
    pub fn revoke_key_of(&self, account: &str, key: &str) -> Command<KeyRevoked> {
        let path = ["accounts", account, "keys", key];
        self.command(Method::DELETE, &path, &(), None::<&()>)
    }

    /// Issues another key for the account that asks; it can give what the key that asks has.
    pub fn issue_key(&self, key: &IssueKey) -> Command<KeyIssued> {
        self.post(&["account", "keys"], key)
    }

    /// The keys of the account that asks, newest first.
    pub fn keys(&self) -> List<KeyLine> {
        self.list(&["account", "keys"], &(), false)
    }

    /// Puts another key in the place of one of the account that asks.
    pub fn rotate_key(&self, key: &str, how: &RotateKey) -> Command<KeyRotated> {
        self.post(&["account", "keys", key, "rotate"], how)
    }

    /// Ends a key of the account that asks.
    pub fn revoke_key(&self, key: &str) -> Command<KeyRevoked> {
        let path = ["account", "keys", key];
        self.command(Method::DELETE, &path, &(), None::<&()>)
    }
}

//! What an account has in the model: cash, shares, and what it put in.

use super::Terms;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub available: i64,
    pub reserved: i64,
    pub shares: Vec<i64>,
    pub shares_reserved: Vec<i64>,
    /// Money put into the market less money taken out of it, fees included.
    pub net_paid: i64,
    /// When its dead man's switch cancels its orders.
    pub cancels_at: Option<i64>,
}

impl Account {
    pub fn new(cash: i64, outcomes: usize) -> Account {
        Account {
            available: cash,
            reserved: 0,
            shares: vec![0; outcomes],
            shares_reserved: vec![0; outcomes],
            net_paid: 0,
            cancels_at: None,
        }
    }

    /// A trade of `lots` for `amount` and a fee: cash one way, shares the other.
    pub fn trade(&mut self, terms: Terms, lots: i64, amount: i64, fee: i64) {
        let sign = if terms.buy { 1 } else { -1 };
        self.available -= sign * amount + fee;
        self.net_paid += sign * amount + fee;
        for k in terms.outcomes(self.shares.len()) {
            self.shares[k] += sign * lots;
        }
    }

    /// Sets aside what an order needs; negative lots free it.
    pub fn hold(&mut self, terms: Terms, lots: i64, price: i64) {
        if terms.buy {
            self.available -= lots * price;
            self.reserved += lots * price;
            return;
        }
        for k in terms.outcomes(self.shares.len()) {
            self.shares[k] -= lots;
            self.shares_reserved[k] += lots;
        }
    }

    /// How many lots of a contract it could sell.
    pub fn free(&self, terms: Terms) -> i64 {
        let owned = terms.outcomes(self.shares.len()).map(|k| self.shares[k]);
        owned.min().unwrap_or(0)
    }

    /// Sells free complete sets, and says for how much.
    pub fn merge(&mut self) -> i64 {
        let sets = self.shares.iter().copied().min().unwrap_or(0);
        self.shares.iter_mut().for_each(|lots| *lots -= sets);
        self.available += sets * 10_000;
        self.net_paid -= sets * 10_000;
        sets * 10_000
    }

    /// Whether no balance is negative.
    pub fn is_sound(&self) -> bool {
        let shares = self.shares.iter().chain(&self.shares_reserved);
        self.available >= 0 && self.reserved >= 0 && shares.into_iter().all(|lots| *lots >= 0)
    }
}

//! What accounts, markets and outcomes are called, learned from the records that were read.

use std::collections::BTreeMap;

use tidings_core::Engine;
use tidings_core::command::Command;
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId, Outcome};

use crate::wire::id;

/// The names.
#[derive(Debug, Default)]
pub struct Names {
    accounts: BTreeMap<AccountId, String>,
    markets: BTreeMap<MarketId, MarketNames>,
}

#[derive(Debug)]
struct MarketNames {
    slug: String,
    outcomes: Vec<String>,
}

impl Names {
    /// Takes the names that a record gives.
    pub fn learn(&mut self, record: &Record) {
        for event in &record.events {
            match (event, &record.request.command) {
                (Event::AccountOpened { account, .. }, Command::OpenAccount(open)) => {
                    self.accounts.insert(*account, open.name.clone());
                }
                (Event::MarketCreated { market, .. }, Command::CreateMarket(spec)) => {
                    let names = MarketNames {
                        slug: spec.slug.clone(),
                        outcomes: spec.outcomes.iter().map(|o| o.key.clone()).collect(),
                    };
                    self.markets.insert(*market, names);
                }
                (Event::MarketRevised { market, .. }, Command::ReviseMarket { spec, .. }) => {
                    let names = MarketNames {
                        slug: spec.slug.clone(),
                        outcomes: spec.outcomes.iter().map(|o| o.key.clone()).collect(),
                    };
                    self.markets.insert(*market, names);
                }
                _ => {}
            }
        }
    }

    /// Takes the names that a state has, of some accounts and markets.
    pub fn take(
        &mut self,
        engine: &Engine,
        accounts: impl IntoIterator<Item = AccountId>,
        markets: impl IntoIterator<Item = MarketId>,
    ) {
        for id in accounts {
            if let Some(account) = engine.account(id) {
                self.accounts.insert(id, account.name.to_string());
            }
        }
        for id in markets {
            if let Some(market) = engine.market(id) {
                let outcomes = market.spec.outcomes.iter();
                let names = MarketNames {
                    slug: market.spec.slug.clone(),
                    outcomes: outcomes.map(|outcome| outcome.key.clone()).collect(),
                };
                self.markets.insert(id, names);
            }
        }
    }

    /// What people call an account.
    pub fn account_name(&self, account: AccountId) -> Option<&str> {
        match account {
            AccountId::WORLD => Some("the world"),
            AccountId::FEES => Some("fees"),
            account => self.accounts.get(&account).map(String::as_str),
        }
    }

    /// A market's slug.
    pub fn slug(&self, market: MarketId) -> Option<&str> {
        self.markets.get(&market).map(|names| names.slug.as_str())
    }

    /// The market with a slug.
    pub fn market(&self, slug: &str) -> Option<MarketId> {
        let found = self.markets.iter().find(|(_, names)| names.slug == slug);
        found.map(|(market, _)| *market)
    }

    /// `Ann (acc_5)`.
    pub fn who(&self, account: AccountId) -> String {
        match self.account_name(account) {
            Some(name) => format!("{} ({})", shown(name), id::account(account)),
            None => id::account(account),
        }
    }

    /// The slug, or else the id.
    pub fn which(&self, market: MarketId) -> String {
        self.slug(market)
            .map_or_else(|| id::market(market), str::to_owned)
    }

    /// The outcome's key, or else its place.
    pub fn outcome(&self, market: MarketId, outcome: Outcome) -> String {
        let names = self.markets.get(&market);
        let key = names.and_then(|names| names.outcomes.get(outcome.ix()));
        key.map_or_else(|| format!("outcome {outcome}"), String::clone)
    }
}

/// A text on one line, without anything that a terminal would obey.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match tidings_news::text::not_allowed(c) {
            None => shown.push(c),
            Some(_) => shown.extend(c.escape_default()),
        }
    }
    shown
}

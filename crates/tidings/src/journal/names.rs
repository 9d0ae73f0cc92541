//! What accounts, markets and outcomes are called, learned from the records that were read.

use std::collections::BTreeMap;

use tidings_api::wire::id;
use tidings_core::command::Command;
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId, Outcome};

/// The names.
#[derive(Debug, Default)]
pub(crate) struct Names {
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
    pub(crate) fn learn(&mut self, record: &Record) {
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

    pub(crate) fn account_name(&self, account: AccountId) -> Option<&str> {
        match account {
            AccountId::WORLD => Some("the world"),
            AccountId::FEES => Some("fees"),
            account => self.accounts.get(&account).map(String::as_str),
        }
    }

    pub(crate) fn slug(&self, market: MarketId) -> Option<&str> {
        self.markets.get(&market).map(|names| names.slug.as_str())
    }

    /// The market with a slug.
    pub(crate) fn market(&self, slug: &str) -> Option<MarketId> {
        let found = self.markets.iter().find(|(_, names)| names.slug == slug);
        found.map(|(market, _)| *market)
    }

    /// `Ann (acc_5)`.
    pub(crate) fn who(&self, account: AccountId) -> String {
        match self.account_name(account) {
            Some(name) => format!("{} ({})", shown(name), id::account(account)),
            None => id::account(account),
        }
    }

    /// The slug, or else the id.
    pub(crate) fn which(&self, market: MarketId) -> String {
        self.slug(market)
            .map_or_else(|| id::market(market), str::to_owned)
    }

    /// The outcome's key, or else its place.
    pub(crate) fn outcome(&self, market: MarketId, outcome: Outcome) -> String {
        let names = self.markets.get(&market);
        let key = names.and_then(|names| names.outcomes.get(outcome.ix()));
        key.map_or_else(|| format!("outcome {outcome}"), String::clone)
    }
}

/// A text on one line, without anything that a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match tidings_news::text::not_allowed(c) {
            None => shown.push(c),
            Some(_) => shown.extend(c.escape_default()),
        }
    }
    shown
}

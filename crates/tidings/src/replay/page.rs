//! The state for people to read.

use std::fmt::Write;

use serde::Serialize;
use tidings_api::records::shown;
use tidings_api::wire::book::{BookJson, LevelJson};
use tidings_api::wire::market::{MarketJson, OutcomeJson};
use tidings_api::wire::order::OrderJson;
use tidings_core::id::Seq;

use super::state::{Account, Market, State};

/// The page of a state, of a journal that ends at `end`.
pub(super) fn of(state: &State, end: Seq) -> String {
    let mut page = Page(String::new());
    page.line(
        "as of",
        &format!("record {} of {end}, {}", state.seq, state.at),
    );
    page.line(
        "accounts",
        &format!("{} and the exchange's own 2", state.accounts),
    );
    page.line("state hash", &state.state_hash);
    page.line("requests hash", &state.requests_hash);
    if let Some(markets) = &state.markets {
        for market in markets {
            page.market(market);
        }
        if markets.is_empty() {
            page.line("markets", "none");
        }
    }
    if let Some(account) = &state.account {
        page.account(account);
    }
    page.0.truncate(page.0.trim_end().len());
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, name: &str, words: &str) {
        self.write(&format!("  {name:<14} {words}"));
    }

    fn write(&mut self, line: &str) {
        writeln!(self.0, "{line}").expect("writing to memory does not fail");
    }

    fn market(&mut self, market: &Market) {
        let MarketJson {
            id,
            slug,
            status,
            volume,
            liquidity,
            ..
        } = &market.market;
        let maker = liquidity.map_or_else(
            || "no maker".to_owned(),
            |liquidity| format!("maker {}", liquidity.0),
        );
        let open = market.open_orders;
        self.write("");
        self.line(
            "market",
            &format!(
                "{slug} ({id}), {}, volume {}, {maker}, open orders {open}",
                word(status),
                volume.0
            ),
        );
        for outcome in &market.market.outcomes {
            self.line("", &odds(outcome));
        }
        for book in market.books.iter().flatten() {
            self.book(book);
        }
        if let Some(orders) = &market.orders {
            self.write("");
            for owned in orders {
                self.line(&owned.account, &order(&owned.order));
            }
        }
    }

    fn book(&mut self, book: &BookJson) {
        self.write("");
        self.line(
            "book",
            &format!("{}: price, resting, sets, maker", book.outcome),
        );
        // The dearest ask on top, so that best meets best in the middle.
        for level in book.asks.iter().rev() {
            self.line("  ask", &self::level(level));
        }
        for level in &book.bids {
            self.line("  bid", &self::level(level));
        }
        if book.asks.is_empty() && book.bids.is_empty() {
            self.line("", "empty");
        }
    }

    fn account(&mut self, account: &Account) {
        let own = &account.account;
        let cash = own.cash;
        self.write("");
        self.line(
            "account",
            &format!("{} ({}), {}", shown(&own.name), own.id, word(own.role)),
        );
        self.line(
            "cash",
            &format!(
                "available {}, reserved {}",
                cash.available.0, cash.reserved.0
            ),
        );
        for held in &own.positions {
            let (market, outcome) = (&held.market, &held.outcome);
            let (free, reserved, cost) = (held.shares.free.0, held.shares.reserved.0, held.cost.0);
            self.line(
                "shares",
                &format!("{market}/{outcome}: free {free}, reserved {reserved}, cost {cost}"),
            );
        }
        for open in &account.orders {
            self.line("open order", &order(open));
        }
    }
}

fn odds(outcome: &OutcomeJson) -> String {
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    format!(
        "{}: odds {}, bid {}, ask {}, last {}",
        outcome.key,
        text(outcome.odds.map(|odds| odds.to_string())),
        text(outcome.bid.map(|price| price.0.to_string())),
        text(outcome.ask.map(|price| price.0.to_string())),
        text(outcome.last.map(|price| price.0.to_string())),
    )
}

fn level(level: &LevelJson) -> String {
    let LevelJson {
        price,
        resting,
        implied,
        maker,
    } = level;
    // As texts, because numbers of their own kind know no width.
    let [price, resting] = [price.0.to_string(), resting.0.to_string()];
    let [implied, maker] = [implied.0.to_string(), maker.0.to_string()];
    format!("{price:<7} {resting:>12} {implied:>12} {maker:>12}")
}

fn order(order: &OrderJson) -> String {
    let price = order.price.map(|price| price.0.to_string());
    format!(
        "{}: {} {} of {} {} on {}/{} at {}, placed {}",
        order.id,
        word(order.side),
        order.remaining.0,
        order.quantity.0,
        word(order.contract),
        order.market,
        order.outcome,
        price.unwrap_or_else(|| "any price".to_owned()),
        order.placed_at
    )
}

/// One of the wire's words.
fn word(word: impl Serialize) -> String {
    let word = serde_json::to_value(word).ok();
    let text = word.as_ref().and_then(serde_json::Value::as_str);
    text.unwrap_or_default().to_owned()
}

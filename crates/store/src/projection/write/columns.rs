//! A projection's rows, column by column, in the order of their statements'.

use crate::database::Rows;
use crate::projection::Projection;
use crate::projection::candles::{self, Span};
use crate::projection::order::{OrderChange, Placed};
use crate::projection::write::ends::{NextEnds, TableEnds};
use crate::row::bound;
use crate::words::Word;

impl Projection {
    /// The columns of [`ADD_ORDERS`].
    pub(super) fn placed(&self, ends: &TableEnds) -> Rows<'_> {
        let placed = |order| OrderChange::placed_with(order);
        let orders: Vec<(&Placed, &OrderChange)> =
            self.orders.values().filter_map(placed).collect();
        let terms = || orders.iter().map(|(terms, _)| *terms);
        let changes = || orders.iter().map(|(_, change)| *change);
        Rows::new(orders.len())
            .ints(changes().map(|change| bound(change.id)))
            .ints(terms().map(|terms| i64::from(terms.account)))
            .ints(terms().map(|terms| i64::from(terms.market)))
            .ints(terms().map(|terms| terms.terms))
            .ints(terms().map(|terms| terms.quantity))
            .ints(terms().map(|terms| terms.spend))
            .ints(terms().map(|terms| terms.expires_at))
            .texts(terms().map(|terms| terms.client_order_id.as_deref()))
            .ints(terms().map(|terms| terms.valid_until))
            .ints(terms().map(|terms| bound(terms.placed_seq)))
            .ints(terms().map(|terms| terms.placed_at))
            .ints(orders.iter().map(|(terms, change)| {
                let before = || ends.of_account(terms.account).order;
                change.links.previous.or_else(before)
            }))
            .ints(orders.iter().map(|(terms, change)| {
                let before = || ends.in_market(terms.account, terms.market).order;
                change.links.previous_here.or_else(before)
            }))
    }

    /// The columns of [`ADD_ORDER_STATES`]: of orders that were placed in this stretch, and did not only rest.
    pub(super) fn begun(&self) -> Rows<'_> {
        let placed = self.orders.values().filter(|order| order.placed.is_some());
        states(placed.filter(|order| !order.is_as_placed()))
    }

    /// The columns of [`CHANGE_ORDER_STATES`]: of the others.
    pub(super) fn changed(&self) -> Rows<'_> {
        let others = self.orders.values().filter(|order| order.placed.is_none());
        states(others)
    }

    /// The columns of [`ADD_FILLS`].
    pub(super) fn filled(&self, ends: &TableEnds) -> Rows<'_> {
        let fills = || self.fills.iter();
        Rows::new(self.fills.len())
            .ints((ends.fill_key(0)..).take(self.fills.len()))
            .ints(fills().map(|fill| bound(fill.order_id)))
            .ints(fills().map(|fill| i64::from(fill.account)))
            .ints(fills().map(|fill| i64::from(fill.market)))
            .ints(fills().map(|fill| i64::from(fill.outcome)))
            .ints(fills().map(|fill| bound(fill.seq)))
            .ints(fills().map(|fill| fill.at))
            .bools(fills().map(|fill| fill.is_taker))
            .ints(fills().map(|fill| fill.lots))
            .ints(fills().map(|fill| fill.yes_price.map(i64::from)))
            .ints(fills().map(|fill| fill.yes_amount))
            .ints(fills().map(|fill| fill.fee))
            .texts(fills().map(|fill| Word::word(fill.source)))
            .ints(fills().map(|fill| {
                let previous = fill.links.previous.map(|place| ends.fill_key(place));
                previous.or_else(|| ends.of_account(fill.account).fill)
            }))
            .ints(fills().map(|fill| {
                let previous = fill.links.previous_here.map(|place| ends.fill_key(place));
                previous.or_else(|| ends.in_market(fill.account, fill.market).fill)
            }))
    }

    /// The columns of [`ADD_LEDGER`].
    pub(super) fn moved(&self, ends: &TableEnds) -> Rows<'_> {
        let entries = || self.ledger.iter();
        Rows::new(self.ledger.len())
            .ints((ends.entry_key(0)..).take(self.ledger.len()))
            .ints(entries().map(|entry| i64::from(entry.account)))
            .ints(entries().map(|entry| bound(entry.seq)))
            .ints(entries().map(|entry| entry.at))
            .texts(entries().map(|entry| entry.kind))
            .ints(entries().map(|entry| entry.market.map(i64::from)))
            .ints(entries().map(|entry| entry.amount))
            .ints(entries().map(|entry| ends.of_account(entry.account).money + entry.running))
            .ints(entries().map(|entry| {
                let previous = entry.previous.map(|place| ends.entry_key(place));
                previous.or_else(|| ends.of_account(entry.account).entry)
            }))
    }

    /// The columns of [`ADD_ODDS`].
    pub(super) fn quoted<'a>(&'a self, odds: &'a [String]) -> Rows<'a> {
        let points = || self.odds.iter();
        Rows::new(self.odds.len())
            .ints(points().map(|point| i64::from(point.market.0)))
            .ints(points().map(|point| point.at.as_micros()))
            .ints(points().map(|point| bound(point.seq.0)))
            .texts(odds.iter().map(String::as_str))
            .texts(points().map(|point| Word::word(point.status)))
    }

    /// The columns of [`MOVE_CANDLES`].
    pub(super) fn drawn(&self) -> Rows<'static> {
        let whole = candles::whole(&self.minutes);
        let candles = || whole.iter();
        let odds = |of: fn(&Span) -> i64| candles().map(move |(_, it)| it.odds.as_ref().map(of));
        let price = |of: fn(&Span) -> i64| candles().map(move |(_, it)| it.price.as_ref().map(of));
        Rows::new(whole.len())
            .ints(candles().map(|(place, _)| i64::from(place.market)))
            .ints(candles().map(|(place, _)| i64::from(place.outcome)))
            .ints(candles().map(|(place, _)| place.interval.seconds()))
            .ints(candles().map(|(place, _)| place.opens_at))
            .ints(odds(|odds| odds.open))
            .ints(odds(|odds| odds.high))
            .ints(odds(|odds| odds.low))
            .ints(candles().map(|(_, candle)| candle.odds_close()))
            .ints(price(|price| price.open))
            .ints(price(|price| price.high))
            .ints(price(|price| price.low))
            .ints(candles().map(|(_, candle)| candle.price_close()))
            .ints(candles().map(|(_, candle)| candle.lots))
            .ints(candles().map(|(_, candle)| candle.amount))
            .ints(candles().map(|(_, candle)| candle.trades))
    }
}

impl NextEnds {
    /// The columns of [`MOVE_LAST_ROWS`].
    pub(super) fn of_accounts(&self) -> Rows<'static> {
        let ends = || self.of_accounts.iter();
        Rows::new(self.of_accounts.len())
            .ints(ends().map(|(account, _)| i64::from(*account)))
            .ints(ends().map(|(_, end)| end.order))
            .ints(ends().map(|(_, end)| end.fill))
            .ints(ends().map(|(_, end)| end.entry))
            .ints(ends().map(|(_, end)| end.money))
    }

    /// The columns of [`MOVE_LAST_ROWS_IN_MARKET`].
    pub(super) fn in_markets(&self) -> Rows<'static> {
        let ends = || self.in_markets.iter();
        Rows::new(self.in_markets.len())
            .ints(ends().map(|((account, _), _)| i64::from(*account)))
            .ints(ends().map(|((_, market), _)| i64::from(*market)))
            .ints(ends().map(|(_, end)| end.order))
            .ints(ends().map(|(_, end)| end.fill))
    }
}

/// What became of orders.
fn states<'a>(orders: impl Iterator<Item = &'a OrderChange>) -> Rows<'a> {
    let orders: Vec<&OrderChange> = orders.collect();
    let orders = || orders.iter().copied();
    Rows::new(orders().count())
        .ints(orders().map(|order| bound(order.id)))
        .ints(orders().map(|order| order.amended_limit.map(i64::from)))
        .texts(orders().map(|order| order.reason))
        .ints(orders().map(|order| order.filled))
        .ints(orders().map(|order| order.remaining))
        .ints(orders().map(|order| order.cancelled))
        .ints(orders().map(|order| order.cash))
        .ints(orders().map(|order| order.fee))
        .ints(orders().map(|order| bound(order.updated_seq)))
}

//! What the endpoints under `/trade-api/v2` take: what the same costs under `/v1`, or what as many pages
//! of it do.

use super::Kind::{Command, Out, Own, Read};
use super::{Cost, cost};

/// Every endpoint of the facade. The base path is written out, because it is what the router matches.
#[rustfmt::skip]
pub(in super::super) const FACADE: &[Cost] = &[
    // Markets: a page has up to 1,000 of them.
    cost("GET", "/trade-api/v2/markets", Read, 5),
    cost("GET", "/trade-api/v2/markets/{ticker}", Read, 1),
    cost("GET", "/trade-api/v2/markets/{ticker}/orderbook", Read, 2),
    cost("GET", "/trade-api/v2/markets/trades", Read, 5),
    cost("GET", "/trade-api/v2/events", Read, 5),
    cost("GET", "/trade-api/v2/events/{event_ticker}", Read, 1),
    cost("GET", "/trade-api/v2/series", Read, 5),
    cost("GET", "/trade-api/v2/series/{series_ticker}", Read, 5),
    cost("GET", "/trade-api/v2/search/series", Read, 5),
    cost("GET", "/trade-api/v2/exchange/status", Read, 1),
    cost("GET", "/trade-api/v2/exchange/schedule", Read, 1),
    cost("GET", "/trade-api/v2/exchange/announcements", Read, 1),
    cost("GET", "/trade-api/v2/exchange/user_data_timestamp", Read, 1),
    // Orders.
    cost("POST", "/trade-api/v2/portfolio/orders", Command, 1),
    cost("POST", "/trade-api/v2/portfolio/events/orders", Command, 1),
    cost("DELETE", "/trade-api/v2/portfolio/orders/{order_id}", Out, 1),
    cost("DELETE", "/trade-api/v2/portfolio/events/orders/{order_id}", Out, 1),
    cost("GET", "/trade-api/v2/portfolio/orders", Own, 5),
    cost("GET", "/trade-api/v2/portfolio/orders/{order_id}", Own, 2),
    // The account.
    cost("GET", "/trade-api/v2/portfolio/balance", Own, 2),
    cost("GET", "/trade-api/v2/portfolio/positions", Own, 5),
    cost("GET", "/trade-api/v2/portfolio/fills", Own, 5),
];

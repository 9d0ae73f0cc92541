//! What each endpoint takes, and from which allowance.

mod facade;

use axum::http::Method;
use tidings_core::access::Role;

use Kind::{Command, Free, Out, Own, Read};

pub(super) use facade::FACADE;

/// What a request is about, as far as allowances go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Takes nothing: whether the server is well.
    Free,
    /// Anyone may read it. A key is looked at only to see whose allowance it is.
    Read,
    /// A read that a key is for, or one that a key changes.
    Own,
    /// A command.
    Command,
    /// A command that lets people out or stops trade.
    Out,
}

/// Allowances of accounts and of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    Orders,
    Cancels,
    Reads,
    Staff,
    Public,
    Failures,
}

impl Allowance {
    pub(super) const ALL: [Allowance; 6] = [
        Allowance::Orders,
        Allowance::Cancels,
        Allowance::Reads,
        Allowance::Staff,
        Allowance::Public,
        Allowance::Failures,
    ];

    /// Its word on the wire, and in settings.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Allowance::Orders => "orders",
            Allowance::Cancels => "cancels",
            Allowance::Reads => "reads",
            Allowance::Staff => "staff",
            Allowance::Public => "public",
            Allowance::Failures => "failures",
        }
    }

    /// Whose it is: an account's, all of its keys together, or an address's.
    pub(super) const fn is_of_account(self) -> bool {
        !matches!(self, Allowance::Public | Allowance::Failures)
    }
}

/// What an endpoint takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) tokens: u32,
    pub(super) per: Per,
}

/// What an endpoint's tokens are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    Request,
    /// Each order of a body. One is paid at the door, the others once it is known how many they are.
    Order,
}

impl Per {
    /// Its word on the wire.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Per::Request => "request",
            Per::Order => "order",
        }
    }
}

impl Kind {
    /// The allowance of somebody with an account.
    pub(super) fn of_account(self, role: Role) -> Option<Allowance> {
        match (self, role) {
            (Free, _) => None,
            (Read | Own, _) => Some(Allowance::Reads),
            (Out, _) => Some(Allowance::Cancels),
            (Command, Role::Trader) => Some(Allowance::Orders),
            (Command, _) => Some(Allowance::Staff),
        }
    }

    /// The allowance of an address: whoever has no key, and whoever has one that opens nothing.
    pub(super) fn of_address(self, key_failed: bool) -> Option<Allowance> {
        match (self, key_failed) {
            (Free, _) => None,
            (Own | Command | Out, true) => Some(Allowance::Failures),
            _ => Some(Allowance::Public),
        }
    }
}

/// What the endpoint at a route's pattern takes, and its place in the table, which ends with all others: what
/// is not listed is a page, a file or nothing.
pub(super) fn of(method: &Method, path: Option<&str>) -> (usize, Cost) {
    let method = match method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let found = path.and_then(|path| {
        let mut listed = listed();
        listed.position(|cost| cost.path == path && cost.method == method)
    });
    let cost = found.and_then(|ix| Some((ix, *listed().nth(ix)?)));
    cost.unwrap_or_else(|| (listed().count(), OTHER))
}

/// What is listed, ours first.
fn listed() -> impl Iterator<Item = &'static Cost> {
    COSTS.iter().chain(FACADE).chain(PAGES)
}

/// A route as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// In capitals; `other` where it is not known.
    pub(crate) method: &'static str,
    /// With the names of its variable parts; `other` for all that are not in the table.
    pub(crate) path: &'static str,
}

/// Every route, in the order of their numbers, and at the end one for all others.
pub(crate) fn routes() -> impl Iterator<Item = Route> {
    let listed = listed().map(|cost| Route {
        method: cost.method,
        path: cost.path,
    });
    listed.chain([Route {
        method: "other",
        path: "other",
    }])
}

/// Whether the endpoint takes nothing from anybody.
pub(crate) fn is_free(method: &Method, path: &str) -> bool {
    of(method, Some(path)).1.kind == Free
}

/// Pages that take more than others: a form that has a mail sent to whatever address is in it.
/// A password takes a processor for a while. How a market was decided is read out of the journal.
const PAGES: &[Cost] = &[
    cost("GET", "/markets/{slug}/evidence", Read, 5),
    cost("POST", "/digest/subscribe", Read, 20),
    cost("POST", "/console/sign-in", Read, 5),
    cost("POST", "/console/sign-in/passkey", Read, 5),
    cost("POST", "/console/sign-in/passkey/ask", Read, 2),
    cost("POST", "/console/password", Read, 5),
    cost("POST", "/console/passkeys/ask", Read, 5),
    cost("POST", "/console/passkeys/{passkey}/remove", Read, 5),
    cost("POST", "/console/welcome/{link}", Read, 5),
];

const OTHER: Cost = cost("GET", "", Read, 1);

pub(super) const fn cost(
    method: &'static str,
    path: &'static str,
    kind: Kind,
    tokens: u32,
) -> Cost {
    Cost {
        method,
        path,
        kind,
        tokens,
        per: Per::Request,
    }
}

const fn by_order(method: &'static str, path: &'static str, kind: Kind) -> Cost {
    Cost {
        per: Per::Order,
        ..cost(method, path, kind, 1)
    }
}

/// Every endpoint. A read that asks the writer takes 2, one that has it compute takes 5; so does a
/// stream, because opening one is dearer than what then comes. An article is parsed, up to a mebibyte
/// of markup.
#[rustfmt::skip]
pub(super) const COSTS: &[Cost] = &[
    // Trade.
    cost("POST", "/v1/orders", Command, 1),
    by_order("POST", "/v1/orders/batch", Command),
    cost("PATCH", "/v1/orders/{id}", Command, 1),
    cost("DELETE", "/v1/orders/{id}", Out, 1),
    cost("DELETE", "/v1/orders", Out, 1),
    cost("POST", "/v1/orders/cancel-after", Out, 1),
    cost("POST", "/v1/quotes", Own, 5),
    cost("GET", "/v1/orders/{id}", Own, 2),
    cost("GET", "/v1/account", Own, 2),
    cost("GET", "/v1/account/orders", Own, 2),
    cost("GET", "/v1/account/ledger", Own, 1),
    cost("GET", "/v1/account/fills", Own, 1),
    cost("GET", "/v1/account/statement", Own, 5),
    cost("GET", "/v1/requests/{key}", Own, 2),
    cost("GET", "/v1/stream", Own, 5),
    // Accounts.
    cost("POST", "/v1/accounts", Command, 1),
    cost("GET", "/v1/accounts", Own, 2),
    cost("GET", "/v1/accounts/{id}", Own, 2),
    cost("POST", "/v1/accounts/{id}/freeze", Out, 1),
    cost("POST", "/v1/accounts/{id}/unfreeze", Command, 1),
    cost("POST", "/v1/accounts/{id}/allowance", Command, 1),
    cost("POST", "/v1/accounts/{id}/deposits", Command, 1),
    cost("POST", "/v1/accounts/{id}/withdrawals", Command, 1),
    cost("GET", "/v1/deposits", Own, 2),
    cost("GET", "/v1/deposits/threshold", Own, 2),
    cost("PUT", "/v1/deposits/threshold", Command, 1),
    cost("POST", "/v1/deposits/{d}/confirm", Command, 1),
    cost("DELETE", "/v1/deposits/{d}", Command, 1),
    cost("POST", "/v1/accounts/{id}/keys", Command, 1),
    cost("GET", "/v1/accounts/{id}/keys", Own, 2),
    cost("DELETE", "/v1/accounts/{id}/keys/{n}", Out, 1),
    cost("POST", "/v1/accounts/{id}/keys/{n}/rotate", Command, 1),
    cost("POST", "/v1/accounts/{id}/sign-in", Command, 5),
    cost("GET", "/v1/accounts/{id}/sign-in", Own, 2),
    cost("DELETE", "/v1/accounts/{id}/sign-in", Out, 1),
    cost("POST", "/v1/account/keys", Command, 1),
    cost("GET", "/v1/account/keys", Own, 2),
    cost("DELETE", "/v1/account/keys/{n}", Out, 1),
    cost("POST", "/v1/account/keys/{n}/rotate", Command, 1),
    // Markets.
    cost("POST", "/v1/markets", Command, 1),
    cost("PATCH", "/v1/markets/{m}", Command, 1),
    cost("POST", "/v1/questions/check", Own, 5),
    cost("GET", "/v1/questions/templates", Own, 1),
    cost("POST", "/v1/questions/templates/{t}", Own, 5),
    cost("POST", "/v1/markets/{m}/reviews", Command, 1),
    cost("POST", "/v1/halts", Out, 1),
    cost("GET", "/v1/halts", Own, 2),
    cost("POST", "/v1/halts/resume", Command, 1),
    cost("POST", "/v1/markets/{m}/open", Command, 1),
    cost("POST", "/v1/markets/{m}/halt", Out, 1),
    cost("POST", "/v1/markets/{m}/resume", Command, 1),
    cost("POST", "/v1/markets/{m}/close", Out, 1),
    cost("POST", "/v1/markets/{m}/clarifications", Command, 1),
    cost("POST", "/v1/markets/{m}/liquidity", Command, 1),
    cost("POST", "/v1/markets/{m}/void", Out, 1),
    cost("GET", "/v1/markets/{m}/void/preview", Own, 5),
    cost("POST", "/v1/markets/{m}/void/confirm", Command, 1),
    cost("POST", "/v1/markets/{m}/withdraw", Command, 1),
    cost("POST", "/v1/markets/{m}/resolution", Command, 1),
    cost("GET", "/v1/markets/{m}/resolution/preview", Own, 5),
    cost("POST", "/v1/markets/{m}/resolution/confirm", Command, 1),
    cost("POST", "/v1/markets/{m}/disputes", Command, 1),
    cost("POST", "/v1/markets/{m}/correction", Command, 1),
    cost("GET", "/v1/markets/{m}/correction/preview", Own, 5),
    cost("POST", "/v1/markets/{m}/correction/confirm", Command, 1),
    cost("GET", "/v1/markets", Read, 1),
    cost("GET", "/v1/markets/{m}", Read, 1),
    cost("GET", "/v1/markets/{m}/book", Read, 2),
    cost("GET", "/v1/markets/{m}/trades", Read, 1),
    cost("GET", "/v1/markets/{m}/evidence", Read, 5),
    cost("GET", "/v1/markets/{m}/candles", Read, 1),
    cost("GET", "/v1/markets/{m}/odds", Read, 1),
    cost("GET", "/v1/markets/{m}/moves", Read, 5),
    cost("GET", "/v1/markets/{m}/suggestions", Own, 5),
    cost("GET", "/v1/markets/{m}/events", Own, 5),
    // Articles.
    cost("POST", "/v1/articles", Command, 10),
    cost("PUT", "/v1/articles/{a}", Command, 10),
    cost("POST", "/v1/articles/{a}/markets", Command, 1),
    cost("GET", "/v1/articles", Read, 1),
    cost("GET", "/v1/articles/lookup", Read, 1),
    cost("GET", "/v1/articles/{a}", Own, 1),
    cost("GET", "/v1/articles/{a}/versions", Own, 1),
    cost("GET", "/v1/articles/{a}/versions/{n}", Own, 1),
    cost("GET", "/v1/articles/{a}/suggestions", Own, 5),
    cost("PUT", "/v1/articles/{a}/desk", Command, 5),
    cost("GET", "/v1/articles/{a}/desk", Own, 1),
    cost("POST", "/v1/articles/{a}/plans", Command, 1),
    cost("GET", "/v1/articles/{a}/plans", Own, 1),
    cost("DELETE", "/v1/articles/{a}/plans/{m}", Command, 1),
    cost("POST", "/v1/feeds", Command, 10),
    cost("GET", "/v1/feeds", Own, 1),
    cost("DELETE", "/v1/feeds/{f}", Command, 1),
    cost("GET", "/v1/articles/{a}/odds", Read, 1),
    cost("GET", "/v1/articles/{a}/events", Own, 5),
    // What goes out. An address that is given gets a mail that nobody may have asked for.
    cost("GET", "/v1/digests", Read, 1),
    cost("GET", "/v1/digests/{week}", Read, 1),
    cost("POST", "/v1/digest/subscriptions", Read, 20),
    cost("POST", "/v1/hooks", Command, 1),
    cost("GET", "/v1/hooks", Own, 1),
    cost("DELETE", "/v1/hooks/{h}", Command, 1),
    cost("GET", "/v1/hooks/{h}/deliveries", Own, 1),
    // How well odds did.
    cost("GET", "/v1/calibration", Read, 5),
    cost("GET", "/v1/leaderboard", Read, 5),
    cost("PUT", "/v1/account/leaderboard", Command, 1),
    // The journal, and the server itself.
    cost("GET", "/v1/journal/head", Read, 1),
    cost("GET", "/v1/journal/groups/{seq}", Read, 1),
    cost("GET", "/v1/journal/records", Own, 10),
    cost("GET", "/v1/anomalies", Own, 20),
    cost("GET", "/v1/limits", Own, 0),
    cost("GET", "/health/live", Free, 0),
    cost("GET", "/health/ready", Free, 0),
];

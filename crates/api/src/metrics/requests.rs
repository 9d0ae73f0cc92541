//! Requests by route and status. The routes are those of the table of costs, and one for all others.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::http::StatusCode;
use tidings_exchange::meter::{Classes, Histogram};

use crate::limits::{Route, routes};

/// Statuses that this server answers with, and `other`.
const STATUSES: [(u16, &str); 24] = [
    (200, "200"),
    (201, "201"),
    (202, "202"),
    (204, "204"),
    (303, "303"),
    (304, "304"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (408, "408"),
    (409, "409"),
    (413, "413"),
    (414, "414"),
    (415, "415"),
    (422, "422"),
    (429, "429"),
    (431, "431"),
    (500, "500"),
    (503, "503"),
    (101, "101"),
    (412, "412"),
    (0, "other"),
];

/// Microseconds: a read of what was published takes some tens, an order a sync, and 5 s is all that an answer
/// may take.
const LATENCIES: &[u64] = &[
    100, 250, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000,
];

/// What was answered, route by route.
pub(crate) struct Requests {
    routes: Vec<Answered>,
}

struct Answered {
    route: Route,
    by_status: [AtomicU64; STATUSES.len()],
    latency: Histogram,
}

impl Requests {
    pub(crate) fn new() -> Requests {
        let routes = routes().map(|route| Answered {
            route,
            by_status: [const { AtomicU64::new(0) }; STATUSES.len()],
            latency: Histogram::new(LATENCIES),
        });
        Requests {
            routes: routes.collect(),
        }
    }

    /// Counts an answer of the route with a number.
    pub(crate) fn answered(&self, route: usize, status: StatusCode, took: Duration) {
        let Some(answered) = self.routes.get(route) else {
            return;
        };
        let known = STATUSES
            .iter()
            .position(|(code, _)| *code == status.as_u16());
        answered.by_status[known.unwrap_or(STATUSES.len() - 1)].fetch_add(1, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        answered.latency.add(micros);
    }

    /// Tells of each method, route and status with which something was answered, how often.
    pub(super) fn each_status(&self, mut tell: impl FnMut(&str, &str, &str, u64)) {
        for answered in &self.routes {
            for (count, (_, status)) in answered.by_status.iter().zip(STATUSES) {
                let count = count.load(Relaxed);
                if count > 0 {
                    tell(answered.route.method, answered.route.path, status, count);
                }
            }
        }
    }

    /// Tells of each route that was asked, how long its answers took.
    pub(super) fn each_latency(&self, mut tell: impl FnMut(&str, &str, &Classes)) {
        for answered in &self.routes {
            let classes = answered.latency.classes();
            if classes.count > 0 {
                tell(answered.route.method, answered.route.path, &classes);
            }
        }
    }
}

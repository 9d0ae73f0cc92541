//! When markets close, as a calendar that people subscribe to: RFC 5545.

use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use tidings_api::App;
use tidings_api::markets::find;
use tidings_core::market::Status;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::label;

use super::{Wanted, dated};
use crate::site::is_listed;

/// Closes that stay after they have passed, so that a calendar does not lose what it showed.
const PAST_DAYS: i64 = 90;

/// Closes in a calendar at most.
const MOST: usize = 1_000;

const DAY: i64 = 86_400_000_000;

/// The calendar; none when the market is not there.
pub(super) fn calendar(app: &App, wanted: &Wanted) -> Option<String> {
    if let Some(market) = &wanted.market {
        find(app, market).ok()?;
    }
    let since = app.now().as_micros() - PAST_DAYS * DAY;
    let mut closes: Vec<_> = app
        .exchange()
        .markets()
        .into_iter()
        .filter(|view| is_listed(view) && wanted.is_about(view))
        .filter_map(|view| {
            Some((
                view.spec.closes_at.filter(|at| at.as_micros() >= since)?,
                view,
            ))
        })
        .collect();
    closes.sort_by_key(|(at, view)| (*at, view.id));
    let mut calendar = Calendar::new();
    calendar.name("Tidings: markets that close");
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", "PT1H")
            .add_parameter("VALUE", "DURATION")
            .done(),
    );
    for (at, view) in closes.iter().take(MOST) {
        calendar.push(event(app, *at, view));
    }
    Some(calendar.done().to_string())
}

impl Wanted {
    /// Whether a market is wanted. Sections are of articles.
    pub(super) fn is_about(&self, view: &MarketView) -> bool {
        let slug = self.market.as_deref();
        let tag = self.tag.as_ref();
        tag.is_none_or(|tag| view.spec.tags.iter().any(|one| label::same(one, tag)))
            && slug
                .is_none_or(|slug| view.spec.slug == slug || format!("mkt_{}", view.id.0) == slug)
    }
}

fn event(app: &App, at: Timestamp, view: &MarketView) -> Event {
    let slug = &view.spec.slug;
    let url = format!("{}/markets/{slug}", app.base_url());
    let host = app
        .base_url()
        .split_once("://")
        .map_or("tidings", |(_, host)| host);
    let mut event = Event::new();
    event
        .uid(&format!("close-{slug}@{host}"))
        // When the close was set: an operator writes it into the draft.
        .timestamp(dated(view.opened_at.unwrap_or(view.created_at)).to_utc())
        .starts(dated(at).to_utc())
        .summary(&format!("Closes: {}", view.spec.question))
        .description(&format!(
            "Trading ends at this moment. The odds as they stand: {url}"
        ))
        .url(&url)
        .status(match view.phase.status() {
            Status::Voided => EventStatus::Cancelled,
            _ => EventStatus::Confirmed,
        });
    // It takes nobody's time.
    event.append_property(Property::new("TRANSP", "TRANSPARENT"));
    event.done()
}

//! The site's pages: what they have in common, and what a page says when it cannot be had.

pub(crate) mod about;
pub(crate) mod article;
pub(crate) mod docs;
pub(crate) mod front;
pub(crate) mod linked_data;
pub(crate) mod listing;
pub(crate) mod market;
pub(crate) mod missing;
pub(crate) mod portfolio;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod weekly;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use tidings_api::App;
use tidings_core::market::Status;
use tidings_core::view::{MarketView, Odds};
use tidings_store::StoreError;

use crate::assets;
use crate::card::{Card, shown_odds};
use crate::feeds::{self, FeedLink};
use crate::figures;
use crate::moment::Moment;
use crate::news::{Story, encoded};
use crate::scale::Reading;
use crate::state::State;
use crate::words::Lang;
use linked_data::Share;

/// What every page has around it.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Which entry of the navigation the page is.
    pub(crate) here: &'static str,
    /// None where the clock cannot be asked.
    pub(crate) day: Option<Moment>,
    pub(crate) style: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) scripts: Vec<&'static str>,
    /// The page's stream; without one it follows the markets that are in view.
    pub(crate) events: Option<String>,
    /// What search engines read, as JSON that cannot end its element.
    pub(crate) json_ld: Option<String>,
    /// Where the page's embed is described, and how a link to the page looks elsewhere.
    pub(crate) oembed: Option<String>,
    /// What a reader of feeds finds here, the page's own first.
    pub(crate) feeds: Vec<FeedLink>,
    pub(crate) share: Option<Share>,
    /// Whether it is of no use to those who come from a search engine.
    pub(crate) unindexed: bool,
}

impl Frame {
    pub(crate) fn new(app: &App, title: impl Into<String>, here: &'static str) -> Frame {
        Frame {
            here,
            day: Some(Moment::day(app.now())),
            scripts: vec![assets::url("odds.js")],
            ..Frame::plain(title)
        }
    }

    /// Around a page that knows nothing of the exchange.
    pub(crate) fn plain(title: impl Into<String>) -> Frame {
        Frame {
            title: title.into(),
            description: "News with the odds of its questions beside it.".to_owned(),
            here: "",
            day: None,
            style: assets::url("site.css"),
            icon: assets::url("mark.svg"),
            scripts: Vec::new(),
            events: None,
            json_ld: None,
            oembed: None,
            feeds: feeds::of_the_site(),
            share: None,
            unindexed: false,
        }
    }

    /// Feeds of the page's own, before those of the site.
    pub(crate) fn feeds(mut self, own: impl IntoIterator<Item = FeedLink>) -> Frame {
        self.feeds.splice(0..0, own);
        self
    }

    pub(crate) fn unindexed(mut self) -> Frame {
        self.unindexed = true;
        self
    }

    /// A page that others can show: as an embed, or as a link with a picture.
    pub(crate) fn shared(mut self, app: &App, share: Share) -> Frame {
        // Others resolve it by their own rules, or not at all: it is whole.
        self.oembed = Some(format!(
            "{}/oembed?url={}",
            app.base_url(),
            encoded(&share.url)
        ));
        self.share = Some(share);
        self
    }

    pub(crate) fn describe(mut self, description: &str) -> Frame {
        self.description = description.chars().take(200).collect();
        self
    }

    /// Structured data. `<` is escaped, so that no text inside can end the element.
    pub(crate) fn linked_data(mut self, data: &serde_json::Value) -> Frame {
        self.json_ld = Some(data.to_string().replace('<', "\\u003c"));
        self
    }
}

/// A page that cannot be had for the moment.
#[derive(Debug)]
pub(crate) struct Unavailable;

impl From<StoreError> for Unavailable {
    fn from(error: StoreError) -> Unavailable {
        tracing::warn!(%error, "a page could not be read");
        Unavailable
    }
}

impl From<tidings_api::Problem> for Unavailable {
    fn from(_: tidings_api::Problem) -> Unavailable {
        Unavailable
    }
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        missing::unavailable()
    }
}

/// A feed, a picture or an answer to a program that cannot be had for the moment.
#[derive(Debug)]
pub(crate) struct NotNow;

impl From<StoreError> for NotNow {
    fn from(error: StoreError) -> NotNow {
        Unavailable::from(error).into()
    }
}

impl From<Unavailable> for NotNow {
    fn from(_: Unavailable) -> NotNow {
        NotNow
    }
}

impl IntoResponse for NotNow {
    fn into_response(self) -> Response {
        missing::not_now()
    }
}

/// A market that takes part in lists: written down for everyone, not a draft.
pub(crate) fn is_listed(view: &MarketView) -> bool {
    view.phase.status() != Status::Draft
}

/// The markets that belong to an article, its subject first.
pub(crate) fn markets_of(markets: &[Arc<MarketView>], article: &str) -> Vec<Arc<MarketView>> {
    let role = |view: &MarketView| {
        view.links
            .iter()
            .find(|link| link.article == article)
            .map(|link| link.role as u8)
    };
    let linked = markets
        .iter()
        .filter(|view| is_listed(view) && role(view).is_some());
    let mut linked: Vec<_> = linked.cloned().collect();
    linked.sort_by_key(|view| (view.phase.status().is_final(), role(view)));
    linked
}

/// A story with the odds of its first market.
pub(crate) fn story_with_odds(mut story: Story, markets: &[Arc<MarketView>]) -> Story {
    let linked = markets_of(markets, &story.slug);
    story.card = linked.first().map(|view| Card::brief(view, Lang::En));
    story.more_markets = linked.len().saturating_sub(1);
    story
}

/// One outcome of a market in a single line.
#[derive(Clone, Debug)]
pub(crate) struct Leader {
    pub(crate) slug: String,
    pub(crate) question: String,
    pub(crate) state: State,
    /// The outcome's name.
    pub(crate) outcome: String,
    /// Of a scalar market: the number that its odds mean.
    pub(crate) reading: Option<Reading>,
    /// The outcome's key.
    pub(crate) key: String,
    pub(crate) odds: String,
    pub(crate) shown: String,
    /// When its odds are from.
    pub(crate) as_of: Moment,
}

impl Leader {
    /// The words of the site's language.
    pub(crate) fn words(&self) -> &'static crate::words::Words {
        Lang::En.words()
    }

    /// A market by one of its outcomes.
    pub(crate) fn of(view: &MarketView, ix: usize) -> Leader {
        let odds = shown_odds(view)[ix];
        let outcome = &view.spec.outcomes[ix];
        Leader {
            slug: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            state: State::Known(view.phase.status()),
            outcome: outcome.name.clone(),
            reading: Reading::of(view, Lang::En),
            key: outcome.key.clone(),
            odds: odds.map(figures::decimal).unwrap_or_default(),
            shown: odds.map_or_else(|| "–".to_owned(), figures::percent),
            as_of: Moment::exact(view.as_of.at),
        }
    }
}

/// The outcome that speaks for a market in a line: Yes or Long, or the likeliest.
pub(crate) fn principal(view: &MarketView, odds: &[Option<Odds>]) -> usize {
    match view.spec.kind {
        tidings_core::market::Kind::Binary | tidings_core::market::Kind::Scalar => 0,
        tidings_core::market::Kind::Categorical => {
            // The first of the likeliest.
            let best = odds.iter().flatten().max();
            odds.iter()
                .position(|odds| odds.as_ref() == best)
                .unwrap_or(0)
        }
    }
}

/// Which way odds or a trade went, in a word and a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Up.
    Up,
    /// Down.
    Down,
}

impl Direction {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Direction::Up => "▲",
            Direction::Down => "▼",
        }
    }
}

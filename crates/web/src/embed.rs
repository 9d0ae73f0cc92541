//! What publishers get: cards for frames and for `<live-odds>`, still forms, their script, and one
//! stream for all the cards of a page. Framable by anyone, without cookies, and with nothing in it
//! that could be traded by accident.

pub(crate) mod oembed;
pub(crate) mod snippet;
pub(crate) mod social;
pub(crate) mod still;
pub(crate) mod stream;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use tidings_api::App;
use tidings_core::view::MarketView;

use crate::answer::{self, Embed};
use crate::assets;
use crate::card::Card;
use crate::named::Named;
use crate::site::markets_of;
use crate::state;
use crate::words::{Lang, Words};

/// Cards of an article at most.
const CARDS: usize = 20;

const HTML: &str = "text/html; charset=utf-8";

/// The script under the name that publishers write down.
pub(crate) const SCRIPT: &str = "/embed/v1/odds.js";

/// The embed's addresses.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/embed/v1/markets/{market}", get(market))
        .route("/embed/v1/articles/{article}", get(article))
        .route(SCRIPT, get(script))
        .route("/embed/v1/events", get(stream::events))
        .route("/og/markets/{name}", get(social::market))
        .route("/og/articles/{name}", get(social::article))
        .route("/oembed", get(oembed::oembed))
}

/// A page for a frame; `<live-odds>` takes its cards out of the same page.
#[derive(Template)]
#[template(path = "embed/frame.html")]
struct Framed {
    lang: Lang,
    words: &'static Words,
    theme: Option<&'static str>,
    /// Whether a link leads to trading on the site.
    trade: bool,
    title: String,
    style: &'static str,
    script: &'static str,
    cards: Vec<Card>,
    /// Instead of cards.
    none: &'static str,
    /// Of what there is not, nobody knows how it stands.
    state: Option<state::State>,
}

/// How a publisher wants it. What is not understood is as if it was not said: a card is shown.
#[derive(Deserialize)]
pub(crate) struct Wishes {
    lang: Option<String>,
    theme: Option<String>,
    trade: Option<String>,
}

impl Wishes {
    fn lang(&self) -> Lang {
        self.lang.as_deref().map_or(Lang::En, Lang::of)
    }

    fn theme(&self) -> Option<&'static str> {
        match self.theme.as_deref() {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            _ => None,
        }
    }

    /// The same as the end of an address, in one form; only what is understood.
    fn query(&self) -> String {
        let lang = self.lang.is_some().then(|| ("lang", self.lang().tag()));
        let theme = self.theme().map(|theme| ("theme", theme));
        let trade = (!self.trades()).then_some(("trade", "off"));
        let wishes = lang.into_iter().chain(theme).chain(trade);
        wishes.fold(String::new(), |query, (name, wish)| {
            let sign = if query.is_empty() { '?' } else { '&' };
            format!("{query}{sign}{name}={wish}")
        })
    }

    fn trades(&self) -> bool {
        self.trade.as_deref() != Some("off")
    }

    fn framed(&self, title: String, cards: Vec<Card>, none: &'static str) -> Framed {
        let unknown = none == self.lang().words().not_available;
        Framed {
            state: unknown.then_some(state::State::Unknown),
            lang: self.lang(),
            words: self.lang().words(),
            theme: self.theme(),
            trade: self.trades(),
            title,
            style: assets::url("embed.css"),
            script: assets::url("odds.js"),
            cards,
            none,
        }
    }
}

/// A market's card as a page, or in one of its still forms.
async fn market(
    State(app): State<App>,
    Named(name): Named,
    Query(wishes): Query<Wishes>,
    asked: HeaderMap,
) -> Response {
    let (slug, form) = name.split_once('.').unwrap_or((&name, "html"));
    let view = tidings_api::markets::find(&app, slug).ok();
    let cards = view
        .iter()
        .map(|view| Card::of(view, wishes.lang()))
        .collect::<Vec<_>>();
    let keys = format!(
        "market/{}",
        view.as_ref().map_or(slug, |view| view.spec.slug.as_str())
    );
    let answered = Embed {
        status: if view.is_some() {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        },
        kind: HTML,
        seq: view.as_ref().map_or(0, |view| view.as_of.seq.0),
        keys: &keys,
    };
    match form {
        "html" => {
            let none = wishes.lang().words().not_available;
            let title = cards
                .first()
                .map_or(none, |card| card.question.as_str())
                .to_owned();
            answer::embed(&asked, &answered, &wishes.framed(title, cards, none))
        }
        "svg" => still::svg(&asked, answered, cards.into_iter().next(), wishes.lang()),
        "png" => still::png(&asked, answered, cards.into_iter().next(), wishes.lang()).await,
        "txt" => still::text(
            &asked,
            answered,
            cards.into_iter().next(),
            &app,
            wishes.lang(),
        ),
        _ => answer::embed(
            &asked,
            &Embed {
                status: StatusCode::NOT_FOUND,
                ..answered
            },
            &wishes.framed(
                String::new(),
                Vec::new(),
                wishes.lang().words().not_available,
            ),
        ),
    }
}

/// The cards of an article's markets.
async fn article(
    State(app): State<App>,
    Named(slug): Named,
    Query(wishes): Query<Wishes>,
    asked: HeaderMap,
) -> Response {
    let found = match app.store().article(&slug).await {
        Ok(found) => found.filter(|article| article.is_public(app.now())),
        Err(error) => {
            tracing::warn!(%error, "an article's embed could not be read");
            return answer::empty_frame();
        }
    };
    let words = wishes.lang().words();
    let views: Vec<Arc<MarketView>> = match found {
        Some(_) => markets_of(&app.exchange().markets(), &slug),
        None => Vec::new(),
    };
    let (status, none) = match found.is_some() {
        true => (StatusCode::OK, words.no_markets),
        false => (StatusCode::NOT_FOUND, words.not_available),
    };
    let title = found.map_or_else(|| none.to_owned(), |article| article.title);
    let shown: Vec<_> = views.into_iter().take(CARDS).collect();
    let keys = shown.iter().fold(format!("article/{slug}"), |keys, view| {
        format!("{keys} market/{}", view.spec.slug)
    });
    let seq = shown.iter().map(|view| view.as_of.seq.0).max().unwrap_or(0);
    let cards = shown
        .iter()
        .map(|view| Card::of(view, wishes.lang()))
        .collect();
    let answered = Embed {
        status,
        kind: HTML,
        seq,
        keys: &keys,
    };
    answer::embed(&asked, &answered, &wishes.framed(title, cards, none))
}

pub(crate) async fn script(asked: HeaderMap) -> Response {
    answer::named_asset(&asked, assets::named("odds.js"))
}

//! What the odds did after each article. A change after an article is not a change because of it,
//! and the words never say so.

use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Article, Store};

use crate::card::shown_odds;
use crate::figures;
use crate::moment::Moment;
use crate::site::{Unavailable, principal};
use crate::words::Lang;

const HOUR: i64 = 3_600_000_000;

/// An article on the chart.
pub(super) struct Move {
    pub(super) number: usize,
    pub(super) slug: String,
    pub(super) headline: String,
    pub(super) language: String,
    pub(super) at: Option<Moment>,
    /// What the odds did in the hour after it.
    pub(super) words: Option<String>,
}

/// A market's articles, oldest first, with what followed.
pub(super) async fn of(
    store: &Store,
    view: &MarketView,
    articles: &[Article],
    now: Timestamp,
) -> Result<Vec<Move>, Unavailable> {
    let mut moves = Vec::new();
    for (ix, article) in articles.iter().enumerate() {
        let words = match article.published_at {
            Some(at) => Some(after(store, view, at, now).await?),
            None => None,
        };
        moves.push(Move {
            number: ix + 1,
            slug: article.slug.clone(),
            headline: article.title.clone(),
            language: article.language.clone(),
            at: article.published_at.map(|at| Moment::prose(at, Lang::En)),
            words,
        });
    }
    Ok(moves)
}

async fn after(
    store: &Store,
    view: &MarketView,
    at: Timestamp,
    now: Timestamp,
) -> Result<String, Unavailable> {
    let opened = view.opened_at.unwrap_or(view.created_at);
    let Some(before) = store.odds_at(view.id, at).await?.filter(|_| at >= opened) else {
        return Ok("the market opened after it".to_owned());
    };
    let hour = Timestamp::from_micros(at.as_micros() + HOUR);
    let Some(later) = store.odds_at(view.id, hour.min(now)).await? else {
        return Ok("nothing is known of the hour after".to_owned());
    };
    let ix = principal(view, &shown_odds(view));
    let odds = |odds: &[Option<u32>]| odds.get(ix).copied().flatten();
    let name = &view.spec.outcomes[ix].name;
    let span = if hour > now {
        "since"
    } else {
        "in the hour after"
    };
    Ok(match (odds(&before.odds), odds(&later.odds)) {
        (Some(from), Some(to)) => sentence(name, figures::points(from, to), span),
        _ => "no odds were known".to_owned(),
    })
}

fn sentence(name: &str, points: i64, span: &str) -> String {
    let (verb, sign) = match points {
        0 => return format!("{name} did not move {span}"),
        1.. => ("rose", "▲"),
        _ => ("fell", "▼"),
    };
    let unit = if points.abs() == 1 { "point" } else { "points" };
    format!("{sign} {name} {verb} {} {unit} {span}", points.abs())
}

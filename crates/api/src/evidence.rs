//! Pieces of evidence on their way in: whose article is at an address is looked up here, because the engine knows
//! articles by name alone and has to see when a market's own are all that there is.

use tidings_core::evidence::{self, Item};
use tidings_core::view::MarketView;

use crate::app::App;
use crate::problem::Problem;
use crate::wire::evidence::ItemBody;

/// The pieces that a body names for a market; none, where it names none.
pub(crate) async fn pieces(
    app: &App,
    market: &MarketView,
    bodies: Vec<ItemBody>,
) -> Result<Option<Vec<Item>>, Problem> {
    let mut items = Vec::with_capacity(bodies.len());
    for (ix, body) in bodies.into_iter().enumerate() {
        let invalid = |error| Problem::invalid_body(&format!("items[{ix}].url"), error);
        let canonical = tidings_news::canonical_url(&body.url.0).map_err(invalid)?;
        items.push(Item {
            article: article_at(app, market, &canonical).await?,
            // A host in another script has a plain form.
            url: match evidence::host(&body.url.0) {
                Some(_) => body.url.0,
                None => canonical,
            },
            publisher: body.publisher.0,
            published_at: body.published_at.map(|at| at.0),
            sha256: body.sha256.0,
            quotation: body.quotation.0,
            clause: body.clause.0,
            primary: body.primary,
        });
    }
    Ok(Some(items).filter(|items| !items.is_empty()))
}

/// The article whose original, or whose page here, has an address. One that nobody may see is named only where
/// the market names it already.
async fn article_at(
    app: &App,
    market: &MarketView,
    canonical: &str,
) -> Result<Option<String>, Problem> {
    let here = format!("{}/articles/", app.base_url());
    let here = tidings_news::canonical_url(&here).unwrap_or(here);
    let article = match canonical.strip_prefix(&here) {
        Some(rest) => app.store().article(rest.trim_matches('/')).await?,
        None => app.store().article_by_url(canonical).await?,
    };
    let known = |slug: &str| market.links.iter().any(|link| link.article == slug);
    let article = article.filter(|article| article.is_public(app.now()) || known(&article.slug));
    Ok(article.map(|article| article.slug))
}

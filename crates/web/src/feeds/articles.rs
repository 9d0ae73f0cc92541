//! The feed of articles: all of them, a tag's, a section's, or a market's.

use tidings_api::App;
use tidings_api::markets::find;
use tidings_store::{Article, ArticleFilter, Page, label};

use super::{Entry, Feed, MOST, Wanted};
use crate::news::encoded;
use crate::site::Unavailable;

/// The feed; none when the market is not there.
pub(super) async fn feed(
    app: &App,
    wanted: &Wanted,
    address: String,
) -> Result<Option<Feed>, Unavailable> {
    let base = app.base_url();
    let (articles, of, page) = match &wanted.market {
        Some(market) => {
            let Ok(view) = find(app, market) else {
                return Ok(None);
            };
            let mut articles = Vec::new();
            for link in view.links.iter().rev().take(MOST) {
                let article = app.store().article(&link.article).await?;
                articles.extend(
                    article.filter(|article| article.is_public(app.now()) && wanted.has(article)),
                );
            }
            let page = format!("{base}/markets/{}", view.spec.slug);
            (articles, format!(": {}", view.spec.question), page)
        }
        None => {
            let filter = ArticleFilter {
                tag: wanted.tag.clone(),
                section: wanted.section.clone(),
                ..ArticleFilter::all(app.now())
            };
            let most = u32::try_from(MOST).unwrap_or(u32::MAX);
            let articles = app.store().articles(&filter, Page::top(most)).await?;
            (articles, wanted.words(), format!("{base}{}", wanted.page()))
        }
    };
    let mut entries: Vec<Entry> = articles
        .iter()
        .map(|article| entry(base, article))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.published));
    Ok(Some(Feed {
        title: format!("Tidings: articles{of}"),
        description: "Articles with the odds of their questions beside them.".to_owned(),
        page,
        address,
        entries,
    }))
}

impl Wanted {
    /// Whether an article passes, as it does in a list.
    fn has(&self, article: &Article) -> bool {
        let among = |wanted: &Option<String>, all: &[String]| {
            let wanted = wanted.as_ref();
            wanted.is_none_or(|wanted| all.iter().any(|one| label::same(one, wanted)))
        };
        among(&self.tag, &article.tags) && among(&self.section, &article.section)
    }

    /// The page of the same articles.
    pub(super) fn page(&self) -> String {
        match (&self.tag, &self.section) {
            (Some(tag), _) => format!("/tags/{}", encoded(tag)),
            (None, Some(section)) => format!("/sections/{}", encoded(section)),
            (None, None) => "/".to_owned(),
        }
    }
}

/// A correction keeps the entry's name, so that programs show it in the place of what it corrects.
fn entry(base: &str, article: &Article) -> Entry {
    let link = format!("{base}/articles/{}", article.slug);
    // Under embargo it had not appeared, whatever the original says.
    let appeared = article.published_at.unwrap_or(article.first_seen_at);
    let published = article
        .embargoed_until
        .map_or(appeared, |end| appeared.max(end));
    let categories = article.section.iter().chain(&article.tags);
    Entry {
        id: link.clone(),
        link,
        title: article.title.clone(),
        summary: article.summary.clone(),
        html: Some(article.body_html.clone()),
        author: article.byline.clone().or_else(|| article.publisher.clone()),
        categories: categories.cloned().collect(),
        language: Some(article.language.clone()),
        published,
        updated: article.updated_at.max(published),
    }
}

//! `/v1/articles`: brought in and linked by editors, read by everyone with the odds of their markets.

use reqwest::Method;
use serde::Serialize;
use serde_json::json;

use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::events::Events;
use crate::list::{List, Page};
use crate::types::{
    ArticleFilter, ArticleLine, ArticleOdds, ArticleWithMarkets, CorrectArticle, FollowedFeed,
    LinkRole, Linked, NewArticle, Received,
};

impl Client {
    /// Articles, newest first, without their texts.
    pub fn articles(&self, which: &ArticleFilter) -> List<ArticleLine> {
        self.list(&["articles"], which, false)
    }

    /// An article with its markets: their odds when it appeared, and as they stand.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time; so for all reads.
    pub async fn article(&self, article: &str) -> Result<ArticleWithMarkets, Error> {
        self.get(&["articles", article], &()).await
    }

    /// The article whose original is at an address.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn article_at(&self, url: &str) -> Result<ArticleWithMarkets, Error> {
        #[derive(Serialize)]
        struct Query<'a> {
            url: &'a str,
        }
        self.get(&["articles", "lookup"], &Query { url }).await
    }

    /// The odds of all markets of an article.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn article_odds(&self, article: &str) -> Result<ArticleOdds, Error> {
        self.get(&["articles", article, "odds"], &()).await
    }

    /// The odds, trades and phases of all markets of an article, as they come.
    pub fn article_events(&self, article: &str) -> Events {
        Events::open(self.clone(), self.url(&["articles", article, "events"]))
    }

    /// Brings an article in. The same address or the same text is the same article, however often it is
    /// sent.
    pub fn add_article(&self, article: &NewArticle) -> Command<Received> {
        self.post(&["articles"], article)
    }

    /// Corrects an article. What the correction does not speak of stays as it was.
    pub fn correct_article(&self, slug: &str, correction: &CorrectArticle) -> Command<Received> {
        self.command(Method::PUT, &["articles", slug], &(), Some(correction))
    }

    /// Feeds that articles come from, for editors.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn followed_feeds(&self) -> Result<Vec<FollowedFeed>, Error> {
        let page: Page<FollowedFeed> = self.get(&["feeds"], &()).await?;
        Ok(page.data)
    }

    /// Follows a feed, RSS, Atom or JSON Feed, at an https address on the public internet.
    pub fn follow_feed(&self, url: &str) -> Command<FollowedFeed> {
        self.post(&["feeds"], &json!({ "url": url }))
    }

    /// Follows a feed no longer; the articles that came from it stay.
    pub fn drop_feed(&self, feed: &str) -> Command<FollowedFeed> {
        self.command(Method::DELETE, &["feeds", feed], &(), None::<&()>)
    }

    /// Links an article to a market.
    pub fn link_article(&self, article: &str, market: &str, role: LinkRole) -> Command<Linked> {
        let body = json!({ "market": market, "role": role });
        self.post(&["articles", article, "markets"], &body)
    }
}

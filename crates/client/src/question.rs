//! `/v1/questions` and reviews: what makes a question good, before anybody trades on it.

use reqwest::Method;

use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::list::Page;
use crate::send::Ask;
use crate::types::{
    CheckedQuestion, FillTemplate, FilledTemplate, MarketReviewed, NewMarket, QuestionTemplate,
    ReviewMarket,
};

impl Client {
    /// What a check finds in a draft, and which markets ask nearly the same. Nothing is drafted by it.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn check_question(&self, draft: &NewMarket) -> Result<CheckedQuestion, Error> {
        let url = self.url(&["questions", "check"])?;
        self.read(&Ask::new(Method::POST, url, Some(draft))).await
    }

    /// Templates that questions are made from.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn question_templates(&self) -> Result<Vec<QuestionTemplate>, Error> {
        let page: Page<QuestionTemplate> = self.get(&["questions", "templates"], &()).await?;
        Ok(page.data)
    }

    /// A draft by a template, with what a check finds in it. Nothing is drafted by it.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn fill_template(
        &self,
        template: &str,
        with: &FillTemplate,
    ) -> Result<FilledTemplate, Error> {
        let url = self.url(&["questions", "templates", template])?;
        self.read(&Ask::new(Method::POST, url, Some(with))).await
    }

    /// Says what a draft comes to in its stories, by its rules alone, and whether it may open.
    pub fn review_market(&self, market: &str, review: &ReviewMarket) -> Command<MarketReviewed> {
        self.post(&["markets", market, "reviews"], review)
    }
}

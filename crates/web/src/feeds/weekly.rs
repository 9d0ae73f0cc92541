//! The feed of weeks as they were told. An entry never changes.

use askama::Template;
use tidings_api::App;
use tidings_api::digest;

use super::{Entry, Feed, MOST};
use crate::site::Unavailable;
use crate::weekly::Weekly;

#[derive(Template)]
#[template(path = "part/weekly-plain.html")]
struct Plain<'a> {
    week: &'a Weekly,
}

pub(super) async fn feed(app: &App, address: String) -> Result<Feed, Unavailable> {
    let most = u32::try_from(MOST).unwrap_or(u32::MAX);
    let issues = digest::told(app, most).await?;
    let entry = |issue: &digest::Issue| {
        let week = &Weekly::of(&issue.digest);
        let html = Plain { week }.render().unwrap_or_default();
        Entry {
            id: week.href.clone(),
            link: week.href.clone(),
            title: format!("The week in odds, {}", week.span),
            summary: week.summary(),
            html: Some(html.trim().to_owned()),
            author: None,
            categories: Vec::new(),
            language: None,
            published: issue.made_at,
            updated: issue.made_at,
        }
    };
    Ok(Feed {
        title: "Tidings: the week in odds".to_owned(),
        description: "Once a week: top stories, what moved, what closes soon, what was resolved."
            .to_owned(),
        page: format!("{}/digest", app.base_url()),
        address,
        entries: issues.iter().map(entry).collect(),
    })
}

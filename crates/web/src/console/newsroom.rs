//! The newsroom's desk: articles in whatever state they are, the markets they belong to or may belong to, how
//! they look to readers, what is to happen at an embargo's end, and the feeds that they come from.
//!
//! Editors see everything. An operator sees what everybody sees; of an article that is not public they have no
//! more than its address, under which they plan a halt around its embargo's end.

mod article;
mod articles;
mod feeds;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use tidings_api::App;
use tidings_core::access::Role;
use tidings_core::units::Timestamp;
use tidings_store::{Article, ArticleStatus};

use super::call::Refused;
use super::staff::Staff;
use crate::moment::Moment;
use crate::words::Lang;

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/articles", get(articles::articles))
        .route("/console/articles/{slug}", get(article::article))
        .route("/console/articles/{slug}/link", post(article::link))
        .route("/console/articles/{slug}/plan", post(article::plan))
        .route("/console/articles/{slug}/unplan", post(article::unplan))
        .route("/console/articles/{slug}/standing", post(article::stand))
        .route("/console/feeds", get(feeds::feeds).post(feeds::add))
        .route("/console/feeds/{feed}/drop", post(feeds::drop_feed))
}

/// What was done by the form before, by a word in the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    said: String,
}

impl Said {
    fn words(&self) -> Option<&'static str> {
        Some(match self.said.as_str() {
            "linked" => "The article is linked to the market.",
            "planned" => "It is planned for the end of the embargo.",
            "unplanned" => "The plan was taken back.",
            "withheld" => "Readers do not see it until it is shown again.",
            "usable" => "Readers see it again, from its embargo's end on if it has one.",
            "cancelled" => "It is cancelled: readers never see it again.",
            "added" => "The feed is looked at within seconds, and every 15 minutes from then on.",
            "dropped" => "The feed is looked at no more. What came from it stays.",
            _ => return None,
        })
    }
}

/// Whether somebody is of the newsroom at all.
fn works_here(staff: &Staff) -> Result<(), Refused> {
    match staff.0.caller.role {
        Role::Editor | Role::Operator => Ok(()),
        _ => Err(Refused::here(
            StatusCode::FORBIDDEN,
            "articles are for editors and operators",
        )),
    }
}

fn is_editor(staff: &Staff) -> bool {
    staff.0.caller.role == Role::Editor
}

/// Where an article stands, in word and shape.
struct Standing {
    /// For the style sheet.
    key: &'static str,
    word: &'static str,
    /// Until when it is under embargo.
    until: Option<Moment>,
}

impl Standing {
    fn of(article: &Article, now: Timestamp) -> Standing {
        let embargo = article.embargoed_until.filter(|end| *end > now);
        let (key, word) = match (article.status, embargo) {
            (ArticleStatus::Cancelled, _) => ("cancelled", "Cancelled"),
            (ArticleStatus::Withheld, _) => ("withheld", "Withheld"),
            (ArticleStatus::Usable, Some(_)) => ("embargo", "Under embargo"),
            (ArticleStatus::Usable, None) => ("public", "Public"),
        };
        Standing {
            key,
            word,
            until: embargo.map(|end| Moment::prose(end, Lang::En)),
        }
    }
}

/// A key for a form, so that sending it twice does once what it asks for.
fn form_key(app: &App, staff: &Staff, form: &str) -> String {
    let (session, now) = (staff.0.session.id, app.now().as_micros());
    format!("desk-{session}-{now}-{form}")
}

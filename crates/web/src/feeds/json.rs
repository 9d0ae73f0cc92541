//! A feed as JSON Feed 1.1.

use serde::Serialize;

use super::{Entry, Feed};
use crate::moment::iso;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    description: &'a str,
    language: &'static str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    summary: &'a str,
    // One of the two has to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author<'a>>,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

pub(super) fn write(feed: &Feed) -> String {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.page,
        feed_url: &feed.address,
        description: &feed.description,
        language: "en",
        items: feed.entries.iter().map(item).collect(),
    };
    serde_json::to_string(&document).expect("texts have a JSON form")
}

fn item(entry: &Entry) -> Item<'_> {
    Item {
        id: &entry.id,
        url: &entry.link,
        title: &entry.title,
        summary: &entry.summary,
        content_html: entry.html.as_deref(),
        content_text: match entry.html {
            Some(_) => None,
            None => Some(&entry.summary),
        },
        date_published: iso(entry.published),
        date_modified: iso(entry.updated),
        authors: entry.author.iter().map(|name| Author { name }).collect(),
        tags: &entry.categories,
        language: entry.language.as_deref(),
    }
}

//! A feed as RSS 2.0, with the parts of Atom and of Dublin Core that every reader of it knows.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Guid, Item};

use super::{Entry, Feed, dated, sayable};

pub(super) fn write(feed: &Feed) -> String {
    let own = Link {
        href: feed.address.clone(),
        rel: "self".to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let channel = Channel {
        title: sayable(&feed.title),
        link: feed.page.clone(),
        description: sayable(&feed.description),
        language: Some("en".to_owned()),
        last_build_date: Some(dated(feed.updated()).to_rfc2822()),
        generator: Some("Tidings".to_owned()),
        items: feed.entries.iter().map(item).collect(),
        atom_ext: Some(AtomExtension { links: vec![own] }),
        namespaces: BTreeMap::from([
            ("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned()),
            (
                "content".to_owned(),
                "http://purl.org/rss/1.0/modules/content/".to_owned(),
            ),
            (
                "dc".to_owned(),
                "http://purl.org/dc/elements/1.1/".to_owned(),
            ),
        ]),
        ..Channel::default()
    };
    channel.to_string()
}

/// RSS's own field for an author takes the address of a mailbox, which nobody has here.
fn item(entry: &Entry) -> Item {
    let creators = entry.author.iter().map(|author| sayable(author)).collect();
    let languages = entry.language.iter().cloned().collect();
    let category = |name: &String| Category {
        name: sayable(name),
        domain: None,
    };
    Item {
        title: Some(sayable(&entry.title)),
        link: Some(entry.link.clone()),
        description: Some(sayable(&escaped(&entry.summary))),
        categories: entry.categories.iter().map(category).collect(),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: entry.id == entry.link,
        }),
        pub_date: Some(dated(entry.published).to_rfc2822()),
        content: entry.html.as_deref().map(sayable),
        dublin_core_ext: Some(DublinCoreExtension {
            creators,
            languages,
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// A description is HTML to its readers: a text in it is escaped once more than XML asks for.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

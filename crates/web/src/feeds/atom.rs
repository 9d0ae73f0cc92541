//! A feed as Atom, RFC 4287.

use atom_syndication as atom;

use super::{Entry, Feed, dated, sayable};

pub(super) fn write(feed: &Feed) -> String {
    let written = atom::Feed {
        title: plain(&feed.title),
        subtitle: Some(plain(&feed.description)),
        id: feed.address.clone(),
        updated: dated(feed.updated()),
        generator: Some(atom::Generator {
            value: "Tidings".to_owned(),
            ..atom::Generator::default()
        }),
        // An entry without an author of its own is the feed's.
        authors: vec![person("Tidings")],
        links: vec![
            link("self", &feed.address, "application/atom+xml"),
            link("alternate", &feed.page, "text/html"),
        ],
        entries: feed.entries.iter().map(entry).collect(),
        lang: Some("en".to_owned()),
        ..atom::Feed::default()
    };
    written.to_string()
}

fn entry(entry: &Entry) -> atom::Entry {
    let category = |name: &String| atom::Category {
        term: sayable(name),
        ..atom::Category::default()
    };
    let html = |html: &String| atom::Content {
        value: Some(sayable(html)),
        content_type: Some("html".to_owned()),
        lang: entry.language.clone(),
        ..atom::Content::default()
    };
    atom::Entry {
        title: atom::Text {
            lang: entry.language.clone(),
            ..plain(&entry.title)
        },
        id: entry.id.clone(),
        updated: dated(entry.updated),
        published: Some(dated(entry.published)),
        authors: entry.author.iter().map(|author| person(author)).collect(),
        categories: entry.categories.iter().map(category).collect(),
        links: vec![link("alternate", &entry.link, "text/html")],
        summary: Some(plain(&entry.summary)),
        content: entry.html.as_ref().map(html),
        ..atom::Entry::default()
    }
}

fn plain(text: &str) -> atom::Text {
    atom::Text::plain(sayable(text))
}

fn person(name: &str) -> atom::Person {
    atom::Person {
        name: sayable(name),
        ..atom::Person::default()
    }
}

fn link(rel: &str, href: &str, kind: &str) -> atom::Link {
    atom::Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(kind.to_owned()),
        ..atom::Link::default()
    }
}

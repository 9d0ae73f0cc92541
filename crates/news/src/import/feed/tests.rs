use crate::error::ImportError;
use crate::{Draft, Item, feed, is_feed, page};

const AT: &str = "https://paper.example/feed.xml";

fn items(bytes: &str) -> Vec<Result<Draft, ImportError>> {
    let items = feed(bytes.as_bytes(), AT).expect("a feed").items;
    let draft = |item: Result<Item, ImportError>| item.map(|item| item.draft);
    items.into_iter().map(draft).collect()
}

fn rss(item: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>The Paper</title>\
         <link>https://paper.example/</link><description>News</description><language>en-gb</language>\
         <item>{item}</item></channel></rss>"
    )
}

#[test]
fn an_item_of_rss_is_an_article() {
    let item = "<title>Ferries &amp;amp; Fares Rise</title><link>https://paper.example/a?utm_source=rss</link>\
        <dc:creator>Ann Lee</dc:creator><category>Ferries</category><category>Trade</category>\
        <pubDate>Fri, 31 Oct 2025 05:00:00 GMT</pubDate><description>They rose.</description>\
        <content:encoded><![CDATA[<p>They rose on <b>Monday</b>.</p><script>alert(1)</script>]]></content:encoded>";
    let draft = items(&rss(item)).remove(0).expect("an article");
    assert_eq!(draft.title, "Ferries & Fares Rise");
    assert_eq!(
        draft.canonical_url.as_deref(),
        Some("https://paper.example/a")
    );
    assert_eq!(draft.byline.as_deref(), Some("Ann Lee"));
    assert_eq!(draft.tags, ["Ferries", "Trade"]);
    assert_eq!(draft.published_at, Some(1_761_886_800_000_000));
    assert_eq!(draft.summary, "They rose.");
    assert_eq!(
        draft.body.html,
        "<p>They rose on <strong>Monday</strong>.</p>"
    );
    assert_eq!(draft.publisher.as_deref(), Some("The Paper"));
    assert_eq!(draft.language, "en-gb");
}

#[test]
fn an_entry_of_atom_and_an_item_of_json_feed_are_articles() {
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Wire</title><id>x</id>\
        <updated>2025-10-31T05:00:00Z</updated><entry><title type=\"html\">A &lt;b&gt;bold&lt;/b&gt; move</title>\
        <id>urn:1</id><link rel=\"enclosure\" href=\"https://paper.example/a.mp3\"/>\
        <link rel=\"alternate\" href=\"https://paper.example/bold\"/>\
        <author><name>Ann</name></author><author><name>Bo</name></author>\
        <updated>2025-10-31T05:00:00Z</updated>\
        <content type=\"html\">&lt;p&gt;It moved.&lt;/p&gt;</content></entry></feed>";
    let draft = items(atom).remove(0).expect("an article");
    assert_eq!(draft.title, "A bold move");
    assert_eq!(
        draft.canonical_url.as_deref(),
        Some("https://paper.example/bold")
    );
    assert_eq!(draft.byline.as_deref(), Some("Ann, Bo"));
    // When it was updated is not when it was published.
    assert_eq!(draft.published_at, None);

    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": [
        {"id": "1", "url": "https://paper.example/json", "title": "Sails", "content_text": "It sailed.",
         "date_published": "2025-10-31T05:00:00Z", "tags": ["Ferries"]},
        {"id": "2", "url": "https://paper.example/none", "content_text": "Without a title."}]}"#;
    let mut both = items(json);
    assert_eq!(both.remove(1), Err(ImportError::TitleMissing));
    let draft = both.remove(0).expect("an article");
    assert_eq!(
        (draft.title.as_str(), draft.body.text.as_str()),
        ("Sails", "It sailed.")
    );
    assert_eq!(draft.tags, ["Ferries"]);
}

#[test]
fn when_an_item_was_changed_is_what_its_feed_says() {
    let updated = |bytes: &str| {
        let item = feed(bytes.as_bytes(), AT).expect("a feed").items.remove(0);
        item.expect("an article").updated_at
    };
    let nine = Some(1_761_901_200_000_000);
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>A</title><id>urn:1</id>\
        <published>2025-10-31T05:00:00Z</published><updated>2025-10-31T09:00:00Z</updated>\
        <content>It is.</content></entry></feed>";
    assert_eq!(updated(atom), nine);
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": [
        {"id": "1", "title": "A", "content_text": "It is.", "date_published": "2025-10-31T05:00:00Z",
         "date_modified": "2025-10-31T09:00:00Z"}]}"#;
    assert_eq!(updated(json), nine);
    let undated = rss("<title>A</title><description>It is.</description>");
    assert_eq!(updated(&undated), None);
    let dated = "<title>A</title><description>It is.</description>\
        <pubDate>Fri, 31 Oct 2025 09:00:00 GMT</pubDate>";
    assert_eq!(updated(&rss(dated)), nine, "RSS has one date for both");
}

#[test]
fn entities_and_types_are_refused_in_any_encoding() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\
        <rss version=\"2.0\"><channel><title>&a;</title></channel></rss>";
    assert_eq!(feed(bomb.as_bytes(), AT), Err(ImportError::FeedUnreadable));
    let wide: Vec<u8> = bomb.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(feed(&wide, AT), Err(ImportError::FeedUnreadable));
    for nothing in ["", "{}", "<html></html>", "<rss", "\0\0", "<feed>"] {
        assert!(
            feed(nothing.as_bytes(), AT).is_err_and(|error| error == ImportError::FeedUnreadable)
                || feed(nothing.as_bytes(), AT).is_ok_and(|feed| feed.items.is_empty()),
            "{nothing}"
        );
    }
}

#[test]
fn deep_nesting_ends_in_an_answer() {
    let deep = format!("{}{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
    let atom = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>Deep</title>\
         <content type=\"xhtml\">{deep}</content></entry></feed>"
    );
    let _ = feed(atom.as_bytes(), AT);
    let rss = rss(&format!(
        "<title>Deep</title><description>{deep}</description>"
    ));
    let _ = feed(rss.as_bytes(), AT);
    let json = format!(
        "{}{}",
        "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":",
        "[".repeat(100_000)
    );
    assert_eq!(feed(json.as_bytes(), AT), Err(ImportError::FeedUnreadable));
    let ld = format!(
        "<script type=\"application/ld+json\">{}",
        "[".repeat(100_000)
    );
    assert!(page(ld.as_bytes(), None, AT).is_err());
}

#[test]
fn feeds_are_told_from_pages() {
    for (bytes, expected) in [
        ("<?xml version='1.0'?><rss version='2.0'>", true),
        (
            "\u{feff}<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>",
            true,
        ),
        (r#"{"version": "https://jsonfeed.org/version/1"}"#, true),
        ("<!doctype html><title>The feed</title>", false),
        ("{}", false),
    ] {
        assert_eq!(is_feed(bytes.as_bytes()), expected, "{bytes}");
    }
}

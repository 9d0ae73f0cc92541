use super::*;

#[test]
fn many_addresses_are_one_page() {
    for (url, canonical) in [
        ("https://Example.COM/a", "https://example.com/a"),
        ("http://example.com/a", "https://example.com/a"),
        ("http://example.com:80/a", "https://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://example.com/a//?x=1", "https://example.com/a?x=1"),
        ("https://example.com/a#top", "https://example.com/a"),
        (
            "https://example.com/a?utm_source=x&id=7&UTM_Medium=y&fbclid=1",
            "https://example.com/a?id=7",
        ),
        ("https://example.com/a?gclid=1", "https://example.com/a"),
        ("https://example.com/a?", "https://example.com/a"),
        (
            "https://example.com/a?b=2&a=1",
            "https://example.com/a?b=2&a=1",
        ),
        (
            "https://例え.jp/記事",
            "https://xn--r8jz45g.jp/%E8%A8%98%E4%BA%8B",
        ),
        (" https://example.com/a ", "https://example.com/a"),
    ] {
        assert_eq!(canonical_url(url).as_deref(), Ok(canonical), "{url}");
        assert_eq!(
            canonical_url(canonical).as_deref(),
            Ok(canonical),
            "twice: {url}"
        );
    }
}

#[test]
fn an_address_that_is_not_a_public_page_is_refused() {
    for url in [
        "",
        "example.com/a",
        "/a",
        "//example.com/a",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://",
        "https://./a",
        "https://exa mple.com/",
        "https://example.com/a\u{202e}b",
        "https://example.com/a\nb",
    ] {
        let refused = canonical_url(url).expect_err(url);
        assert_eq!(refused.code(), "article_url_invalid", "{url:?}");
    }
    let prefix = "https://example.com/";
    let longest = format!("{prefix}{}", "a".repeat(URL_BYTES - prefix.len()));
    assert_eq!(canonical_url(&longest).as_deref(), Ok(longest.as_str()));
    let refused = canonical_url(&format!("{longest}a")).expect_err("too long");
    assert_eq!(refused.code(), "article_field_too_long");
}

#[test]
fn the_same_words_are_the_same_body() {
    let body = body_hash("The ferry sails.\n\nIt is late.");
    assert_eq!(body, body_hash("  the FERRY sails. It\tis late. "));
    assert_ne!(body, body_hash("The ferry sails. It is not late."));
    assert_ne!(body_hash("ab c"), body_hash("a bc"));
    assert_eq!(body.to_string().len(), 64);
    assert!(body.to_string().starts_with(&body.short()));
}

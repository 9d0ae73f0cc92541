use super::{Clause, Item, have_two_publishers, host, is_primary_url, publisher, publishers, site};
use crate::market::Source;

fn item(url: &str, publisher: &str) -> Item {
    Item {
        url: url.to_owned(),
        publisher: publisher.to_owned(),
        published_at: None,
        sha256: [0; 32],
        quotation: "It is so.".to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    }
}

#[test]
fn an_address_has_one_host_however_it_is_written() {
    for (url, wanted) in [
        ("https://www.mofa.go.jp/press/1.html", Some("mofa.go.jp")),
        ("http://WWW.Mofa.GO.JP.:443?x#y", Some("mofa.go.jp")),
        ("https://example.org", Some("example.org")),
        ("https://192.0.2.7/", Some("192.0.2.7")),
        ("https://ann@example.org/", None),
        ("https://exam ple.org/", None),
        ("https:///path", None),
        ("https://example..org/", None),
        ("https://example.org:x/", None),
        ("ftp://example.org/", None),
        ("a log", None),
        ("https://例え.jp/", None),
    ] {
        assert_eq!(host(url).as_deref(), wanted, "{url}");
    }
}

#[test]
fn a_site_is_what_one_publisher_has() {
    for (host, wanted) in [
        ("mofa.go.jp", "mofa.go.jp"),
        ("english.mofa.go.jp", "mofa.go.jp"),
        ("news.example.org", "example.org"),
        ("example.org", "example.org"),
        ("co.jp", "co.jp"),
        ("localhost", "localhost"),
        ("a.b.example.com.au", "example.com.au"),
        ("192.0.2.7", "192.0.2.7"),
        ("co.example.org", "example.org"),
    ] {
        assert_eq!(site(host), wanted, "{host}");
    }
}

#[test]
fn a_publisher_is_the_same_however_its_name_is_set() {
    for alike in ["The Asahi Shimbun", "asahi shimbun", " ASAHI-Shimbun. "] {
        assert_eq!(publisher(alike), "asahishimbun");
    }
    assert_eq!(publisher("朝日 新聞"), "朝日新聞");
    assert_eq!(publisher("朝日\u{3000}新聞"), "朝日新聞");
    assert_ne!(publisher("Thermal News"), publisher("rmal News"));
}

#[test]
fn two_are_independent_by_name_and_by_site() {
    let (a, b) = ("https://a.example/", "https://b.example/");
    assert!(have_two_publishers(&[item(a, "A"), item(b, "B")]));
    for pair in [
        [item(a, "A"), item(b, "the a")],
        [item(a, "A"), item("https://www.a.example/2", "B")],
        [item("https://x.a.example/", "A"), item(a, "B")],
    ] {
        assert!(!have_two_publishers(&pair), "{pair:?}");
        assert_eq!(publishers(&pair), 1);
    }
    // The middle one is kin to both of the others, which are independent.
    let three = [item(a, "A"), item(a, "B"), item(b, "B")];
    assert!(have_two_publishers(&three));
}

#[test]
fn a_primary_source_is_at_its_own_host_or_below_it() {
    let sources = [
        Source {
            name: "The ministry".to_owned(),
            url: "https://www.mofa.go.jp/".to_owned(),
            primary: true,
        },
        Source {
            name: "A newspaper".to_owned(),
            url: "https://herald.example/".to_owned(),
            primary: false,
        },
    ];
    for (url, wanted) in [
        ("https://mofa.go.jp/press", true),
        ("https://english.mofa.go.jp/press", true),
        ("https://notmofa.go.jp/press", false),
        ("https://mofa.go.jp.example/", false),
        ("https://go.jp/", false),
        ("https://herald.example/", false),
    ] {
        assert_eq!(is_primary_url(url, &sources), wanted, "{url}");
    }
}

#[test]
fn a_clause_has_one_word() {
    for clause in [
        Clause::Criteria,
        Clause::EdgeCase(1),
        Clause::Clarification(12),
    ] {
        assert_eq!(clause.to_string().parse(), Ok(clause));
    }
    for word in [
        "",
        "Criteria",
        "edge_case",
        "edge_case_0",
        "edge_case_01",
        "edge_case_+1",
        "clarification_x",
        "edge_case_4294967296",
    ] {
        assert!(word.parse::<Clause>().is_err(), "{word}");
    }
}

use super::*;

const DAY: i64 = 1_761_868_800_000_000;

fn read(line: &str) -> Option<(Option<String>, Option<i64>, Vec<String>)> {
    let mut meta = Meta::default();
    meta.expect_byline();
    meta.take(line)
        .then_some((meta.byline, meta.published_at, meta.dropped))
}

#[test]
fn one_line_may_say_several_things() {
    for (line, byline, at, dropped) in [
        ("By Miriam Sayle", Some("Miriam Sayle"), None, ""),
        ("BY MIRIAM SAYLE", Some("MIRIAM SAYLE"), None, ""),
        ("By: M. A. Sayle Jr.", Some("M. A. Sayle Jr."), None, ""),
        (
            "By Miriam Sayle, Harbour Correspondent",
            Some("Miriam Sayle, Harbour Correspondent"),
            None,
            "",
        ),
        (
            "By Miriam Sayle, 31 October 2025",
            Some("Miriam Sayle"),
            Some(DAY),
            "",
        ),
        (
            "By Miriam Sayle, October 31, 2025",
            Some("Miriam Sayle"),
            Some(DAY),
            "",
        ),
        (
            "By Miriam SaylePublished 31 October 2025",
            Some("Miriam Sayle"),
            Some(DAY),
            "",
        ),
        (
            "By Miriam Sayle | 31 October 2025 | 5 min read",
            Some("Miriam Sayle"),
            Some(DAY),
            "5 min read",
        ),
        (
            "31 October 2025 · Updated 1 November 2025",
            None,
            Some(DAY),
            "Updated 1 November 2025",
        ),
        ("Published: 03/04/2025", None, None, "Published: 03/04/2025"),
        ("Advertisement", None, None, "Advertisement"),
        ("山田太郎記者", Some("山田太郎記者"), None, ""),
        ("김철수 기자", Some("김철수 기자"), None, ""),
    ] {
        let dropped = Some(dropped).filter(|part| !part.is_empty());
        let dropped: Vec<String> = dropped.map(str::to_owned).into_iter().collect();
        assert_eq!(
            read(line),
            Some((byline.map(str::to_owned), at, dropped)),
            "{line}"
        );
    }
}

#[test]
fn a_sentence_is_not_about_the_article() {
    for line in [
        "By the time the ferry sailed, it was late.",
        "By Friday the harbour had been closed.",
        "Ferries | Bridges",
        "The ferry sailed on 31 October 2025.",
        "5 people read it",
        "A reporter, 記者, spoke at length about the harbour",
    ] {
        assert_eq!(read(line), None, "{line}");
    }
    assert!(
        !Meta::default().take("By Land and Sea"),
        "above the title it is the title"
    );
}

#[test]
fn the_first_to_say_a_thing_is_believed() {
    let mut meta = Meta::default();
    meta.expect_byline();
    for line in [
        "By Miriam Sayle",
        "By Jonas Ferreby",
        "https://Example.com/a/?utm_source=x",
        "https://example.com/b",
    ] {
        assert!(meta.take(line), "{line}");
    }
    assert_eq!(meta.byline.as_deref(), Some("Miriam Sayle"));
    assert_eq!(meta.canonical_url.as_deref(), Some("https://example.com/a"));
}

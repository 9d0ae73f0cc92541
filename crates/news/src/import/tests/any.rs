//! Anything at all through the importers: it comes out clean, or it is refused.

use proptest::prelude::*;

use crate::article::{BodyFormat, Draft, StructuredArticle};
use crate::import::{pasted_text, structured};
use crate::limits;
use crate::text::not_allowed;

/// Pages put together from what gives importers trouble, and from anything at all.
fn pages() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[A-Z][a-z]{1,9}( [a-z]{1,9}){0,12}[.!?]?".prop_map(|s: String| s),
        2 => "\\PC{0,40}",
        1 => any::<String>(),
        3 => prop::sample::select(vec![
            "\n", "\r\n", "\n\n", "#", "#featured", "#South Korea", "<script>", "</p>", "<b>", "&lt;", "By ",
            "Published: 31 October 2025", "Get weekly highlights", "Politics", "PoliticsWorld", "\u{feff}",
            "\u{202e}", "\u{200b}", "\u{a0}", "。", "日本", "한국.", "\"", "“", "U.S.", "3.5", "https://a.example/",
            "a@b.example", " | ", " > ", ".", "…", "ß", "İ", "ŉ", "\u{1f468}\u{200d}\u{1f469}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_pasted_comes_out_clean_or_is_refused(page in pages()) {
        if let Ok(draft) = pasted_text(&page) {
            assert_clean(&draft);
            prop_assert!(draft.title.chars().count() <= limits::TITLE_CHARS);
            prop_assert!(draft.summary.chars().count() <= limits::SUMMARY_CHARS);
            prop_assert!(!draft.body.text.is_empty() && !draft.summary.is_empty());
            prop_assert!(draft.slug().len() <= limits::SLUG_CHARS && !draft.slug().is_empty());
        }
    }

    #[test]
    fn whatever_html_is_posted_comes_out_allowed_or_is_refused(body in pages()) {
        let article = StructuredArticle {
            title: "T".into(), body, body_format: BodyFormat::Html, ..Default::default()
        };
        if let Ok(draft) = structured(article) {
            assert_clean(&draft);
            let again = crate::html::from_html(&draft.body.html).expect("light");
            prop_assert_eq!(&again, &draft.body);
        }
    }
}

fn assert_clean(draft: &Draft) {
    assert!(!draft.body.html.contains("<script"), "{}", draft.body.html);
    let labels = [&draft.section, &draft.tags, &draft.flags, &draft.dropped]
        .into_iter()
        .flatten();
    let lines = labels
        .chain(&draft.byline)
        .chain([&draft.title, &draft.summary, &draft.language]);
    for line in lines {
        assert!(line.chars().all(|c| not_allowed(c).is_none()), "{line:?}");
    }
    for text in [&draft.body.text, &draft.body.html] {
        assert!(
            text.chars().all(|c| c == '\n' || not_allowed(c).is_none()),
            "{text:?}"
        );
    }
}

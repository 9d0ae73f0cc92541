use super::*;

#[test]
fn pasted_text_is_cleaned() {
    let cases = [
        ("\u{feff}Ferry\r\nsails\rtoday", "Ferry\nsails\ntoday"),
        ("a\u{a0}b\u{3000}c\td", "a b c d"),
        ("pay\u{202e}pal\u{200b}.ex\u{ad}ample", "paypal.example"),
        (
            "one\u{2028}two\u{2029}three\u{85}four",
            "one\ntwo\nthree\nfour",
        ),
        ("nul\0bell\u{7}esc\u{1b}[31m", "nulbellesc[31m"),
        (
            "渡し船\u{fe0f} 葛\u{e0100}城",
            "渡し船\u{fe0f} 葛\u{e0100}城",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(clean(text), expected, "{text:?}");
    }
}

#[test]
fn white_space_collapses_to_single_spaces() {
    assert_eq!(
        one_line("  Strait \u{a0}\t ferry\r\n sails "),
        "Strait ferry sails"
    );
    assert_eq!(one_line(" \u{200b} \r\n"), "");
}

#[test]
fn a_label_with_an_invisible_character_is_refused_and_the_character_named() {
    for (text, code_point, kind) in [
        ("a\u{202e}b", 0x202e, "bidirectional control character"),
        ("a\u{200b}b", 0x200b, "zero-width character"),
        ("a\nb", 0xa, "control character"),
        ("\u{feff}b", 0xfeff, "zero-width character"),
        ("a\u{2029}b", 0x2029, "control character"),
    ] {
        let refused = ImportError::TextNotAllowed {
            field: "title",
            code_point,
            kind,
        };
        assert_eq!(label("title", text), Err(refused));
    }
    assert_eq!(
        label("title", "Fähre\u{a0} 連絡船  페리").as_deref(),
        Ok("Fähre 連絡船 페리")
    );
}

#[test]
fn text_in_html_is_escaped() {
    let mut html = String::new();
    escape_into(&mut html, "<b class=\"x\">R&D</b>");
    assert_eq!(html, "&lt;b class=&quot;x&quot;&gt;R&amp;D&lt;/b&gt;");
}

//! Every word in every language. `UPDATE_EXPECT=1 cargo test -p tidings-web --lib words` writes the golden files, for
//! somebody to look over who reads the language.

use expect_test::expect_file;

use super::*;

fn written(lang: Lang) -> String {
    format!("{:#?}\n", lang.words())
}

#[test]
fn every_word_is_as_it_was_looked_over() {
    for lang in Lang::ALL {
        let file = format!(
            "{}/tests/golden/words/{}.txt",
            env!("CARGO_MANIFEST_DIR"),
            lang.tag()
        );
        expect_file![file].assert_eq(&written(lang));
    }
}

#[test]
fn no_word_was_left_in_another_language() {
    for (lang, has_own) in [
        (Lang::En, (|c| c.is_ascii_alphabetic()) as fn(char) -> bool),
        (
            Lang::Ja,
            |c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'),
        ),
        (Lang::Ko, |c| matches!(c, '\u{ac00}'..='\u{d7a3}')),
    ] {
        let all = written(lang);
        let words: Vec<&str> = all.split('"').skip(1).step_by(2).collect();
        assert!(words.len() > 20, "{words:?}");
        for word in words {
            assert!(word.contains(has_own), "{lang:?}: {word}");
        }
    }
}

use super::*;

fn terms(text: &str) -> String {
    index([text]).join(" ")
}

fn finds(query: &str, text: &str) -> bool {
    let terms = index([text]);
    let phrases = search(query);
    !phrases.is_empty() && phrases.iter().all(|phrase| phrase.is_in(&terms))
}

#[test]
fn words_are_terms_and_other_scripts_go_in_pairs() {
    for (text, expected) in [
        ("Japan's Diet: 100% e-mail", "japan s diet 100 e mail"),
        ("日韓首脳会談", "日韓 韓首 首脳 脳会 会談 談"),
        ("정상회담이 열렸다", "정상 상회 회담 담이 이 열렸 렸다 다"),
        ("ＡＰＥＣ首脳", "apec 首脳 脳"),
        ("Straße ΣΊΣΥΦΟΣ", "straße σίσυφος"),
        ("東", "東"),
        ("\u{1f600} -- !?", ""),
    ] {
        // The final sigma is a form of the letter, which lower case gives as it is told.
        let found = terms(text).replace('ς', "σ");
        assert_eq!(found, expected.replace('ς', "σ"), "{text}");
    }
}

#[test]
fn a_word_of_two_characters_is_found_and_half_of_two_words_is_not() {
    for (query, text, expected) in [
        ("首脳", "日韓首脳会談", true),
        ("会談", "日韓首脳会談", true),
        ("談", "日韓首脳会談", true),
        ("韓", "日韓首脳会談", true),
        ("日韓会談", "日韓首脳会談", false),
        ("회담", "정상회담이 열렸다", true),
        ("서울", "정상회담이 열렸다", false),
        ("東京", "京都と東", false),
        ("summit", "The Summits of 2026", true),
        ("summit seoul", "Seoul waits for the summit", true),
        ("summit seoul", "Seoul waits", false),
        ("we", "western", false),
        ("APEC 首脳", "ＡＰＥＣの首脳が集まる", true),
        ("!!!", "anything", false),
    ] {
        assert_eq!(finds(query, text), expected, "{query} in {text}");
    }
}

#[test]
fn a_name_stands_together() {
    let terms = index(["President Lee Jae-myung met Takaichi Sanae in 奈良市内."]);
    for (name, expected) in [
        ("Lee Jae-myung", true),
        ("Jae Lee", false),
        ("奈良", true),
        ("Sanae Takaichi", false),
        ("Sanae", true),
    ] {
        assert_eq!(together(name).is_in(&terms), expected, "{name}");
    }
}

#[test]
fn whatever_comes_is_bounded() {
    assert_eq!(index(["語".repeat(3 * TERMS).as_str()]).len(), TERMS);
    assert_eq!(terms(&"w".repeat(1_000)).len(), TERM_CHARS);
    assert_eq!(search(&"word ".repeat(1_000)).len(), PHRASES);
    assert_eq!(search(&"語".repeat(1_000))[0].terms.len(), PHRASE_TERMS);
}

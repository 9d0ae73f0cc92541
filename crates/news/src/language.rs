//! A guess at an article's language, from its script.

/// `ja`, `ko` or `en`; `und` when the script does not tell.
///
/// Kana decide for Japanese before Han characters do, which Chinese and Japanese share. Latin
/// script is only called English if English function words hold it together: half of Europe
/// writes in Latin script.
pub fn guess(text: &str) -> &'static str {
    let mut script = Script::default();
    text.chars().for_each(|c| script.count(c));
    let letters = script.latin + script.kana + script.han + script.hangul + script.other;
    let most = letters / 2;
    if script.hangul > most {
        "ko"
    } else if script.kana > 0 && script.kana + script.han > most {
        "ja"
    } else if script.latin > most && reads_as_english(text) {
        "en"
    } else {
        "und"
    }
}

#[derive(Default)]
struct Script {
    latin: usize,
    kana: usize,
    han: usize,
    hangul: usize,
    other: usize,
}

impl Script {
    fn count(&mut self, c: char) {
        match c {
            '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9d}' => {
                self.kana += 1;
            }
            '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => {
                self.han += 1;
            }
            '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' => {
                self.hangul += 1;
            }
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => self.latin += 1,
            c if c.is_alphabetic() => self.other += 1,
            _ => {}
        }
    }
}

/// English prose has one of these in every three or four words; other languages nearly none.
fn reads_as_english(text: &str) -> bool {
    const FUNCTION_WORDS: [&str; 12] = [
        "the", "and", "of", "to", "for", "with", "that", "is", "was", "by", "from", "will",
    ];
    let (mut words, mut function_words) = (0_usize, 0_usize);
    for word in text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
    {
        words += 1;
        if FUNCTION_WORDS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
        {
            function_words += 1;
        }
    }
    function_words * 12 >= words
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn the_script_tells_the_language() {
        for (text, language) in [
            ("The ferry will sail from the harbour in the spring.", "en"),
            ("連絡船は春に港を出る見込みだ。", "ja"),
            ("여객선은 봄에 항구를 떠날 예정이다.", "ko"),
            ("渡轮将于春季离港。", "und"),
            (
                "Le bac quittera le port au printemps, selon le ministre.",
                "und",
            ),
            ("Паром отправится весной.", "und"),
            ("APEC首脳会議は慶州で開かれた。", "ja"),
            ("1234 — !", "und"),
            ("", "und"),
        ] {
            assert_eq!(guess(text), language, "{text}");
        }
    }
}

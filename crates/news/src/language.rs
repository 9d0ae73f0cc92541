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

/// English prose has a function word in every three or four words. Some are words of its neighbours, too: *was* and *will* of
/// German, *is* and *of* of Dutch, *for* and *by* of Danish, *to* of Polish. Where a text has those alone, one word that
/// is never English says that it is not.
fn reads_as_english(text: &str) -> bool {
    const ENGLISH: [&str; 5] = ["the", "and", "with", "that", "from"];
    const SHARED: [&str; 7] = ["of", "to", "for", "is", "was", "by", "will"];
    const OTHERS: [&str; 40] = [
        "der", "das", "und", "ist", "nicht", "wird", "ein", "eine", "wer", "wann", "het", "een",
        "er", "en", "wat", "niet", "wordt", "wie", "og", "och", "det", "att", "som", "vil", "hvem",
        "hvad", "til", "le", "les", "des", "est", "que", "del", "los", "che", "di", "um", "kto",
        "jest", "czy",
    ];
    let (mut words, mut english, mut shared, mut others) = (0_usize, 0_usize, 0_usize, 0_usize);
    for word in text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
    {
        let is_one_of = |known: &[&str]| known.iter().any(|one| word.eq_ignore_ascii_case(one));
        words += 1;
        english += usize::from(is_one_of(&ENGLISH));
        shared += usize::from(is_one_of(&SHARED));
        others += usize::from(is_one_of(&OTHERS));
    }
    (english > 0 || others == 0) && (english + shared) * 12 >= words
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
            ("Was will der Minister?", "und"),
            ("Wat is de uitslag van de verkiezing in Nara?", "und"),
            ("Is er een akkoord of komt er een staking?", "und"),
            ("Hvem bliver leder for by og havn?", "und"),
            ("Kto to jest?", "und"),
            ("Will Kestrin vote by 1 May?", "en"),
            (
                "Will the Hague or La Paz be host to the van der Berg talks?",
                "en",
            ),
            ("APEC首脳会議は慶州で開かれた。", "ja"),
            ("1234 — !", "und"),
            ("", "und"),
        ] {
            assert_eq!(guess(text), language, "{text}");
        }
    }
}

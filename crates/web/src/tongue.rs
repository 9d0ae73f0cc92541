//! In which language a text is that stands on a page of another: who listens to a page hears each in its own voice
//! (WCAG 3.1.2).
//!
//! An article says what it is written in. A question does not, and neither do outcomes, rules and tags: of those the
//! script tells Japanese, Korean and English, which are the languages that this site has words in; of any other nothing
//! is claimed. A word or two do not tell, so an outcome is taken to be in its question's language.

use std::borrow::Borrow;
use std::fmt;

use askama::filters::HtmlSafe;
use tidings_news::language;

use crate::words::Lang;

/// The attribute of an element that has the text alone: ` lang="ja"`, or nothing where the text is in the page's
/// language or nobody knows in which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tongue(Option<String>);

/// The language of a text that does not tell.
const UNKNOWN: &str = "und";

impl Tongue {
    fn on(page: Lang, tag: &str) -> Tongue {
        // A tag has letters, figures and hyphens: that was checked where it came from.
        let is_tag = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let differs = tag != page.tag() && tag != UNKNOWN;
        Tongue((differs && is_tag).then(|| tag.to_owned()))
    }
}

impl fmt::Display for Tongue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(tag) => write!(f, " lang=\"{tag}\""),
            None => Ok(()),
        }
    }
}

impl HtmlSafe for Tongue {}

/// Of a text on one of the site's pages.
pub(crate) fn of(text: &str) -> Tongue {
    beside(text, "")
}

/// Of a short text that belongs to a longer one, on one of the site's pages.
pub(crate) fn beside(text: &str, longer: &str) -> Tongue {
    within(text, longer, Lang::En)
}

/// Of a short text that belongs to a longer one, among words of a language.
pub(crate) fn within(text: &str, longer: &str, page: impl Borrow<Lang>) -> Tongue {
    let told = match language::guess(text) {
        UNKNOWN => Some(language::guess(longer))
            .filter(|told| is_in_script_of(text, told))
            .unwrap_or(UNKNOWN),
        told => told,
    };
    Tongue::on(*page.borrow(), told)
}

/// Whether a text can be in a language by its letters: `A third country` beside a question in Japanese is not.
fn is_in_script_of(text: &str, language: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    let is_eastern = |c: char| c >= '\u{1100}';
    letters.peek().is_some() && letters.all(|c| is_eastern(c) == (language != "en"))
}

/// Of what an article says, which tells its language, on one of the site's pages.
pub(crate) fn said_in(language: &str) -> Tongue {
    Tongue::on(Lang::En, language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_another_language_says_so() {
        let question = "次回の日韓首脳会談はどこで開かれるか。";
        assert_eq!(of(question).to_string(), " lang=\"ja\"");
        assert_eq!(
            of("정상회담은 어디에서 열릴까?").to_string(),
            " lang=\"ko\""
        );
        assert_eq!(of("Where will the next summit be held?").to_string(), "");
        assert_eq!(of("Où se tiendra le sommet ?").to_string(), "");
        assert_eq!(beside("東京", question).to_string(), " lang=\"ja\"");
        assert_eq!(
            beside("Nara", "Where will the summit be held?").to_string(),
            ""
        );
        assert_eq!(beside("서울", question).to_string(), " lang=\"ko\"");
        assert_eq!(beside("1,000", question).to_string(), "");
        assert_eq!(beside("A third country", question).to_string(), "");
        let english = "Will the summit be held in Japan?";
        assert_eq!(within("Yes", english, Lang::Ja).to_string(), " lang=\"en\"");
        assert_eq!(within(question, "", Lang::Ja).to_string(), "");
        assert_eq!(said_in("fr").to_string(), " lang=\"fr\"");
        assert_eq!(said_in("en").to_string(), "");
        assert_eq!(said_in("und").to_string(), "");
        assert_eq!(said_in("\"><b>").to_string(), "");
    }
}

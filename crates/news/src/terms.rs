//! Text as terms, for search: one rule for what is looked through and for what is looked for.
//!
//! Words of scripts that put spaces between them are terms as they are, in lower case. Chinese,
//! Japanese and Korean are taken two characters at a time, each pair overlapping the next, so that
//! a word of two characters is found wherever it stands. The last character of such a run is a
//! term of its own, so that one alone is found as well, by what begins with it.

use unicode_normalization::UnicodeNormalization;

#[cfg(test)]
mod tests;

/// Terms of one text that are kept: a long article has some thousands. The place of a later one
/// could not be told by every database.
pub const TERMS: usize = 16_000;

/// Characters of a term. A longer word is found by how it begins.
const TERM_CHARS: usize = 40;

/// Words that are looked for at once, and terms of each.
const PHRASES: usize = 16;
const PHRASE_TERMS: usize = 32;

/// A word that is looked for: terms that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// At least one.
    pub terms: Vec<String>,
    /// Whether the last one may go on.
    pub open: bool,
}

impl Phrase {
    /// Whether terms of a text have it.
    pub fn is_in(&self, terms: &[String]) -> bool {
        let Some((last, before)) = self.terms.split_last() else {
            return false;
        };
        terms.windows(self.terms.len()).any(|window| {
            let ends = match window.last() {
                Some(end) if self.open => end.starts_with(last.as_str()),
                end => end == Some(last),
            };
            ends && window[..before.len()] == *before
        })
    }
}

/// The terms of texts, in their order.
pub fn index<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut terms = Vec::new();
    for text in texts {
        for run in runs(text) {
            run.index(&mut terms);
            if terms.len() >= TERMS {
                terms.truncate(TERMS);
                return terms;
            }
        }
    }
    terms
}

/// The words of what somebody looks for. Empty when there is no word in it.
pub fn search(query: &str) -> Vec<Phrase> {
    let phrases = runs(query).map(|run| run.search());
    phrases.take(PHRASES).collect()
}

/// Words that have to stand together, as a name or a tag does. Empty when there is none.
pub fn together(words: &str) -> Phrase {
    let mut terms = Vec::new();
    for run in runs(words) {
        match run {
            Run::Word(word) => terms.push(word),
            Run::Pairs(chars) if chars.len() == 1 => terms.push(chars[0].to_string()),
            Run::Pairs(chars) => terms.extend(pairs(&chars)),
        }
    }
    terms.truncate(PHRASE_TERMS);
    Phrase { terms, open: false }
}

/// A stretch of one kind of letters.
enum Run {
    Word(String),
    Pairs(Vec<char>),
}

impl Run {
    fn index(self, terms: &mut Vec<String>) {
        match self {
            Run::Word(word) => terms.push(word),
            Run::Pairs(chars) => {
                terms.extend(pairs(&chars));
                terms.extend(chars.last().map(char::to_string));
            }
        }
    }

    fn search(self) -> Phrase {
        match self {
            // Beginnings of a letter or two would find everything.
            Run::Word(word) => Phrase {
                open: word.chars().count() > 2,
                terms: vec![word],
            },
            Run::Pairs(chars) if chars.len() == 1 => Phrase {
                terms: vec![chars[0].to_string()],
                open: true,
            },
            Run::Pairs(chars) => Phrase {
                terms: pairs(&chars).take(PHRASE_TERMS).collect(),
                open: false,
            },
        }
    }
}

fn pairs(chars: &[char]) -> impl Iterator<Item = String> {
    chars.windows(2).map(|pair| pair.iter().collect())
}

/// A text's stretches. One form for full-width letters, ligatures and composed accents.
fn runs(text: &str) -> impl Iterator<Item = Run> {
    let mut chars = text.nfkc().flat_map(char::to_lowercase).peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|c| !is_letter(*c)).is_some() {}
        let first = *chars.peek()?;
        let paired = is_paired(first);
        let mut run = Vec::new();
        while let Some(c) = chars.next_if(|c| is_letter(*c) && is_paired(*c) == paired) {
            run.push(c);
        }
        Some(match paired {
            true => Run::Pairs(run),
            false => Run::Word(run.into_iter().take(TERM_CHARS).collect()),
        })
    })
}

/// What words are made of. Marks belong to the letter before them: in Thai or Hindi they are half
/// of the word.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Scripts whose words no space divides, and Korean, whose particles no space divides from words.
fn is_paired(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{30ff}'
        | '\u{3105}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

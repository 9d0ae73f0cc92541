//! The readable part of an article's address.

use crate::identity::BodyHash;
use crate::limits::SLUG_CHARS;

#[cfg(test)]
mod tests;

/// A title in lower-case ASCII words with hyphens, whole words up to 48 characters.
///
/// Latin letters lose their accents. A title that is mostly in another script gets
/// `article-<8 hex digits of its body's hash>`: a transliteration nobody checked would put words
/// into an address that the article does not have. Two articles may have the same slug; the store
/// makes them differ.
pub fn slug(title: &str, body: &BodyHash) -> String {
    let (mut written, mut lost) = (0_usize, 0_usize);
    let mut words = vec![String::new()];
    for c in title.chars() {
        match ascii(c) {
            Some(letters) => {
                written += 1;
                words
                    .last_mut()
                    .expect("never empty")
                    .push_str(&letters.to_ascii_lowercase());
            }
            None if is_apostrophe(c) => {}
            None => {
                lost += usize::from(c.is_alphabetic());
                words.push(String::new());
            }
        }
    }
    if written <= lost {
        return format!("article-{}", body.short());
    }
    join(words.iter().filter(|word| !word.is_empty()))
}

/// As many words as fit; a first word that alone does not fit is cut.
fn join<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let mut slug = String::new();
    for word in words {
        if slug.is_empty() {
            slug.push_str(&word[..word.len().min(SLUG_CHARS)]);
        } else if slug.len() + 1 + word.len() <= SLUG_CHARS {
            slug.push('-');
            slug.push_str(word);
        } else {
            break;
        }
    }
    slug
}

/// "Japan's" is one word, not "japan" and "s".
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// A character in ASCII letters and digits, if it has such a form.
fn ascii(c: char) -> Option<String> {
    if c.is_ascii_alphanumeric() {
        return Some(c.to_string());
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    ACCENTED
        .iter()
        .find(|(_, from)| from.contains(lower))
        .map(|(to, _)| (*to).to_owned())
}

/// Lower-case letters of Latin-1 and Latin Extended-A by the ASCII letters they are read as.
const ACCENTED: [(&str, &str); 26] = [
    ("a", "àáâãäåāăą"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęě"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįı"),
    ("ij", "ĳ"),
    ("j", "ĵ"),
    ("k", "ķĸ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŉŋ"),
    ("o", "òóôõöøōŏő"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşš"),
    ("ss", "ß"),
    ("t", "ţťŧ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűų"),
    ("w", "ŵ"),
    ("y", "ýÿŷ"),
    ("z", "źżž"),
    ("s", "ș"),
    ("t", "ț"),
];

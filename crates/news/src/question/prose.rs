//! A draft's text as sentences and words, and what can be told of it in every language that is known.

use url::Url;

use super::{Question, language_of};

/// What a draft says, taken apart once.
pub(super) struct Prose {
    pub(super) language: &'static str,
    /// Criteria and edge cases, one after the other.
    pub(super) rules: String,
    /// The sentences of the rules.
    pub(super) sentences: Vec<String>,
}

impl Prose {
    pub(super) fn of(question: &Question) -> Prose {
        let parts = std::iter::once(&question.criteria).chain(&question.edge_cases);
        let parts: Vec<&str> = parts.map(|part| part.trim()).collect();
        Prose {
            language: language_of(question),
            sentences: parts.iter().flat_map(|part| sentences(part)).collect(),
            rules: parts.join("\n"),
        }
    }

    /// Whether the rules name an outcome, in whatever case.
    pub(super) fn mentions(&self, outcome: &str) -> bool {
        let outcome = outcome.trim().to_lowercase();
        outcome.is_empty() || self.rules.to_lowercase().contains(&outcome)
    }

    /// Whether a sentence of the rules says what counts as an outcome. “No” is an outcome where it stands
    /// as one: in “no statement” it is not.
    pub(super) fn spells_out(&self, outcome: &str) -> bool {
        if !outcome.is_ascii() {
            return self.mentions(outcome);
        }
        let name = words(outcome);
        !name.is_empty()
            && self
                .sentences
                .iter()
                .any(|sentence| stands(sentence, &name))
    }

    /// Whether the rules say what happens when nothing is published; none, where the language is not known.
    pub(super) fn tells_silence(&self) -> Option<bool> {
        let rules = self.rules.to_lowercase().replace('’', "'");
        let cues: &[&str] = match self.language {
            "en" => SILENCE_EN,
            "ja" => SILENCE_JA,
            "ko" => SILENCE_KO,
            // Too little is written to tell the language by: then there is no such rule either.
            _ if rules.chars().count() < 12 => return Some(false),
            _ => return None,
        };
        Some(cues.iter().any(|cue| rules.contains(cue)))
    }
}

/// Sentences of a text, without the signs that end them.
fn sentences(text: &str) -> Vec<String> {
    let ends = ['.', '!', '?', ';', '。', '！', '？', '\n'];
    let mut all: Vec<String> = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // A point inside of a number or an address ends nothing.
        let inside = c == '.' && chars.peek().is_some_and(|next| !next.is_whitespace());
        match ends.contains(&c) && !inside {
            true => all.push(String::new()),
            false => all.last_mut().expect("never empty").push(c),
        }
    }
    all.iter()
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect()
}

/// Words of a text as they are written.
pub(super) fn words(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’' || c == '-'));
    parts.filter(|word| !word.is_empty()).collect()
}

/// Whether a sentence is about an outcome: it stands first and a condition follows, or it is what comes of
/// something.
fn stands(sentence: &str, name: &[&str]) -> bool {
    let all = words(sentence);
    let places = all.windows(name.len()).enumerate();
    let found = places.filter(|(_, window)| *window == name);
    found.into_iter().any(|(ix, _)| {
        let before = ix
            .checked_sub(1)
            .and_then(|ix| all.get(ix))
            .copied()
            .unwrap_or("");
        let after = all.get(ix + name.len()).copied().unwrap_or("");
        let comes_of = BEFORE.contains(&before.to_lowercase().as_str());
        let depends = AFTER.contains(&after.to_lowercase().as_str());
        comes_of || depends || all.len() == name.len()
    })
}

const BEFORE: [&str; 9] = [
    "to",
    "is",
    "as",
    "means",
    "be",
    "resolves",
    "resolve",
    "otherwise",
    "pays",
];
const AFTER: [&str; 10] = [
    "if",
    "when",
    "unless",
    "otherwise",
    "in",
    "for",
    "means",
    "is",
    "only",
    "pays",
];

/// Whether outcomes leave nothing out: one is for all the rest, or numbers are covered at both ends.
pub(super) fn is_exhaustive(outcomes: &[String]) -> bool {
    let names: Vec<String> = outcomes.iter().map(|name| name.to_lowercase()).collect();
    let rest = |name: &String| {
        let first = words(name).first().copied().unwrap_or("");
        REST_FIRST.contains(&first) || REST.iter().any(|word| name.contains(word))
    };
    let above = |name: &String| ABOVE.iter().any(|word| name.contains(word));
    let below = |name: &String| BELOW.iter().any(|word| name.contains(word));
    names.iter().any(rest) || (names.iter().any(above) && names.iter().any(below))
}

const REST_FIRST: [&str; 11] = [
    "other",
    "others",
    "another",
    "none",
    "neither",
    "nobody",
    "nothing",
    "no",
    "not",
    "elsewhere",
    "anything",
];
const REST: [&str; 15] = [
    "elsewhere",
    "none of",
    "someone else",
    "somebody else",
    "something else",
    "その他",
    "それ以外",
    "なし",
    "いずれも",
    "開かれない",
    "기타",
    "그 외",
    "없음",
    "그 밖",
    "아무도",
];
const ABOVE: [&str; 14] = [
    "or more",
    "or above",
    "or higher",
    "or over",
    "or later",
    "more than",
    "above",
    "over",
    "at least",
    "≥",
    "以上",
    "超",
    "이상",
    "초과",
];
const BELOW: [&str; 14] = [
    "less than",
    "or less",
    "or fewer",
    "or below",
    "or lower",
    "fewer than",
    "below",
    "under",
    "at most",
    "≤",
    "未満",
    "以下",
    "미만",
    "이하",
];

/// The site of an address.
pub(super) fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?.to_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// Whether two addresses are of one page.
pub(super) fn same_address(one: &str, other: &str) -> bool {
    let plain = |address: &str| {
        let url = Url::parse(address).ok()?;
        let path = url.path().trim_end_matches('/').to_owned();
        Some((host(address)?, path, url.query().map(str::to_owned)))
    };
    plain(one).is_some_and(|one| Some(one) == plain(other))
}

/// Whether what stands at an address is what one person says there.
pub(super) fn is_personal(address: &str) -> bool {
    host(address).is_some_and(|host| {
        let of = |site: &str| host == site || host.ends_with(&format!(".{site}"));
        PERSONAL.iter().any(|site| of(site))
    })
}

const PERSONAL: [&str; 12] = [
    "x.com",
    "twitter.com",
    "threads.net",
    "bsky.app",
    "facebook.com",
    "instagram.com",
    "truthsocial.com",
    "t.me",
    "tiktok.com",
    "medium.com",
    "substack.com",
    "mastodon.social",
];

const SILENCE_EN: &[&str] = &[
    "not published",
    "not been published",
    "nothing is published",
    "publishes nothing",
    "has not published",
    "have not published",
    "does not publish",
    "do not publish",
    "publish nothing",
    "is silent",
    "are silent",
    "stays silent",
    "no report",
    "no figure",
    "nothing is announced",
    "announces nothing",
    "announce nothing",
    "no announcement",
    "no publication",
    "not announced",
    "is unavailable",
    "are unavailable",
    "not available",
    "cannot be reached",
    "not reported",
    "reports nothing",
    "report nothing",
    "does not report",
    "do not report",
    "no source",
    "no longer publish",
    "is delayed",
    "says nothing",
    "say nothing",
];
const SILENCE_JA: &[&str] = &[
    "公表されない",
    "公表されなか",
    "公表しない",
    "公表しなか",
    "発表されない",
    "発表されなか",
    "発表しない",
    "発表しなか",
    "発表がない",
    "発表がなか",
    "公表がない",
    "公表がなか",
    "報道がない",
    "報じない",
    "報じられない",
    "未公表",
    "未発表",
    "沈黙",
    "確認できない",
];
const SILENCE_KO: &[&str] = &[
    "발표하지 않",
    "발표되지 않",
    "발표가 없",
    "공표하지 않",
    "공표되지 않",
    "공표가 없",
    "공개하지 않",
    "공개되지 않",
    "보도가 없",
    "보도하지 않",
    "보도되지 않",
    "침묵",
    "확인할 수 없",
];

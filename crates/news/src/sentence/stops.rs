//! Finds the marks that may end a sentence. Linear in the text, also for a megabyte of full stops.

/// A mark that may end a sentence, with what is needed to judge it.
pub(super) struct Stop<'a> {
    /// The mark; `…` for several full stops in a row.
    pub mark: char,
    /// Where the mark begins.
    pub mark_at: usize,
    /// Where the sentence would end: after the mark and the quotes and brackets that close on it.
    pub end: usize,
    /// The letters and digits directly before the mark; empty if something else is there.
    pub word: &'a str,
    /// Where that word begins.
    pub word_at: usize,
    /// Whether the mark stands inside a URL or a mail address.
    pub in_address: bool,
}

/// All marks of a text, in order.
pub(super) fn stops(text: &str) -> Stops<'_> {
    Stops {
        text,
        at: 0,
        word_at: 0,
        token_at: 0,
        in_address: false,
        in_quotes: false,
        mail: Mail {
            until: 0,
            found: false,
        },
    }
}

pub(super) struct Stops<'a> {
    text: &'a str,
    at: usize,
    /// Start of the current run of letters and digits.
    word_at: usize,
    /// Start of the current run without white space.
    token_at: usize,
    in_address: bool,
    /// Whether an odd number of straight double quotes was seen: they do not say which they are.
    in_quotes: bool,
    mail: Mail,
}

/// What was found when looking ahead for the `@` of a mail address.
struct Mail {
    until: usize,
    found: bool,
}

impl<'a> Iterator for Stops<'a> {
    type Item = Stop<'a>;

    fn next(&mut self) -> Option<Stop<'a>> {
        while let Some(c) = self.peek() {
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' => {
                    return Some(self.stop(c, start));
                }
                '"' => self.in_quotes = !self.in_quotes,
                '@' => self.in_address = true,
                ':' if self.text[self.at..].starts_with("//") => self.in_address = true,
                _ => {}
            }
            if c.is_whitespace() {
                self.token_at = self.at;
                self.in_address = false;
            }
            if !c.is_alphanumeric() {
                self.word_at = self.at;
            }
        }
        None
    }
}

impl<'a> Stops<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn stop(&mut self, mark: char, mark_at: usize) -> Stop<'a> {
        let (word, word_at) = (&self.text[self.word_at..mark_at], self.word_at);
        let in_address = self.in_address
            || self.text[self.token_at..].starts_with("www.")
            || self.is_before_at(mark_at);
        let mut mark = mark;
        while let Some(c) = self.peek() {
            match c {
                '.' if matches!(mark, '.' | '…') => mark = '…',
                '.' | '!' | '?' | '！' | '？' => {}
                '"' if self.in_quotes => self.in_quotes = false,
                c if is_closer(c) => {}
                _ => break,
            }
            self.at += c.len_utf8();
        }
        self.word_at = self.at;
        Stop {
            mark,
            mark_at,
            end: self.at,
            word,
            word_at,
            in_address,
        }
    }
}

impl Stops<'_> {
    /// Whether the mark is in the part of a mail address before its `@`. What was looked at once
    /// is remembered.
    fn is_before_at(&mut self, mark_at: usize) -> bool {
        if mark_at >= self.mail.until {
            let rest = &self.text[mark_at..];
            let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
            let length = rest.find(|c| !is_local(c)).unwrap_or(rest.len());
            // At least past the mark itself, which may be none that an address has.
            self.mail.until = mark_at + length.max(1);
            self.mail.found = rest[length..].starts_with('@');
        }
        self.mail.found
    }
}

/// Closes a quotation or a bracket. A straight double quote may open one as well.
pub(super) fn is_closer(c: char) -> bool {
    matches!(
        c,
        '”' | '’' | '\'' | ')' | ']' | '»' | '」' | '』' | '）' | '】' | '〉' | '》'
    )
}

/// Opens a quotation or a bracket.
pub(super) fn is_opener(c: char) -> bool {
    matches!(
        c,
        '“' | '‘' | '(' | '[' | '«' | '「' | '『' | '（' | '【' | '〈' | '《'
    )
}

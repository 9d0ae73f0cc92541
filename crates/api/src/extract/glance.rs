//! A glance at a JSON body, which finds most of them in order: [`scan`](super::scan::scan) would have nothing to say
//! about what passes here, given that it is JSON at all. What does not pass may be in order as well.
//!
//! It does not read, it counts brackets, quotes and commas, which costs about half of what the scan does: a scan costs as
//! much as reading an order. Whoever reads the body next finds out whether it is JSON.

use super::scan::{LISTS, LISTS_OF_OBJECTS, OBJECTS};
use crate::limits::{JSON_DEPTH, JSON_ITEMS, TEXT_BYTES};

/// Keys of an object that are told apart here: an order that says all that it can has fewer.
const KEYS: usize = 16;
/// Lists and objects in one another: an order in a list of them is in the third.
const LEVELS: usize = 4;
/// Digits of a number that surely is one.
const DIGITS: usize = 15;

/// Whether a body surely has an acceptable form, if it is JSON.
pub(crate) fn is_in_order(body: &[u8]) -> bool {
    Glance {
        body,
        at: 0,
        levels: [EMPTY; LEVELS],
        depth: 0,
    }
    .over()
    .is_some()
}

struct Glance<'a> {
    body: &'a [u8],
    at: usize,
    levels: [Level<'a>; LEVELS],
    depth: usize,
}

/// A list or an object that has begun.
#[derive(Clone, Copy)]
struct Level<'a> {
    is_list: bool,
    /// The last key; of a list, the key that it is under.
    key: &'a [u8],
    /// An object's keys, as many as `count`.
    keys: [&'a [u8]; KEYS],
    /// Keys of an object, or items of a list: commas, so one fewer.
    count: usize,
    /// Whether the next text is a key.
    at_key: bool,
}

const EMPTY: Level<'static> = Level {
    is_list: false,
    key: b"",
    keys: [b""; KEYS],
    count: 0,
    at_key: false,
};

const _: () = assert!(LEVELS < JSON_DEPTH && KEYS < JSON_ITEMS);

impl<'a> Glance<'a> {
    /// To the end of the body; nothing where it is not sure.
    fn over(mut self) -> Option<()> {
        while let Some(byte) = self.body.get(self.at) {
            self.at += 1;
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' | b':' => {}
                b'"' => self.text()?,
                b'{' => self.begin(false)?,
                b'[' => self.begin(true)?,
                b'}' | b']' => self.depth = self.depth.checked_sub(1)?,
                b',' => self.comma()?,
                b'0'..=b'9' => self.number()?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                _ => return None,
            }
        }
        Some(())
    }

    fn level(&mut self) -> Option<&mut Level<'a>> {
        self.levels.get_mut(self.depth.checked_sub(1)?)
    }

    fn begin(&mut self, is_list: bool) -> Option<()> {
        let key = match self.level() {
            None => {
                if is_list || self.at > 1 {
                    return None;
                }
                &b""[..]
            }
            Some(Level {
                is_list: true, key, ..
            }) => {
                let key = *key;
                if is_list || !is_one_of(&LISTS_OF_OBJECTS, key) {
                    return None;
                }
                key
            }
            Some(Level { key, .. }) => {
                let key = *key;
                let allowed = match is_list {
                    true => is_one_of(&LISTS, key),
                    false => is_one_of(&OBJECTS, key),
                };
                if !allowed {
                    return None;
                }
                key
            }
        };
        let level = self.levels.get_mut(self.depth)?;
        level.is_list = is_list;
        level.key = key;
        level.count = 0;
        level.at_key = !is_list;
        self.depth += 1;
        Some(())
    }

    fn comma(&mut self) -> Option<()> {
        let level = self.level()?;
        level.at_key = !level.is_list;
        if level.is_list {
            level.count += 1;
        }
        (level.count < JSON_ITEMS).then_some(())
    }

    /// A text of visible ASCII and spaces, nothing in it escaped.
    fn text(&mut self) -> Option<()> {
        let rest = self.body.get(self.at..)?;
        let end = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'))?;
        if rest[end] != b'"' || end > TEXT_BYTES {
            return None;
        }
        self.at += end + 1;
        let text = &rest[..end];
        let level = self.level()?;
        if !level.at_key {
            return Some(());
        }
        let keys = level.keys.get(..level.count)?;
        if keys.contains(&text) {
            return None;
        }
        *level.keys.get_mut(level.count)? = text;
        level.count += 1;
        level.key = text;
        level.at_key = false;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = self.body.get(self.at..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        (digits < DIGITS).then_some(())
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        let begins = self.body.get(self.at..)?.starts_with(rest);
        self.at += rest.len();
        begins.then_some(())
    }
}

fn is_one_of(names: &[&str], key: &[u8]) -> bool {
    names.iter().any(|name| name.as_bytes() == key)
}

#[cfg(test)]
mod tests;

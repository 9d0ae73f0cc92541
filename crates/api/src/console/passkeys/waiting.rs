//! What was asked, until it is answered: once, in time, and no more than so many at once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tidings_core::units::Timestamp;

/// What is waited for, by what the answer has to come with.
pub(super) struct Waiting<T> {
    most: usize,
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    by_name: HashMap<String, (Timestamp, T)>,
    /// In the order in which they were put, which is the one in which they end.
    order: VecDeque<(Timestamp, String)>,
}

impl<T> Waiting<T> {
    pub(super) fn new(most: usize) -> Waiting<T> {
        Waiting {
            most,
            kept: Mutex::new(Kept {
                by_name: HashMap::new(),
                order: VecDeque::new(),
            }),
        }
    }

    /// Waits for an answer until some moment. Where too many are waited for, the oldest is forgotten.
    pub(super) fn put(&self, name: String, ends_at: Timestamp, asked: T) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.order.len() >= self.most {
            let Some((_, oldest)) = kept.order.pop_front() else {
                break;
            };
            kept.by_name.remove(&oldest);
        }
        kept.order.push_back((ends_at, name.clone()));
        kept.by_name.insert(name, (ends_at, asked));
    }

    /// What was asked, if its answer is still waited for. It is not from here on.
    pub(super) fn take(&self, name: &str, now: Timestamp) -> Option<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((ends_at, _)) = kept.order.front()
            && *ends_at <= now
        {
            let ended = kept.order.pop_front();
            ended.and_then(|(_, name)| kept.by_name.remove(&name));
        }
        // Its place in the order stays until its time: the number of places is what is bounded.
        let (ends_at, asked) = kept.by_name.remove(name)?;
        (ends_at > now).then_some(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn an_answer_is_waited_for_once_and_until_its_time() {
        let waiting = Waiting::new(9);
        for (name, ends_at) in [("a", 10), ("b", 20), ("c", 30)] {
            waiting.put(name.to_owned(), at(ends_at), name);
        }
        assert_eq!(waiting.take("b", at(9)), Some("b"));
        assert_eq!(waiting.take("b", at(9)), None, "once");
        assert_eq!(waiting.take("a", at(10)), None, "too late");
        assert_eq!(waiting.take("never", at(10)), None);
        assert_eq!(waiting.take("c", at(29)), Some("c"));
    }

    #[test]
    fn so_many_are_waited_for_and_the_newest_of_them() {
        let waiting = Waiting::new(2);
        for name in ["a", "b", "c"] {
            waiting.put(name.to_owned(), at(10), name);
        }
        assert_eq!(waiting.take("a", at(1)), None);
        assert_eq!(waiting.take("b", at(1)), Some("b"));
        assert_eq!(waiting.take("c", at(1)), Some("c"));
        for name in ["d", "e", "f"] {
            waiting.put(name.to_owned(), at(20), name);
            assert_eq!(waiting.take(name, at(1)), Some(name));
        }
    }
}

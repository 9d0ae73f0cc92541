use tidings_core::units::Timestamp;

use super::super::{Once, WINDOW_SECONDS};
use super::Seen;

const START: i64 = 1_767_225_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((START + seconds) * 1_000_000)
}

fn made(seconds: i64, digest: u8) -> Once {
    Once {
        digest: [digest; 32],
        made_at: at(seconds),
    }
}

fn code(seen: &Seen, once: Once, now: i64) -> Option<&'static str> {
    seen.note(once, at(now)).err().map(|problem| problem.code())
}

#[test]
fn a_signature_opens_once_for_as_long_as_it_could_open_again() {
    let seen = Seen::since(at(0));
    assert_eq!(code(&seen, made(5, 1), 5), None);
    assert_eq!(code(&seen, made(5, 2), 5), None, "another one");
    let last = 5 + WINDOW_SECONDS;
    for now in [5, 6, last] {
        assert_eq!(code(&seen, made(5, 1), now), Some("signature_used"));
    }
    // One from a clock that is ahead is in time twice as long.
    assert_eq!(code(&seen, made(last + 30, 3), last), None);
    assert_eq!(
        code(&seen, made(last + 30, 3), last + 60),
        Some("signature_used")
    );
}

#[test]
fn what_cannot_open_anything_any_more_is_forgotten() {
    let seen = Seen::since(at(0));
    for second in 0..200 {
        assert_eq!(code(&seen, made(second, 1), second), None);
    }
    let kept = seen.signatures.lock().expect("nobody panicked").len();
    assert_eq!(
        i64::try_from(kept).expect("a small number"),
        WINDOW_SECONDS + 2
    );
}

#[test]
fn what_an_earlier_process_may_have_seen_opens_nothing() {
    let seen = Seen::since(at(0));
    assert_eq!(code(&seen, made(-1, 1), 0), Some("signature_expired"));
    assert_eq!(code(&seen, made(0, 1), 0), None);
}

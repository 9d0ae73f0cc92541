//! Passwords: what may be one, and their hashes, which are argon2id with the costs that OWASP gives as the
//! least. Each takes 19 MiB and a processor for some time, so few are made at once, and few wait.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Characters of a password at least.
pub const LEAST_CHARS: usize = 12;
/// And at most: a long sentence.
const MOST_CHARS: usize = 256;
/// Different characters of a password at least.
const DIFFERENT: usize = 5;

/// Hashes that are made at once: one processor of a small machine goes on trading.
const AT_ONCE: usize = 1;
/// Whoever waits longer for their turn is told to come again.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why something is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Too few characters, or too many.
    Length,
    /// The same few characters over and over.
    Repeats,
    /// The name is in it, and little else.
    Name,
}

impl Weak {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Weak::Length => "a password has 12 to 256 characters; a short sentence is a good one",
            Weak::Repeats => {
                "the password repeats a few characters; a short sentence is a good one"
            }
            Weak::Name => "the password is little more than the name",
        }
    }
}

/// Refuses what guesses begin with. What characters a password is made of is its owner's business.
///
/// # Errors
/// When it is too short, or no secret.
pub fn check(name: &str, password: &str) -> Result<(), Weak> {
    let chars = password.chars().count();
    if !(LEAST_CHARS..=MOST_CHARS).contains(&chars) {
        return Err(Weak::Length);
    }
    let different: BTreeSet<char> = password.chars().collect();
    if different.len() < DIFFERENT {
        return Err(Weak::Repeats);
    }
    let without = password.to_lowercase().replace(&name.to_lowercase(), "");
    match without.chars().count() < LEAST_CHARS / 2 {
        true => Err(Weak::Name),
        false => Ok(()),
    }
}

/// Makes hashes, one after the other.
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// Of a password that nobody has: verifying against it takes as long as against any other.
    nobodys: tokio::sync::OnceCell<String>,
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            nobodys: tokio::sync::OnceCell::new(),
        }
    }
}

/// Somebody's turn.
pub(crate) struct Turn<'a> {
    permit: OwnedSemaphorePermit,
    hasher: &'a Hasher,
}

impl Hasher {
    /// Waits for a turn, for a while.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Problem> {
        let turn = self.turns.clone().acquire_owned();
        let busy = || Problem::new("busy", "too many passwords are waiting to be looked at");
        let permit = tokio::time::timeout(PATIENCE, turn).await;
        let permit = permit.map_err(|_| busy())?.map_err(Problem::internal)?;
        Ok(Turn {
            permit,
            hasher: self,
        })
    }
}

impl Turn<'_> {
    /// Whether a password is the one that was hashed. Without a hash it is not, after as much work.
    pub(crate) async fn verify(
        self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Problem> {
        let nobodys = self.hasher.nobodys.get_or_try_init(async || {
            let made = tokio::task::spawn_blocking(|| hashed("a password that nobody has"));
            made.await.map_err(Problem::internal)?
        });
        let nobodys = nobodys.await?.clone();
        let known = hash.is_some();
        let work = move || {
            // The permit goes with the work: whoever leaves does not make room for another.
            let _permit = self.permit;
            let hash = hash.unwrap_or(nobodys);
            let hash = PasswordHash::new(&hash).map_err(Problem::internal)?;
            // It says so by an error, also where the password is another one.
            let fits = Argon2::default().verify_password(password.as_bytes(), &hash);
            Ok(fits.is_ok() && known)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(Problem::internal)?
    }

    /// A password's hash.
    pub(crate) async fn hash(self, password: String) -> Result<String, Problem> {
        let work = move || {
            let _permit = self.permit;
            hashed(&password)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(Problem::internal)?
    }
}

fn hashed(password: &str) -> Result<String, Problem> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(Problem::internal)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guesses_begin_with_is_no_password() {
        for (password, weak) in [
            ("", Weak::Length),
            ("eleven char", Weak::Length),
            ("aaaaaaaaaaaa", Weak::Repeats),
            ("abababababab", Weak::Repeats),
            ("night-editor1", Weak::Name),
            ("Night-Editor-2026", Weak::Name),
        ] {
            assert_eq!(check("night-editor", password), Err(weak), "{password}");
        }
        assert_eq!(check("mika", &"a long one ".repeat(24)), Err(Weak::Length));
        for password in [
            "a quiet harbour",
            "pässwörter sind gut",
            "令和八年の静かな夜の港の灯り",
        ] {
            assert_eq!(check("night-editor", password), Ok(()), "{password}");
        }
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_salted_and_fits_one_password() {
        let hasher = Hasher::default();
        let hash = async || {
            let turn = hasher.turn().await.unwrap();
            turn.hash("a quiet harbour".to_owned()).await.unwrap()
        };
        let (one, other) = (hash().await, hash().await);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        let fits = async |password: &str, hash: Option<&String>| {
            let turn = hasher.turn().await.unwrap();
            turn.verify(password.to_owned(), hash.cloned())
                .await
                .unwrap()
        };
        assert!(fits("a quiet harbour", Some(&one)).await);
        assert!(!fits("a quiet harbor", Some(&one)).await);
        assert!(!fits("a password that nobody has", None).await);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told() {
        let hasher = Hasher::default();
        let held = hasher.turn().await.unwrap();
        let refused = hasher.turn().await.err().unwrap();
        assert_eq!(refused.code(), "busy");
        drop(held);
        assert!(hasher.turn().await.is_ok());
    }
}

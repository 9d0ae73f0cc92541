//! One server for all tests of a process: databases are cheap, servers are not.

use std::process::Command;
use std::sync::OnceLock;

use crate::installed::{client, output, without_surroundings};
use crate::{Cluster, random};

/// Names a server that is there already, by the address of a superuser's database.
const GIVEN: &str = "TIDINGS_TEST_POSTGRES";

/// A server that all tests of a process share. It gives databases, and cannot be stopped.
pub enum Shared {
    /// The one that `TIDINGS_TEST_POSTGRES` names. What tests make there stays there.
    Given {
        /// Its address, as it was given.
        url: String,
    },
    /// A temporary one. It goes with the process.
    Started(Cluster),
}

impl Cluster {
    /// The server that all tests of this process share: the one that `TIDINGS_TEST_POSTGRES` names,
    /// by a `postgres://` URL of a superuser, or else a temporary one, started when it is first
    /// asked for.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start: the same words for all that ask.
    pub fn shared() -> Result<&'static Shared, String> {
        static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| match std::env::var(GIVEN) {
            Ok(url) if !url.is_empty() => Ok(Shared::Given { url }),
            _ => Cluster::own().map(Shared::Started),
        });
        shared.as_ref().map_err(Clone::clone)
    }
}

impl Shared {
    /// Makes an empty database of a random name and gives its address.
    ///
    /// # Errors
    /// What PostgreSQL's client complains of.
    pub fn database(&self) -> Result<String, String> {
        let url = match self {
            Shared::Started(cluster) => return cluster.database(),
            Shared::Given { url } => url,
        };
        let name = random::name();
        let there = with_database(url, &name)
            .ok_or_else(|| format!("{GIVEN} is not a postgres:// address"))?;
        let mut psql = Command::new(client()?.join("psql"));
        without_surroundings(&mut psql);
        psql.args(["--no-psqlrc", "--quiet", "--dbname", url, "--command"]);
        output(psql.arg(create(&name)))?;
        Ok(there)
    }
}

/// `UTF8` whatever the server's own is; `template0`, because only it allows that, and because a
/// server's own template need not be empty.
pub(crate) fn create(name: &str) -> String {
    format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
}

/// The address of another database of the same server: `postgres://authority/name?settings`.
fn with_database(url: &str, name: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    let (place, settings) = match rest.split_once('?') {
        Some((place, settings)) => (place, format!("?{settings}")),
        None => (rest, String::new()),
    };
    let authority = place.split('/').next().unwrap_or_default();
    Some(format!("{scheme}://{authority}/{name}{settings}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[track_caller]
    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(with_database(url, "new").as_deref(), expected, "{url}");
    }

    #[test]
    fn another_database_of_the_same_server_differs_in_the_name_only() {
        let bare = Some("postgres://me@db:5433/new");
        check("postgres://me@db:5433", bare);
        check("postgres://me@db:5433/", bare);
        check("postgres://me@db:5433/old", bare);
        check(
            "postgresql://me:pw@db/old?sslmode=disable",
            Some("postgresql://me:pw@db/new?sslmode=disable"),
        );
        check("sqlite://old", None);
        check("old", None);
    }
}

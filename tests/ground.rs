//! What a server of a story keeps its journal on. A story that both kinds of database have to tell is
//! written once.

use tidings_cluster::Cluster;

use crate::left_out::left_out;

/// A database of its own for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A file in the server's directory.
    File,
    /// One of a PostgreSQL server that the tests of a process share.
    Postgres,
}

impl Ground {
    /// Those that can be had here; PostgreSQL is left out aloud when it is not installed.
    pub fn all(what: &str) -> Vec<Ground> {
        match Cluster::installed() {
            Ok(()) => vec![Ground::File, Ground::Postgres],
            Err(why) => {
                left_out(&format!("{what} on PostgreSQL"), &why);
                vec![Ground::File]
            }
        }
    }

    /// The address of an empty database; none for the file that a server makes itself.
    pub fn address(self) -> Option<String> {
        match self {
            Ground::File => None,
            Ground::Postgres => {
                let server = Cluster::shared().expect("PostgreSQL starts");
                Some(server.database().expect("a database"))
            }
        }
    }
}

/// Makes two tests of each story: `on_a_file::its_name` and `on_postgresql::its_name`.
#[macro_export]
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod on_a_file {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::ground::Ground::File).await;
            })+
        }

        mod on_postgresql {
            use $crate::ground::Ground;

            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                if Ground::all(stringify!($story)).contains(&Ground::Postgres) {
                    super::$story(Ground::Postgres).await;
                }
            })+
        }
    };
}

//! An outside of our own: names that resolve as a test says, a publisher's server that proves to
//! be who it is, and a canary at every other address, which must never hear anything.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use rustls::RootCertStore;
use tidings_news::fetch::{Fetcher, Ways};
use tokio::net::{TcpListener, TcpStream};

pub use answer::Answer;

mod answer;
mod server;

/// Where the publisher's server is, as far as names tell.
pub const PUBLISHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(93, 184, 215, 14));

/// Hosts that the publisher's certificate is for, and that resolve to it.
pub const HOSTS: [&str; 3] = ["paper.example", "www.paper.example", "wire.example"];

/// An outside, for as long as it is held.
pub struct Outside {
    shared: Arc<Shared>,
    ways: Arc<OwnWays>,
    roots: RootCertStore,
    /// Ends with it.
    _running: tokio::task::JoinSet<()>,
}

/// What the servers and the names look at.
#[derive(Default)]
struct Shared {
    names: Mutex<BTreeMap<String, Vec<IpAddr>>>,
    answers: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
    /// Connections that reached the canary, and the addresses they were meant for.
    canary: Mutex<Vec<SocketAddr>>,
}

/// A request that the publisher heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Host and path.
    pub url: String,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Outside {
    /// An outside with a publisher that has no pages yet.
    ///
    /// # Panics
    /// When no local port can be had.
    pub async fn start() -> Outside {
        let shared = Arc::new(Shared::default());
        let (roots, tls) = server::certificates();
        let publisher = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let canary = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let ways = Arc::new(OwnWays {
            publisher: publisher.local_addr().expect("bound"),
            canary: canary.local_addr().expect("bound"),
            shared: Arc::clone(&shared),
        });
        for host in HOSTS {
            locked(&shared.names).insert(host.to_owned(), vec![PUBLISHER]);
        }
        let mut running = tokio::task::JoinSet::new();
        running.spawn(server::serve(publisher, tls, Arc::clone(&shared)));
        running.spawn(async move { while canary.accept().await.is_ok() {} });
        Outside {
            shared,
            ways,
            roots,
            _running: running,
        }
    }

    /// A fetcher that lives in this outside, with the same guard as any.
    pub fn fetcher(&self) -> Fetcher {
        Fetcher::over(Arc::clone(&self.ways) as Arc<dyn Ways>, self.roots.clone())
    }

    /// Says what a name resolves to.
    pub fn name(&self, host: &str, addresses: &[IpAddr]) {
        locked(&self.shared.names).insert(host.to_owned(), addresses.to_vec());
    }

    /// Says what the publisher answers at an address, `https://` and all.
    ///
    /// # Panics
    /// When it is no address of https.
    pub fn publish(&self, url: &str, answer: Answer) {
        let at = url.strip_prefix("https://").expect("an address of https");
        locked(&self.shared.answers).insert(at.to_owned(), answer);
    }

    /// What the publisher was asked for, in order.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.shared.asked).clone()
    }

    /// The addresses at which a connection reached the canary.
    pub fn canary(&self) -> Vec<SocketAddr> {
        locked(&self.shared.canary).clone()
    }
}

/// Names and connections within this outside. What is not the publisher's is the canary's.
struct OwnWays {
    publisher: SocketAddr,
    canary: SocketAddr,
    shared: Arc<Shared>,
}

impl Ways for OwnWays {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let found = locked(&self.shared.names).get(name).cloned();
        Box::pin(async move { found.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        let to = match address.ip() == PUBLISHER {
            true => self.publisher,
            false => {
                locked(&self.shared.canary).push(address);
                self.canary
            }
        };
        Box::pin(TcpStream::connect(to))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

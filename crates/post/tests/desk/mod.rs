//! An editor's machine on the outside: a server over TLS that keeps what it is told and answers as it is set
//! to, names that lead to it, and a machine within ours that must never hear anything.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tidings_news::fetch::{Fetcher, Ways};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Where the desk is, as far as names tell.
const DESK: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));

/// A call that the desk heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    /// Names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    status: AtomicU16,
    /// Connections to anywhere but the desk.
    strayed: AtomicUsize,
    /// Whether the desk's name leads into our own network.
    inside: std::sync::atomic::AtomicBool,
}

pub struct Desk {
    shared: Arc<Shared>,
    fetcher: Arc<Fetcher>,
    _running: tokio::task::JoinSet<()>,
}

impl Desk {
    pub async fn start() -> Desk {
        let shared = Arc::new(Shared::default());
        shared.status.store(200, Ordering::Relaxed);
        let (roots, tls) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ways = OwnWays {
            desk: listener.local_addr().unwrap(),
            shared: Arc::clone(&shared),
        };
        let mut running = tokio::task::JoinSet::new();
        let kept = Arc::clone(&shared);
        running.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, kept) = (tls.clone(), Arc::clone(&kept));
                tokio::spawn(async move { hear(stream, tls, &kept).await });
            }
        });
        Desk {
            shared,
            fetcher: Arc::new(Fetcher::over(Arc::new(ways), roots)),
            _running: running,
        }
    }

    pub fn fetcher(&self) -> Arc<Fetcher> {
        Arc::clone(&self.fetcher)
    }

    pub fn answers(&self, status: u16) {
        self.shared.status.store(status, Ordering::Relaxed);
    }

    /// The desk's name leads into our own network from here on.
    pub fn moves_inside(&self) {
        self.shared.inside.store(true, Ordering::Relaxed);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().unwrap().clone()
    }

    pub fn strayed(&self) -> usize {
        self.shared.strayed.load(Ordering::Relaxed)
    }
}

struct OwnWays {
    desk: SocketAddr,
    shared: Arc<Shared>,
}

impl Ways for OwnWays {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let inside = self.shared.inside.load(Ordering::Relaxed);
        Box::pin(async move {
            match name {
                "desk.paper.example" if inside => Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
                "desk.paper.example" => Ok(vec![DESK]),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        if address.ip() != DESK {
            self.shared.strayed.fetch_add(1, Ordering::Relaxed);
        }
        Box::pin(TcpStream::connect(self.desk))
    }
}

/// An authority, and a server that it vouches for.
fn certificates() -> (RootCertStore, TlsAcceptor) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["desk.paper.example".to_owned()]).unwrap();
    let server = server.signed_by(&key, &authority).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (roots, TlsAcceptor::from(Arc::new(config)))
}

async fn hear(stream: TcpStream, tls: TlsAcceptor, shared: &Shared) -> Option<()> {
    let mut stream = tls.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    assert_eq!(first.next(), Some("POST"));
    let path = first.next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers["content-length"].parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    shared.heard.lock().unwrap().push(Heard {
        path,
        headers,
        body,
    });
    let status = shared.status.load(Ordering::Relaxed);
    let location = if status == 307 {
        "Location: https://elsewhere.example/\r\n"
    } else {
        ""
    };
    let answer = format!("HTTP/1.1 {status} Answer\r\n{location}Content-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

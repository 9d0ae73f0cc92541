//! The publisher's server: TLS with a certificate of a test's own authority, one request a
//! connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{Answer, Asked, HOSTS, Shared, locked};

/// An authority, and a server that it vouches for.
pub(crate) fn certificates() -> (RootCertStore, TlsAcceptor) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("signed");

    let key = KeyPair::generate().expect("a key");
    let hosts = HOSTS.map(str::to_owned).to_vec();
    let server = CertificateParams::new(hosts).expect("names");
    let server = server.signed_by(&key, &authority).expect("signed");

    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("suites")
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .expect("a certificate with its key");
    (roots, TlsAcceptor::from(Arc::new(config)))
}

pub(crate) async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move { answer(stream, tls, &shared).await });
    }
}

/// Answers one request. `None` when the client is gone, which is its own affair.
async fn answer(stream: TcpStream, tls: TlsAcceptor, shared: &Shared) -> Option<()> {
    let mut stream = tls.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let asked = asked(&String::from_utf8(head).ok()?)?;
    let answer = locked(&shared.answers).get(&asked.url).cloned();
    let seen = asked.headers.get("if-none-match").cloned();
    locked(&shared.asked).push(asked);
    let bytes = match answer {
        None => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        Some(Answer::Bytes(bytes)) => bytes,
        Some(Answer::Tagged { etag, .. }) if seen.as_ref() == Some(&etag) => {
            b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()
        }
        Some(Answer::Tagged { page, .. }) => page,
        Some(Answer::Silence) => {
            // Until the client goes.
            let _ = stream.read_u8().await;
            return None;
        }
    };
    stream.write_all(&bytes).await.ok()?;
    stream.shutdown().await.ok()
}

fn asked(head: &str) -> Option<Asked> {
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?;
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let url = format!("{}{path}", headers.get("host")?);
    Some(Asked { url, headers })
}

//! A relay for mail, as small as one can be: it speaks SMTP over TCP, keeps what it takes, and breaks off or says
//! no where it is told to.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// A moment in the life of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the greeting.
    Greeting,
    Hello,
    Sender,
    Recipient,
    Data,
    /// When some of the text has come.
    Text,
    /// When all of the text has come and is kept, before that is said.
    Taken,
}

/// What the relay does at a moment.
#[derive(Clone, Debug)]
pub enum Does {
    /// It closes the connection.
    Drops,
    /// It says this instead of what it should.
    Says(&'static str),
    /// It says nothing more.
    Hangs,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Whether it came over TLS.
    pub kept_from_others: bool,
    /// Who sent it, where they said so: `PLAIN` and what followed.
    pub known_as: Option<String>,
    pub from: String,
    pub to: String,
    pub text: String,
}

/// The relay.
pub struct Relay {
    pub port: u16,
    taken: watch::Receiver<Vec<Taken>>,
    plans: Arc<Mutex<VecDeque<(Moment, Does)>>>,
    task: tokio::task::JoinHandle<()>,
}

/// How a relay keeps its line from others.
#[derive(Clone)]
pub enum Kept {
    Not,
    /// TLS from the first byte on.
    Whole(TlsAcceptor),
    /// It offers TLS, and takes no mail without it.
    Started(TlsAcceptor),
}

/// A relay's certificate, and its authority's as PEM. It is of a name or of an address.
pub fn certificate(of: &str, is_over: bool) -> (TlsAcceptor, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut server = CertificateParams::new(vec![of.to_owned()]).unwrap();
    if is_over {
        server.not_before = rcgen::date_time_ymd(2019, 1, 1);
        server.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let server = server.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), pem(authority.der()))
}

/// A certificate as it is written to a file.
fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

impl Relay {
    pub async fn start() -> Relay {
        Relay::over(Kept::Not).await
    }

    pub async fn over(kept: Kept) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (keep, taken) = watch::channel(Vec::new());
        let plans = Arc::new(Mutex::new(VecDeque::new()));
        let plan = Arc::clone(&plans);
        let keep = Arc::new(keep);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, plans, keep) = (kept.clone(), Arc::clone(&plan), Arc::clone(&keep));
                tokio::spawn(async move {
                    let mut talk = Talk {
                        lines: Some(BufReader::new(Box::new(stream))),
                        offered: None,
                        is_kept: false,
                        plans,
                        keep,
                    };
                    match kept {
                        Kept::Not => {}
                        Kept::Whole(tls) => talk.hide(&tls).await?,
                        Kept::Started(tls) => talk.offered = Some(tls),
                    }
                    talk.talk().await;
                    Some(())
                });
            }
        });
        Relay {
            port,
            taken,
            plans,
            task,
        }
    }

    /// What happens the next time that a mail comes to a moment; once.
    pub fn plan(&self, moment: Moment, does: Does) {
        self.plans.lock().unwrap().push_back((moment, does));
    }

    /// Whether all that was planned has happened.
    pub fn is_over(&self) -> bool {
        self.plans.lock().unwrap().is_empty()
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.borrow().clone()
    }

    /// Waits until so many were taken.
    pub async fn has_taken(&self, count: usize) {
        let mut taken = self.taken.clone();
        let wait = taken.wait_for(|taken| taken.len() >= count);
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .unwrap()
            .unwrap();
    }

    /// Nobody listens any more.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection.
struct Talk {
    /// None only while it becomes another one.
    lines: Option<BufReader<Box<dyn Stream>>>,
    /// What TLS is begun with when it is asked for.
    offered: Option<TlsAcceptor>,
    is_kept: bool,
    plans: Arc<Mutex<VecDeque<(Moment, Does)>>>,
    keep: Arc<watch::Sender<Vec<Taken>>>,
}

impl Talk {
    async fn talk(mut self) {
        let _ = self.all().await;
    }

    /// None at the end of the connection.
    async fn all(&mut self) -> Option<()> {
        self.come_to(Moment::Greeting, "220 relay.example ESMTP")
            .await?;
        let (mut from, mut to) = (String::new(), String::new());
        let mut known_as = None;
        loop {
            let line = self.line().await?;
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_uppercase();
            let _went_well = match verb.as_str() {
                "EHLO" | "HELO" => {
                    let more = match (&self.offered, self.is_kept) {
                        (Some(_), _) => "250-STARTTLS\r\n",
                        (None, true) => "250-AUTH PLAIN\r\n",
                        (None, false) => "",
                    };
                    let words = format!("250-relay.example\r\n{more}250 8BITMIME");
                    self.come_to(Moment::Hello, &words).await?
                }
                "STARTTLS" if self.offered.is_some() => {
                    let tls = self.offered.take()?;
                    self.say("220 Go on").await?;
                    self.hide(&tls).await?;
                    true
                }
                "AUTH" if self.is_kept => {
                    known_as = line.split_once(' ').map(|(_, rest)| rest.to_owned());
                    self.say("235 2.7.0 Known").await.map(|()| true)?
                }
                // Readers' addresses are not for everybody on the way.
                "MAIL" if self.offered.is_some() => {
                    self.say("530 5.7.0 STARTTLS first").await.map(|()| false)?
                }
                "MAIL" => {
                    from = address(&line);
                    self.come_to(Moment::Sender, "250 OK").await?
                }
                "RCPT" => {
                    to = address(&line);
                    self.come_to(Moment::Recipient, "250 OK").await?
                }
                "DATA" => {
                    let goes_on = self.come_to(Moment::Data, "354 Go on").await?;
                    if goes_on {
                        let text = self.text().await?;
                        let taken = Taken {
                            kept_from_others: self.is_kept,
                            known_as: known_as.clone(),
                            from: from.clone(),
                            to: to.clone(),
                            text,
                        };
                        self.keep.send_modify(|all| all.push(taken));
                        self.come_to(Moment::Taken, "250 2.0.0 Taken").await?;
                    }
                    goes_on
                }
                "QUIT" => {
                    self.say("221 Bye").await?;
                    return None;
                }
                _ => self.say("502 What?").await.map(|()| false)?,
            };
        }
    }

    /// Goes on over TLS. None where the other side does not like the certificate.
    async fn hide(&mut self, tls: &TlsAcceptor) -> Option<()> {
        let open = self.lines.take()?.into_inner();
        let hidden = tls.accept(open).await.ok()?;
        self.lines = Some(BufReader::new(Box::new(hidden)));
        self.is_kept = true;
        Some(())
    }

    async fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Some(text);
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push_str("\r\n");
            if text.len() > 200 && matches!(self.planned(Moment::Text), Some(Does::Drops)) {
                return None;
            }
        }
    }

    /// Says what is said at a moment, or does what is planned for it. Whether all went as it should.
    async fn come_to(&mut self, moment: Moment, usual: &str) -> Option<bool> {
        match self.planned(moment) {
            None => self.say(usual).await.map(|()| true),
            Some(Does::Says(words)) => {
                // What is refused at the end was not kept.
                if moment == Moment::Taken {
                    self.keep.send_modify(|all| drop(all.pop()));
                }
                self.say(words).await.map(|()| false)
            }
            Some(Does::Drops) => None,
            Some(Does::Hangs) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                None
            }
        }
    }

    fn planned(&self, moment: Moment) -> Option<Does> {
        let mut plans = self.plans.lock().unwrap();
        match plans.front() {
            Some((at, _)) if *at == moment => plans.pop_front().map(|(_, does)| does),
            _ => None,
        }
    }

    async fn say(&mut self, words: &str) -> Option<()> {
        let line = format!("{words}\r\n");
        let stream = self.lines.as_mut()?.get_mut();
        stream.write_all(line.as_bytes()).await.ok()?;
        stream.flush().await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.as_mut()?.read_line(&mut line).await {
            Ok(count) if count > 0 => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
            _ => None,
        }
    }
}

fn address(line: &str) -> String {
    let start = line.find('<').map_or(0, |at| at + 1);
    let end = line.find('>').unwrap_or(line.len());
    line[start..end].to_owned()
}

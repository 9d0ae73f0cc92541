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

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

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

impl Relay {
    pub async fn start() -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (keep, taken) = watch::channel(Vec::new());
        let plans = Arc::new(Mutex::new(VecDeque::new()));
        let plan = Arc::clone(&plans);
        let keep = Arc::new(keep);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let talk = Talk {
                    lines: BufReader::new(stream),
                    plans: Arc::clone(&plan),
                    keep: Arc::clone(&keep),
                };
                tokio::spawn(talk.talk());
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

/// One connection.
struct Talk {
    lines: BufReader<TcpStream>,
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
        loop {
            let line = self.line().await?;
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_uppercase();
            let _went_well = match verb.as_str() {
                "EHLO" | "HELO" => {
                    self.come_to(Moment::Hello, "250-relay.example\r\n250 8BITMIME")
                        .await?
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
                        let (from, to) = (from.clone(), to.clone());
                        self.keep
                            .send_modify(|all| all.push(Taken { from, to, text }));
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
        self.lines.get_mut().write_all(line.as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line).await {
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

//! A line to the relay: RFC 5321 in the steps in which something can become uncertain.
//!
//! Up to the moment at which the text begins, nothing has happened that could not be done again. From
//! there on, until the relay has answered the end of the text, nobody here knows whether it took it.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use crate::settings::{Patience, Smtp, Tls};

/// A line on which mails can be sent, one after the other.
pub(crate) struct Line {
    connection: AsyncSmtpConnection,
    patience: Patience,
}

/// Why a mail's text was not asked for: nothing of it has left.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// The relay is not there, or not for anybody: another mail would fare the same.
    Away(String),
    /// The relay does not want this mail now.
    Later(String),
    /// The relay does not want this mail at all.
    Never(String),
}

/// What became of a text.
#[derive(Debug)]
pub(crate) enum Became {
    /// The relay took it.
    Taken(String),
    /// The relay said that it did not take it, and may do so later.
    Later(String),
    /// The relay said that it does not take it.
    Never(String),
    /// The relay did not say.
    Unknown(String),
}

impl Line {
    /// Opens a line to the relay, and says who is there.
    pub(crate) async fn open(smtp: &Smtp) -> Result<Line, String> {
        let open = Line::open_slowly(smtp);
        let opened = tokio::time::timeout(smtp.patience.command, open).await;
        opened.unwrap_or_else(|_| Err("the relay does not answer".to_owned()))
    }

    async fn open_slowly(smtp: &Smtp) -> Result<Line, String> {
        let hello = ClientId::Domain(smtp.sender().domain().to_owned());
        let tls = match smtp.tls {
            Tls::None => None,
            Tls::Whole | Tls::Started => {
                let tls = TlsParameters::builder(smtp.host.clone());
                let tls = match &smtp.authority {
                    None => tls,
                    Some(authority) => tls
                        .certificate_store(CertificateStore::None)
                        .add_root_certificate(authority.clone()),
                };
                Some(tls.build().map_err(|error| told(&error))?)
            }
        };
        let whole = tls.clone().filter(|_| smtp.tls == Tls::Whole);
        let place = (smtp.host.as_str(), smtp.port);
        let connect = AsyncSmtpConnection::connect_tokio1(place, None, &hello, whole, None);
        let mut connection = connect.await.map_err(|error| told(&error))?;
        if let Some(tls) = tls.filter(|_| smtp.tls == Tls::Started) {
            // Fails where the relay does not offer it: a password and readers' addresses do not go in the clear.
            let started = connection.starttls(tls, &hello).await;
            started.map_err(|error| told(&error))?;
        }
        if let Some((user, password)) = &smtp.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let known = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            known.map_err(|error| told(&error))?;
        }
        Ok(Line {
            connection,
            patience: smtp.patience,
        })
    }

    /// Says from whom a mail comes and to whom it goes, and asks to be allowed to send its text.
    pub(crate) async fn ask(&mut self, from: &Address, to: &Address) -> Result<(), NotTaken> {
        // That the relay does not know us is no fault of the mail's.
        let sender = Mail::new(Some(from.clone()), vec![]);
        let asked = self.command(sender).await;
        asked.map_err(|why| NotTaken::Away(why.words))?;
        let asked = self.command(Rcpt::new(to.clone(), vec![])).await;
        asked.map_err(Said::about_this_mail)?;
        self.command(Data).await.map_err(Said::about_this_mail)?;
        Ok(())
    }

    async fn command(&mut self, command: impl std::fmt::Display) -> Result<Response, Said> {
        let said = within(self.patience.command, self.connection.command(command)).await?;
        said.map_err(|error| Said::of(&error))
    }

    /// Sends the text that was asked for.
    pub(crate) async fn send(&mut self, text: &[u8]) -> Became {
        match within(self.patience.text, self.connection.message(text)).await {
            Ok(Ok(response)) => Became::Taken(answer(&response)),
            Ok(Err(error)) => match Said::of(&error) {
                Said {
                    words,
                    no: Some(No::Later),
                } => Became::Later(words),
                Said {
                    words,
                    no: Some(No::Never),
                } => Became::Never(words),
                Said { words, no: None } => Became::Unknown(words),
            },
            Err(said) => Became::Unknown(said.words),
        }
    }

    /// Says goodbye. Whether that is heard makes no difference.
    pub(crate) async fn close(mut self) {
        let _ = within(Duration::from_secs(2), self.connection.quit()).await;
    }
}

/// What the relay said, or why it did not.
struct Said {
    words: String,
    /// None where it is not its answer.
    no: Option<No>,
}

#[derive(Clone, Copy)]
enum No {
    Later,
    Never,
}

impl Said {
    fn of(error: &Error) -> Said {
        let no = match (error.is_transient(), error.is_permanent()) {
            (true, _) => Some(No::Later),
            (_, true) => Some(No::Never),
            _ => None,
        };
        Said {
            words: told(error),
            no,
        }
    }

    fn about_this_mail(self) -> NotTaken {
        match self.no {
            Some(No::Later) => NotTaken::Later(self.words),
            Some(No::Never) => NotTaken::Never(self.words),
            None => NotTaken::Away(self.words),
        }
    }
}

async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Result<T, Said> {
    let done = tokio::time::timeout(time, work).await;
    done.map_err(|_| Said {
        words: "the relay does not answer".to_owned(),
        no: None,
    })
}

/// What went wrong, with its causes, on one line of bounded length.
fn told(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    bounded(&words)
}

fn answer(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    bounded(&format!("{} {}", response.code(), lines.join(" ")))
}

fn bounded(words: &str) -> String {
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST)
        .collect()
}

/// Characters of an answer that are kept.
const MOST: usize = 300;

//! Through which relay mail goes, and from whom it comes.

use std::fmt;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;

/// Through which relay mail goes, and from whom it comes.
#[derive(Clone)]
pub struct Smtp {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    /// Whose certificates are believed in the place of the public authorities'.
    pub(crate) authority: Option<Certificate>,
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) from: Mailbox,
    pub(crate) patience: Patience,
}

/// How the line to the relay is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// From its first byte on.
    Whole,
    /// After a greeting; without it nothing is sent.
    Started,
    /// Not at all, to this machine itself.
    None,
}

/// How long the relay may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// To be reached, and to answer a command.
    pub(crate) command: Duration,
    /// To take a text: RFC 5321 asks for ten minutes, in which another relay may be looked for.
    pub(crate) text: Duration,
}

const PATIENCE: Patience = Patience {
    command: Duration::from_secs(60),
    text: Duration::from_secs(600),
};

/// Why a setting is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(&'static str);

impl Smtp {
    /// Reads `smtps://user@host`, `smtp://host:587`, and from whom mail comes, such as
    /// `Tidings <week@paper.example>`. A password is given apart.
    ///
    /// # Errors
    /// When it is no relay, or no sender.
    pub fn read(url: &str, from: &str, password: Option<&str>) -> Result<Smtp, BadSetting> {
        let (scheme, rest) = url.split_once("://").ok_or(RELAY)?;
        let (user, place) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((user, _)) if user.contains(':') => return Err(PASSWORD),
            Some((user, place)) => (Some(user.to_owned()), place),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        let (host, port) = match place.rsplit_once(':') {
            // The colons of an address of version 6 are within brackets.
            Some((host, port)) if !port.ends_with(']') => {
                (host, Some(port.parse().map_err(|_| RELAY)?))
            }
            _ => (place, None),
        };
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() || host.contains(['/', '?', '#', ' ']) {
            return Err(RELAY);
        }
        let is_here = host == "localhost"
            || host
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let (tls, usual) = match scheme {
            "smtps" => (Tls::Whole, 465),
            "smtp" if is_here => (Tls::None, 25),
            "smtp" => (Tls::Started, 587),
            _ => return Err(RELAY),
        };
        let credentials = match (user, password) {
            (None, _) => None,
            (Some(user), Some(password)) => Some((user, password.to_owned())),
            (Some(_), None) => return Err(NO_PASSWORD),
        };
        Ok(Smtp {
            host,
            port: port.unwrap_or(usual),
            tls,
            authority: None,
            credentials,
            from: from.parse().map_err(|_| FROM)?,
            patience: PATIENCE,
        })
    }

    /// The same, with a relay whose certificate is of an authority of one's own, given as PEM, and of no
    /// other. The line is kept from others then on this machine, too.
    ///
    /// # Errors
    /// When it is no certificate.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Smtp, BadSetting> {
        let is_one = pem.windows(BEGINS.len()).any(|some| some == BEGINS);
        let authority = Certificate::from_pem(pem).ok().filter(|_| is_one);
        self.authority = Some(authority.ok_or(AUTHORITY)?);
        if self.tls == Tls::None {
            self.tls = Tls::Started;
        }
        Ok(self)
    }

    /// The same, with a relay that may take no longer: for tests.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Smtp {
        self.patience = Patience {
            command: time,
            text: time,
        };
        self
    }

    pub(crate) fn sender(&self) -> &Address {
        &self.from.email
    }
}

impl fmt::Debug for Smtp {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

const RELAY: BadSetting =
    BadSetting("a relay for mail is smtps://user@host, smtp://user@host, or smtp://127.0.0.1:25");
const PASSWORD: BadSetting =
    BadSetting("the relay's password is given in TIDINGS_SMTP_PASSWORD, not in its address");
const NO_PASSWORD: BadSetting =
    BadSetting("the relay's user has no password: set TIDINGS_SMTP_PASSWORD");
const AUTHORITY: BadSetting =
    BadSetting("the authority of the relay's certificate is a certificate in PEM");
const BEGINS: &[u8] = b"-----BEGIN CERTIFICATE-----";
const FROM: BadSetting = BadSetting("a sender of mail is like Tidings <week@paper.example>");

#[cfg(test)]
mod tests;

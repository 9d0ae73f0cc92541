//! A letter in its envelope: MIME, with the headers by which mail programs know what it is, and by which they
//! offer to end the subscription with one click, RFC 8058.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use tidings_core::units::Timestamp;
use tidings_web::letters::Letter;

/// What stands on the envelope.
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a Mailbox,
    pub(crate) to: &'a Address,
    /// Its name among all mails, the same if it should be sent twice.
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// Of a list's mail: the address that ends the subscription when it is posted to.
    pub(crate) unsubscribe: Option<&'a str>,
}

/// The mail as it is sent.
pub(crate) fn written(
    letter: Letter,
    envelope: &Envelope<'_>,
) -> Result<Vec<u8>, lettre::error::Error> {
    let domain = envelope.from.email.domain();
    let mut message = Message::builder()
        .from(envelope.from.clone())
        .to(Mailbox::new(None, envelope.to.clone()))
        .subject(letter.subject)
        .date(moment(envelope.at))
        .message_id(Some(format!("<{}@{domain}>", envelope.id)))
        // No machine is to answer it.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(url) = envelope.unsubscribe {
        message = message
            .raw_header(header(
                "List-Id",
                &format!("The week in odds <week.{domain}>"),
            ))
            .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click",
            ));
    }
    let parts = MultiPart::alternative_plain_html(letter.text, letter.html);
    Ok(message.multipart(parts)?.formatted())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn moment(at: Timestamp) -> SystemTime {
    let micros = u64::try_from(at.as_micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

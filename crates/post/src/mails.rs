//! Mails that fall due: each is written down before its text leaves and after the relay has answered.

use std::time::Duration;

use lettre::Address;
use tidings_api::digest::{self, Week};
use tidings_api::{App, Problem, subscriptions};
use tidings_core::units::Timestamp;
use tidings_store::{Mail, MailStatus, MailTried, Subscriber, SubscriberStatus, confirmation};
use tidings_web::letters;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Post;
use crate::message::{self, Envelope};
use crate::settings::Smtp;
use crate::smtp::{Became, Line, NotTaken};

/// Mails that are looked at together.
const TOGETHER: u32 = 50;

/// How long a mail waits after each time that the relay did not want it; after the last it is given up.
const WAITS: [i64; 6] = [
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
];

/// How long a relay is left alone that was not there; twice as long each time, up to the longest.
const AWAY: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// An address that nobody confirmed is forgotten.
const FORGOTTEN: i64 = 7 * 24 * HOUR;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// What became of mails that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The relay took them.
    pub sent: u64,
    /// The relay does not take them at this time.
    pub later: u64,
    /// The relay takes them at no time.
    pub refused: u64,
    /// The relay did not say whether it took them.
    pub unknown: u64,
    /// Nobody wanted them any more.
    pub dropped: u64,
    /// The relay was not there: what is due waits.
    pub away: bool,
}

/// Sends what is due, until nothing is or the relay is away.
pub(crate) async fn send_due(post: &mut Post, end: &CancellationToken) -> Result<Sent, Problem> {
    let mut sent = Sent::default();
    let Some(smtp) = post.smtp.clone() else {
        return Ok(sent);
    };
    if post.away.is_some_and(|(until, _)| Instant::now() < until) {
        sent.away = true;
        return Ok(sent);
    }
    forget(&post.app).await?;
    let mut line = None;
    'all: loop {
        let due = post.app.store().due_mails(post.app.now(), TOGETHER).await?;
        if due.is_empty() {
            break;
        }
        for mail in due {
            if end.is_cancelled() {
                break 'all;
            }
            match send(&post.app, &smtp, &mut line, &mail).await? {
                Ok(status) => count(&mut sent, status),
                Err(why) => {
                    let pause = post.away.map_or(AWAY, |(_, last)| (last * 2).min(LONGEST));
                    tracing::warn!(
                        why,
                        "the relay for mail is away: what is due waits for {pause:?}"
                    );
                    post.away = Some((Instant::now() + pause, pause));
                    sent.away = true;
                    return Ok(sent);
                }
            }
            post.away = None;
        }
    }
    if let Some(line) = line {
        line.close().await;
    }
    Ok(sent)
}

fn count(sent: &mut Sent, status: MailStatus) {
    let counted = match status {
        MailStatus::Sent => &mut sent.sent,
        MailStatus::Due | MailStatus::Sending => &mut sent.later,
        MailStatus::Refused => &mut sent.refused,
        MailStatus::Unknown => &mut sent.unknown,
        MailStatus::Dropped => &mut sent.dropped,
    };
    *counted += 1;
}

async fn forget(app: &App) -> Result<(), Problem> {
    let now = app.now();
    let before = Timestamp::from_micros(now.as_micros() - FORGOTTEN);
    app.store().forget_unconfirmed(before, now).await?;
    Ok(())
}

/// Sends a mail over the line that is open, or over a new one. The outer error is ours, the inner one that of a
/// relay that is away: then nothing has changed.
async fn send(
    app: &App,
    smtp: &Smtp,
    line: &mut Option<Line>,
    mail: &Mail,
) -> Result<Result<MailStatus, String>, Problem> {
    let Some((to, text)) = written(app, smtp, mail).await? else {
        let why = "the subscription is not confirmed, or has ended";
        return ended(app, mail, MailStatus::Dropped, why.to_owned())
            .await
            .map(Ok);
    };
    let mut open = match line.take() {
        Some(open) => open,
        None => match Line::open(smtp).await {
            Ok(open) => open,
            Err(why) => return Ok(Err(why)),
        },
    };
    match open.ask(smtp.sender(), &to).await {
        Ok(()) => {}
        Err(NotTaken::Away(why)) => return Ok(Err(why)),
        Err(NotTaken::Later(why)) => return later(app, mail, why).await.map(Ok),
        Err(NotTaken::Never(why)) => {
            return ended(app, mail, MailStatus::Refused, why).await.map(Ok);
        }
    }
    // From here on the text may arrive. Whoever did not note that first must not send it.
    if !app.store().begin_mail(mail.id, app.now()).await? {
        return Ok(Ok(MailStatus::Sending));
    }
    match open.send(&text).await {
        Became::Taken(reply) => {
            *line = Some(open);
            ended(app, mail, MailStatus::Sent, reply).await.map(Ok)
        }
        Became::Later(why) => later(app, mail, why).await.map(Ok),
        Became::Never(why) => ended(app, mail, MailStatus::Refused, why).await.map(Ok),
        Became::Unknown(why) => {
            tracing::warn!(
                mail = mail.id,
                about = mail.about,
                why,
                "may or may not have arrived, and is not sent again"
            );
            ended(app, mail, MailStatus::Unknown, why).await.map(Ok)
        }
    }
}

/// Notes that the relay did not want a mail this time.
async fn later(app: &App, mail: &Mail, why: String) -> Result<MailStatus, Problem> {
    let Some(wait) = WAITS.get(mail.attempts as usize) else {
        tracing::warn!(mail = mail.id, about = mail.about, why, "is given up");
        return ended(app, mail, MailStatus::Refused, format!("given up: {why}")).await;
    };
    let due_at = Timestamp::from_micros(app.now().as_micros() + wait);
    note(app, mail, MailStatus::Due, due_at, why).await
}

async fn ended(
    app: &App,
    mail: &Mail,
    status: MailStatus,
    why: String,
) -> Result<MailStatus, Problem> {
    note(app, mail, status, app.now(), why).await
}

async fn note(
    app: &App,
    mail: &Mail,
    status: MailStatus,
    due_at: Timestamp,
    reply: String,
) -> Result<MailStatus, Problem> {
    let tried = MailTried {
        status,
        due_at,
        at: app.now(),
        reply,
    };
    app.store().end_mail(mail.id, &tried).await?;
    Ok(status)
}

/// A mail as it is sent, and to whom; none when nobody wants it any more.
async fn written(
    app: &App,
    smtp: &Smtp,
    mail: &Mail,
) -> Result<Option<(Address, Vec<u8>)>, Problem> {
    let Some(subscriber) = app.store().subscriber(mail.subscriber).await? else {
        return Ok(None);
    };
    let address: Option<Address> = subscriber
        .address
        .as_ref()
        .and_then(|address| address.parse().ok());
    let Some(to) = address else {
        return Ok(None);
    };
    let envelope = |unsubscribe| Envelope {
        from: &smtp.from,
        to: &to,
        id: format!("{}.{}", mail.about, subscriber.id),
        at: app.now(),
        unsubscribe,
    };
    let text = match mail.about.parse::<Week>() {
        Ok(week) => {
            if subscriber.status != SubscriberStatus::Confirmed {
                return Ok(None);
            }
            let Some(issue) = digest::kept(app, week).await? else {
                return Ok(None);
            };
            let end = format!(
                "{}/digest/unsubscribe/{}",
                app.base_url(),
                subscriptions::end_token(app, subscriber.id)
            );
            let letter = letters::weekly(&issue, &end).map_err(Problem::internal)?;
            message::written(letter, &envelope(Some(&end)))
        }
        Err(_) => {
            if !is_asked(&subscriber, mail) {
                return Ok(None);
            }
            let token = subscriptions::confirm_token(app, subscriber.id, subscriber.round);
            let confirm = format!("{}/digest/confirm/{token}", app.base_url());
            let letter =
                letters::confirmation(app.base_url(), &confirm).map_err(Problem::internal)?;
            message::written(letter, &envelope(None))
        }
    };
    Ok(Some((to, text.map_err(Problem::internal)?)))
}

/// Whether a mail asks what is still to be asked: a newer one has another link.
fn is_asked(subscriber: &Subscriber, mail: &Mail) -> bool {
    subscriber.status == SubscriberStatus::Asked && mail.about == confirmation(subscriber.round)
}

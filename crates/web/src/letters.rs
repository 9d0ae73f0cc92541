//! What is sent by mail: the week, and the question whether somebody wants it. Each as HTML that mail
//! programs of any age show, and as plain text.
//!
//! Nothing in them is loaded from anywhere, and nothing in them tells who opened them: the one link that
//! is a reader's own is the one that ends the subscription.

use askama::Template;
use tidings_api::digest::Issue;

use crate::weekly::Weekly;

/// A mail without its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// On one line.
    pub subject: String,
    /// For programs that show it.
    pub html: String,
    /// For all others.
    pub text: String,
}

/// A letter that cannot be written, which is our bug.
#[derive(Debug, thiserror::Error)]
#[error("a letter could not be written")]
pub struct Unwritten(#[from] askama::Error);

#[derive(Template)]
#[template(path = "mail/weekly.html")]
struct WeeklyHtml<'a> {
    week: &'a Weekly,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "mail/weekly.txt")]
struct WeeklyText<'a> {
    week: &'a Weekly,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "mail/confirm.html")]
struct ConfirmHtml<'a> {
    site: &'a str,
    confirm: &'a str,
}

#[derive(Template)]
#[template(path = "mail/confirm.txt")]
struct ConfirmText<'a> {
    site: &'a str,
    confirm: &'a str,
}

/// A week, with the address that ends its reader's subscription.
///
/// # Errors
/// When it cannot be written.
pub fn weekly(issue: &Issue, unsubscribe: &str) -> Result<Letter, Unwritten> {
    let week = &Weekly::of(&issue.digest);
    Ok(Letter {
        subject: format!("The week in odds, {}", week.span),
        html: WeeklyHtml { week, unsubscribe }.render()?,
        text: WeeklyText { week, unsubscribe }.render()?,
    })
}

/// The question whether somebody wants the digest, with the address that says yes.
///
/// # Errors
/// When it cannot be written.
pub fn confirmation(site: &str, confirm: &str) -> Result<Letter, Unwritten> {
    Ok(Letter {
        subject: "Do you want the week in odds?".to_owned(),
        html: ConfirmHtml { site, confirm }.render()?,
        text: ConfirmText { site, confirm }.render()?,
    })
}

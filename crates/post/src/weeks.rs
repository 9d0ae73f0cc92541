//! Weeks that are over: told once, and then mailed to those who had confirmed by their end.

use tidings_api::Problem;
use tidings_api::digest::{self, Issue, Week};

use crate::{Post, forget};

/// How long after a week's end it is mailed: on Monday morning, when it has long been told.
const MAILED_AFTER: i64 = 6 * 3_600_000_000;

/// Tells the last week that is over, and makes its mails due once it is time for that.
pub(crate) async fn tell(post: &mut Post) -> Result<(), Problem> {
    let now = post.app.now();
    let week = Week::of(now).before();
    if post.mailed == Some(week) {
        return Ok(());
    }
    let Some(issue) = digest::make(&post.app, week).await? else {
        return Ok(());
    };
    if now.as_micros() < week.until().as_micros() + MAILED_AFTER {
        return Ok(());
    }
    if post.smtp.is_some() {
        add_mails(post, &issue).await?;
    }
    post.mailed = Some(week);
    Ok(())
}

/// Makes a week's mails due, whenever that is.
pub(crate) async fn make_mails(post: &Post, week: Week) -> Result<(), Problem> {
    if week.until() < forget::mails_from(&post.app) {
        let why = "the week is over for so long that nobody knows any more who has got it";
        return Err(Problem::new("digest_not_found", why));
    }
    let issue = digest::make(&post.app, week).await?;
    let missing = || {
        Problem::new(
            "digest_not_found",
            "the week is not over, or not all of it is known",
        )
    };
    add_mails(post, &issue.ok_or_else(missing)?).await
}

/// A week in which nothing happened is no reason to write to anybody.
async fn add_mails(post: &Post, issue: &Issue) -> Result<(), Problem> {
    if issue.digest.is_empty() {
        return Ok(());
    }
    let (about, until) = (issue.week.to_string(), issue.week.until());
    let added = post
        .app
        .store()
        .add_mails(&about, until, post.app.now())
        .await?;
    if added > 0 {
        tracing::info!(week = about, mails = added, "the week is mailed");
    }
    Ok(())
}

//! What goes out by itself: the week, told once it is over; the digest by mail; and alerts to editors' machines.
//!
//! In: what falls due in the store. Out: mail over SMTP, signed calls over HTTPS, and what became of each.
//! Whatever is tried is written down before and after, so a start after a crash knows what is certain. A mail
//! whose text may have arrived is never sent again; a call is made again until it is taken.
//!
//! `smtp` speaks to the relay, `mails` decides what is sent; `watch` finds what hooks are to be told, `tell`
//! tells them; `weeks` tells weeks; `forget` forgets what went out long ago. No rule of trading and no page is here, and nothing is changed but what
//! goes out.

mod forget;
mod mails;
mod message;
mod settings;
pub mod sign;
mod smtp;
mod tell;
mod watch;
mod weeks;

use std::sync::Arc;
use std::time::Duration;

use tidings_api::{App, Problem};
use tidings_core::units::Timestamp;
use tidings_news::fetch::Fetcher;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use mails::Sent;
pub use settings::{BadSetting, Smtp};

/// What goes out, and how.
pub struct Post {
    app: App,
    smtp: Option<Smtp>,
    fetcher: Arc<Fetcher>,
    /// The relay was away: until when it is left alone, and for how long then.
    away: Option<(Instant, Duration)>,
    /// The last week whose mails were made.
    mailed: Option<tidings_api::digest::Week>,
    /// When it is looked again for what may be forgotten.
    forgets_at: Option<Timestamp>,
}

/// Between two looks at what is due. An alert that is a second late is in time.
const PAUSE: Duration = Duration::from_secs(1);

impl Post {
    /// Without a relay there is no mail; hooks are called all the same.
    pub fn new(app: App, smtp: Option<Smtp>) -> Post {
        Post::over(app, smtp, Arc::new(Fetcher::new()))
    }

    /// With another way to the outside: that of a test.
    pub fn over(app: App, smtp: Option<Smtp>, fetcher: Arc<Fetcher>) -> Post {
        Post {
            app,
            smtp,
            fetcher,
            away: None,
            mailed: None,
            forgets_at: None,
        }
    }

    /// Sends what falls due until the end. What is under way then is brought to an end.
    pub async fn run(mut self, end: CancellationToken) {
        if let Err(problem) = self.begin().await {
            tracing::warn!(code = problem.code(), "what was under way is not known");
        }
        while !end.is_cancelled() {
            if let Err(problem) = self.round(&end).await {
                tracing::warn!(code = problem.code(), "what is due could not be looked at");
            }
            tokio::select! {
                () = end.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Notes what a process before this one left in doubt. No other process sends at that time: the
    /// exchange has one owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self) -> Result<(), Problem> {
        let doubtful = self.app.store().doubt_mails(self.app.now()).await?;
        if doubtful > 0 {
            tracing::warn!(
                mails = doubtful,
                "may or may not have arrived, and are not sent again"
            );
        }
        Ok(())
    }

    /// One look at all that may be due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&mut self, end: &CancellationToken) -> Result<(), Problem> {
        weeks::tell(self).await?;
        mails::send_due(self, end).await?;
        watch::look(&self.app).await?;
        tell::tell_due(&self.app, &self.fetcher).await?;
        forget::forget(self).await
    }
}

impl Post {
    /// Sends a week that was told to those who had confirmed when it was over, and had not got it.
    ///
    /// # Errors
    /// When the week was not told, the database fails, or the relay cannot be reached.
    pub async fn send_week(&mut self, week: tidings_api::digest::Week) -> Result<Sent, Problem> {
        self.begin().await?;
        weeks::make_mails(self, week).await?;
        mails::send_due(self, &CancellationToken::new()).await
    }
}

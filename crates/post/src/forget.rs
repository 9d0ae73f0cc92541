//! What went out is forgotten after a time: who was told what is of use while it can be asked after, and then it
//! is only a list of people. Some rows at a time, so that nothing else waits for it.
//!
//! A row is also what keeps a thing from going out twice. So nothing is noted that happened longer ago than
//! rows are kept, and a week that is over for longer is mailed to nobody.

use tidings_api::wire::alert::KEPT_DAYS;
use tidings_api::{App, Problem};
use tidings_core::units::Timestamp;

use crate::Post;

/// Alerts that ended: long after an editor has looked at why one did not come.
const ALERTS: i64 = KEPT_DAYS * DAY;

/// Mails that ended: a quarter, in which a reader asks what became of a week. What the relay said of one has
/// its reader's address in it.
const MAILS: i64 = 90 * DAY;

/// Rows of a kind that are forgotten in one round: a millisecond of a database that trade waits for, too.
const SOME: u32 = 200;

/// Between two looks when there was nothing.
const PAUSE: i64 = 3_600_000_000;

const DAY: i64 = 24 * 3_600_000_000;

/// Forgets some of what went out long ago, when it is time for that.
pub(crate) async fn forget(post: &mut Post) -> Result<(), Problem> {
    let now = post.app.now();
    if post.forgets_at.is_some_and(|at| now < at) {
        return Ok(());
    }
    let store = post.app.store();
    let alerts = store
        .forget_deliveries(alerts_from(&post.app), SOME)
        .await?;
    let mails = store.forget_mails(mails_from(&post.app), SOME).await?;
    // As long as there is more, it goes on in the next round.
    let is_done = alerts + mails == 0;
    post.forgets_at = is_done.then(|| Timestamp::from_micros(now.as_micros() + PAUSE));
    Ok(())
}

/// From when on alerts are known.
pub(crate) fn alerts_from(app: &App) -> Timestamp {
    Timestamp::from_micros(app.now().as_micros() - ALERTS)
}

/// From when on mails are known.
pub(crate) fn mails_from(app: &App) -> Timestamp {
    Timestamp::from_micros(app.now().as_micros() - MAILS)
}

//! Stretches of time, as queries ask for them: `from` is in, `to` is not, so that stretches that follow each
//! other share nothing and leave nothing out.

use tidings_store::Stretch;

use crate::problem::Problem;
use crate::wire::time::Time;

/// The stretch between two moments; without them all that there is.
pub(crate) fn stretch(from: Option<Time>, to: Option<Time>) -> Result<Stretch, Problem> {
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Problem::invalid_query("from", "it is after `to`"));
    }
    Ok(Stretch {
        from: from.map(|time| time.0),
        to: to.map(|time| time.0),
    })
}

//! `/v1/journal/…`: the hashes of the journal's groups, and nothing of what is in them. Each hash stands
//! for everything before it, so whoever noted one can ask later whether it is still in the chain.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::id::Seq;
use utoipa::IntoParams;

use crate::app::App;
use crate::extract::{InPath, NoQuery, Params};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::journal::{GroupJson, HeadJson};

/// Where the journal ends. Its hash stands for all of it: note it, and ask for its group later.
#[utoipa::path(get, path = "/v1/journal/head", tag = "journal",
    responses((status = 200, body = HeadJson)))]
pub(crate) async fn get_head(
    State(app): State<App>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let head = app.exchange().head();
    let last = app.store().link(head.last_seq).await?;
    document(
        &headers,
        head.last_seq.0,
        &HeadJson::of(&head, last.as_ref()),
    )
}

/// The group that holds a record: its hash, and that of the group before it.
#[utoipa::path(get, path = "/v1/journal/groups/{seq}", tag = "journal", params(GroupPath),
    responses((status = 200, body = GroupJson)))]
pub(crate) async fn get_group(
    State(app): State<App>,
    InPath(path): InPath<GroupPath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seq = path.seq()?;
    let end = app.exchange().committed().seq;
    let group = match seq <= end {
        true => app.store().link(seq).await?,
        false => None,
    };
    let missing = || Problem::new("not_found", format!("the journal ends at {end}"));
    let group = group.ok_or_else(missing)?;
    document(&headers, group.last.0, &GroupJson::of(&group))
}

/// Which record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct GroupPath {
    /// A record's place in the journal.
    #[param(value_type = u64, minimum = 1, example = 1250)]
    seq: String,
}

impl GroupPath {
    fn seq(&self) -> Result<Seq, Problem> {
        let seq = self.seq.parse().ok().filter(|seq: &u64| *seq > 0);
        // Only the form that is given out: no sign, no leading zero.
        let seq = seq.filter(|seq| seq.to_string() == self.seq);
        seq.map(Seq).ok_or_else(Problem::not_found)
    }
}

//! `/v1/requests/{key}`: what became of a command whose answer was lost.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tidings_core::Reject;
use tidings_core::id::Seq;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Answer, answer, answer_all, may_show_keys};
use crate::app::App;
use crate::auth::AnyAccount;
use crate::extract::{InPath, NoQuery, Params};
use crate::problem::Problem;
use crate::public::private;

/// What became of the caller's command with an idempotency key.
#[utoipa::path(get, path = "/v1/requests/{key}", tag = "account", params(RequestPath),
    security(("key" = [])), responses((status = 200, body = RequestJson)))]
pub(crate) async fn get_request(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    InPath(path): InPath<RequestPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let recalled = app.exchange().recall(caller.account, &path.key).await;
    let records = recalled.map_err(Problem::unavailable)?;
    let answered = match (records.as_slice(), records.last()) {
        ([], _) | (_, None) => RequestJson::unknown(),
        ([first, ..], Some(last)) if first.request.batch.is_some() => {
            let all = records.iter().map(|record| Ok(record.as_ref()));
            RequestJson::applied(last.stamp.seq, answer_all(&app, all)?)?
        }
        ([record, ..], _) => match &record.refusal {
            Some(reject) => RequestJson::refused(reject, record.stamp.seq)?,
            None => {
                let answer = answer(&app, record, may_show_keys(record, caller)).await?;
                RequestJson::applied(record.stamp.seq, answer)?
            }
        },
    };
    private(&answered)
}

/// Which command.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RequestPath {
    /// The `Idempotency-Key` that it was sent with.
    key: String,
}

/// What became of a command.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Request)]
pub(crate) struct RequestJson {
    status: RequestStatus,
    /// Its place in the journal; of orders that were sent at once, the last one's.
    seq: Option<u64>,
    /// The HTTP status of its answer.
    http_status: Option<u16>,
    /// Its answer: what the command's own answer was.
    #[schema(value_type = Option<Object>)]
    answer: Option<Box<RawValue>>,
}

/// Whether a command was carried out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestStatus {
    /// None with this key was ever answered.
    Unknown,
    /// It was carried out. Of orders that were sent at once, each has an answer of its own.
    Applied,
    /// It was refused.
    Refused,
}

impl RequestJson {
    fn unknown() -> RequestJson {
        RequestJson {
            status: RequestStatus::Unknown,
            seq: None,
            http_status: None,
            answer: None,
        }
    }

    fn applied(seq: Seq, answer: Answer) -> Result<RequestJson, Problem> {
        Ok(RequestJson {
            status: RequestStatus::Applied,
            seq: Some(seq.0),
            http_status: Some(answer.status.as_u16()),
            answer: Some(answer.embedded()?),
        })
    }

    fn refused(reject: &Reject, seq: Seq) -> Result<RequestJson, Problem> {
        let problem = Problem::refused(reject, seq);
        Ok(RequestJson {
            status: RequestStatus::Refused,
            seq: Some(seq.0),
            http_status: Some(problem.status().as_u16()),
            answer: Some(to_raw_value(&problem).map_err(Problem::internal)?),
        })
    }
}

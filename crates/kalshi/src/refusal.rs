//! Refusals in the other venue's words: `{"error": {"code", "message", "details", "service"}}`, with our
//! own problem document inside, whose codes are the stable ones.
//!
//! Every answer passes here, so that what the guard of limits and keys refuses is told the same way.
//! Refusals of orders are 400, as that venue has them: its clients take 409 for an exchange that is not
//! there.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tidings_api::Problem;

/// A problem document has some hundred bytes; the longest quotes what was sent.
const MOST: usize = 64 * 1_024;

/// The same answer; a problem in the other venue's form.
pub(crate) async fn in_their_words(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, MOST).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        let problem = Problem::internal(error);
        serde_json::to_value(problem).unwrap_or(Value::Null)
    });
    let code = problem["code"].as_str().unwrap_or("internal");
    let (code, status) = told(code, head.status);
    let body = json!({"error": {
        "code": code, "message": problem["title"], "details": problem["detail"],
        "service": "tidings", "problem": problem,
    }});
    head.status = status;
    head.headers.remove(header::CONTENT_LENGTH);
    let json = HeaderValue::from_static("application/json");
    head.headers.insert(header::CONTENT_TYPE, json);
    Response::from_parts(head, Body::from(body.to_string()))
}

/// Their code where they have one, and the status that their clients expect with it.
fn told(code: &str, status: StatusCode) -> (&str, StatusCode) {
    match code {
        "not_found" | "market_not_found" | "outcome_not_found" | "order_not_found" => {
            ("not_found", StatusCode::NOT_FOUND)
        }
        "insufficient_funds" => ("insufficient_balance", StatusCode::BAD_REQUEST),
        "fok_not_filled" => (
            "fill_or_kill_insufficient_resting_volume",
            StatusCode::BAD_REQUEST,
        ),
        "client_order_id_taken" | "idempotency_key_reused" => {
            ("order_already_exists", StatusCode::CONFLICT)
        }
        "order_invalid"
        | "price_off_tick"
        | "post_only_would_take"
        | "nothing_to_fill"
        | "limit_exceeded"
        | "resting_not_supported" => ("invalid_order", StatusCode::BAD_REQUEST),
        code if matches!(
            status,
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
        ) =>
        {
            (code, StatusCode::BAD_REQUEST)
        }
        code => (code, status),
    }
}

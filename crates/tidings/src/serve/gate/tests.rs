use axum::body::Body;
use axum::routing::get;
use tower::ServiceExt;

use super::*;

async fn asked(gate: &Gate) -> Bytes {
    let request = Request::builder().uri("/").body(Body::empty());
    let answer = gate.clone().oneshot(request.expect("a request")).await;
    let Ok(answer) = answer;
    let body = axum::body::to_bytes(answer.into_body(), 100).await;
    body.expect("a short body")
}

#[tokio::test]
async fn an_open_gate_lets_through_what_a_closed_one_answered() {
    let gate = Gate::new(Router::new().route("/", get(async || "soon")));
    let connection = gate.clone();
    assert_eq!(asked(&connection).await, "soon");
    gate.open(Router::new().route("/", get(async || "served")));
    assert_eq!(
        asked(&connection).await,
        "served",
        "also on a connection that was there"
    );
}

//! What is around every route.

use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use axum::routing::get;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use super::*;

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let broken = get(async || -> axum::response::Response { panic!("the secret is 42") });
    let router = Router::new()
        .route("/", broken)
        .layer(CatchPanicLayer::custom(panicked));
    let request = Request::builder()
        .uri("/")
        .body(Body::empty())
        .expect("a request");
    let response = router
        .oneshot(request)
        .await
        .expect("an answer")
        .into_response();
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), 10_000)
        .await
        .expect("a short body");
    let text = String::from_utf8_lossy(&body);
    assert!(
        text.contains("\"internal\"") && !text.contains("42"),
        "{text}"
    );
}

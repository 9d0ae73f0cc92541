//! A start, seen from outside.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

async fn ask(router: &Router, method: Method, path: &str) -> (u16, String, Value) {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let retry = response.headers().get("retry-after");
    let retry = retry.map_or("", |after| after.to_str().expect("a number"));
    let retry = retry.to_owned();
    let body = axum::body::to_bytes(response.into_body(), 10_000).await;
    let value = serde_json::from_slice(&body.expect("a short body")).expect("JSON");
    (status, retry, value)
}

#[tokio::test]
async fn readiness_says_what_is_waited_for() {
    let (progress, seen) = watch::channel(Starting::Opening);
    let router = starting(seen);
    let remaining = Duration::from_millis(4_200);
    for (stage, expected) in [
        (Starting::Opening, json!({"status": "opening"})),
        (
            Starting::Waiting { remaining },
            json!({"status": "waiting", "remaining_seconds": 4}),
        ),
        (
            Starting::Recovering { done: 3, of: 7 },
            json!({"status": "recovering", "done": 3, "of": 7}),
        ),
        (Starting::Running, json!({"status": "recovering"})),
    ] {
        progress.send_replace(stage);
        let told = ask(&router, Method::GET, "/health/ready").await;
        assert_eq!(told, (503, "1".to_owned(), expected));
    }
}

#[tokio::test]
async fn the_process_lives_from_the_first_moment_on() {
    let (_progress, seen) = watch::channel(Starting::Opening);
    let (status, _, told) = ask(&starting(seen), Method::GET, "/health/live").await;
    assert_eq!((status, told), (200, json!({"status": "ok"})));
}

#[tokio::test]
async fn everything_else_can_be_asked_again() {
    let (_progress, seen) = watch::channel(Starting::Opening);
    let router = starting(seen);
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/v1/markets"),
        (Method::POST, "/v1/orders"),
        (Method::DELETE, "/v1/orders"),
        (Method::GET, "/embed/v1/odds.js"),
        (Method::GET, "/nowhere"),
    ] {
        let (status, retry, problem) = ask(&router, method, path).await;
        assert_eq!((status, retry.as_str()), (503, "1"), "{path}");
        assert_eq!(
            (&problem["code"], &problem["retry"]),
            (&json!("starting"), &json!("safe"))
        );
    }
}

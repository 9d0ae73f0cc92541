//! A server that starts, as readers and their pages see it.

mod support;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use serde_json::Value;
use support::markup::Markup;
use tidings_exchange::Starting;
use tokio::sync::watch;
use tower::ServiceExt;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn surface() -> Router {
    let (_, seen) = watch::channel(Starting::Opening);
    tidings_web::starting(tidings_api::starting(seen))
}

async fn ask(method: Method, path: &str, accept: &str) -> (u16, HeaderMap, String) {
    let asked = Request::builder().method(method).uri(path);
    let asked = asked.header("accept", accept).body(Body::empty()).unwrap();
    let answer = surface().oneshot(asked).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    (status, headers, String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn a_reader_gets_a_page_that_comes_again_by_itself() {
    for path in ["/", "/markets/any", "/v1/markets", "/console"] {
        let (status, headers, body) = ask(Method::GET, path, BROWSER).await;
        assert_eq!(status, 503, "{path}");
        assert_eq!(
            (&headers["refresh"], &headers["cache-control"]),
            (&"2".parse().unwrap(), &"no-store".parse().unwrap()),
            "{path}"
        );
        let page = Markup::of(&body);
        page.assert_strict(path);
        assert!(page.text.contains("The exchange is starting"), "{body}");
        let mut links = page.named("link");
        let style = links.find(|tag| tag.get("rel") == Some("stylesheet"));
        let style = style.and_then(|tag| tag.get("href")).expect("a style");
        let (status, headers, _) = ask(Method::GET, style, "text/css").await;
        assert_eq!(status, 200, "{style} is there");
        assert_eq!(headers["content-type"], "text/css; charset=utf-8");
    }
}

#[tokio::test]
async fn a_frame_is_empty_until_there_are_odds() {
    for path in ["/embed/v1/markets/any", "/embed/v1/articles/any?lang=ja"] {
        let (status, headers, body) = ask(Method::GET, path, BROWSER).await;
        assert_eq!((status, headers["refresh"].as_bytes()), (503, &b"2"[..]));
        assert_eq!(headers["cache-control"], "no-store", "caches give theirs");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors *"), "{policy}");
        assert!(!headers.contains_key("x-frame-options"));
        let frame = Markup::of(&body);
        frame.assert_strict(path);
        assert_eq!(frame.text.trim().trim_start_matches("Odds"), "");
    }
    let (status, _, script) = ask(Method::GET, "/embed/v1/odds.js", "*/*").await;
    assert!(status == 200 && script.contains("live-odds"));
}

#[tokio::test]
async fn programs_are_told_the_problem() {
    for (method, path, accept) in [
        (Method::GET, "/v1/markets", "*/*"),
        (Method::GET, "/embed/v1/markets/any", "*/*"),
        (Method::GET, "/", "application/json"),
        (Method::POST, "/v1/orders", BROWSER),
        (Method::GET, "/nowhere", "*/*"),
    ] {
        let (status, headers, body) = ask(method, path, accept).await;
        assert_eq!(
            (status, headers["retry-after"].as_bytes()),
            (503, &b"1"[..])
        );
        assert_eq!(headers["access-control-allow-origin"], "*");
        let problem: Value = serde_json::from_str(&body).expect("a problem");
        assert_eq!(problem["code"], "starting", "{path}");
    }
    // Whoever looks with a browser sees the same as what restarts the process.
    let (_, _, told) = ask(Method::GET, "/health/ready", BROWSER).await;
    assert_eq!(told, "{\"status\":\"opening\"}");
}

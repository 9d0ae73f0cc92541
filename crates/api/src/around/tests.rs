//! What is around every route.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use tidings_exchange::{Exchange, Options};
use tidings_store::Store;
use tower::ServiceExt;

use super::*;
use crate::{AppOptions, any_origin};

async fn app() -> App {
    let store = Store::open("sqlite::memory:").await.expect("a store");
    let exchange = Exchange::start(store, Options::default()).await;
    let options = AppOptions::new([0; 32], "http://127.0.0.1");
    App::new(exchange.expect("an exchange"), options)
}

async fn ask(router: Router, method: Method) -> Response {
    let request = Request::builder().uri("/").method(method);
    let request = request.body(Body::empty()).expect("a request");
    router.oneshot(request).await.expect("an answer")
}

async fn assert_tells_nothing(router: Router) {
    let response = ask(router, Method::GET).await;
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

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let broken = get(async || -> Response { panic!("the secret is 42") });
    let router = Router::new().route("/", broken);
    assert_tells_nothing(router.layer(Around::of(app().await))).await;
}

#[tokio::test]
async fn a_panic_after_a_wait_is_one_as_well() {
    let broken = get(async || -> Response {
        tokio::task::yield_now().await;
        panic!("the secret is 42")
    });
    let router = Router::new().route("/", broken);
    assert_tells_nothing(router.layer(Around::open_to_all(app().await))).await;
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let app = app().await;
    tokio::time::pause();
    let slow = || get(std::future::pending::<()>).post(std::future::pending::<()>);
    for (method, status, code, seconds) in [
        (Method::GET, 503, "unavailable", 5),
        (Method::POST, 503, "unknown_outcome", 15),
    ] {
        let router = Router::new().route("/", slow());
        let began = tokio::time::Instant::now();
        let response = ask(router.layer(Around::of(app.clone())), method).await;
        assert_eq!(began.elapsed().as_secs(), seconds);
        assert_eq!(response.status(), status);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await;
        let text = String::from_utf8(body.expect("a short body").into()).expect("text");
        assert!(text.contains(code), "{text}");
    }
}

#[tokio::test]
async fn what_is_open_to_all_says_what_the_usual_layer_says() {
    let app = app().await;
    let answers = || {
        get(async || {
            let more = [
                (header::VARY, "accept"),
                (header::CACHE_CONTROL, "public, max-age=1"),
            ];
            (more, "read")
        })
    };
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE] {
        let router = || Router::new().route("/", answers());
        let ours = router().layer(Around::open_to_all(app.clone()));
        let usual = router().layer(any_origin()).layer(Around::of(app.clone()));
        let (ours, usual) = (ask(ours, method.clone()).await, ask(usual, method).await);
        assert_eq!(ours.status(), usual.status());
        for name in usual.headers().keys().chain(ours.headers().keys()) {
            let all = |response: &Response| -> Vec<String> {
                let values = response.headers().get_all(name).iter();
                let mut values: Vec<String> = values
                    .map(|value| value.to_str().expect("text").to_owned())
                    .collect();
                values.sort();
                values
            };
            // The allowance is announced after the answer to who only asks before asking, which costs nothing.
            if name.as_str().starts_with("ratelimit") {
                continue;
            }
            assert_eq!(all(&ours), all(&usual), "{name}");
        }
    }
}

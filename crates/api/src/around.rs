//! What is around every route: the guard of limits and keys, `no-store` unless it is said otherwise, a problem for
//! a panic, and what lets pages from anywhere read what is public.
//!
//! All of it in one layer: each layer of a router copies what is inside of it, and boxes it, for every request.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use tokio::time::{Sleep, sleep_until};
use tower::{Layer, Service};

use crate::app::App;
use crate::export;
use crate::limits::{ANNOUNCED, Visit};
use crate::problem::Problem;

/// The layer.
#[derive(Clone)]
pub(crate) struct Around {
    app: App,
    anywhere: Option<Anywhere>,
}

impl Around {
    /// Around what programs ask for.
    pub(crate) fn of(app: App) -> Around {
        Around {
            app,
            anywhere: None,
        }
    }

    /// The same around what pages from anywhere may read, refusals included.
    pub(crate) fn open_to_all(app: App) -> Around {
        Around {
            app,
            anywhere: Some(Anywhere::new()),
        }
    }
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;

    fn layer(&self, inner: S) -> Surrounded<S> {
        Surrounded {
            around: self.clone(),
            inner,
        }
    }
}

/// A route, and what is around it.
#[derive(Clone)]
pub(crate) struct Surrounded<S> {
    around: Around,
    inner: S,
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Unpin,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Answering<S::Future> {
        let Around { app, anywhere } = self.around.clone();
        let inner = &mut self.inner;
        let (visit, step) = match &anywhere {
            Some(_) if request.method() == Method::OPTIONS => {
                (None, Step::Answered(Anywhere::asked_before()))
            }
            _ => {
                let begun = catch_unwind(AssertUnwindSafe(|| begin(&app, inner, request)));
                begun.unwrap_or_else(|panic| (None, Step::Answered(panicked(panic))))
            }
        };
        Answering {
            app,
            anywhere,
            visit,
            step,
        }
    }
}

fn begin<S>(app: &App, inner: &mut S, mut request: Request) -> (Option<Visit>, Step<S::Future>)
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let visit = Visit::of(&request);
    match visit.enter(app, &mut request) {
        Ok(entered) => {
            let future = inner.call(request);
            (Some(entered), Step::Asked { future, late: None })
        }
        Err(refused) => (Some(visit), Step::Answered(refused)),
    }
}

/// An answer on its way.
pub(crate) struct Answering<F> {
    app: App,
    anywhere: Option<Anywhere>,
    /// None where nobody was let in, or nobody asked.
    visit: Option<Visit>,
    step: Step<F>,
}

enum Step<F> {
    Asked {
        future: F,
        /// When it takes too long. Most answers are there before anybody has to wait.
        late: Option<Pin<Box<Sleep>>>,
    },
    Answered(Response),
    Done,
}

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response, Infallible>> + Unpin,
{
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let (visit, step) = (this.visit.as_ref(), &mut this.step);
        let polled = catch_unwind(AssertUnwindSafe(|| step.poll(visit, cx)));
        let mut response = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(response)) => response,
            Err(panic) => {
                this.visit = None;
                panicked(panic)
            }
        };
        if let Some(visit) = this.visit.take() {
            visit.leave(&this.app, &mut response);
        }
        let headers = response.headers_mut();
        if let Some(anywhere) = &this.anywhere {
            anywhere.say(headers);
        }
        let no_store = HeaderValue::from_static("no-store");
        headers.entry(header::CACHE_CONTROL).or_insert(no_store);
        Poll::Ready(Ok(response))
    }
}

impl<F> Step<F>
where
    F: Future<Output = Result<Response, Infallible>> + Unpin,
{
    fn poll(&mut self, visit: Option<&Visit>, cx: &mut Context<'_>) -> Poll<Response> {
        if let (Step::Asked { future, late }, Some(visit)) = (&mut *self, visit) {
            if let Poll::Ready(Ok(response)) = Pin::new(future).poll(cx) {
                *self = Step::Done;
                return Poll::Ready(response);
            }
            let late = late.get_or_insert_with(|| Box::pin(sleep_until(visit.latest())));
            if late.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            *self = Step::Answered(visit.late());
        }
        match std::mem::replace(self, Step::Done) {
            Step::Answered(response) => Poll::Ready(response),
            Step::Asked { .. } | Step::Done => panic!("an answer is asked for twice"),
        }
    }
}

/// A panic is our bug: the caller learns no more than that.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(text.unwrap_or("a panic without words")).into_response()
}

/// What any page may read: what [`crate::any_origin`] says, made once. No credentials: a browser sends neither
/// cookies nor keys.
#[derive(Clone)]
struct Anywhere {
    exposed: HeaderValue,
}

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD");

impl Anywhere {
    fn new() -> Anywhere {
        let names: Vec<String> = exposed().iter().map(ToString::to_string).collect();
        let exposed = HeaderValue::try_from(names.join(",")).expect("names of headers are visible");
        Anywhere { exposed }
    }

    /// The answer to a browser that asks before it asks.
    fn asked_before() -> Response {
        let mut response = Response::default();
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response
    }

    fn say(&self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_METHODS) {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.clone());
        }
    }
}

/// What a page may see of an answer, beside what every page may.
pub(crate) fn exposed() -> Vec<HeaderName> {
    let own = vec![header::ETAG, header::RETRY_AFTER, export::SEQ];
    [own, ANNOUNCED.into()].concat()
}

#[cfg(test)]
mod tests;

//! What happens to a request before anything else: its head is looked over, what it costs is taken,
//! and its answer is waited for no longer than it may take. A request that is refused here has reached
//! nobody, and its idempotency key is as good as unused.
//!
//! Allowances are announced as `RateLimit-Limit`, `-Remaining` and `-Reset`, in tokens and seconds. The
//! three are what deployed clients and gateways read; the two fields that the drafts turned them into
//! later (`RateLimit-Policy`, `RateLimit`) are read by few, and have changed their form twice.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::address::{Place, address_of};
use super::bucket::Standing;
use super::cost::{self, Cost, Per};
use super::limiter::Payer;
use super::{ANSWER_TIME, BODY_TIME, HEAD_BYTES, HEAD_LINES, URI_BYTES};
use crate::app::App;
use crate::auth::{self, Caller, Head};
use crate::problem::Problem;

/// Who asks, as the guard has found: keys are looked up once.
#[derive(Clone)]
pub(crate) struct Known(pub(crate) Result<Option<Caller>, Problem>);

/// Guards every route that it is a layer of, and counts what is answered.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let visit = Visit::of(&request);
    let mut response = match visit.enter(&app, &mut request) {
        Err(refused) => refused,
        Ok(entered) => {
            let answer = tokio::time::timeout_at(entered.latest(), next.run(request));
            let mut response = answer.await.unwrap_or_else(|_| entered.late());
            entered.leave(&app, &mut response);
            return response;
        }
    };
    visit.leave(&app, &mut response);
    response
}

/// A request at the door, and once it is let in.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    route: usize,
    cost: Cost,
    reads: bool,
    began: Instant,
    /// Who paid, and how they stand since; none where nobody was let in.
    paid: Option<(Payer, Option<Standing>)>,
}

impl Visit {
    /// A request that has come to a route.
    pub(crate) fn of(request: &Request) -> Visit {
        let path = request.extensions().get::<MatchedPath>();
        let (route, cost) = cost::of(request.method(), path.map(MatchedPath::as_str));
        Visit {
            route,
            cost,
            reads: matches!(*request.method(), Method::GET | Method::HEAD),
            began: Instant::now(),
            paid: None,
        }
    }

    /// Lets a request in that is what it may be and is paid for; or its refusal.
    #[expect(
        clippy::result_large_err,
        reason = "a refusal is the answer, and goes no further than its reader"
    )]
    pub(crate) fn enter(self, app: &App, request: &mut Request) -> Result<Visit, Response> {
        check_head(request).map_err(IntoResponse::into_response)?;
        let limiter = app.limiter();
        let trusted = limiter.limits().address_header.as_ref();
        let from = address_of(request.headers(), request.extensions(), trusted);
        let place = Place::of_request(from);
        let head = Head {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        };
        let known = auth::asking(head, from, app);
        let payer = match &known {
            Ok(Some(caller)) => Payer::account(app, *caller),
            Ok(None) => Payer::Nobody(place),
            Err(_) => Payer::Stranger(place),
        };
        let standing = limiter.take(payer, &self.cost).map_err(|mut limited| {
            if self.cost.per == Per::Order {
                // How many there are is not known here. A full bucket lets any number through.
                limited.few.wait = limited.few.standing.full_in;
            }
            let standing = limited.few.standing;
            let mut response = Problem::from(limited).into_response();
            announce(&mut response, standing);
            response
        })?;
        // After what it costs: one that has to wait may be sent again as it is.
        let known = known.and_then(|known| self.once(app, known));
        request.extensions_mut().insert(place);
        request.extensions_mut().insert(Known(known));
        Ok(Visit {
            paid: Some((payer, standing)),
            ..self
        })
    }

    /// When an answer is waited for no longer.
    pub(crate) fn latest(&self) -> Instant {
        let most = match self.reads {
            true => ANSWER_TIME,
            false => BODY_TIME + ANSWER_TIME,
        };
        self.began + most
    }

    /// What is said then. A read that takes too long is given up; a command that does may have happened.
    pub(crate) fn late(&self) -> Response {
        match self.reads {
            true => Problem::unavailable("a read took too long").into_response(),
            false => Problem::unknown_outcome().into_response(),
        }
    }

    /// Announces what is left, and counts the answer.
    pub(crate) fn leave(self, app: &App, response: &mut Response) {
        if let Some((payer, standing)) = self.paid {
            let standing = match self.cost.per {
                Per::Request => standing,
                Per::Order => app.limiter().look_again(payer, &self.cost),
            };
            // What anyone may keep and show to others says nothing about who asked first.
            if let Some(standing) = standing.filter(|_| !is_public(response)) {
                announce(response, standing);
            }
        }
        let took = self.began.elapsed();
        app.requests().answered(self.route, response.status(), took);
    }

    /// Whoever asks, unless a command is signed with what has opened another one.
    fn once(&self, app: &App, known: Option<Caller>) -> Result<Option<Caller>, Problem> {
        let once = known.and_then(|caller| caller.once);
        if let Some(once) = once.filter(|_| !self.reads) {
            app.seen().note(once, app.now())?;
        }
        Ok(known)
    }
}

/// Refuses a head that is longer than any client's. The transport lets somewhat more through, so that
/// this can be said.
fn check_head(request: &Request) -> Result<(), Problem> {
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().len() > URI_BYTES) {
        let detail = format!("an address has at most {URI_BYTES} bytes");
        return Err(Problem::new("uri_too_long", detail).with("most", URI_BYTES));
    }
    let headers = request.headers();
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + PUNCTUATION)
        .sum();
    if headers.len() > HEAD_LINES || bytes > HEAD_BYTES {
        let detail = format!("a head has at most {HEAD_LINES} lines and {HEAD_BYTES} bytes");
        let problem = Problem::new("head_too_large", detail).with("most_lines", HEAD_LINES);
        return Err(problem.with("most_bytes", HEAD_BYTES));
    }
    Ok(())
}

/// A colon, a space and a line end.
const PUNCTUATION: usize = 4;

fn is_public(response: &Response) -> bool {
    let cache = response.headers().get(header::CACHE_CONTROL);
    let public = cache.is_some_and(|cache| cache.as_bytes().starts_with(b"public"));
    public && response.status() != StatusCode::TOO_MANY_REQUESTS
}

fn announce(response: &mut Response, standing: Standing) {
    let seconds = standing.full_in.as_nanos().div_ceil(1_000_000_000);
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(standing.burst));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(
        RESET,
        HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)),
    );
}

/// What a full bucket holds, what is left in it, and the seconds until it is full.
pub(crate) const ANNOUNCED: [HeaderName; 3] = [LIMIT, REMAINING, RESET];
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

//! The demonstration's way to the server: JSON over HTTP, and what went wrong in words.

use std::fmt;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a request with an idempotency key is sent before giving up.
const ATTEMPTS: u32 = 6;

/// How often a request that came too soon is sent again, each time when the server said.
const PATIENT_ATTEMPTS: u32 = 5;

/// A client of one server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
}

/// A client with a key.
pub(super) struct Bearer<'a> {
    client: &'a Client,
    key: &'a str,
}

/// Why a call has no answer.
#[derive(Debug)]
pub(super) enum CallError {
    /// The server answered, but not with what was asked for.
    Refused {
        status: u16,
        /// The problem's stable code.
        code: String,
        detail: String,
    },
    /// The server did not answer, or not in JSON.
    Failed(reqwest::Error),
}

impl CallError {
    /// Whether the same call may go through a little later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            CallError::Refused { status, .. } => *status == 429 || *status >= 500,
            CallError::Failed(_) => true,
        }
    }

    /// Whether this key opens nothing any more.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, CallError::Refused { status: 401, .. })
    }

    /// The problem's code; empty without one.
    pub(super) fn code(&self) -> &str {
        match self {
            CallError::Refused { code, .. } => code,
            CallError::Failed(_) => "",
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused {
                status,
                code,
                detail,
            } => write!(f, "{status} {code}: {detail}"),
            CallError::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl Client {
    /// A client of the server at `base`.
    pub(super) fn new(base: String) -> Client {
        // The server is on this machine: a proxy in the environment is not meant for it.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build();
        Client {
            http: http.unwrap_or_default(),
            base,
        }
    }

    pub(super) fn with<'a>(&'a self, key: &'a str) -> Bearer<'a> {
        Bearer { client: self, key }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, CallError> {
        answer(self.http.get(format!("{}{path}", self.base))).await
    }
}

impl Bearer<'_> {
    pub(super) async fn get(&self, path: &str) -> Result<Value, CallError> {
        answer(self.request(Method::GET, path)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Value, CallError> {
        answer(self.request(Method::DELETE, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a request under an idempotency key until it is answered: sent twice, it is done once.
    pub(super) async fn post_once(
        &self,
        path: &str,
        once: &str,
        body: &Value,
    ) -> Result<Value, CallError> {
        let mut wait = Duration::from_millis(100);
        let mut attempt = 1;
        loop {
            let request = self
                .request(Method::POST, path)
                .header("Idempotency-Key", once);
            match answer(request.json(body)).await {
                Err(error) if error.may_pass() && attempt < ATTEMPTS => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    attempt += 1;
                }
                answered => return answered,
            }
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.client.base);
        self.client.http.request(method, url).bearer_auth(self.key)
    }
}

async fn answer(request: RequestBuilder) -> Result<Value, CallError> {
    let response = send(request).await.map_err(CallError::Failed)?;
    let status = response.status();
    let bytes = response.bytes().await.map_err(CallError::Failed)?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match status.is_success() {
        true => Ok(body),
        false => Err(CallError::Refused {
            status: status.as_u16(),
            code: text("code"),
            detail: text("detail"),
        }),
    }
}

/// Sends a request, and keeps to the limits as everyone has to: one that came too soon has reached nobody,
/// and is sent again once the server said that it can be.
async fn send(request: RequestBuilder) -> reqwest::Result<Response> {
    for _ in 0..PATIENT_ATTEMPTS {
        let Some(again) = request.try_clone() else {
            break;
        };
        let response = again.send().await?;
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            return Ok(response);
        }
        tokio::time::sleep(wait(&response)).await;
    }
    request.send().await
}

fn wait(response: &Response) -> Duration {
    let seconds = response.headers().get(RETRY_AFTER);
    let seconds = seconds.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

//! A client that says what it expects: each answer is checked for its status, and each refusal for
//! its whole form.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// How long an answer may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Speaks to a server, with one key or none.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: &str, key: Option<&str>) -> Client {
        // A connection for each request: on one that the server is about to close, as it does after
        // a body that it did not read, the next request would be lost without a word.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0);
        Client {
            http: http.build().expect("a client"),
            base: base.to_owned(),
            key: key.map(str::to_owned),
        }
    }

    /// The key that it carries.
    ///
    /// # Panics
    /// When it carries none.
    pub fn key(&self) -> &str {
        self.key.as_deref().expect("a client with a key")
    }

    /// A request, to be added to and sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let (http, request) = request.build_split();
        let request = request?;
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            asked,
            status,
            headers,
            text: response.text().await?,
        })
    }

    async fn sure(request: RequestBuilder) -> Answer {
        Client::send(request)
            .await
            .unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        Client::sure(self.request(Method::GET, path)).await
    }

    /// Reads from a server that may not be there.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn try_get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        Client::send(self.request(Method::GET, path)).await
    }

    /// Reads what is there: the document of a 200.
    pub async fn see(&self, path: &str) -> Value {
        self.get(path).await.is(200)
    }

    /// Sends a command.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Client::sure(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a command under an idempotency key, to a server that may not be there.
    ///
    /// # Errors
    /// When no whole answer came: what became of the command is unknown.
    pub async fn post_once(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Answer, reqwest::Error> {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key);
        Client::send(request.json(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Client::sure(self.request(Method::PATCH, path).json(body)).await
    }

    /// Puts something in another's place.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Client::sure(self.request(Method::PUT, path).json(body)).await
    }

    /// Takes something away.
    pub async fn delete(&self, path: &str) -> Answer {
        Client::sure(self.request(Method::DELETE, path)).await
    }
}

impl Answer {
    /// Its document.
    ///
    /// # Panics
    /// When it is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let read = serde_json::from_str(&self.text);
        read.unwrap_or_else(|error| panic!("{} is not JSON: {error}\n{}", self.asked, self.text))
    }

    /// Its document, if it has the status.
    ///
    /// # Panics
    /// When it has another one.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.json()
    }

    /// The problem that it is, if it has this code; checked for its whole form.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn refused(&self, code: &str) -> Value {
        let problem = self.problem();
        assert_eq!(problem["code"], code, "{}: {}", self.asked, self.text);
        problem
    }

    /// The problem that it is, with a code of the table and what the table says of it.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn problem(&self) -> Value {
        self.as_problem().unwrap_or_else(|why| panic!("{why}"))
    }

    /// The problem that it is, with a code of the table and what the table says of it.
    ///
    /// # Errors
    /// With what keeps it from being one.
    pub fn as_problem(&self) -> Result<Value, String> {
        let problem: Value = serde_json::from_str(&self.text).unwrap_or(Value::Null);
        let table = tidings_api::problem_table();
        let entry = table.iter().find(|entry| problem["code"] == entry.code);
        let why = match entry {
            None => "it has no code of the table",
            Some(entry) if self.status != entry.status => "its status is not its code's",
            Some(entry) if problem["status"] != entry.status => "it tells another status",
            Some(entry) if problem["title"] != entry.title => "its title is not its code's",
            Some(entry) if problem["retry"] != entry.retry.word() => "its advice is not its code's",
            Some(entry) if !text(&problem["type"]).ends_with(entry.code) => "its type is another",
            Some(_) if text(&problem["detail"]).is_empty() => "it gives no detail",
            Some(_) if self.header("content-type") != "application/problem+json" => {
                "it is of another content type"
            }
            Some(_) if self.header("cache-control") != "no-store" => "it may be stored",
            Some(_) => return Ok(problem),
        };
        let shown: String = self.text.chars().take(300).collect();
        Err(format!("{}: {why}: {} {shown}", self.asked, self.status))
    }

    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

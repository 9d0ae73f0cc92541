//! The routes under `/v1`, asked as whoever is signed in.

use axum::Router;
use axum::body::to_bytes;
use axum::http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use tidings_api::console;

use super::sign_in::sentence;
use super::staff::Staff;

/// Bytes of an answer that a page is made of: a preview of a market with thousands of holders.
const MOST: usize = 8 << 20;

/// The routes under `/v1`.
#[derive(Clone)]
pub(crate) struct Api(Router);

/// A page of a list.
pub(crate) struct Listed {
    pub(crate) rows: Vec<Value>,
    /// Where the list goes on, if it does.
    pub(crate) next: Option<String>,
}

/// What was answered instead of what was asked for, for people to read.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    /// The stable name.
    pub(crate) code: String,
    pub(crate) detail: String,
    /// The member of what was sent that is to blame, as a path; empty, where none is.
    pub(crate) field: String,
}

impl Api {
    pub(crate) fn of(api: Router) -> Api {
        Api(api)
    }

    /// Reads something.
    pub(crate) async fn get(&self, who: &Staff, path: &str) -> Result<Value, Refused> {
        self.ask(who, Method::GET, path, None::<&()>, None).await
    }

    /// Reads a page of a list. An answer that has none is refused: it would be shown as if nothing was there.
    pub(crate) async fn list(&self, who: &Staff, path: &str) -> Result<Listed, Refused> {
        let mut told = self.get(who, path).await?;
        let next = told["next_cursor"].as_str().map(str::to_owned);
        match told.get_mut("data").map(Value::take) {
            Some(Value::Array(rows)) => Ok(Listed { rows, next }),
            _ => Err(Refused::unreadable()),
        }
    }

    /// Asks something that takes a body and changes nothing.
    pub(crate) async fn ask_about(
        &self,
        who: &Staff,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Value, Refused> {
        self.ask(who, Method::POST, path, Some(body), None).await
    }

    /// Sends a command. A form that is sent twice has the same `key`, and is carried out once.
    pub(crate) async fn send(
        &self,
        who: &Staff,
        method: Method,
        path: &str,
        body: &impl Serialize,
        key: &str,
    ) -> Result<Value, Refused> {
        self.ask(who, method, path, Some(body), Some(key)).await
    }

    /// Takes something away, as [`Api::send`] does it: once.
    pub(crate) async fn remove(
        &self,
        who: &Staff,
        path: &str,
        key: &str,
    ) -> Result<Value, Refused> {
        self.ask(who, Method::DELETE, path, None::<&()>, Some(key))
            .await
    }

    async fn ask(
        &self,
        who: &Staff,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        key: Option<&str>,
    ) -> Result<Value, Refused> {
        let response = console::call(&self.0, &who.0, method, path, body, key).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), MOST).await.ok();
        let json = bytes.and_then(|bytes| match bytes.is_empty() {
            true => Some(Value::Null),
            false => serde_json::from_slice(&bytes).ok(),
        });
        match json {
            Some(json) if status.is_success() => Ok(json),
            Some(problem) => Err(Refused::of(status, &problem)),
            // What cannot be read is not shown as if nothing was in it.
            None => Err(Refused::unreadable()),
        }
    }
}

impl Refused {
    /// Something that was looked at here, and sent nowhere.
    pub(crate) fn here(status: StatusCode, words: &str) -> Refused {
        Refused {
            status,
            code: String::new(),
            detail: words.to_owned(),
            field: String::new(),
        }
    }

    /// An answer that cannot be read.
    pub(crate) fn unreadable() -> Refused {
        Refused::here(StatusCode::INTERNAL_SERVER_ERROR, "")
    }

    /// What is wrong, as a sentence.
    pub(crate) fn sentence(&self) -> String {
        match self.detail.as_str() {
            "" => {
                "It could not be done at this moment. Look at the page again before you repeat it."
                    .to_owned()
            }
            detail => sentence(detail),
        }
    }

    fn of(status: StatusCode, problem: &Value) -> Refused {
        let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
        Refused {
            status,
            code: text("code"),
            detail: text("detail"),
            field: text("field"),
        }
    }
}

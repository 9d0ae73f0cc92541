//! A session with a browser's driver: the few commands of the W3C protocol that the tests need.
//! The crates that speak all of it change features of crates that the server is built from, and
//! the server that is tested has to be the one that ships.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// How long a command may take: a page load among them, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Under this name the protocol gives elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    http: Client,
    base: String,
}

/// An element of the page that is open.
#[derive(Clone, Debug)]
pub struct Element<'a> {
    session: &'a Session,
    id: String,
}

impl Session {
    /// Starts a browser.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn start(
        driver: &str,
        flags: &[String],
        browser: Option<&Path>,
    ) -> Result<Session, String> {
        let mut options = json!({"args": flags});
        if let Some(browser) = browser {
            options["binary"] = json!(browser);
        }
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let http = Client::builder().no_proxy().timeout(PATIENCE).build();
        let http = http.map_err(|error| error.to_string())?;
        let sessions = Session {
            http,
            base: format!("{driver}/session"),
        };
        let asked = json!({"capabilities": {"alwaysMatch": wanted}});
        let started = sessions.command(Method::POST, "", Some(asked)).await?;
        let id = started["sessionId"]
            .as_str()
            .ok_or("the session has no id")?;
        Ok(Session {
            base: format!("{}/{id}", sessions.base),
            ..sessions
        })
    }

    /// Opens a page and waits until it has loaded.
    pub async fn open(&self, url: &str) {
        self.tell("url", json!({"url": url})).await;
    }

    /// Runs a script in the page: what it returns, or what its promise comes to.
    ///
    /// # Errors
    /// What the driver says, such as an error of the script.
    pub async fn run(&self, script: &str) -> Result<Value, String> {
        let asked = json!({"script": script, "args": []});
        self.command(Method::POST, "/execute/sync", Some(asked))
            .await
    }

    /// Tells the browser something in its own protocol.
    pub async fn devtools(&self, command: &str, words: Value) -> Value {
        self.tell("goog/cdp/execute", json!({"cmd": command, "params": words}))
            .await
    }

    /// What the browser's console has had since it was last asked.
    pub async fn console(&self) -> Vec<Value> {
        let log = self.tell("se/log", json!({"type": "browser"})).await;
        log.as_array().cloned().unwrap_or_else(Vec::new)
    }

    /// The cookies that the page could send.
    pub async fn cookies(&self) -> Value {
        let cookies = self.command(Method::GET, "/cookie", None).await;
        cookies.unwrap_or_else(|why| panic!("the cookies: {why}"))
    }

    /// Goes into a frame of the page by its number, or back to the page.
    pub async fn frame(&self, number: Option<u32>) {
        self.tell("frame", json!({"id": number})).await;
    }

    /// The first element that a selector finds.
    pub async fn find(&self, selector: &str) -> Element<'_> {
        let asked = json!({"using": "css selector", "value": selector});
        let found = self.tell("element", asked).await;
        let id = found[ELEMENT].as_str().expect("an element").to_owned();
        Element { session: self, id }
    }

    /// Ends the browser.
    pub async fn end(&self) {
        let ended = self.command(Method::DELETE, "", None).await;
        ended.unwrap_or_else(|why| panic!("the browser does not end: {why}"));
    }

    async fn tell(&self, what: &str, words: Value) -> Value {
        let told = self
            .command(Method::POST, &format!("/{what}"), Some(words.clone()))
            .await;
        told.unwrap_or_else(|why| panic!("{what} {words}: {why}"))
    }

    async fn command(
        &self,
        method: Method,
        path: &str,
        words: Option<Value>,
    ) -> Result<Value, String> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = match &words {
            Some(words) => request.json(words),
            None => request,
        };
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let is_done = answer.status().is_success();
        let mut answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        match is_done {
            true => Ok(answer["value"].take()),
            false => Err(answer["value"]["message"]
                .as_str()
                .unwrap_or("no reason")
                .to_owned()),
        }
    }
}

impl Element<'_> {
    /// Its words as they are shown.
    pub async fn text(&self) -> String {
        let path = format!("/element/{}/text", self.id);
        let text = self
            .session
            .command(Method::GET, &path, None)
            .await
            .expect("its text");
        text.as_str().expect("text").to_owned()
    }

    /// Clicks it.
    pub async fn click(&self) {
        self.tell("click", json!({})).await;
    }

    /// Types into it.
    pub async fn enter(&self, text: &str) {
        self.tell("value", json!({"text": text})).await;
    }

    /// Empties it.
    pub async fn clear(&self) {
        self.tell("clear", json!({})).await;
    }

    async fn tell(&self, what: &str, words: Value) {
        self.session
            .tell(&format!("element/{}/{what}", self.id), words)
            .await;
    }
}

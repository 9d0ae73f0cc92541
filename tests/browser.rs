//! A real browser, through its driver: pages as a reader sees them, and what the browser has to say
//! about them. `TIDINGS_BROWSER` is the driver; `cargo xtask test` finds or installs it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::left_out::left_out;
use crate::server::free_port;
use crate::webdriver::{Element, Session};

/// How long the driver may take to start, on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A browser with one window and a profile of its own.
pub struct Browser {
    session: Session,
    process: Child,
    port: u16,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Width of the window in CSS pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Whether the reader prefers dark pages.
    pub is_dark: bool,
}

impl Look {
    /// A desk, by day.
    pub const DESKTOP: Look = Look {
        width: 1280,
        height: 900,
        is_dark: false,
    };
    /// A phone, by day.
    pub const PHONE: Look = Look {
        width: 390,
        height: 844,
        is_dark: false,
    };

    /// The same by night.
    #[must_use]
    pub const fn dark(self) -> Look {
        Look {
            is_dark: true,
            ..self
        }
    }
}

impl Browser {
    /// A browser, if there is one; otherwise that is said aloud.
    ///
    /// # Panics
    /// When there is one that does not start.
    pub async fn start() -> Option<Browser> {
        let Some(program) = std::env::var_os("TIDINGS_BROWSER") else {
            left_out(
                "browser tests",
                "TIDINGS_BROWSER names no chromedriver; cargo xtask test finds it",
            );
            return None;
        };
        let port = free_port();
        let mut process = Command::new(program)
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        if let Err(why) = listening(port).await {
            drop(process.kill());
            panic!("{why}");
        }
        let profile = TempDir::new().expect("a profile");
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let chromium = std::env::var_os("TIDINGS_CHROMIUM").map(PathBuf::from);
        let driver = format!("http://127.0.0.1:{port}");
        match Session::start(&driver, &flags, chromium.as_deref()).await {
            Ok(session) => Some(Browser {
                session,
                process,
                port,
                _profile: profile,
            }),
            Err(why) => {
                drop(process.kill());
                panic!("chromium does not start: {why}")
            }
        }
    }

    /// Looks at pages this way from here on.
    pub async fn look(&self, look: Look) {
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
        ]});
        self.session
            .devtools("Emulation.setEmulatedMedia", media)
            .await;
        let size = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1,
            "mobile": look.width < 600,
        });
        self.session
            .devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// What the reader's device asks of pages beside their size: `print` or `screen`, and features such as
    /// `forced-colors` with what they are.
    pub async fn media(&self, kind: &str, features: &[(&str, &str)]) {
        let features: Vec<_> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        self.session
            .devtools(
                "Emulation.setEmulatedMedia",
                json!({"media": kind, "features": features}),
            )
            .await;
    }

    /// Opens another tab before this one, which is hidden by that. What is looked at stays this one.
    pub async fn cover(&self) {
        let made = self
            .session
            .devtools("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        self.session
            .devtools(
                "Target.activateTarget",
                json!({"targetId": made["targetId"]}),
            )
            .await;
    }

    /// Lets pages run their scripts, or not.
    pub async fn scripts(&self, are_on: bool) {
        self.session
            .devtools(
                "Emulation.setScriptExecutionDisabled",
                json!({"value": !are_on}),
            )
            .await;
    }

    /// Tells the browser something in its own protocol, and gives what it says to that.
    pub async fn devtools(&self, command: &str, words: Value) -> Value {
        self.session.devtools(command, words).await
    }

    /// Loads nothing from addresses like these from here on.
    pub async fn hold_back(&self, addresses: &[&str]) {
        let session = &self.session;
        session.devtools("Network.enable", json!({})).await;
        let urls = json!({"urls": addresses});
        session.devtools("Network.setBlockedURLs", urls).await;
    }

    /// Opens a page and waits until it has loaded.
    pub async fn open(&self, url: &str) {
        self.session.open(url).await;
    }

    /// The first element of the page that a selector finds.
    pub async fn find(&self, selector: &str) -> Element<'_> {
        self.session.find(selector).await
    }

    /// Goes into a frame of the page by its number, or back to the page.
    pub async fn frame(&self, number: Option<u32>) {
        self.session.frame(number).await;
    }

    /// The cookies that the page could send.
    pub async fn cookies(&self) -> Value {
        self.session.cookies().await
    }

    /// Runs a script in the page: what it returns.
    #[track_caller]
    pub fn run(&self, script: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        let script = script.to_owned();
        async move {
            let ran = self.session.run(&script).await;
            ran.unwrap_or_else(|why| panic!("{caller}: {script}: {why}"))
        }
    }

    /// Waits until a script returns something that is true, and gives it with the time it took.
    #[track_caller]
    pub fn wait(
        &self,
        patience: Duration,
        script: &str,
    ) -> impl Future<Output = (Value, Duration)> {
        let caller = std::panic::Location::caller();
        let script = script.to_owned();
        async move {
            let started = Instant::now();
            loop {
                let value = self.run(&script).await;
                if !matches!(value, Value::Null | Value::Bool(false)) {
                    return (value, started.elapsed());
                }
                let waited = started.elapsed();
                assert!(
                    waited < patience,
                    "{caller}: not within {patience:?}: {script}"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// The words of the page as its reader sees them.
    pub async fn words(&self) -> String {
        self.find("body").await.text().await
    }

    /// What the browser has complained of since it was last asked: errors of scripts, requests that
    /// failed, violations of the page's policy.
    pub async fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for entry in self.session.console().await {
            let (level, message) = (entry["level"].as_str(), entry["message"].as_str());
            let message = message.unwrap_or("");
            if level == Some("SEVERE") || message.contains("Content Security Policy") {
                complaints.push(message.to_owned());
            }
        }
        complaints
    }

    /// Takes a picture of the whole page.
    pub async fn picture(&self, file: &Path) {
        let size = self
            .session
            .devtools("Page.getLayoutMetrics", json!({}))
            .await;
        let size = &size["cssContentSize"];
        let clip = json!({
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1,
        });
        let how = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let picture = self.session.devtools("Page.captureScreenshot", how).await;
        let bytes = base64(picture["data"].as_str().expect("a picture"));
        std::fs::write(file, bytes).expect("a file for the picture");
    }

    /// Ends it.
    pub async fn close(self) {
        self.session.end().await;
    }
}

impl Drop for Browser {
    /// Killing the driver would leave the browser behind; asked to end, it ends both.
    fn drop(&mut self) {
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            let host = format!("Host: 127.0.0.1:{}", self.port);
            drop(driver.set_read_timeout(Some(Duration::from_secs(5))));
            drop(write!(
                driver,
                "GET /shutdown HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"
            ));
            drop(driver.read_to_end(&mut Vec::new()));
        }
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

async fn listening(port: u16) -> Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < START {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("chromedriver did not listen within {START:?}"))
}

/// Headless, and alone: it speaks to nobody but the pages that it is sent to.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Bytes from base64 with its usual alphabet; what else is in the text is passed over.
fn base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == letter) else {
            continue;
        };
        bits = bits << 6 | u32::try_from(value).expect("below 64");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("a byte"));
        }
    }
    bytes
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

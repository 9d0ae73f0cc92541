//! A real browser, through its driver: pages as a reader sees them, and what the browser has to say
//! about them. `TIDINGS_BROWSER` is the driver; `cargo xtask test` finds or installs it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::left_out::left_out;
use crate::webdriver::{Element, Session};

/// How long the driver may take to start, on a busy machine.
const START: Duration = Duration::from_secs(30);
/// How often one is started before that is a failure: a browser that dies before its first page says
/// nothing about the server.
const STARTS: usize = 3;

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
        let program = PathBuf::from(program);
        let mut failures = Vec::new();
        for _ in 0..STARTS {
            match Browser::attempt(&program).await {
                Ok(browser) => return Some(browser),
                Err(why) => {
                    eprintln!("a browser that did not start: {why}");
                    failures.push(why);
                }
            }
        }
        panic!("no browser in {STARTS} attempts: {failures:#?}")
    }

    /// One driver and its browser, or why there is none, with what the driver said.
    async fn attempt(program: &Path) -> Result<Browser, String> {
        let profile = TempDir::new().map_err(|error| error.to_string())?;
        let said = profile.path().join("driver.log");
        let log = File::create(&said).map_err(|error| error.to_string())?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
        let browsers = profile.path().join("profile");
        flags.push(format!("--user-data-dir={}", browsers.display()));
        let chromium = std::env::var_os("TIDINGS_CHROMIUM").map(PathBuf::from);
        let started = async {
            let port = port_of(&mut process, &said).await?;
            let driver = format!("http://127.0.0.1:{port}");
            let session = Session::start(&driver, &flags, chromium.as_deref()).await?;
            Ok::<_, String>((port, session))
        };
        match started.await {
            Ok((port, session)) => Ok(Browser {
                session,
                process,
                port,
                _profile: profile,
            }),
            Err(why) => {
                drop(process.kill());
                drop(process.wait());
                let said = std::fs::read_to_string(&said).unwrap_or_else(|error| error.to_string());
                Err(format!("{why}; the driver said:\n{said}"))
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

/// The port that the driver took. It chooses by itself: a port that was free a moment ago can be
/// anybody's by the time a driver listens at it, even that of a connection to it.
async fn port_of(process: &mut Child, said: &Path) -> Result<u16, String> {
    const BEFORE: &str = "was started successfully on port ";
    let started = Instant::now();
    while started.elapsed() < START {
        let words = std::fs::read_to_string(said).map_err(|error| error.to_string())?;
        let port = words
            .split_once(BEFORE)
            .and_then(|(_, port)| port.split_once('.'));
        if let Some((port, _)) = port {
            return port.parse().map_err(|_| format!("no port: {port:?}"));
        }
        if let Ok(Some(status)) = process.try_wait() {
            return Err(format!("chromedriver ended with {status}"));
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

//! A site to look at in a browser: a server with an article, its market and somebody who trades; and what
//! has to hold on every page of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::article;
use crate::browser::Browser;
use crate::elsewhere::Elsewhere;
use crate::left_out::{aloud, left_out};
use crate::money::odds;
use crate::newsroom::{Newsroom, Person, joint_statement, with};
use crate::server::Server;

/// The market's name in addresses.
pub const SLUG: &str = "jpkr-joint-statement";
/// How long something may take that is to happen at once, on a busy machine.
pub const SOON: Duration = Duration::from_secs(8);

/// A server with an article, its market, and somebody who trades.
pub struct Site {
    /// The server.
    pub server: Server,
    /// Who runs it.
    pub room: Newsroom,
    /// Who trades.
    pub ann: Person,
    /// The article's name in addresses.
    pub slug: String,
    /// Its title.
    pub title: &'static str,
}

impl Site {
    /// Opens it.
    pub async fn open() -> Site {
        let server = Server::start().await;
        let room = Newsroom::open(&server).await;
        let own = article::own();
        let posted = room
            .editor
            .client
            .post("/v1/articles", &json!({"text": own.text}))
            .await;
        let slug = posted.is(201)["slug"].as_str().expect("a slug").to_owned();
        let links = json!({"articles": [{"article": slug, "role": "subject"}]});
        room.open_market(&with(joint_statement(), &links)).await;
        let ann = room.trader(&server, "Ann", "1000").await;
        Site {
            server,
            room,
            ann,
            slug,
            title: own.title,
        }
    }

    /// The address of the article's page.
    pub fn article(&self) -> String {
        format!("{}/articles/{}", self.server.base(), self.slug)
    }

    /// Pages and embeds that show the market's odds.
    pub fn pages_with_odds(&self) -> Vec<String> {
        let base = self.server.base();
        let embed = |what: &str| format!("{base}/embed/v1/{what}");
        vec![
            self.article(),
            format!("{base}/markets/{SLUG}"),
            embed(&format!("markets/{SLUG}")),
            embed(&format!("articles/{}", self.slug)),
        ]
    }

    /// A page of each kind.
    pub fn all_pages(&self) -> Vec<String> {
        let others = [
            "/",
            "/markets",
            "/search",
            "/search?q=statement",
            "/portfolio",
            "/docs",
            "/digest",
            "/calibration",
            "/leaderboard",
            "/about/embeds",
            "/nothing-stands-here",
        ];
        let others = others
            .into_iter()
            .map(|path| format!("{}{path}", self.server.base()));
        self.pages_with_odds().into_iter().chain(others).collect()
    }

    /// Another site with one card on its page.
    pub fn publisher_of_one_element(&self) -> Elsewhere {
        let base = self.server.base();
        let page = format!(
            "<!doctype html><title>A publisher</title><script src=\"{base}/embed/v1/odds.js\">\
             </script><live-odds market=\"{SLUG}\" height=\"300\">Odds</live-odds>"
        );
        Elsewhere::with(&page, "")
    }

    /// Buys some of Yes.
    pub async fn trade(&self) {
        let order = json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "market",
                           "quantity": "60"});
        self.ann.client.post("/v1/orders", &order).await.is(201);
    }

    /// The odds of Yes as pages write them large.
    pub async fn shown(&self) -> String {
        let market = self.ann.client.see(&format!("/v1/markets/{SLUG}")).await;
        whole_percent(odds(&market["outcomes"][0]["odds"]))
    }

    /// The height of a frame that oEmbed gives.
    pub async fn embed_height(&self) -> u64 {
        let page = format!("{}/markets/{SLUG}", self.server.base());
        let asked = format!(
            "/oembed?url={}&maxwidth=1280",
            page.replace(':', "%3A").replace('/', "%2F")
        );
        let offered = self.server.public().see(&asked).await;
        offered["height"].as_u64().expect("a height")
    }

    /// Trades, and sees what a script reads from the page become what it has to be.
    pub async fn moves_within_a_second(&self, browser: &Browser, odds: &str) {
        // Long enough after whatever came before: odds are shown at most once a second.
        tokio::time::sleep(Duration::from_millis(2_200)).await;
        self.trade().await;
        let traded = Instant::now();
        let shown = self.shown().await;
        browser
            .wait(SOON, &format!("return {odds} === '{shown}'"))
            .await;
        let took = traded.elapsed();
        aloud(&format!(
            "browser: the odds moved {took:?} after the trade was answered"
        ));
        assert!(
            took < Duration::from_secs(1),
            "the odds moved after {took:?}"
        );
    }
}

/// Reads the odds of Yes in the page itself.
pub fn in_page(what: &str) -> String {
    format!("document.querySelector('[data-outcome=yes] [data-odds]').{what}")
}

/// Whole per cents, halves to the even one.
pub fn whole_percent(millionths: u32) -> String {
    let (low, rest) = (millionths / 10_000, millionths % 10_000);
    let up = rest > 5_000 || (rest == 5_000 && low % 2 == 1);
    format!("{} %", low + u32::from(up))
}

/// Nothing has shifted since the page was opened; and a shift would have been seen.
pub async fn nothing_moved(browser: &Browser) {
    assert_eq!(
        browser.run(SHIFTS).await,
        json!([]),
        "nothing moves on the page"
    );
    let push = "const push = document.createElement('p'); push.textContent = 'Push'; \
                document.body.prepend(push)";
    browser.run(push).await;
    browser
        .wait(
            SOON,
            &SHIFTS.replace("done(seen.map", "done(seen.length > 0 && seen.map"),
        )
        .await;
    browser.run("document.body.firstChild.remove()").await;
}

/// Every shift since the first picture of the page: how far, from where to where, and of what. Chromium also tells of
/// those before it, when a busy machine lays a frame out while its style sheet is on the way: nobody saw these.
const SHIFTS: &str = "return new Promise((done) => { const all = []; \
    new PerformanceObserver((list) => all.push(...list.getEntries())) \
    .observe({type: 'layout-shift', buffered: true}); \
    const first = () => performance.getEntriesByName('first-paint')[0]?.startTime ?? Infinity; \
    const at = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(); \
    setTimeout(() => { const seen = all.filter((shift) => shift.startTime >= first()); \
    done(seen.map((shift) => shift.value + ' ' + shift.sources.map((source) => \
    at(source.previousRect) + ' to ' + at(source.currentRect) + ' ' + \
    (source.node?.outerHTML || source.node?.textContent || '').slice(0, 80)))); }, 100); })";

/// The browser has nothing to complain of: no error, no violation of the page's policy.
pub async fn no_complaints(browser: &Browser) {
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

/// The browser has nothing to complain of but what has to be expected.
pub async fn no_complaints_but(browser: &Browser, expected: &str) {
    let complaints = browser.complaints().await;
    let others = complaints
        .iter()
        .filter(|complaint| !complaint.contains(expected));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// No cookie, and nothing stored.
pub async fn leaves_no_trace(browser: &Browser) {
    assert_eq!(browser.cookies().await, json!([]));
    let kept = browser
        .run(
            "return Promise.all([indexedDB.databases(), self.caches ? caches.keys() : []]) \
             .then(([bases, caches]) => [localStorage.length, sessionStorage.length, \
             bases.length, caches.length, document.cookie])",
        )
        .await;
    assert_eq!(kept, json!([0, 0, 0, 0, ""]), "nothing is kept");
}

/// The accessibility checker's script, if there is one; otherwise that is said aloud.
///
/// # Panics
/// When there is one that cannot be read.
pub fn axe() -> Option<String> {
    match std::env::var_os("TIDINGS_AXE") {
        Some(axe) => Some(std::fs::read_to_string(axe).expect("axe-core")),
        None => {
            left_out(
                "axe in the browser tests",
                "TIDINGS_AXE names no axe.min.js",
            );
            None
        }
    }
}

/// What the checker has against the page that is open.
///
/// # Panics
/// When it does not run.
pub async fn violations(browser: &Browser, axe: Option<&str>) -> Vec<String> {
    let Some(axe) = axe else { return Vec::new() };
    browser.run(&format!("{axe}; return 1")).await;
    let found = browser.run(CHECK).await;
    let found = found.as_array().expect("a list");
    found.iter().map(Value::to_string).collect()
}

const CHECK: &str = "return axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', \
    'wcag21aa', 'wcag22aa']}).then((found) => found.violations.map((v) => v.id + ': ' + \
    v.nodes.map((n) => n.target.join(' ') + ' (' + n.failureSummary + ')').join('; ')))";

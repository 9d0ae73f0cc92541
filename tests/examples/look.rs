//! Pictures of the pages of a demo server, on a desktop and a phone, in light and dark: the site's, with a market
//! in each state, the portfolio's and the console's.
//! `cargo xtask look` runs it: a directory, and the pages to look at; all of them when none is named. After
//! `--empty` they are those of a server on which nothing has happened yet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, sign_in, sign_out};
use tidings_tests::gallery::Gallery;
use tidings_tests::newsroom::{Newsroom, Person, sample_pages};
use tidings_tests::site::SOON;
use tidings_tests::{Client, Server};

/// The pages of a server on which nothing has happened.
const EMPTY: [&str; 12] = [
    "/",
    "/markets",
    "/search",
    "/search?q=nothing",
    "/tags/nothing",
    "/sections/nothing",
    "/portfolio",
    "/digest",
    "/calibration",
    "/leaderboard",
    "/about/embeds",
    "/nothing-stands-here",
];

/// Who sees which pages of the console.
const DESKS: [(&str, &[&str]); 3] = [
    ("edda", &["/console/articles", "/console/feeds"]),
    (
        "otto",
        &[
            "/console",
            "/console/questions/new",
            "/console/questions/templates/next_meeting",
            "/console/accounts",
            "/console/watch",
            "/console/journal",
            "/console/emergency",
            "/console/sessions",
        ],
    ),
    (
        "ada",
        &["/console", "/console/deposits", "/console/accounts"],
    ),
];

/// What the pictures are taken of.
struct Studio {
    server: Server,
    /// Pages that everyone sees.
    pages: Vec<String>,
    /// Of the console, beside [`DESKS`].
    markets: Vec<String>,
    articles: Vec<String>,
    /// Whose portfolio is looked at, and as what.
    portfolios: Vec<(&'static str, Client)>,
}

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let looks: PathBuf = words.next().expect("a directory for the pictures").into();
    std::fs::create_dir_all(&looks).expect("the directory can be made");
    let mut named: Vec<String> = words.collect();
    let is_empty = named.first().is_some_and(|word| word == "--empty");
    if is_empty {
        named.remove(0);
    }
    let studio = match is_empty {
        true => Studio::empty().await,
        false => Studio::full().await,
    };
    let browser = Browser::start()
        .await
        .expect("a browser, which cargo xtask look finds");
    let camera = Camera { browser, looks };
    if named.is_empty() {
        camera.all(&studio).await;
    } else {
        let (desk, site): (Vec<_>, Vec<_>) = named.into_iter().partition(|page| is_desks(page));
        camera.pages(&studio.server, &site).await;
        if !desk.is_empty() {
            sign_in(&camera.browser, &studio.server, "otto").await;
            camera.pages(&studio.server, &desk).await;
        }
    }
    camera.browser.close().await;
}

/// Whether a page is one of the console's, which an operator sees.
fn is_desks(page: &str) -> bool {
    page.starts_with("/console") && page != "/console/sign-in"
}

impl Studio {
    async fn empty() -> Studio {
        let server = Server::start().await;
        let room = Newsroom::open(&server).await;
        staffed(&room).await;
        let idle = Person::open(&server, "Ida", "trader").await;
        Studio {
            pages: EMPTY.map(str::to_owned).into(),
            markets: Vec::new(),
            articles: Vec::new(),
            portfolios: vec![("portfolio-with-nothing", idle.client)],
            server,
        }
    }

    async fn full() -> Studio {
        let server = Server::start_with(&["--demo"]).await;
        let mut pages = sample_pages(&server).await;
        let gallery = Gallery::open(&server).await;
        staffed(&gallery.room).await;
        pages.extend(gallery.pages);
        // A while of trading, so that charts, books and lists have something to show.
        tokio::time::sleep(Duration::from_secs(10)).await;
        let desk = |market: &str| format!("/console/markets/{market}");
        let mut markets: Vec<_> = gallery.states.iter().map(|market| desk(market)).collect();
        markets.extend(
            [
                "closed/resolve",
                "closed/call-off",
                "settled/correct",
                "a-draft/review",
            ]
            .map(desk),
        );
        let articles = pages.iter().filter(|page| page.starts_with("/articles/"));
        let articles = articles.take(1).map(|page| format!("/console{page}"));
        Studio {
            articles: articles.collect(),
            pages,
            markets,
            portfolios: vec![
                ("portfolio-of-a-trader", gallery.ann.client),
                ("portfolio-with-nothing", gallery.idle.client),
            ],
            server,
        }
    }
}

/// Lets the editor, both operators and the administrator sign in.
async fn staffed(room: &Newsroom) {
    console::staffed(room).await;
    let own = room.admin.see("/v1/account").await;
    let admin = own["id"].as_str().expect("an id");
    for (id, name) in [(room.editor.id.as_str(), "edda"), (admin, "ada")] {
        let body = json!({"name": name, "password": PASSWORD});
        let path = format!("/v1/accounts/{id}/sign-in");
        room.admin.post(&path, &body).await.is(201);
    }
}

struct Camera {
    browser: Browser,
    looks: PathBuf,
}

impl Camera {
    async fn all(&self, studio: &Studio) {
        let server = &studio.server;
        self.pages(server, &studio.pages).await;
        for (name, client) in &studio.portfolios {
            self.portfolio(server, name, client).await;
        }
        self.pages(server, &["/console/sign-in".to_owned()]).await;
        for (name, own) in DESKS {
            self.browser.look(Look::DESKTOP).await;
            sign_in(&self.browser, server, name).await;
            let more = match name {
                "edda" => &studio.articles,
                "otto" => &studio.markets,
                _ => &Vec::new(),
            };
            for page in own.iter().copied().chain(more.iter().map(String::as_str)) {
                self.browser.open(&format!("{}{page}", server.base())).await;
                self.pictures(&format!("{name}-{}", file_name(page))).await;
            }
            self.browser.look(Look::DESKTOP).await;
            sign_out(&self.browser).await;
        }
    }

    async fn pages(&self, server: &Server, pages: &[String]) {
        for page in pages {
            self.browser.open(&format!("{}{page}", server.base())).await;
            self.pictures(&file_name(page)).await;
        }
    }

    async fn portfolio(&self, server: &Server, name: &str, of: &Client) {
        let browser = &self.browser;
        browser.open(&format!("{}/portfolio", server.base())).await;
        browser.find("#key").await.enter(of.key()).await;
        browser.find("[data-portfolio] button").await.click().await;
        let shown = "return !document.querySelector('[data-account]').hidden";
        browser.wait(SOON, shown).await;
        self.pictures(name).await;
    }

    /// The page that is open, in every way of looking at it.
    async fn pictures(&self, name: &str) {
        // What waits until it is scrolled to is in the picture, too.
        let eager = "return document.querySelectorAll('[loading=lazy]').forEach((one) => \
                     { one.loading = 'eager'; }) ?? 1";
        self.browser.run(eager).await;
        let framed = "const frame = document.querySelector('main iframe'); \
                      frame?.scrollIntoView(); return frame !== null";
        if self.browser.run(framed).await == true {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let ways = [("desktop", Look::DESKTOP), ("phone", Look::PHONE)];
        for (way, look) in ways {
            for (scheme, look) in [("light", look), ("dark", look.dark())] {
                self.browser.look(look).await;
                let file = self.looks.join(format!("{name}-{way}-{scheme}.png"));
                self.browser.picture(&file).await;
                println!("{}", shown(&file));
            }
        }
    }
}

/// A page's address as the name of a file.
fn file_name(page: &str) -> String {
    match page.trim_matches('/') {
        "" => "front".to_owned(),
        path => path.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_"),
    }
}

fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::new());
    file.strip_prefix(here)
        .unwrap_or(file)
        .display()
        .to_string()
}

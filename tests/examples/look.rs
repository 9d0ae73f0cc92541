//! Pictures of the pages of a demo server, on a desktop and a phone, in light and dark.
//! `cargo xtask look` runs it: a directory, and the pages to look at; all kinds when none is named. After
//! `--empty` they are those of a server on which nothing has happened yet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_tests::Server;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::newsroom::sample_pages;

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let looks: PathBuf = words.next().expect("a directory for the pictures").into();
    std::fs::create_dir_all(&looks).expect("the directory can be made");
    let mut named: Vec<String> = words.collect();
    let is_empty = named.first().is_some_and(|word| word == "--empty");
    let (server, sample) = match is_empty {
        true => {
            named.remove(0);
            let pages = ["/", "/markets", "/search", "/portfolio", "/about/embeds"];
            (Server::start().await, pages.map(str::to_owned).into())
        }
        false => {
            let server = Server::start_with(&["--demo"]).await;
            let sample = sample_pages(&server).await;
            // A while of trading, so that charts, books and lists have something to show.
            tokio::time::sleep(Duration::from_secs(10)).await;
            (server, sample)
        }
    };
    let pages = if named.is_empty() { sample } else { named };
    let browser = Browser::start()
        .await
        .expect("a browser, which cargo xtask look finds");
    let ways = [("desktop", Look::DESKTOP), ("phone", Look::PHONE)];
    for (name, look) in ways {
        for (scheme, look) in [("light", look), ("dark", look.dark())] {
            browser.look(look).await;
            for page in &pages {
                browser.open(&format!("{}{page}", server.base())).await;
                let file = looks.join(format!("{}-{name}-{scheme}.png", file_name(page)));
                browser.picture(&file).await;
                println!("{}", shown(&file));
            }
        }
    }
    browser.close().await;
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

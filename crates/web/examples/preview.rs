//! Renders every kind of page with sample data, or serves them:
//!
//! ```text
//! cargo run -p tidings-web --example preview -- DIRECTORY
//! cargo run -p tidings-web --example preview -- --serve 127.0.0.1:8090 [--empty]
//! ```
//!
//! Served, the odds move about once a second, so that the live parts can be looked at.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use support::Newsroom;
use tidings_api::digest::Week;
use tidings_core::id::MarketId;

const PAGES: [(&str, &str); 18] = [
    ("front.html", "/"),
    (
        "article.html",
        "/articles/japan-and-south-korea-forge-cautious-path",
    ),
    ("market.html", "/markets/jpkr-summit-in-japan"),
    ("market-nine.html", "/markets/jpkr-next-summit-place"),
    ("market-halted.html", "/markets/state-halted"),
    ("market-disputed.html", "/markets/state-disputed"),
    ("market-settled.html", "/markets/state-settled"),
    ("markets.html", "/markets"),
    ("tag.html", "/tags/Japan"),
    ("digest.html", "/digest"),
    ("week.html", "/digest/{week}"),
    ("calibration.html", "/calibration"),
    ("leaderboard.html", "/leaderboard"),
    ("docs.html", "/docs"),
    ("embeds.html", "/about/embeds"),
    ("missing.html", "/nothing"),
    ("embed.html", "/embed/v1/markets/jpkr-summit-in-japan"),
    ("embed.svg", "/embed/v1/markets/jpkr-summit-in-japan.svg"),
];

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let at = words
        .iter()
        .position(|word| word == "--serve")
        .and_then(|ix| words.get(ix + 1));
    match at {
        Some(listen) => serve(listen, words.iter().any(|word| word == "--empty")).await,
        None => write(Path::new(words.first().map_or("preview", String::as_str))).await,
    }
}

async fn write(folder: &Path) {
    let newsroom = Newsroom::furnished(support::BASE).await;
    std::fs::create_dir_all(folder).expect("a directory to write to");
    let week = Week::of(newsroom.app.now()).to_string();
    for (file, path) in PAGES {
        let path = &path.replace("{week}", &week);
        let (status, _, body) = newsroom.get(path).await;
        std::fs::write(folder.join(file), body).expect("a file to write");
        println!("{status} {path} -> {file}");
    }
}

async fn serve(listen: &str, empty: bool) {
    let base = format!("http://{listen}");
    let newsroom = match empty {
        true => Newsroom::empty(&base).await,
        false => Newsroom::furnished(&base).await,
    };
    let router = tidings_api::router(newsroom.app.clone()).merge(newsroom.router());
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .expect("a free port");
    println!("{base}");
    if !empty {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(700)).await;
                newsroom.clock.advance(Duration::from_secs(60));
                newsroom.wander(MarketId(0), 2, 1, 0, 40).await;
                newsroom.wander(MarketId(1), 9, 1, 0, 10).await;
            }
        });
    }
    axum::serve(listener, router).await.expect("a server");
}

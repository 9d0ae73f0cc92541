//! Embeds in a real browser, on the pages of other sites: every promise to publishers that only a browser can keep.

mod burst;
mod comfort;
mod crowd;
mod fits;
mod hostile;
mod life;
mod states;
mod theme;
mod wordpress;

use tidings_tests::elsewhere::Elsewhere;

/// Where a card of an element is, for a script.
const CARD: &str = "document.querySelector('live-odds').shadowRoot";

/// A publisher's page with the script in its head, and this body.
fn publisher(base: &str, body: &str) -> Elsewhere {
    Elsewhere::with(
        &format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>A publisher</title>\
             <script src=\"{base}/embed/v1/odds.js\"></script></head><body><h1>A publisher</h1>{body}\
             </body></html>"
        ),
        "",
    )
}

/// A frame as publishers write it.
fn frame(base: &str, path: &str, width: u64, height: u64) -> String {
    format!(
        "<iframe src=\"{base}/embed/v1/{path}\" width=\"{width}\" height=\"{height}\" title=\"Odds\" \
         frameborder=\"0\" sandbox=\"allow-scripts\"></iframe>"
    )
}

//! Files of the site, inside the binary, under addresses that carry their content: a browser keeps
//! them for a year, and a changed file has another address.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;

use crate::packed::Packed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// A file as it is served.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) body: String,
    /// The same in gzip.
    pub(crate) packed: Vec<u8>,
    pub(crate) kind: &'static str,
}

/// Served files: name, parts, type.
const SERVED: [(&str, &[&str], &str); 9] = [
    ("site.css", &["tokens.css", "card.css", "site.css"], CSS),
    (
        "console.css",
        &["tokens.css", "card.css", "site.css", "console.css"],
        CSS,
    ),
    ("embed.css", &["tokens.css", "card.css", "frame.css"], CSS),
    ("odds.js", &["odds.js"], SCRIPT),
    ("ticket.js", &["ticket.js"], SCRIPT),
    ("portfolio.js", &["portfolio.js"], SCRIPT),
    ("passkeys.js", &["passkeys.js"], SCRIPT),
    ("risk.js", &["risk.js"], SCRIPT),
    ("mark.svg", &["mark.svg"], "image/svg+xml"),
];
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every served file by its address.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let built = SERVED.iter().map(|(name, parts, kind)| {
        let body: String = parts.iter().map(|part| squeezed(part)).collect();
        let hash = blake3::hash(body.as_bytes()).to_hex();
        let (stem, ending) = name.split_once('.').expect("a name has an ending");
        (
            format!("/assets/{stem}.{}.{ending}", &hash[..12]),
            Asset {
                packed: Packed::file(&body),
                body,
                kind,
            },
        )
    });
    built.collect()
});

/// The address of a served file.
///
/// # Panics
/// When there is no such file: the names are written in this crate.
pub(crate) fn url(name: &str) -> &'static str {
    let (stem, ending) = name.split_once('.').expect("a name has an ending");
    let is_it = |url: &&String| {
        url.starts_with(&format!("/assets/{stem}.")) && url.ends_with(&format!(".{ending}"))
    };
    ASSETS.keys().find(is_it).expect("a file of this crate")
}

/// The file at an address, if it is there in this version.
pub(crate) fn at(url: &str) -> Option<&'static Asset> {
    ASSETS.get(url)
}

/// A served file by its name, for addresses that publishers write down.
pub(crate) fn named(name: &str) -> &'static Asset {
    &ASSETS[url(name)]
}

/// A file without comments and indentation: half of its bytes, and the same to a browser.
fn squeezed(name: &str) -> String {
    let file = Files::get(name).expect("a file of this crate").data;
    let text = match file {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(ref bytes) => String::from_utf8_lossy(bytes),
    };
    match name.rsplit_once('.') {
        Some((_, "css")) => squeezed_css(&text),
        Some((_, "js")) => squeezed_js(&text),
        _ => text.into_owned(),
    }
}

fn squeezed_css(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .fold(String::new(), |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        })
}

/// Comments have their own line in these scripts, and no string of theirs spans lines.
fn squeezed_js(text: &str) -> String {
    let kept = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.fold(String::new(), |mut all, line| {
        all.push_str(line);
        // After these no statement ends that a line's end would have to tell from the next one.
        if !line.ends_with([';', '{', ',', '(']) {
            all.push('\n');
        }
        all
    })
}

#[cfg(test)]
mod tests;

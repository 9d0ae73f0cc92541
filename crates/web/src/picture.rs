//! Our own SVG as PNG, for those who show no SVG: mail, and the networks that preview a link.
//!
//! In: the text of a picture. Out: its bytes. They are a function of that text and of the machine's letters;
//! nothing is fetched. Drawing takes a processor for some time, so few are drawn at once, and what was
//! drawn lately is kept.

mod letters;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{FontResolver, ImageHrefResolver, Options, Tree};
use tokio::sync::Semaphore;

/// Pictures that are drawn at the same time: one processor at most is busy with them, and trade goes on.
const AT_ONCE: usize = 1;
/// Pictures that are kept: some ten megabytes at most.
const KEPT: usize = 128;

static DRAWING: Semaphore = Semaphore::const_new(AT_ONCE);
static LATEST: Mutex<VecDeque<(blake3::Hash, Bytes)>> = Mutex::new(VecDeque::new());

/// Why a picture cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undrawable {
    /// No font of this machine has a letter of it. A box in its place would be a lie about a name.
    Letters,
    /// A bug of ours.
    Picture,
}

/// A picture as PNG, so many times as large.
pub(crate) async fn png(svg: String, scale: u8) -> Result<Bytes, Undrawable> {
    let name = blake3::hash(format!("{scale} {svg}").as_bytes());
    if let Some(kept) = kept(name) {
        return Ok(kept);
    }
    let permit = DRAWING.acquire().await.map_err(|_| Undrawable::Picture)?;
    // Somebody may have drawn it while this one waited.
    if let Some(kept) = kept(name) {
        return Ok(kept);
    }
    // The permit goes with the work: a reader who leaves does not make room for another picture.
    let drawn = tokio::task::spawn_blocking(move || {
        let drawn = draw(&svg, scale);
        drop(permit);
        drawn
    });
    let bytes = drawn.await.map_err(|_| Undrawable::Picture)??;
    let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    latest.push_front((name, bytes.clone()));
    latest.truncate(KEPT);
    Ok(bytes)
}

fn kept(name: blake3::Hash) -> Option<Bytes> {
    let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    let found = latest.iter().find(|(kept, _)| *kept == name);
    found.map(|(_, bytes)| bytes.clone())
}

fn draw(svg: &str, scale: u8) -> Result<Bytes, Undrawable> {
    // Fonts have a box for the rarer kinds of nothing.
    let svg = svg.replace(|c: char| c.is_whitespace() && !c.is_ascii(), " ");
    let has_all = Arc::new(AtomicBool::new(true));
    let tree = Tree::from_str(&svg, &options(&has_all)).map_err(|error| {
        tracing::error!(%error, "a picture is no SVG");
        Undrawable::Picture
    })?;
    if !has_all.load(Ordering::Relaxed) {
        return Err(Undrawable::Letters);
    }
    let scale = f32::from(scale);
    let size = tree.size().to_int_size().scale_by(scale);
    let size = size.ok_or(Undrawable::Picture)?;
    let mut canvas = Pixmap::new(size.width(), size.height()).ok_or(Undrawable::Picture)?;
    let larger = Transform::from_scale(scale, scale);
    resvg::render(&tree, larger, &mut canvas.as_mut());
    let bytes = canvas.encode_png().map_err(|error| {
        tracing::error!(%error, "a picture cannot be written");
        Undrawable::Picture
    })?;
    Ok(bytes.into())
}

/// Our letters, no files and no pictures in pictures; and word of it when a letter is nowhere.
fn options(has_all: &Arc<AtomicBool>) -> Options<'static> {
    let fallback = FontResolver::default_fallback_selector();
    let has_all = Arc::clone(has_all);
    Options {
        fontdb: letters::all(),
        font_family: letters::SANS.to_owned(),
        font_resolver: FontResolver {
            select_font: FontResolver::default_font_selector(),
            select_fallback: Box::new(move |letter, tried, fonts| {
                let found = fallback(letter, tried, fonts);
                if found.is_none() {
                    has_all.store(false, Ordering::Relaxed);
                }
                found
            }),
        },
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

#[cfg(test)]
mod tests;

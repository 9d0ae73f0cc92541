//! A publisher's colours: whatever they are, a card can be read.

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::seed::{Random, seed};
use tidings_tests::site::{SLUG, SOON, Site, no_complaints};

use crate::{CARD, frame, publisher};

/// What AA asks of text.
const LEAST: f64 = 4.5;
/// Themes that are tried, each on a light and on a dark page.
const THEMES: u64 = 60;

/// Themes that somebody could come upon, and the ones that hurt.
const WORST: [&str; 6] = [
    "--paper:#fff;--ink:#fff;--muted:#fff;--up:#fff;--down:#fff;--amber:#fff",
    "--paper:#000;--ink:#000;--muted:#000;--up:#000;--down:#000;--amber:#000",
    "--paper:#0f0;--ink:#ff0;--muted:#0ff;--up:#0f0;--down:#f0f;--amber:#ff0",
    "--paper:#808080;--ink:#808080;--muted:#7f7f7f;--up:#888;--down:#777;--amber:#808080",
    "--paper:transparent;--ink:transparent;--muted:rgb(0 0 0 / 1%);--up:#0000;--down:#fff1;--amber:#0001",
    "--paper:banana;--ink:12px;--muted:url(x);--up:none;--down:;--amber:currentColor",
];

/// The least contrast of a card's words with what is behind them.
const CONTRAST: &str = "const room = document.createElement('canvas').getContext('2d', \
    {willReadFrequently: true}); \
  const rgba = (colour) => { room.clearRect(0, 0, 1, 1); room.fillStyle = colour; \
    room.fillRect(0, 0, 1, 1); return [...room.getImageData(0, 0, 1, 1).data]; }; \
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] / 255 + under[i] * (1 - top[3] / 255)); \
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => (v /= 255) <= .04045 ? v / 12.92 : \
    ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; }; \
  const card = SHADOW.querySelector('.card'), own = (one) => getComputedStyle(one); \
  const base = over(rgba(own(card.parentNode).backgroundColor), [128, 128, 128]); \
  const paper = over(rgba(own(card).backgroundColor), base); \
  let least = [99, '']; \
  for (const one of [...card.querySelectorAll('.question, .name, [data-odds], .state, .asof, a'), \
      SHADOW.querySelector('.pause')]) { \
    const ink = over(rgba(own(one).color), paper); \
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x); \
    const ratio = (a + .05) / (b + .05); \
    if (ratio < least[0]) least = [ratio, (one.className || one.localName) + ' ' + own(one).color + ' on ' + \
      own(card).backgroundColor]; \
  } \
  return least;";

#[tokio::test(flavor = "multi_thread")]
async fn no_colours_make_a_card_unreadable() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let page = publisher(
        site.server.base(),
        &format!("<live-odds market=\"{SLUG}\" height=\"229\">Odds</live-odds>"),
    );
    let mut dice = Random::of(seed("no_colours_make_a_card_unreadable"));
    let mut themes: Vec<String> = WORST.map(str::to_owned).into();
    for _ in 0..THEMES {
        let names = ["paper", "ink", "muted", "up", "down", "amber", "hair"];
        let one = |name: &str| format!("--{name}:#{:06x};", dice.below(1 << 24));
        themes.push(names.map(one).concat());
    }
    let contrast = CONTRAST.replace("SHADOW", CARD);
    let mut faults = Vec::new();
    for look in [Look::DESKTOP, Look::DESKTOP.dark()] {
        browser.look(look).await;
        browser.open(&page.page()).await;
        browser
            .wait(
                SOON,
                &format!("return {CARD}?.querySelector('[data-odds]') !== null"),
            )
            .await;
        let own = browser.run(&contrast).await;
        assert!(own[0].as_f64().is_some_and(|own| own >= LEAST), "{own}");
        for theme in &themes {
            let wear = format!("document.querySelector('live-odds').style.cssText = '{theme}';");
            let least: Value = browser.run(&format!("{wear}{contrast}")).await;
            if least[0].as_f64().is_none_or(|least| least < LEAST) {
                faults.push(format!(
                    "{least} with {theme} when dark is {}",
                    look.is_dark
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    // And they are the publisher's: a hue that can be read is kept.
    browser.look(Look::DESKTOP).await;
    let wear =
        "document.querySelector('live-odds').style.cssText = '--paper:#fff5e6;--up:#006b3c';";
    browser.run(wear).await;
    let kept = format!(
        "const at = (one, what) => {{ const room = document.createElement('canvas').getContext('2d'); \
         room.fillStyle = getComputedStyle(one)[what]; room.fillRect(0, 0, 1, 1); \
         return [...room.getImageData(0, 0, 1, 1).data].slice(0, 3); }}; \
         const card = {CARD}.querySelector('.card'); \
         return [at(card, 'backgroundColor'), at(card.querySelector('[data-odds]'), 'color')]"
    );
    let kept = browser.run(&kept).await;
    let near = |of: &Value, wanted: [u64; 3]| {
        let pairs = wanted.iter().enumerate();
        pairs
            .map(|(ix, want)| of[ix].as_u64().expect("a part").abs_diff(*want))
            .max()
    };
    assert!(near(&kept[0], [255, 245, 230]) <= Some(6), "paper: {kept}");
    assert!(near(&kept[1], [0, 107, 60]) <= Some(24), "up: {kept}");
    no_complaints(&browser).await;
    browser.close().await;
}

/// Where a card's paper is dark, and its ink then light.
const DARK: &str = "const room = document.createElement('canvas').getContext('2d'); \
    const light = (colour) => { room.fillStyle = colour; room.fillRect(0, 0, 1, 1); \
      const [r, g, b] = room.getImageData(0, 0, 1, 1).data; return r + g + b > 384; }; \
    const is_dark = (card) => { const own = getComputedStyle(card); \
      return [light(own.backgroundColor), light(own.color)].join() === 'false,true'; };";

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_dark_where_its_reader_or_its_publisher_wants_it() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let wishes = ["", "?theme=dark", "?theme=light"];
    let frames = wishes.map(|wish| frame(base, &format!("markets/{SLUG}{wish}"), 600, 229));
    let page = publisher(
        base,
        &format!(
            "{}<live-odds market=\"{SLUG}\">Odds</live-odds>\
             <live-odds market=\"{SLUG}\" theme=\"dark\">Odds</live-odds>\
             <live-odds market=\"{SLUG}\" theme=\"light\">Odds</live-odds>",
            frames.concat()
        ),
    );
    for (look, dark) in [
        (Look::DESKTOP, json!([false, true, false])),
        (Look::DESKTOP.dark(), json!([true, true, false])),
    ] {
        browser.look(look).await;
        browser.open(&page.page()).await;
        let all = "return [...document.querySelectorAll('live-odds')] \
                   .every((one) => one.shadowRoot.querySelector('.card'))";
        browser.wait(SOON, all).await;
        let elements = format!(
            "{DARK} return [...document.querySelectorAll('live-odds')] \
             .map((one) => is_dark(one.shadowRoot.querySelector('.card')))"
        );
        assert_eq!(browser.run(&elements).await, dark, "elements, {look:?}");
        let mut framed = Vec::new();
        for n in [0, 1, 2] {
            browser.frame(Some(n)).await;
            let one = format!("{DARK} return is_dark(document.querySelector('.card'))");
            framed.push(browser.run(&one).await);
            browser.frame(None).await;
        }
        assert_eq!(Value::from(framed), dark, "frames, {look:?}");
    }
    no_complaints(&browser).await;
    browser.close().await;
}

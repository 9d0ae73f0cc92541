use super::*;

/// Relative luminance of `#rrggbb`, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_ink_stands_out_from_the_paper() {
    let tokens = squeezed("tokens.css");
    let pair = |name: &str| {
        let line = tokens
            .lines()
            .find(|line| line.starts_with(&format!("--{name}:")))
            .unwrap();
        let colours = line
            .split_once("light-dark(")
            .unwrap()
            .1
            .split_once(')')
            .unwrap()
            .0;
        let (light, dark) = colours.split_once(", ").unwrap();
        [light.to_owned(), dark.to_owned()]
    };
    let paper = pair("paper");
    for name in ["ink", "muted", "up", "down", "amber"] {
        for (ink, paper) in pair(name).iter().zip(&paper) {
            let ratio = contrast(ink, paper);
            assert!(ratio >= 6.0, "{name} {ink} on {paper}: {ratio:.2}");
        }
    }
}

#[test]
fn addresses_carry_their_content() {
    for name in ["site.css", "embed.css", "odds.js", "ticket.js", "mark.svg"] {
        let asset = at(url(name)).unwrap();
        assert!(
            !asset.body.is_empty() && !asset.body.contains("/*"),
            "{name}"
        );
        assert!(
            url(name).contains(&blake3::hash(asset.body.as_bytes()).to_hex()[..12]),
            "{name}"
        );
    }
    assert!(at("/assets/site.000000000000.css").is_none());
}

#[test]
fn no_shadow_no_gradient_no_font_from_elsewhere() {
    for asset in ASSETS.values() {
        for word in [
            "box-shadow",
            "text-shadow",
            "gradient(",
            "@font-face",
            "@import",
            "innerHTML",
        ] {
            assert!(!asset.body.contains(word), "{word}");
        }
    }
}

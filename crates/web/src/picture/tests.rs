use std::sync::Arc;

use super::{Undrawable, letters, png};

fn picture(words: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"40\"><rect width=\"200\" \
         height=\"40\" fill=\"#fff\"/><text x=\"4\" y=\"28\" font-size=\"20\" \
         font-family=\"serif\">{words}</text></svg>"
    )
}

/// How many points of a picture are not paper.
fn ink(bytes: &[u8]) -> usize {
    let drawn = resvg::tiny_skia::Pixmap::decode_png(bytes).unwrap();
    drawn.pixels().iter().filter(|p| p.red() < 128).count()
}

#[tokio::test]
async fn words_are_drawn_and_the_same_words_are_the_same_bytes() {
    let first = png(picture("41 %"), 1).await.unwrap();
    assert!(ink(&first) > 40, "there is ink: {}", ink(&first));
    assert_eq!(ink(&png(picture(""), 1).await.unwrap()), 0);
    assert_eq!(png(picture("41 %"), 1).await.unwrap(), first);
    let larger = png(picture("41 %"), 2).await.unwrap();
    let size = resvg::tiny_skia::Pixmap::decode_png(&larger).unwrap();
    assert_eq!((size.width(), size.height()), (400, 80));
}

#[tokio::test]
async fn japanese_and_korean_are_drawn_in_their_own_letters() {
    if !letters::has_east() {
        println!("left out: no font with Japanese and Korean letters is installed");
        return;
    }
    let mut drawn = Vec::new();
    for words in ["首脳会談は", "개최될까", "ひらがな"] {
        let bytes = png(picture(words), 1).await.unwrap();
        assert!(ink(&bytes) > 100, "{words}: {}", ink(&bytes));
        assert!(!drawn.contains(&bytes), "{words} is not boxes");
        drawn.push(bytes);
    }
}

#[tokio::test]
async fn a_letter_that_no_font_has_is_said_and_not_drawn_as_a_box() {
    // Linear A, which nobody trades in.
    assert_eq!(png(picture("\u{10600}"), 1).await, Err(Undrawable::Letters));
}

#[tokio::test]
async fn nothing_but_a_picture_is_drawn() {
    assert_eq!(png("<html>".to_owned(), 1).await, Err(Undrawable::Picture));
    let file = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><image \
                width=\"9\" height=\"9\" href=\"/etc/passwd\"/></svg>";
    assert_eq!(ink_of_nothing(file).await, 0);
}

async fn ink_of_nothing(svg: &str) -> usize {
    let bytes = png(svg.to_owned(), 1).await.unwrap();
    let drawn = resvg::tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    drawn.pixels().iter().filter(|p| p.alpha() > 0).count()
}

#[test]
fn the_letters_of_crates_are_there() {
    let all: Arc<_> = letters::all();
    for family in [letters::SANS, letters::SERIF] {
        let has = all
            .faces()
            .any(|face| face.families.iter().any(|(name, _)| name == family));
        assert!(has, "{family}");
    }
}

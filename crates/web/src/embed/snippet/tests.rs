use super::*;

#[test]
fn lines_are_counted_generously() {
    assert_eq!(lines("Will it rain?", 18, 600), 1);
    assert_eq!(lines("", 18, 600), 1);
    let long =
        "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?";
    assert_eq!(lines(long, 18, 600), 2);
    assert!(lines(long, 18, 300) >= 3);
    let square = "日本と韓国は二〇二六年七月一日までに共同声明を発表しますか";
    assert_eq!(lines(square, 18, 600), 1);
    assert_eq!(lines(square, 18, 280), 2);
}

#[test]
fn a_broken_text_loses_nothing_but_spaces() {
    let text = "Will Japan and South Korea publish a joint statement before 1 July 2026?";
    assert_eq!(broken(text, 18, 200).join(" "), text);
}

use super::*;

#[test]
fn a_name_becomes_one_step_of_a_path() {
    assert_eq!(encoded("Sanae Takaichi"), "Sanae%20Takaichi");
    assert_eq!(encoded("a/b?c#d"), "a%2Fb%3Fc%23d");
    assert_eq!(encoded("日本"), "%E6%97%A5%E6%9C%AC");
}

#[test]
fn a_summary_is_kept_and_a_missing_one_is_a_beginning() {
    assert_eq!(summary("As written.", "Body."), "As written.");
    assert_eq!(summary("", "Short body.\n\nMore."), "Short body.");
    let long = format!("{}. {}", "word ".repeat(30).trim(), "word ".repeat(60));
    assert_eq!(
        summary("", &long),
        format!("{}.", "word ".repeat(30).trim())
    );
    let endless = "word ".repeat(100);
    assert!(summary(" ", &endless).ends_with("word…"));
    assert!(!summary("", &"日本語".repeat(200)).is_empty());
}

use super::*;
use crate::identity::body_hash;

fn of(title: &str) -> String {
    slug(title, &body_hash("the body"))
}

#[test]
fn whole_words_up_to_the_limit() {
    let title = "Japan and South Korea Forge Cautious Path Forward in High-Stakes Summit";
    assert_eq!(of(title), "japan-and-south-korea-forge-cautious-path");
    assert_eq!(of("Ferry Sails"), "ferry-sails");
    let exact = format!("{} {}", "a".repeat(23), "b".repeat(24));
    assert_eq!(of(&exact).len(), 48);
    let beyond = format!("{} {}", "a".repeat(23), "b".repeat(25));
    assert_eq!(of(&beyond), "a".repeat(23));
    assert_eq!(of(&"x".repeat(200)), "x".repeat(48));
}

#[test]
fn accents_and_apostrophes_leave_no_hole_in_a_word() {
    assert_eq!(
        of("Détente at Łódź: the Minister’s “Æsir” speech"),
        "detente-at-lodz-the-ministers-aesir-speech"
    );
    assert_eq!(of("COVID-19 — 3.5% fewer!"), "covid-19-3-5-fewer");
}

#[test]
fn another_script_falls_back_to_the_body() {
    let fallback = format!("article-{}", body_hash("the body").short());
    assert_eq!(fallback.len(), "article-".len() + 8);
    for title in [
        "日韓首脳、慎重な一歩",
        "한일 정상회담",
        "APEC首脳会議の成果",
        "!!!",
        "",
    ] {
        assert_eq!(of(title), fallback, "{title}");
    }
    assert_eq!(of("Shinkansen 新幹線 returns"), "shinkansen-returns");
}

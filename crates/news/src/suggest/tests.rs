use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn summit() -> ArticleSide {
    ArticleSide::new(
        "Japan and South Korea Forge Cautious Path Forward in High-Stakes Summit",
        "Sanae Takaichi and Lee Jae-myung met for the first time.",
        "The leaders met in Gyeongju. A summit in Nara may follow next year.",
        &texts(&["Japan", "South Korea", "Sanae Takaichi", "APEC summit"]),
    )
}

fn market(question: &str, outcomes: &[&str], tags: &[&str]) -> MarketSide {
    MarketSide::new(question, texts(outcomes).iter(), &texts(tags))
}

fn reasons(relevance: &Relevance) -> Vec<(ReasonKind, &str, u32)> {
    let reasons = relevance.reasons.iter();
    reasons
        .map(|reason| (reason.kind, reason.text.as_str(), reason.weight))
        .collect()
}

#[test]
fn what_both_are_about_is_told_with_its_weight() {
    let where_next = market(
        "Where will the next Japan–South Korea summit be held before 1 July 2026?",
        &["Tokyo", "Nara", "Elsewhere in Japan", "None"],
        &["Japan", "diplomacy"],
    );
    let found = relevance(&summit(), &where_next);
    assert_eq!(
        reasons(&found),
        [
            (ReasonKind::Tag, "Japan", 6),
            (ReasonKind::TagInQuestion, "South Korea", 5),
            (ReasonKind::Outcome, "Nara", 3),
            (ReasonKind::Word, "summit", 1),
        ]
    );
    assert_eq!(found.score, 15);
}

#[test]
fn what_has_only_a_date_or_a_common_word_in_common_is_not_suggested() {
    for other in [
        market(
            "Will the ferry fare fall before 1 July 2026, 00:00 JST?",
            &["Yes", "No"],
            &["ferries"],
        ),
        market(
            "Will the first summer month of 2026 be the hottest?",
            &["Yes", "No"],
            &[],
        ),
    ] {
        let found = relevance(&summit(), &other);
        assert!(found.score < ENOUGH, "{found:?}");
    }
}

#[test]
fn japanese_and_korean_are_about_things_as_well() {
    let article = ArticleSide::new(
        "日韓首脳、奈良で会談へ",
        "高市首相と李大統領が会談する。",
        "両首脳はシャトル外交を続ける。",
        &texts(&["日韓関係"]),
    );
    let asked = market(
        "日韓首脳会談は奈良で開かれるか?",
        &["はい", "いいえ"],
        &["日韓関係"],
    );
    let found = relevance(&article, &asked);
    assert!(found.score >= ENOUGH + 4, "{found:?}");
    assert!(reasons(&found).contains(&(ReasonKind::Tag, "日韓関係", 6)));

    let article = ArticleSide::new(
        "한일 정상회담 나라에서 열린다",
        "정상회담",
        "",
        &texts(&["한일 관계"]),
    );
    let asked = market(
        "한일 정상회담이 2026년 4월 전에 열릴까?",
        &["예", "아니오"],
        &["한일 관계"],
    );
    let found = relevance(&article, &asked);
    assert!(found.score > ENOUGH, "{found:?}");
}

#[test]
fn names_are_found_in_questions() {
    for (question, expected) in [
        (
            "Will Sanae Takaichi meet Lee Jae-myung in Nara before 1 April 2026?",
            &["Sanae Takaichi", "Lee Jae-myung", "Nara"][..],
        ),
        (
            "How many visitors from South Korea will Japan's estimate count?",
            &["South Korea", "Japan"],
        ),
        ("シャトル外交は続くか?", &["外交", "シャトル"]),
        ("Will it rain?", &[]),
    ] {
        assert_eq!(names::of(question), expected, "{question}");
    }
}

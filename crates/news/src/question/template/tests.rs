use super::*;
use crate::question::{Question, World, check};

fn filled(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// What somebody fills in, in each language; of each template only its own blanks are taken.
fn all_of(language: &str) -> BTreeMap<String, String> {
    let own = match language {
        "ja" => filled(&[
            ("people", "日韓首脳"),
            ("figure", "2026年5月の韓国からの訪日客数"),
            ("threshold", "80万人"),
            ("party", "日本"),
            ("event", "2月22日の式典"),
            ("measure", "電子滞在法"),
            ("things", "釜山発福岡行きの船便"),
            ("source", "外務省"),
            ("fallback", "聯合ニュース"),
        ]),
        "ko" => filled(&[
            ("people", "한일 정상"),
            ("figure", "2026년 5월 방일 한국인 수"),
            ("threshold", "80만 명"),
            ("party", "일본"),
            ("event", "2월 22일 기념식"),
            ("measure", "전자체류법"),
            ("things", "부산발 후쿠오카행 배편"),
            ("source", "외교부"),
            ("fallback", "연합뉴스"),
        ]),
        _ => filled(&[
            ("people", "the leaders of Japan and South Korea"),
            (
                "figure",
                "Japan's first estimate of visitors from South Korea for May 2026",
            ),
            ("threshold", "800,000"),
            ("party", "Japan"),
            ("event", "the ceremony of 22 February"),
            ("measure", "the Digital Residence Act"),
            ("things", "ferry departures from Busan to Fukuoka"),
            ("source", "the Ministry of Foreign Affairs"),
            ("fallback", "Yonhap News Agency"),
        ]),
    };
    let common = filled(&[
        ("low", "100"),
        ("high", "200"),
        ("start", "2026-06-01T00:00:00+09:00"),
        ("deadline", "2026-07-01T00:00:00+09:00"),
        ("source_url", "https://www.mofa.go.jp/"),
        ("fallback_url", "https://en.yna.co.kr/"),
    ]);
    own.into_iter().chain(common).collect()
}

fn blanks_of(template: Template, language: &str) -> BTreeMap<String, String> {
    let mut all = all_of(language);
    let blanks = template.blanks();
    all.retain(|name, _| blanks.iter().any(|blank| blank.name == name));
    all
}

fn asked(draft: &Draft) -> Question {
    let world = |(story, end): &(String, Option<String>)| World {
        story: story.clone(),
        comes_to: end.clone().unwrap_or_default(),
    };
    Question {
        form: draft.form,
        text: draft.question.clone(),
        outcomes: draft
            .outcomes
            .iter()
            .map(|(_, name)| name.clone())
            .collect(),
        criteria: draft.criteria.clone(),
        edge_cases: draft.edge_cases.clone(),
        sources: draft.sources.clone(),
        early_close: draft.early_close.clone(),
        closes_at: Some(draft.closes_at),
        worlds: draft.worlds.iter().map(world).collect(),
        articles: vec!["https://paper.example/leaders-meet".to_owned()],
    }
}

#[test]
fn every_template_in_every_language_passes_the_check() {
    for template in Template::ALL {
        for language in LANGUAGES {
            let draft = template
                .draft(language, &blanks_of(template, language))
                .unwrap();
            let checked = check(&asked(&draft));
            assert_eq!(
                checked.findings,
                [],
                "{} in {language}: {draft:#?}",
                template.word()
            );
            assert_eq!(checked.language, language, "{}", template.word());
            let text = format!("{draft:?}");
            let told = [&draft.question, &draft.criteria]
                .into_iter()
                .chain(&draft.edge_cases)
                .chain(&draft.early_close);
            let mut told = told.chain(draft.worlds.iter().map(|(story, _)| story));
            assert!(told.all(|text| !text.contains(['{', '}'])), "{draft:#?}");
            // Every blank but the addresses is said somewhere.
            for (name, typed) in blanks_of(template, language) {
                let is_told = name == "deadline" || name == "start" || text.contains(&typed);
                assert!(
                    is_told,
                    "{name} is not told by {} in {language}",
                    template.word()
                );
            }
            // Each story ends at an outcome that there is, and they do not all end alike.
            for (_, end) in &draft.worlds {
                let known = |end: &String| draft.outcomes.iter().any(|(key, _)| key == end);
                assert!(end.as_ref().is_none_or(known), "{draft:#?}");
            }
        }
    }
}

#[test]
fn a_blank_that_lacks_or_is_no_moment_is_named() {
    let good = blanks_of(Template::Count, "en");
    for blank in Template::Count.blanks() {
        let mut less = good.clone();
        less.insert(blank.name.to_owned(), "  ".to_owned());
        let refused = Template::Count.draft("en", &less);
        assert_eq!(refused, Err(Unfilled::Missing(blank.name)));
    }
    let with = |name: &str, text: &str| {
        let mut other = good.clone();
        other.insert(name.to_owned(), text.to_owned());
        Template::Count.draft("en", &other)
    };
    for text in [
        "tomorrow",
        "2026-07-01",
        "2026-07-01T00:00:00",
        "2026-13-01T00:00:00Z",
    ] {
        assert_eq!(
            with("deadline", text),
            Err(Unfilled::NoMoment("deadline")),
            "{text}"
        );
    }
    for text in [
        "the ministry",
        "javascript:alert(1)",
        "https://",
        "https://a b/",
    ] {
        let refused = with("source_url", text);
        assert_eq!(refused, Err(Unfilled::NoAddress("source_url")), "{text}");
    }
    assert_eq!(
        with("start", "2026-07-01T00:00:00+09:00"),
        Err(Unfilled::Backwards)
    );
    assert_eq!(
        with("weather", "fine"),
        Err(Unfilled::Unknown("weather".to_owned()))
    );
    // What is filled in is not filled in again.
    let braces = with("things", "{low} and {nothing}").unwrap();
    assert!(
        braces.question.contains("{low} and {nothing}"),
        "{}",
        braces.question
    );
}

#[test]
fn moments_are_told_in_the_zone_that_they_were_written_in() {
    let told = |language: &str, text: &str| {
        let (_, civil, offset) = read_moment(text).unwrap();
        told(language, civil, offset)
    };
    assert_eq!(
        told("en", "2026-07-01T00:00:00+09:00"),
        "1 July 2026, 00:00 UTC+9"
    );
    assert_eq!(
        told("en", "2026-06-30T23:30:00-05:30"),
        "30 June 2026, 23:30 UTC-5:30"
    );
    assert_eq!(told("en", "2026-07-01T09:05:00Z"), "1 July 2026, 09:05 UTC");
    assert_eq!(
        told("ja", "2026-07-01T00:00:00+09:00"),
        "2026年7月1日0時0分（日本時間）"
    );
    assert_eq!(
        told("ko", "2026-07-01T00:00:00Z"),
        "2026년 7월 1일 0시 0분(UTC)"
    );
}

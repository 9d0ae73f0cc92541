//! Search, with the words of three scripts and what they are filed under, is the same on either database.

use serde_json::{Value, json};
use tidings_tests::ground::Ground;
use tidings_tests::newsroom::{Newsroom, joint_statement, with};
use tidings_tests::on_both_databases;
use tidings_tests::server::Server;

on_both_databases!(
    articles_and_markets_are_found_in_every_script,
    tags_and_sections_are_of_every_script,
);

/// As it stands in an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The names in a list, in the order of the alphabet.
fn names(list: &Value) -> Vec<&str> {
    let rows = list["data"].as_array().expect("a list").iter();
    let mut names: Vec<&str> = rows
        .map(|row| row["slug"].as_str().expect("a slug"))
        .collect();
    names.sort_unstable();
    names
}

async fn articles_and_markets_are_found_in_every_script(ground: Ground) {
    let mut server = Server::start_upon(ground).await;
    let room = Newsroom::open(&server).await;
    for (language, title, body) in [
        (
            "ja",
            "日韓首脳、奈良で会談へ",
            "高市早苗首相と李在明大統領が、シャトル外交を続ける。カステラも供された。",
        ),
        (
            "ko",
            "한일 정상회담, 나라에서 열린다",
            "다카이치 총리와 이재명 대통령이 셔틀 외교를 이어 간다.",
        ),
        (
            "en",
            "Leaders Meet in Gyeongju",
            "The summit's leaders met, and Zürich's bankers did not.",
        ),
    ] {
        let article = json!({"title": title, "body": body, "language": language});
        let posted = room.editor.client.post("/v1/articles", &article).await;
        posted.is(201);
    }
    for (slug, question) in [
        (
            "m-ja",
            "次の日韓首脳会談は2026年7月1日までに日本で開かれるか",
        ),
        (
            "m-ko",
            "다음 한일 정상회담이 2026년 7월 1일 전에 한국에서 열릴까요",
        ),
        (
            "m-en",
            "Will the next summit be held in Gyeongju before 1 July 2026, 00:00 JST?",
        ),
    ] {
        let market = json!({"slug": slug, "question": question, "tags": []});
        room.open_market(&with(joint_statement(), &market)).await;
    }
    let articles = server.public().see("/v1/articles").await;
    let slug_of = |language: &str| {
        let rows = articles["data"].as_array().expect("a list").iter();
        let mut own = rows.filter(|row| row["language"] == language);
        own.next().expect("one")["slug"].as_str().expect("a slug")
    };
    let (ja, ko, en) = (slug_of("ja"), slug_of("ko"), slug_of("en"));
    let cases: [(&str, &[&str], &[&str]); 20] = [
        // Words of two letters, of more, and parts of words, which Japanese does not set apart.
        ("首脳", &[ja], &["m-ja"]),
        ("首脳会談", &[], &["m-ja"]),
        ("奈良", &[ja], &[]),
        ("高市早苗", &[ja], &[]),
        ("シャトル外交", &[ja], &[]),
        ("カステラ", &[ja], &[]),
        ("奈良 外交", &[ja], &[]),
        ("京都", &[], &[]),
        // Korean sets words apart, and grows them at their ends.
        ("정상회담", &[ko], &["m-ko"]),
        ("정상", &[ko], &["m-ko"]),
        ("회담", &[ko], &["m-ko"]),
        ("나라", &[ko], &[]),
        ("대통령", &[ko], &[]),
        ("한일 정상회담", &[ko], &["m-ko"]),
        ("부산", &[], &[]),
        // One question in two scripts is two questions.
        ("奈良 나라", &[], &[]),
        ("summit", &[en], &["m-en"]),
        ("GYEONG", &[en], &["m-en"]),
        ("zürich", &[en], &[]),
        ("ＳＵＭＭＩＴ", &[en], &["m-en"]),
    ];
    for restarted in [false, true] {
        if restarted {
            server.kill();
            server.start_again().await;
        }
        let reader = server.public();
        let mut faults = Vec::new();
        for (words, articles, markets) in cases {
            let q = encoded(words);
            for (list, expected) in [("articles", articles), ("markets", markets)] {
                let found = reader.see(&format!("/v1/{list}?q={q}")).await;
                let mut expected = expected.to_vec();
                expected.sort_unstable();
                if names(&found) != expected {
                    faults.push(format!("{words} in {list}: {:?}", names(&found)));
                }
            }
            // The page finds the same.
            let page = reader.get(&format!("/search?q={q}")).await.text;
            for (kind, expected) in [("articles", articles), ("markets", markets)] {
                for name in expected {
                    if !page.contains(&format!("/{kind}/{name}\"")) {
                        faults.push(format!("{words}: {name} is not on the page"));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

async fn tags_and_sections_are_of_every_script(ground: Ground) {
    let server = Server::start_upon(ground).await;
    let room = Newsroom::open(&server).await;
    let article = json!({"title": "L'île", "body": "Une île.", "language": "fr",
        "tags": ["Économie", "한국", "日本", "Ferry"], "section": ["Société"]});
    let posted = room.editor.client.post("/v1/articles", &article).await;
    let slug = posted.is(201)["slug"].as_str().expect("a slug").to_owned();
    let reader = server.public();
    for (what, word, is_there) in [
        ("tag", "Économie", true),
        ("tag", "Economie", false),
        ("tag", "한국", true),
        ("tag", "日本", true),
        ("tag", "日", false),
        ("tag", "fERRY", true),
        ("section", "Société", true),
        ("section", "Économie", false),
    ] {
        for q in ["", "&q=une"] {
            let path = format!("/v1/articles?{what}={}{q}", encoded(word));
            let found = reader.see(&path).await;
            let expected: &[&str] = if is_there { &[slug.as_str()] } else { &[] };
            assert_eq!(names(&found), expected, "{what} {word}{q}");
        }
        let page = reader.get(&format!("/{what}s/{}", encoded(word))).await;
        assert_eq!(page.text.contains(&slug), is_there, "the page of {word}");
    }
}

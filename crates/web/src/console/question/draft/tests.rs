use super::*;

fn typed(pairs: &[(&str, &str)]) -> Filled {
    Filled::of("draft", fields(pairs))
}

#[test]
fn what_is_typed_is_what_the_api_takes() {
    let form = typed(&[
        (
            "question",
            "Will the two leaders meet before 1 July 2027, 00:00 UTC?",
        ),
        ("prior", "0.35"),
        ("criteria", "Yes if they meet. No if not."),
        (
            "edge_cases",
            "A call is No.\n\n If nothing is published, it is No. \n",
        ),
        (
            "early_close",
            "Trading ends once they have met.\r\n\r\n Or if it is cancelled.",
        ),
        ("source.0.name", "The ministry"),
        ("source.0.url", "https://www.mofa.go.jp/"),
        ("source.2.name", "The agency"),
        ("source.2.url", "https://en.yna.co.kr/"),
        ("closes_at", "2027-07-01T00:00"),
        ("dispute_hours", "24"),
        ("band_width", "0.2"),
        ("band_seconds", "300"),
        ("tags", "Japan, South Korea,"),
        ("article", "leaders-meet"),
        ("world.0.story", "They sit down."),
        ("world.0.end", "yes"),
        ("world.3.story", "Both states are dissolved."),
        ("world.3.end", "called off"),
    ]);
    assert_eq!(
        body(&form),
        json!({
            "kind": "binary", "slug": "will-the-two-leaders-meet-before-1-july-2027-00-00-utc",
            "question": "Will the two leaders meet before 1 July 2027, 00:00 UTC?",
            "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.35"},
                         {"key": "no", "name": "No", "prior": "0.65"}],
            "rules": {"criteria": "Yes if they meet. No if not.",
                      "edge_cases": ["A call is No.", "If nothing is published, it is No."],
                      "early_close": ["Trading ends once they have met.", "Or if it is cancelled."],
                      "sources": [{"name": "The ministry", "url": "https://www.mofa.go.jp/", "primary": true},
                                  {"name": "The agency", "url": "https://en.yna.co.kr/", "primary": false}]},
            "closes_at": "2027-07-01T00:00:00Z", "dispute_hours": 24,
            "price_band": {"width": "0.2", "seconds": 300}, "tags": ["Japan", "South Korea"],
            "articles": [{"article": "leaders-meet", "role": "subject"}],
            "worlds": [{"story": "They sit down.", "comes_to": {"outcome": "yes"}},
                       {"story": "Both states are dissolved.", "comes_to": {"void": true}}],
            "review": "required"
        })
    );
    let change = change(&body(&form));
    assert_eq!(
        (&change["slug"], &change["kind"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        change
            .as_object()
            .is_some_and(|change| change.contains_key("liquidity")),
        "none any more"
    );
    let half = body(&typed(&[("band_seconds", "soon")]));
    assert_eq!(half["price_band"], json!({"seconds": "soon"}));
    let none = body(&typed(&[]));
    assert_eq!(none.get("price_band"), None);
    assert!(
        super::change(&none)["price_band"].is_null(),
        "none any more"
    );
    assert!(super::change(&none).get("price_band").is_some());
}

#[test]
fn outcomes_have_keys_and_stories_end_at_them() {
    let form = typed(&[
        ("kind", "categorical"),
        (
            "outcomes",
            "Elsewhere in Japan | 0.5\n奈良 | 0.3\nElsewhere in Japan! | 0.2",
        ),
        ("world.0.story", "It is held in Nara."),
        ("world.0.end", "奈良"),
    ]);
    let body = super::body(&form);
    assert_eq!(
        body["outcomes"],
        json!([{"key": "elsewhere-in-japan", "name": "Elsewhere in Japan", "prior": "0.5"},
               {"key": "o2", "name": "奈良", "prior": "0.3"},
               {"key": "o3", "name": "Elsewhere in Japan!", "prior": "0.2"}])
    );
    assert_eq!(body["worlds"][0]["comes_to"], json!({"outcome": "o2"}));
    assert_eq!(
        ends(&form),
        ["Elsewhere in Japan", "奈良", "Elsewhere in Japan!", VOID]
    );

    let form = typed(&[
        ("outcomes", "はい\nいいえ"),
        ("world.0.story", "会談した。"),
        ("world.0.end", "いいえ"),
    ]);
    let body = super::body(&form);
    assert_eq!(
        body["outcomes"],
        json!([{"key": "yes", "name": "はい"}, {"key": "no", "name": "いいえ"}])
    );
    assert_eq!(body["worlds"][0]["comes_to"], json!({"outcome": "no"}));

    let form = typed(&[
        ("kind", "scalar"),
        ("low", "500000"),
        ("high", "1000000"),
        ("unit", "visitors"),
        ("world.0.story", "It is published."),
        ("world.0.end", "824500"),
    ]);
    let body = super::body(&form);
    assert_eq!(
        body["scale"],
        json!({"low": "500000", "high": "1000000", "unit": "visitors"})
    );
    assert_eq!(body["outcomes"], Value::Null);
    assert_eq!(body["worlds"][0]["comes_to"], json!({"value": "824500"}));
}

#[test]
fn an_article_gives_its_tags_and_its_publisher() {
    let form = of_article(
        &json!({"slug": "leaders-meet", "tags": ["Japan", "APEC"], "publisher": "The Paper",
                                  "canonical_url": "https://paper.example/a/1?b=c"}),
    );
    assert_eq!(form["article"], "leaders-meet");
    assert_eq!(form["tags"], "Japan, APEC");
    assert_eq!(
        (
            form["source.1.name"].as_str(),
            form["source.1.url"].as_str()
        ),
        ("The Paper", "https://paper.example/")
    );
    assert!(!of_article(&json!({"slug": "a"})).contains_key("source.1.url"));
}

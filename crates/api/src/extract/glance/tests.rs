//! Whatever passes at a glance passes the scan, if it is JSON: held against bodies that are put together at random.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::super::scan::scan;
use super::*;

#[test]
fn orders_and_lists_of_them_are_in_order() {
    let order = r#"{"market": "m", "outcome": "yes", "side": "buy", "type": "limit",
                    "price": "0.50", "quantity": "1", "post_only": true, "expires_at": null}"#;
    assert!(is_in_order(order.as_bytes()));
    let many = format!(r#"{{"orders":[{}]}}"#, vec![order; JSON_ITEMS].join(","));
    assert!(is_in_order(many.as_bytes()));
    let more = format!(
        r#"{{"orders":[{}]}}"#,
        vec![order; JSON_ITEMS + 1].join(",")
    );
    assert!(!is_in_order(more.as_bytes()));
}

#[test]
fn what_the_scan_refuses_does_not_pass() {
    for body in [
        r#"{"a":1,"a":2}"#,
        r#"{"orders":[{"a":1,"a":1}]}"#,
        r#"{"side":["buy"]}"#,
        r#"{"side":{"buy":null}}"#,
        r#"{"orders":[["m"]]}"#,
        r#"{"articles":["a"],"tags":[{"a":1}]}"#,
        r#"["m"]"#,
        r#"{"rules":{"rules":{"rules":{"rules":{"rules":{"a":1}}}}}}"#,
        "{\"note\":\"\u{202e}\"}",
        "{\"name\":\"a\tb\"}",
        r#"{"name":"a\u202e"}"#,
        r#"{"n":1e999}"#,
        r#"{"a":1}}"#,
    ] {
        assert!(!is_in_order(body.as_bytes()), "{body}");
    }
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(TEXT_BYTES + 1));
    assert!(!is_in_order(long.as_bytes()));
}

/// Pieces of bodies, of which most are put together wrongly.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        " ",
        "1",
        "-1",
        "1.5",
        "1e9",
        "12345678901234567890",
        "true",
        "false",
        "null",
        "\"a\"",
        "\"orders\"",
        "\"rules\"",
        "\"outcomes\"",
        "\"payout\"",
        "\"tags\"",
        "\"side\":\"buy\"",
        "\"a\":1",
        "\"b\":{\"c\":1}",
        "\"order\":{\"a\":\"\"}",
        "\"orders\":[{\"a\":1},{\"b\":2}]",
        "\"\\u0041\"",
        "\"é\"",
        "\"\u{202e}\"",
        "\"\t\"",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// JSON of any form under keys that mean something to the scan.
fn json(depth: u32) -> BoxedStrategy<String> {
    let key = prop::sample::select(vec![
        "a", "b", "orders", "rules", "outcomes", "payout", "tags", "order", "articles", "note",
    ]);
    let leaf = prop::sample::select(vec![
        "1", "-1", "true", "null", "\"x\"", "\"x y\"", "\"\\n\"", "\"é\"", "\"\"", "[]", "{}",
    ]);
    let leaf = leaf.prop_map(str::to_owned).boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = json(depth - 1);
    let list = prop::collection::vec(inner.clone(), 0..4);
    let object = prop::collection::vec((key, inner), 0..4);
    prop_oneof![
        2 => leaf,
        2 => list.prop_map(|items| format!("[{}]", items.join(","))),
        4 => object.prop_map(|entries| {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            format!("{{{}}}", entries.join(" , "))
        }),
    ]
    .boxed()
}

fn scan_agrees(body: &str) {
    let is_json = serde_json::from_str::<IgnoredAny>(body).is_ok();
    if is_json && is_in_order(body.as_bytes()) {
        assert!(scan(body.as_bytes(), true).is_ok(), "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_scan_has_nothing_to_say_about_what_passes(body in json(5)) {
        scan_agrees(&body);
    }

    #[test]
    fn nor_about_what_is_put_together_wrongly(body in pieces()) {
        scan_agrees(&body);
        scan_agrees(&format!("{{{body}}}"));
        scan_agrees(&format!("{{\"orders\":[{body}]}}"));
    }
}

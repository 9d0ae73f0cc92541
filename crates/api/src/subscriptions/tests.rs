use super::normalised;

#[test]
fn an_address_is_one_that_every_relay_takes() {
    for (given, taken) in [
        ("reader@paper.example", "reader@paper.example"),
        (" Reader+tag@Paper.EXAMPLE ", "Reader+tag@paper.example"),
        ("o'neil@sub.paper.example", "o'neil@sub.paper.example"),
    ] {
        assert_eq!(normalised(given).as_deref(), Some(taken), "{given}");
    }
    let long = format!("{}@paper.example", "a".repeat(65));
    for given in [
        "",
        "reader",
        "@paper.example",
        "reader@",
        "reader@localhost",
        "a b@paper.example",
        "reader@paper.example\r\nBcc: all@paper.example",
        "<reader@paper.example>",
        "Reader <reader@paper.example>",
        "a@b@paper.example",
        "\"a b\"@paper.example",
        "reader@[192.0.2.1]",
        "读者@paper.example",
        "reader@päper.example",
        "a..b@paper.example",
        "reader@paper.example,other@paper.example",
        "reader@.example",
        "reader@-.example",
        &long,
    ] {
        assert_eq!(normalised(given), None, "{given}");
    }
}

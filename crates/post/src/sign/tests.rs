//! Vectors, made with Python's `hmac`. The first one is in the README.

use super::signature;

#[test]
fn signatures_are_those_that_others_make() {
    for (secret, at, body, expected) in [
        (
            "whsec_0123456789abcdef",
            1_764_342_000,
            r#"{"id":"mkt_0-1841-halted","type":"market.halted"}"#,
            "t=1764342000,v1=5c1cdb93071ab6aba403759ea2bf7e24de6b9195fdfaa81dd5efa6957001db57",
        ),
        (
            "whsec_0123456789abcdef",
            0,
            "",
            "t=0,v1=2852ef72b5be70ea4bcd2762af295042abb372233d0fb219a7ae18fd7f2852b9",
        ),
        (
            "whsec_5e0f3c1b5e0f3c1b5e0f3c1b5e0f3c1b5e0f3c1b5e0f3c1b5e0f3c1b5e0f3c1b",
            1_764_342_000,
            "日本",
            "t=1764342000,v1=ccd988e3f54f6873b1a87ebab9dc898747ac3beca61c2ddb7da615674ccdf3c3",
        ),
    ] {
        assert_eq!(signature(secret, at, body.as_bytes()), expected);
    }
}

//! What `Signature-Input` may look like.

use super::input::Input;
use super::write_public_key;
use tidings_signature::Component;

const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn read(header: &str) -> Result<Input<'_>, &'static str> {
    Input::read(header)
}

#[test]
fn a_signature_says_what_it_covers_when_it_was_made_and_whose_it_is() {
    let header = format!(
        "s1=(\"@method\" \"@query\" \"idempotency-key\");created=5;alg=\"ed25519\";keyid=\"{PUBLIC}\";nonce=\"a\""
    );
    let input = read(&header).unwrap_or_else(|fault| panic!("{fault}"));
    let covered = [
        Component::Method,
        Component::Query,
        Component::IdempotencyKey,
    ];
    assert_eq!(input.components, covered);
    assert_eq!((input.created, input.expires), (5, None));
    assert_eq!(write_public_key(&input.public_key), PUBLIC);
    assert_eq!(Some(input.params), header.strip_prefix("s1="));
    let signature = format!("s1=:{}==:", "A".repeat(86));
    assert_eq!(input.signature(&signature), Ok([0; 64]));
    for wrong in ["s2=:AAAA:", "s1=AAAA", "s1=:AAAA:", "s1=::", "", "s1"] {
        assert!(input.signature(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_not_of_the_one_form_is_refused() {
    let good = format!("sig=(\"@method\");created=5;keyid=\"{PUBLIC}\"");
    assert!(read(&good).is_ok());
    // The neutral point of the curve: everything would be signed for it.
    let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for bad in [
        good.replace("sig=", ""),
        good.replace("sig=", "SIG="),
        good.replace("sig=", "="),
        good.replace("(\"@method\")", "()"),
        good.replace("(\"@method\")", "\"@method\""),
        good.replace("\"@method\"", "\"@method\" \"@method\""),
        good.replace("\"@method\"", "\"@method\"  \"@path\""),
        good.replace("\"@method\"", "\"@authority\""),
        good.replace("\"@method\"", "\"@query\";req"),
        good.replace(";created=5", ""),
        good.replace("created=5", "created=\"5\""),
        good.replace("created=5", "created=-5"),
        good.replace("created=5", "created=5;created=5"),
        good.replace("created=5", "created=1234567890123456"),
        good.replace("created=5", "created=5; alg=\"ed25519\""),
        good.replace("created=5", "created=5;alg=\"hmac-sha256\""),
        good.replace("created=5", "created=5;more"),
        good.replace("created=5", "created=5;more=1"),
        good.replace(PUBLIC, "acc_3"),
        good.replace(PUBLIC, weak),
        good.replace(PUBLIC, PUBLIC.trim_end_matches('=')),
        format!("{good}, other=(\"@method\");created=5;keyid=\"{PUBLIC}\""),
        format!("{good};"),
        String::new(),
    ] {
        assert!(read(&bad).is_err(), "{bad}");
    }
}

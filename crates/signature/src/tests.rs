//! What has to be covered, and the files that keys are in. That both ends agree on every byte stands
//! in `tests/vectors/signatures`, which the API's tests sign and send.

use super::{Component, SecretKey, required};

#[test]
fn commands_cover_their_body_and_their_idempotency_key() {
    let covers = |method, path, component| required(method, path).contains(&component);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert!(covers(method, "/v1/orders", Component::ContentDigest));
        assert!(covers(method, "/v1/orders", Component::IdempotencyKey));
    }
    assert!(covers("POST", "/v1/quotes", Component::ContentDigest));
    assert!(!covers("POST", "/v1/quotes", Component::IdempotencyKey));
    assert!(covers("DELETE", "/v1/quotes", Component::IdempotencyKey));
    assert!(!covers("GET", "/v1/account", Component::ContentDigest));
    assert!(covers("GET", "/v1/account", Component::Query));
}

#[test]
fn a_key_file_is_read_as_it_is_written_and_as_other_programs_write_it() {
    let key = SecretKey::from_seed(&[7; 32]);
    let again = SecretKey::from_pem(&key.to_pem()).expect("its own");
    assert_eq!(again.public(), key.public());
    // RFC 8410, section 10.3.
    let other = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    let other = SecretKey::from_pem(other).expect("the RFC's");
    let known = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    let bytes = other.public().map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(bytes, known);
    assert!(!format!("{other:?}").contains("1O5y"), "no secret in a log");
    for bad in [
        "",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        "MC4CAQAw",
    ] {
        assert!(SecretKey::from_pem(bad).is_err(), "{bad}");
    }
}

use super::*;

#[test]
fn a_database_is_a_file_or_memory() {
    let file = |path: &str| Location::File(path.into());
    let cases = [
        ("sqlite::memory:", Location::Memory),
        ("data/tidings.db", file("data/tidings.db")),
        ("sqlite:tidings.db", file("tidings.db")),
        ("sqlite:///srv/tidings.db", file("/srv/tidings.db")),
    ];
    for (name, location) in cases {
        assert_eq!(Location::of(name).unwrap(), location);
    }
    for unknown in ["", "sqlite:", "mysql://localhost"] {
        let refused = Location::of(unknown);
        let unsupported = matches!(refused, Err(StoreError::Unsupported { .. }));
        assert!(unsupported, "{unknown}");
    }
}

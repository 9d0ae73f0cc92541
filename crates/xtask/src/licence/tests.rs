use super::{allows, strings};

fn allowed() -> std::collections::BTreeSet<String> {
    ["MIT", "Apache-2.0", "Unicode-3.0"]
        .map(str::to_owned)
        .into()
}

#[test]
fn one_side_of_an_or_is_enough() {
    assert!(allows(&allowed(), "GPL-3.0 OR MIT"));
    assert!(allows(&allowed(), "MIT/Apache-2.0"));
    assert!(!allows(&allowed(), "GPL-3.0 OR AGPL-3.0"));
}

#[test]
fn both_sides_of_an_and_are_needed() {
    assert!(allows(&allowed(), "(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!allows(&allowed(), "MIT AND GPL-3.0"));
    assert!(allows(
        &allowed(),
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0"
    ));
}

#[test]
fn nothing_is_not_a_licence() {
    assert!(!allows(&allowed(), ""));
    assert!(!allows(&allowed(), "MIT MIT"));
}

#[test]
fn lists_are_read_from_their_own_section() {
    let toml =
        "[a]\nallow = [\n  \"x\",\n]\n[b]\nallow = [\n  \"y\", # why\n  { name = \"z\" },\n]\n";
    let read: Vec<String> = strings(toml, "b", "allow").into_iter().collect();
    assert_eq!(read, ["y", "z"]);
}

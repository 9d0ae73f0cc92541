//! When two labels are the same: tags and steps of section paths, as people write them.
//!
//! The databases have an opinion each: SQLite knows the case of ASCII alone, PostgreSQL goes by its locale. So
//! neither is asked.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// A label as it is compared: without case, as Unicode folds it, and however its accents are written.
pub fn folded(label: &str) -> String {
    let composed: String = label.nfc().collect();
    UniCase::unicode(composed).to_folded_case().nfc().collect()
}

/// Whether two labels are the same.
pub fn same(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn labels_are_the_same_in_whatever_case() {
        for (one, other) in [
            ("Energy", "ENERGY"),
            ("Énergie", "éNERGIE"),
            ("Énergie", "E\u{301}nergie"),
            ("Straße", "STRASSE"),
            ("ΦΩΣ", "φως"),
            ("ПАРОМ", "Паром"),
            ("首脳会談", "首脳会談"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
        ] {
            assert!(same(one, other), "{one} is {other}");
        }
        for (one, other) in [
            ("Energie", "Énergie"),
            ("Ilik", "Ilık"),
            ("東京", "京東"),
            ("", "a"),
        ] {
            assert!(!same(one, other), "{one} is not {other}");
        }
    }
}

//! The walls between the crates, as `ARCHITECTURE.md` draws them: what a crate must never reach,
//! through no matter how many others.

use crate::shell::{cargo, read};

/// Who must never depend on what. The core is a pure function; the store knows no HTTP; the
/// exchange neither; articles know no money; nobody but the binary knows all.
const WALLS: &[(&str, &[&str])] = &[
    (
        "tidings-core",
        &[
            "tokio",
            "sqlx",
            "axum",
            "hyper",
            "getrandom",
            "rand",
            "jiff",
            "chrono",
            "tracing",
        ],
    ),
    (
        "tidings-store",
        &["axum", "hyper", "utoipa", "tidings-exchange", "tidings-api"],
    ),
    (
        "tidings-exchange",
        &["axum", "hyper", "utoipa", "tidings-api", "tidings-web"],
    ),
    (
        "tidings-news",
        &[
            "axum",
            "hyper",
            "tidings-exchange",
            "tidings-api",
            "tidings-web",
        ],
    ),
    ("tidings-api", &["askama", "tidings-web"]),
    (
        "tidings",
        &[
            "thirtyfour",
            "proptest",
            "criterion",
            "tempfile",
            "tidings-tests",
        ],
    ),
];

/// Checks every wall.
pub(crate) fn check() -> Result<(), String> {
    let mut holes = Vec::new();
    for (package, never) in WALLS {
        let tree = [
            "tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}",
        ];
        let tree = read(cargo(&tree))?;
        let reached: Vec<&str> = tree
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        let holed = never.iter().filter(|wall| reached.contains(wall));
        holes.extend(holed.map(|wall| format!("{package} reaches {wall}")));
        eprintln!("   {package} reaches none of {}", never.join(", "));
    }
    match holes.is_empty() {
        true => Ok(()),
        false => Err(holes.join("\n")),
    }
}

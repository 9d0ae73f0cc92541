//! The walls between the crates, as `ARCHITECTURE.md` draws them: what a crate must never reach,
//! through no matter how many others; and that nothing which only tests need changes what ships.

use crate::shell::{cargo, read};

/// Who must never depend on what. The core is a pure function; the store knows no HTTP; the
/// exchange neither; articles know no money; nobody but the binary knows all. A client is what anybody could have
/// written: it knows the exchange by its answers.
const WALLS: [(&str, &str); 10] = [
    (
        "tidings-core",
        "tokio sqlx axum hyper getrandom rand jiff chrono tracing",
    ),
    (
        "tidings-store",
        "axum hyper utoipa tidings-exchange tidings-api",
    ),
    (
        "tidings-exchange",
        "axum hyper utoipa tidings-api tidings-web",
    ),
    (
        "tidings-news",
        "axum reqwest tidings-exchange tidings-api tidings-web",
    ),
    (
        "tidings-api",
        "askama tidings-web tidings-client tidings-kalshi reqwest",
    ),
    // Another venue's words for the same: no second way to the engine.
    ("tidings-kalshi", "askama tidings-web"),
    // What goes out is written elsewhere, and passes the guard of news on its way.
    (
        "tidings-post",
        "reqwest openssl native-tls aws-lc-rs tidings-client tidings-kalshi",
    ),
    ("tidings-signature", "tokio axum hyper reqwest tidings-core"),
    (
        "tidings-client",
        "axum sqlx tidings-core tidings-store tidings-exchange tidings-api openssl native-tls aws-lc-rs",
    ),
    (
        "tidings",
        "proptest criterion tempfile tidings-tests tidings-cluster tidings-power tidings-faults",
    ),
];

/// Features that would change what the server answers. Cargo turns a feature on for everybody as
/// soon as anybody in the same build asks for it, a test's dependency included.
const FEATURES: [(&str, &str); 2] = [
    ("serde_json", "preserve_order"),
    ("serde_json", "arbitrary_precision"),
];

/// Checks every wall.
pub(crate) fn check() -> Result<(), String> {
    let mut holes = Vec::new();
    for (package, never) in WALLS {
        let reached = tree(&["-p", package, "-e", "normal"], "{p}")?;
        for wall in never.split(' ') {
            if reached.iter().any(|line| name(line) == wall) {
                holes.push(format!("{package} reaches {wall}"));
            }
        }
        eprintln!("   {package} reaches none of {never}");
    }
    let all = tree(&["--workspace", "-e", "normal,dev"], "{p} {f}")?;
    for (package, feature) in FEATURES {
        if all
            .iter()
            .any(|line| name(line) == package && line.contains(feature))
        {
            holes.push(format!(
                "something turns on {package}/{feature}: see cargo tree -e features -i {package}"
            ));
        }
    }
    match holes.is_empty() {
        true => Ok(()),
        false => Err(holes.join("\n")),
    }
}

/// One line for each package.
fn tree(which: &[&str], format: &str) -> Result<Vec<String>, String> {
    let mut tree = cargo(&["tree", "--prefix", "none", "--format", format]);
    tree.args(which);
    Ok(read(tree)?.lines().map(str::to_owned).collect())
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

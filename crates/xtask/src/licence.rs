//! Licences, bans and sources of everything that is built, as `deny.toml` has them. Reads the same
//! file as cargo-deny, which not everyone has; known advisories need its database, and stay with it.

use std::collections::BTreeSet;

use crate::shell::{cargo, read, root};

/// Checks every package of the tree, those of tests and benches included.
pub(crate) fn check() -> Result<(), String> {
    let policy = root().join("deny.toml");
    let policy = std::fs::read_to_string(&policy).map_err(|error| format!("deny.toml: {error}"))?;
    let allowed = strings(&policy, "licenses", "allow");
    let banned = strings(&policy, "bans", "deny");
    if allowed.is_empty() || banned.is_empty() {
        return Err("deny.toml names no licences or no bans".to_owned());
    }

    let tree = [
        "tree",
        "--workspace",
        "--target",
        "all",
        "-e",
        "normal,build,dev",
        "--prefix",
        "none",
    ];
    let mut tree = cargo(&tree);
    tree.args(["--format", "{p}|{l}"]);
    let tree = read(tree)?;
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let mut faults = Vec::new();
    for package in &packages {
        let (name, licence) = package.split_once('|').unwrap_or((package, ""));
        let bare = name.split(' ').next().unwrap_or(name);
        if banned.contains(bare) {
            faults.push(format!("{name} is banned"));
        }
        if !allows(&allowed, licence) {
            faults.push(format!(
                "{name} has the licence {licence:?}, which is not allowed"
            ));
        }
    }
    faults.extend(foreign_sources()?);
    eprintln!(
        "   {} packages, {} licences allowed",
        packages.len(),
        allowed.len()
    );
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n")),
    }
}

/// Whether an SPDX expression can be met: one side of each OR, both sides of each AND.
fn allows(allowed: &BTreeSet<String>, licence: &str) -> bool {
    let spaced = licence
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any_of(allowed, &mut rest);
    met && rest.is_empty()
}

fn any_of(allowed: &BTreeSet<String>, rest: &mut &[&str]) -> bool {
    let mut met = all_of(allowed, rest);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        met |= all_of(allowed, rest);
    }
    met
}

fn all_of(allowed: &BTreeSet<String>, rest: &mut &[&str]) -> bool {
    let mut met = one(allowed, rest);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        met &= one(allowed, rest);
    }
    met
}

fn one(allowed: &BTreeSet<String>, rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let met = any_of(allowed, rest);
            if let [")", after @ ..] = *rest {
                *rest = after;
            }
            met
        }
        [name, "WITH", exception, after @ ..] => {
            *rest = after;
            allowed.contains(*name) || allowed.contains(&format!("{name} WITH {exception}"))
        }
        [name, after @ ..] => {
            *rest = after;
            allowed.contains(*name)
        }
        [] => false,
    }
}

/// Everything comes from crates.io or from this tree.
fn foreign_sources() -> Result<Vec<String>, String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"));
    let lock = lock.map_err(|error| format!("Cargo.lock: {error}"))?;
    let sources = lock.lines().filter(|line| line.starts_with("source = "));
    let foreign = sources.filter(|line| !line.contains("registry+https://github.com/rust-lang/"));
    Ok(foreign
        .map(|line| format!("not from crates.io: {line}"))
        .collect())
}

/// The strings of a list in a section of a TOML file that is written one entry a line.
fn strings(toml: &str, section: &str, key: &str) -> BTreeSet<String> {
    let section = format!("[{section}]");
    let key = format!("{key} = [");
    let in_section = toml.lines().skip_while(|line| *line != section).skip(1);
    let in_section = in_section.take_while(|line| !line.starts_with('['));
    let in_list = in_section.skip_while(|line| *line != key).skip(1);
    let in_list = in_list.take_while(|line| !line.starts_with(']'));
    in_list
        .filter_map(|line| line.split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;

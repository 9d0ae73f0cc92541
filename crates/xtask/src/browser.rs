//! A real browser for the tests: found where it is, installed where that can be done.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{command, find, read, run, target};

/// What the browser tests drive.
pub(crate) struct Browser {
    /// The program that is spoken to.
    pub(crate) chromedriver: PathBuf,
    /// The browser that it starts.
    pub(crate) chromium: PathBuf,
}

impl Browser {
    /// Tells a command where the browser is.
    pub(crate) fn describe(&self, command: &mut Command) {
        command.env("TIDINGS_BROWSER", &self.chromedriver);
        command.env("TIDINGS_CHROMIUM", &self.chromium);
    }
}

/// Finds Chromium and its driver, or installs Debian's packages of them.
pub(crate) fn browser() -> Result<Browser, String> {
    if let Some(browser) = installed() {
        return Ok(browser);
    }
    install(&["chromium", "chromium-driver"])?;
    installed().ok_or_else(|| "chromium or chromedriver is not there after its install".to_owned())
}

/// Letters of East Asia for the pictures that the server draws, or Debian's smallest package that has all three
/// scripts.
pub(crate) fn letters() -> Result<(), String> {
    let has = || LETTERS.iter().any(|folder| Path::new(folder).is_dir());
    if has() {
        return Ok(());
    }
    install(&["fonts-wqy-microhei"])?;
    match has() {
        true => Ok(()),
        false => Err("the fonts are not there after their install".to_owned()),
    }
}

/// Where Debian's packages of them lie.
const LETTERS: [&str; 2] = [
    "/usr/share/fonts/truetype/wqy",
    "/usr/share/fonts/opentype/noto",
];

fn installed() -> Option<Browser> {
    let chromium = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(find)?;
    Some(Browser {
        chromedriver: find("chromedriver")?,
        chromium,
    })
}

fn install(packages: &[&str]) -> Result<(), String> {
    if find("apt-get").is_none() {
        return Err(format!(
            "install {} by hand: there is no apt-get here",
            packages.join(" and ")
        ));
    }
    let who = read(command("id", &["-u"])).unwrap_or_else(|_| "unknown".to_owned());
    if who.trim() != "0" {
        return Err(format!(
            "run `sudo apt-get install {}`: it takes root",
            packages.join(" ")
        ));
    }
    run(command("apt-get", &["update", "-qq"]))?;
    let mut install = command(
        "apt-get",
        &["install", "-y", "-qq", "--no-install-recommends"],
    );
    install
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(install)
}

/// The accessibility checker, which is installed beside the build and never into the tree.
pub(crate) fn axe() -> Result<PathBuf, String> {
    let prefix = target().join(AXE);
    let script = prefix.join("node_modules/axe-core/axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    let npm = find("npm").ok_or("axe-core needs npm, which is not installed")?;
    std::fs::create_dir_all(&prefix).map_err(|error| format!("{}: {error}", prefix.display()))?;
    let mut install = command(npm, &["install", "--no-audit", "--no-fund", "--silent"]);
    install.arg("--prefix").arg(&prefix).arg(AXE);
    run(install)?;
    match script.is_file() {
        true => Ok(script),
        false => Err("axe-core is not there after its install".to_owned()),
    }
}

/// A fixed version, so that its rules change when we say so.
const AXE: &str = "axe-core@4.14.1";

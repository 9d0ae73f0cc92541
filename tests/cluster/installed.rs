//! Where PostgreSQL's programs are, and whom they may run as: its server refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where Debian and its kin put the versions, away from `PATH`.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The programs of a server in one directory, the newest version of those that are installed.
pub(crate) fn server() -> Result<PathBuf, String> {
    with_all(&["initdb", "postgres"])
}

/// The directory with the client that asks.
pub(crate) fn client() -> Result<PathBuf, String> {
    with_all(&["psql"])
}

fn with_all(tools: &[&str]) -> Result<PathBuf, String> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest_first = versions.into_iter().rev().map(|(_, bin)| bin);
    newest_first
        .chain(std::env::split_paths(&path))
        .find(|bin| tools.iter().all(|tool| bin.join(tool).is_file()))
        .ok_or_else(|| {
            let tools = tools.join(" and ");
            format!("PostgreSQL is not installed: {tools} in neither {VERSIONS}/*/bin nor PATH")
        })
}

/// Whom a cluster's programs run as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum User {
    /// Whoever runs the tests.
    Same,
    /// Somebody with fewer rights, because root runs the tests.
    Other { uid: u32, gid: u32 },
}

impl User {
    /// Whom the programs may run as, when this process made `directory`.
    pub(crate) fn for_owner_of(directory: &Path) -> Result<User, String> {
        let made = fs::metadata(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        if made.uid() != 0 {
            return Ok(User::Same);
        }
        let users = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| other(&users, name))
            .ok_or_else(|| "root may not run PostgreSQL; no user postgres or nobody".to_owned())
    }

    pub(crate) fn give(self, directory: &Path) -> Result<(), String> {
        match self {
            User::Same => Ok(()),
            User::Other { uid, gid } => chown(directory, Some(uid), Some(gid))
                .map_err(|e| format!("{} cannot be given away: {e}", directory.display())),
        }
    }

    pub(crate) fn run(self, command: &mut Command) {
        if let User::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }
}

/// A line is `name:password:uid:gid:…`.
fn other(users: &str, name: &str) -> Option<User> {
    let line = users
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let mut fields = line.split(':').skip(1);
    Some(User::Other {
        uid: fields.next()?.parse().ok()?,
        gid: fields.next()?.parse().ok()?,
    })
}

/// Runs a tool to its end: what it printed, or what it complained of.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let tool = command.get_program().to_owned();
    let tool = Path::new(&tool).display();
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .map_err(|e| format!("{tool} cannot be run: {e}"))?;
    match status.success() {
        true => Ok(String::from_utf8_lossy(&stdout).into_owned()),
        false => {
            let complaint = String::from_utf8_lossy(&stderr);
            Err(format!("{tool}: {status}: {}", complaint.trim()))
        }
    }
}

/// Takes away what the environment says about servers: only what a caller says may count.
pub(crate) fn without_surroundings(command: &mut Command) {
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
}

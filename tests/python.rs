//! Python programs that the tests use: in environments that `cargo xtask test` makes and names, each
//! in a variable of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::left_out::left_out;

/// An environment with Python and what was installed for a test.
#[derive(Clone, Debug)]
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment of this name; without it `what` is left out, aloud.
    pub fn named(name: &str, what: &str) -> Option<Venv> {
        let variable = format!("TIDINGS_PYTHON_{}", name.to_uppercase());
        let dir = std::env::var_os(&variable).map(PathBuf::from);
        if dir.is_none() {
            left_out(what, &format!("{variable} names no environment"));
        }
        dir.map(|dir| Venv { dir })
    }

    /// One of its programs, such as `python`, to be run in a directory: its own programs are found first,
    /// and nothing of the caller's own Python is in its way.
    ///
    /// # Panics
    /// When `PATH` cannot be written.
    pub fn program(&self, name: &str, at: &Path) -> Command {
        let bin = self.dir.join("bin");
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(bin.clone()).chain(std::env::split_paths(&others));
        let path = std::env::join_paths(path).expect("paths without colons");
        let mut command = Command::new(bin.join(name));
        command
            .current_dir(at)
            .env("PATH", path)
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONHOME");
        command
    }
}

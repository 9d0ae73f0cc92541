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

    /// One of its programs, such as `python`, to be run in a directory, with nothing of the caller's own
    /// Python in its way.
    pub fn program(&self, name: &str, at: &Path) -> Command {
        let mut command = Command::new(self.dir.join("bin").join(name));
        command
            .current_dir(at)
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONHOME");
        command
    }
}

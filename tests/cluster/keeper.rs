//! The shell that is the parent of a cluster's server, so that the server ends with us even when we
//! are killed: `keeper.sh`, one line to it and one line from it for each order.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::installed::User;

/// What the shell runs.
const SCRIPT: &str = include_str!("keeper.sh");

/// The shell. When it is dropped the server ends, and its directory goes.
pub(crate) struct Keeper {
    shell: Child,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    pub(crate) fn of(server: &Path, directory: &Path, user: User) -> Result<Keeper, String> {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", SCRIPT, "keeper"])
            .args([server, directory])
            .current_dir(directory)
            // Not among those that an interrupt at the terminal ends: they could not tidy up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Otherwise who reads the tests' output waits for us, too.
            .stderr(Stdio::null());
        crate::installed::without_surroundings(&mut shell);
        user.run(&mut shell);
        let mut shell = shell.spawn().map_err(|e| format!("sh: {e}"))?;
        let answers = shell.stdout.take().expect("it was piped");
        Ok(Keeper {
            shell,
            answers: BufReader::new(answers),
        })
    }

    /// Starts the server: its process, which may end at once.
    pub(crate) fn start(&mut self) -> Result<u32, String> {
        let answer = self.order("start")?;
        answer.parse().map_err(|e| format!("{answer}: {e}"))
    }

    /// Sends a signal to processes. Those that have ended meanwhile are none the worse.
    pub(crate) fn signal(&mut self, name: &str, processes: &[u32]) -> Result<(), String> {
        let pids: Vec<String> = processes.iter().map(u32::to_string).collect();
        self.order(&format!("signal {name} {}", pids.join(" ")))?;
        Ok(())
    }

    /// Whether the server is still there, after a moment.
    pub(crate) fn look(&mut self) -> Result<bool, String> {
        Ok(self.order("look")? == "running")
    }

    /// Takes note of a server that has been killed: its process's number is free afterwards.
    pub(crate) fn reap(&mut self) -> Result<(), String> {
        self.order("reap").map(drop)
    }

    /// Shuts the server down, fast if it can.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        self.order("stop").map(drop)
    }

    fn order(&mut self, order: &str) -> Result<String, String> {
        let gone = |e| format!("the cluster's keeper is gone: {e}");
        let orders = self.shell.stdin.as_mut().expect("it was piped");
        orders
            .write_all(format!("{order}\n").as_bytes())
            .map_err(gone)?;
        let mut answer = String::new();
        match self.answers.read_line(&mut answer).map_err(gone)? {
            0 => Err(format!("the cluster's keeper ended at {order:?}")),
            _ => Ok(answer.trim_end().to_owned()),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The end of its orders.
        drop(self.shell.stdin.take());
        // It ends by itself, and there is nobody to tell when it does not.
        drop(self.shell.wait());
    }
}

//! Who started whom, as Linux tells it in `/proc`. The server's processes are not in one group:
//! each backend makes a session of its own.

use std::collections::BTreeMap;
use std::fs;

/// The processes of this moment: a parent and a state for each.
pub(crate) struct Processes(BTreeMap<u32, (u32, char)>);

impl Processes {
    pub(crate) fn list() -> Result<Processes, String> {
        let entries = fs::read_dir("/proc").map_err(|e| format!("/proc cannot be read: {e}"))?;
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        // One that ends between the listing and the reading is not there.
        let found: BTreeMap<_, _> = pids.filter_map(|pid| Some((pid, stat(pid)?))).collect();
        match found.is_empty() {
            true => Err("/proc lists no processes".to_owned()),
            false => Ok(Processes(found)),
        }
    }

    /// All that a process started, and that those started.
    pub(crate) fn descendants(&self, of: u32) -> Vec<u32> {
        let mut found = vec![of];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let children = self.0.iter().filter(|(_, (its, _))| *its == parent);
            found.extend(children.map(|(pid, _)| *pid));
            next += 1;
        }
        found.split_off(1)
    }
}

/// Whether a process can still do anything. One that has ended and waits for its parent cannot.
pub(crate) fn alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(_, state)| !matches!(state, 'Z' | 'X'))
}

/// Whether a process is halted by a signal.
pub(crate) fn halted(pid: u32) -> bool {
    stat(pid).is_some_and(|(_, state)| state == 'T')
}

/// A process's parent and state: `pid (name) state parent …`, where a name may hold anything.
fn stat(pid: u32) -> Option<(u32, char)> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let state = words.next()?.chars().next()?;
    Some((words.next()?.parse().ok()?, state))
}

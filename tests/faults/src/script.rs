//! What is to go wrong, line by line: a fault, the name of a file or `*` for any, and at which call on
//! it from then on. A line waits until the one before it has happened; afterwards all is well. Only
//! syncs that have something to write are counted.
//!
//! ```text
//! sync-eio tidings.db-wal 3
//! power-cut * 10
//! ```
//!
//! Whoever writes a script puts it in place with one rename. Each fault that has happened is told by
//! a line in the file of the script's name with `done` for its extension.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What can be done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Write,
    Sync,
    Truncate,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A sync fails, and what it should have written is lost unless it is written again.
    SyncEio,
    /// A write fails.
    WriteEio,
    /// There is no room.
    WriteEnospc,
    /// Half of the bytes are written, and that is said.
    WriteShort,
    /// A file cannot be cut.
    TruncateEio,
    /// The power fails before anything else is done.
    PowerCut,
}

#[derive(Debug)]
struct Line {
    fault: Fault,
    file: OsString,
    calls: u32,
}

#[derive(Debug)]
pub(crate) struct Script {
    path: PathBuf,
    /// As it was last read: another text starts from its first line.
    text: String,
    lines: Vec<Line>,
    /// Which line is next, and how often its call was made.
    next: usize,
    calls: u32,
}

impl Script {
    /// The script that the environment names.
    pub(crate) fn of_environment() -> Option<Script> {
        Some(Script {
            path: std::env::var_os("TIDINGS_FAULTS_SCRIPT")?.into(),
            text: String::new(),
            lines: Vec::new(),
            next: 0,
            calls: 0,
        })
    }

    /// What happens at a call on a file.
    pub(crate) fn at(&mut self, call: Call, file: &Path) -> Option<Fault> {
        self.read();
        let line = self.lines.get(self.next)?;
        let is_meant = line.file == "*" || file.file_name() == Some(&line.file);
        if !line.fault.befalls(call) || !is_meant {
            return None;
        }
        self.calls += 1;
        if self.calls < line.calls {
            return None;
        }
        let fault = line.fault;
        self.tell(fault, file);
        self.next += 1;
        self.calls = 0;
        Some(fault)
    }

    fn read(&mut self) {
        // Nobody has written one yet.
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        if text == self.text {
            return;
        }
        self.lines = text.lines().map(line).collect();
        self.text = text;
        self.next = 0;
        self.calls = 0;
    }

    fn tell(&self, fault: Fault, file: &Path) {
        let done = self.path.with_extension("done");
        let done = fs::OpenOptions::new().create(true).append(true).open(done);
        let told = done.and_then(|mut done| writeln!(done, "{fault:?} {}", file.display()));
        told.expect("what happened can be told");
    }
}

impl Fault {
    fn befalls(self, call: Call) -> bool {
        match self {
            Fault::SyncEio => call == Call::Sync,
            Fault::WriteEio | Fault::WriteEnospc | Fault::WriteShort => call == Call::Write,
            Fault::TruncateEio => call == Call::Truncate,
            Fault::PowerCut => true,
        }
    }
}

fn line(text: &str) -> Line {
    let mut words = text.split_whitespace();
    let mut word = || words.next().expect("a fault, a file and a count");
    let fault = match word() {
        "sync-eio" => Fault::SyncEio,
        "write-eio" => Fault::WriteEio,
        "write-enospc" => Fault::WriteEnospc,
        "write-short" => Fault::WriteShort,
        "truncate-eio" => Fault::TruncateEio,
        "power-cut" => Fault::PowerCut,
        other => panic!("no fault is called {other}"),
    };
    Line {
        fault,
        file: word().into(),
        calls: word().parse().expect("a number"),
    }
}

//! `cargo xtask test`: every test there is, from the form of the files to a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::browser::{self, Browser};
use crate::shell::{cargo, command, read, run, target};
use crate::step::Run;
use crate::{licence, planted, python, walls};

/// What becomes of a run in which something could not be tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// It says so aloud.
    Contributor,
    /// It says so aloud, and has failed.
    Ci,
}

/// Runs everything.
pub(crate) fn test(strictness: Strictness) -> ExitCode {
    let mut steps = Run::start();
    room("at the start");
    steps.step("format", || run(cargo(&["fmt", "--all", "--check"])));
    paper(&mut steps);
    let (browser, axe) = helpers(&mut steps);
    let pythons = python::envs(|what, why| steps.leave_out(what, why));
    // Every target: benches are compiled here, and run by whoever wants their figures.
    steps.step("clippy, with warnings denied", || {
        run(cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    });
    let built = steps.step("tests and the server are built", || {
        run(cargo(&["test", "--workspace", "--no-run", "--quiet"]))
    });
    // A build of its own: see the crate's manifest.
    steps.step("the client with TLS", || {
        run(cargo(&[
            "test",
            "--package",
            "tidings-client",
            "--features",
            "tls",
            "--quiet",
        ]))
    });
    match built {
        Some(()) => {
            let notes = Notes::start();
            let mut tests = tests(browser.as_ref(), axe.as_deref(), &notes);
            python::describe(&pythons, &mut tests);
            steps.step("tests", || run(tests));
            notes.leave_out(&mut steps);
            // All of them take minutes: `cargo xtask planted`.
            steps.step("two planted bugs are found", || {
                planted::find(&["charge_rounded_down", "newest_first"]).map(drop)
            });
        }
        None => steps.leave_out("tests", "they cannot be built"),
    }
    room("at the end");
    steps.finish(strictness == Strictness::Ci)
}

/// Says how much more the disk takes: databases that find it full fail in ways that do not look like it.
fn room(when: &str) {
    let df = command("df", &["-P", "-B", "1000000000", "."]);
    let gigabytes = read(df).ok().and_then(|table| {
        let row = table.lines().nth(1)?;
        row.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    let Some(gigabytes) = gigabytes else { return };
    eprintln!("\nroom on the disk {when}: {gigabytes} GB");
    if gigabytes < NEEDED {
        eprintln!("LITTLE ROOM: what is built and run here takes up to {NEEDED} GB");
    }
}

/// What can be checked without building anything.
pub(crate) fn walls_alone() -> ExitCode {
    let mut steps = Run::start();
    paper(&mut steps);
    steps.finish(true)
}

fn paper(steps: &mut Run) {
    steps.step("walls between the crates", walls::check);
    steps.step("licences, bans and sources", licence::check);
}

/// The browser and what checks its pages, where they can be had.
fn helpers(steps: &mut Run) -> (Option<Browser>, Option<PathBuf>) {
    let browser = browser::browser();
    let axe = browser::axe();
    let letters = browser::letters();
    for (what, why) in [
        (BROWSER, browser.as_ref().err()),
        (AXE, axe.as_ref().err()),
        ("pictures in Japanese and Korean", letters.as_ref().err()),
    ] {
        if let Some(why) = why {
            steps.leave_out(what, why);
        }
    }
    (browser.ok(), axe.ok())
}

/// The server as it is built for tests: checks on, its core optimised.
pub(crate) fn server() -> PathBuf {
    target()
        .join("debug")
        .join(format!("tidings{}", std::env::consts::EXE_SUFFIX))
}

/// Units, models, vectors, stories, crashes, the README's commands and the browser: all are cargo's
/// tests, whose closing lines say how many there were.
fn tests(browser: Option<&Browser>, axe: Option<&Path>, notes: &Notes) -> Command {
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests
        .env("TIDINGS_BINARY", server())
        .env("TIDINGS_LEFT_OUT", &notes.file);
    if let Some(browser) = browser {
        browser.describe(&mut tests);
    }
    if let Some(axe) = axe {
        tests.env("TIDINGS_AXE", axe);
    }
    tests
}

/// What tests write down that they could not do: they pass without it, so only this tells.
struct Notes {
    file: PathBuf,
}

impl Notes {
    fn start() -> Notes {
        let file = target().join("left-out.txt");
        // Absent is as good as empty.
        let _absent = fs::remove_file(&file);
        Notes { file }
    }

    fn leave_out(&self, steps: &mut Run) {
        let Ok(text) = fs::read_to_string(&self.file) else {
            return;
        };
        let mut notes: Vec<&str> = text.lines().collect();
        notes.sort_unstable();
        notes.dedup();
        for note in notes {
            let (what, why) = note
                .split_once(": ")
                .unwrap_or((note, "no reason was given"));
            steps.leave_out(what, why);
        }
    }
}

/// Gigabytes that a build from nothing takes, and the databases of tests beside it.
const NEEDED: u64 = 20;

/// What tests call the same things when they leave them out.
const BROWSER: &str = "browser tests";
const AXE: &str = "axe in the browser tests";

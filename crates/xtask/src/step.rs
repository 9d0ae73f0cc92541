//! Steps that are run one after another, each timed, and the table that closes a run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a step ended.
enum End {
    Passed,
    Failed(String),
    /// It could not be run, and why.
    LeftOut(String),
}

/// A run of steps. A step that fails does not keep the later ones from running: one run shows all
/// that is wrong.
pub(crate) struct Run {
    started: Instant,
    steps: Vec<(String, End, Duration)>,
}

impl Run {
    pub(crate) fn start() -> Run {
        Run {
            started: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// Runs a step. What it says when it fails goes into the table.
    pub(crate) fn step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Option<T> {
        eprintln!("\n── {name}");
        let started = Instant::now();
        let (end, value) = match work() {
            Ok(value) => (End::Passed, Some(value)),
            Err(why) => {
                eprintln!("{name} FAILED: {why}");
                (End::Failed(why), None)
            }
        };
        let took = started.elapsed();
        eprintln!("   {name}: {:.1} s", took.as_secs_f64());
        self.steps.push((name.to_owned(), end, took));
        value
    }

    /// Says aloud, once, that something was not tested.
    pub(crate) fn leave_out(&mut self, name: &str, why: &str) {
        if self.steps.iter().any(|(known, ..)| known == name) {
            return;
        }
        eprintln!("\nLEFT OUT: {name}: {why}");
        self.steps.push((
            name.to_owned(),
            End::LeftOut(why.to_owned()),
            Duration::ZERO,
        ));
    }

    /// Prints the table. With `strict`, something left out is a failure.
    pub(crate) fn finish(self, strict: bool) -> ExitCode {
        let (mut passed, mut failed, mut left_out) = (0, 0, 0);
        println!("\n{:<9} {:>8}  step", "", "seconds");
        for (name, end, took) in &self.steps {
            let (word, why) = match end {
                End::Passed => ("passed", ""),
                End::Failed(why) => ("FAILED", why.as_str()),
                End::LeftOut(why) => ("LEFT OUT", why.as_str()),
            };
            match end {
                End::Passed => passed += 1,
                End::Failed(_) => failed += 1,
                End::LeftOut(_) => left_out += 1,
            }
            println!("{word:<9} {:>8.1}  {name}", took.as_secs_f64());
            for line in why.lines().take(MOST_LINES) {
                println!("{:<9} {:>8}    {line}", "", "");
            }
        }
        println!(
            "{:<9} {:>8.1}  everything",
            "",
            self.started.elapsed().as_secs_f64()
        );
        if left_out == 0 {
            println!("Nothing was left out.");
        }
        println!("steps: {passed} passed, {failed} failed, {left_out} skipped");
        match failed > 0 || (strict && left_out > 0) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }
}

/// Lines of a reason in the table; all of them stand where the step failed.
const MOST_LINES: usize = 8;

//! `cargo xtask planted`: the tests are tested. Known bugs are planted, one at a time, and a test has to
//! fail for each. In: names of bugs, or none for all of them. Out: a table of which test found which.
//!
//! A bug is a line of the product behind `cfg!(planted = "its_name")`. Cargo calls rustc through a link to
//! this very program whose name says the bug, so that what was built with each is kept apart, and all
//! that is not ours is built once. By hand, `RUSTFLAGS='--cfg planted="its_name"' cargo test` does it.

use std::ffi::OsString;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::shell::{cargo, run, target};

/// A target of tests: a crate, and what of it.
type Tests = (&'static str, &'static [&'static str]);

const CORE: &str = "tidings-core";
/// Every test of the core that can find a bug in it, the fastest first.
const CORE_TESTS: &[Tests] = &[
    (CORE, &["--test", "lmsr_vectors"]),
    (CORE, &["--test", "traces"]),
    (CORE, &["--test", "life"]),
    (CORE, &["--test", "review"]),
    (CORE, &["--test", "halts"]),
    (CORE, &["--test", "freeze"]),
    (CORE, &["--test", "deposits"]),
    (CORE, &["--test", "evidence"]),
    (CORE, &["--test", "switch"]),
    (CORE, &["--test", "fill_limit"]),
    (CORE, &["--test", "exhaustive"]),
    (CORE, &["--test", "against_model"]),
    (CORE, &["--test", "adversary"]),
];
const SNAPSHOT_TESTS: &[Tests] = &[
    (CORE, &["--test", "switch"]),
    (CORE, &["--test", "snapshot"]),
];
const EXCHANGE_TESTS: &[Tests] = &[("tidings-exchange", &["--test", "running"])];
/// On a disk that loses what was not synced.
const POWER_TESTS: &[Tests] = &[
    ("tidings-power", &["--test", "power"]),
    ("tidings-store", &["--lib"]),
];
/// On a disk that fails.
const FAULTS_TESTS: &[Tests] = &[("tidings-faults", &["--test", "live"])];

const API_TESTS: &[Tests] = &[("tidings-api", &["--test", "api"])];

const KALSHI_TESTS: &[Tests] = &[("tidings-kalshi", &["--test", "facade"])];
/// Against a hostile outside with a canary inside.
const OUTSIDE_TESTS: &[Tests] = &[
    ("tidings-outside", &["--test", "hostile"]),
    ("tidings-outside", &["--test", "fetch"]),
];
const HOOKS_TESTS: &[Tests] = &[("tidings-post", &["--test", "hooks"])];

/// Every bug, and the tests that it is given to. Cargo.toml has the names once more, for rustc.
const BUGS: &[(&str, &[Tests])] = &[
    ("charge_to_nearest", CORE_TESTS),
    ("charge_rounded_down", CORE_TESTS),
    ("book_fee_rounded_down", CORE_TESTS),
    ("no_fee_on_the_maker", CORE_TESTS),
    ("newest_first", CORE_TESTS),
    ("at_the_takers_limit", CORE_TESTS),
    ("implied_off_by_a_tick", CORE_TESTS),
    ("served_bids_forgotten", CORE_TESTS),
    ("own_orders_trade", CORE_TESTS),
    ("merged_in_the_middle", CORE_TESTS),
    ("hold_kept_after_a_fill", CORE_TESTS),
    ("hold_kept_after_a_cancel", CORE_TESTS),
    ("more_keeps_its_place", CORE_TESTS),
    ("anyone_cancels", CORE_TESTS),
    ("orders_outlive_their_time", CORE_TESTS),
    ("a_switch_that_never_fires", CORE_TESTS),
    ("the_desk_trades", CORE_TESTS),
    ("the_desks_orders_rest", CORE_TESTS),
    ("authors_review_themselves", CORE_TESTS),
    ("unreviewed_markets_open", CORE_TESTS),
    ("a_market_opens_into_a_halt", CORE_TESTS),
    ("a_resume_of_many_resumes_all", CORE_TESTS),
    ("a_band_halts_nothing", CORE_TESTS),
    ("a_band_never_forgets", CORE_TESTS),
    ("a_quote_sees_no_band", CORE_TESTS),
    ("closed_by_no_clause", CORE_TESTS),
    ("closed_by_ones_own_words", CORE_TESTS),
    ("a_frozen_account_trades", CORE_TESTS),
    ("a_frozen_accounts_orders_rest", CORE_TESTS),
    ("one_books_a_large_deposit", CORE_TESTS),
    ("one_raises_what_takes_two", CORE_TESTS),
    ("a_refusal_takes_a_number", CORE_TESTS),
    ("rest_after_the_fill_limit", CORE_TESTS),
    ("deeper_serves_nobody", CORE_TESTS),
    ("paid_twice", CORE_TESTS),
    ("one_operator_settles", CORE_TESTS),
    ("no_evidence_needed", CORE_TESTS),
    ("another_request_under_the_key", CORE_TESTS),
    ("snapshot_forgets_requests", SNAPSHOT_TESTS),
    ("snapshot_restores_by_id", SNAPSHOT_TESTS),
    ("snapshot_chains_by_id", SNAPSHOT_TESTS),
    ("snapshot_forgets_switches", SNAPSHOT_TESTS),
    ("keys_forgotten_by_a_restart", EXCHANGE_TESTS),
    ("answered_before_the_commit", EXCHANGE_TESTS),
    ("append_tried_again", EXCHANGE_TESTS),
    ("failed_sync_tried_again", FAULTS_TESTS),
    ("synchronous_off", POWER_TESTS),
    ("a_look_before_the_deadline", API_TESTS),
    ("a_key_grants_more", API_TESTS),
    ("a_key_shown_to_another", API_TESTS),
    ("a_key_from_anywhere", API_TESTS),
    ("a_stream_outlives_its_key", API_TESTS),
    ("any_body_under_a_signature", API_TESTS),
    ("a_signature_opens_twice", KALSHI_TESTS),
    ("an_embargo_is_no_secret", API_TESTS),
    ("a_feed_brings_back_the_withheld", API_TESTS),
    ("a_feed_overrules_its_editors", API_TESTS),
    ("half_a_file_for_a_whole", API_TESTS),
    ("a_file_has_orders_as_they_are_later", API_TESTS),
    ("an_inside_address_is_dialled", OUTSIDE_TESTS),
    ("a_redirect_goes_anywhere", OUTSIDE_TESTS),
    ("a_call_signed_without_its_moment", HOOKS_TESTS),
    ("a_call_is_made_once", HOOKS_TESTS),
];

/// Smaller than in every run of the tests: enough for these bugs, in seconds.
const SMALLER: [(&str, &str); 2] = [("TIDINGS_SEEDS", "0..1000"), ("TIDINGS_DEPTH", "4")];

/// Plants the bugs that are named, or all.
pub(crate) fn planted(names: &[&str]) -> ExitCode {
    match find(names).and_then(|finders| pass_without_a_bug(&finders)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why}");
            ExitCode::FAILURE
        }
    }
}

/// Plants bugs, and says which tests found them, or which bugs no test found.
pub(crate) fn find(names: &[&str]) -> Result<Vec<Tests>, String> {
    if let Some(unknown) = names.iter().find(|name| tests_for(name).is_none()) {
        return Err(format!("no bug is called {unknown}"));
    }
    let all = BUGS.iter().map(|(name, _)| *name);
    let chosen: Vec<&str> = all
        .filter(|name| names.is_empty() || names.contains(name))
        .collect();
    let mut lines = Vec::new();
    let mut finders: Vec<Tests> = Vec::new();
    let mut at_large = Vec::new();
    for name in chosen {
        let started = Instant::now();
        let by = match first_finder(name) {
            Ok(Some((tests, by))) => {
                if !finders.contains(&tests) {
                    finders.push(tests);
                }
                format!("{}: {by}", shown(tests))
            }
            Ok(None) => {
                at_large.push(name);
                "NO TEST".to_owned()
            }
            Err(why) => {
                at_large.push(name);
                format!("NOT TRIED: {why}")
            }
        };
        lines.push(line(name, started.elapsed(), &by));
    }
    println!("\n{:<31} {:>7}  found by", "planted", "seconds");
    lines.iter().for_each(|line| println!("{line}"));
    match at_large.is_empty() {
        true => Ok(finders),
        false => Err(format!("not found: {}", at_large.join(", "))),
    }
}

/// A test that fails anyway has found nothing.
fn pass_without_a_bug(finders: &[Tests]) -> Result<(), String> {
    let started = Instant::now();
    for tests in finders {
        if let Some(by) = failure(NO_BUG, *tests)? {
            return Err(format!("{} fails without a bug: {by}", shown(*tests)));
        }
    }
    println!("{}", line("(none)", started.elapsed(), "no test"));
    Ok(())
}

fn tests_for(name: &str) -> Option<&'static [Tests]> {
    let bug = BUGS.iter().find(|(bug, _)| *bug == name);
    bug.map(|(_, tests)| *tests)
}

fn first_finder(bug: &str) -> Result<Option<(Tests, String)>, String> {
    for tests in tests_for(bug).unwrap_or(&[]) {
        if let Some(by) = failure(bug, *tests)? {
            return Ok(Some((*tests, by)));
        }
    }
    Ok(None)
}

/// Builds and runs tests with a bug planted. Says which of them failed; a bug that does not build is
/// an error of its own.
fn failure(bug: &str, tests: Tests) -> Result<Option<String>, String> {
    let mut build = with_bug(bug, tests)?;
    build.args(["--no-run", "--quiet"]);
    run(build)?;
    let mut test = with_bug(bug, tests)?;
    let output = test.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = said.lines().filter_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    });
    let mut failed: Vec<String> = failed.collect();
    failed.sort_unstable();
    let by = match failed.as_slice() {
        [] => return Err(format!("{} ended with {}", shown(tests), output.status)),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    };
    eprintln!("   {bug}: found by {}: {by}", shown(tests));
    Ok(Some(by))
}

/// `cargo test`, with the bug in every crate of ours.
fn with_bug(bug: &str, (package, what): Tests) -> Result<Command, String> {
    let room = target().join("planted");
    let wrapper = room.join(format!("{WRAPPER}{bug}{}", std::env::consts::EXE_SUFFIX));
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    fs::create_dir_all(&room).map_err(|error| error.to_string())?;
    // Of an earlier build of this program, if it is there.
    let _stale = fs::remove_file(&wrapper);
    fs::hard_link(this, &wrapper).map_err(|error| error.to_string())?;
    let mut test = cargo(&["test", "--package", package]);
    test.args(what)
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
        .env("CARGO_TARGET_DIR", room)
        // Built once and thrown away: what helps the next build or a debugger only costs here.
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .envs(SMALLER);
    Ok(test)
}

/// What cargo calls in place of rustc, when this program is called by such a name.
pub(crate) fn as_rustc() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    let called = std::path::PathBuf::from(words.next()?);
    let bug = called
        .file_stem()?
        .to_str()?
        .strip_prefix(WRAPPER)?
        .to_owned();
    let mut rustc = Command::new(words.next()?);
    rustc.args(words);
    if bug != NO_BUG {
        rustc.args([OsString::from("--cfg"), format!("planted={bug:?}").into()]);
    }
    match rustc.status() {
        Ok(status) if status.success() => Some(ExitCode::SUCCESS),
        _ => Some(ExitCode::FAILURE),
    }
}

fn shown((package, what): Tests) -> String {
    match what {
        ["--test", test] => format!("{package} {test}"),
        _ => package.to_owned(),
    }
}

fn line(bug: &str, took: Duration, by: &str) -> String {
    format!("{bug:<31} {:>7.1}  {by}", took.as_secs_f64())
}

/// How the program is called in place of rustc, before the bug's name.
const WRAPPER: &str = "rustc-with-";
/// In the place of a bug's name.
const NO_BUG: &str = "nothing";

//! The power fails while the exchange is at work: what was answered is there, whole, and nothing that
//! nobody asked for.

use tidings_power::cut::Cut;
use tidings_power::disk::{Habit, Lie};
use tidings_power::judge::Fault;
use tidings_power::life::Plan;
use tidings_power::search::{Found, Search};
use tidings_tests::left_out::aloud;
use tidings_tests::seed::seed;

/// Moments of one run: what a busy machine looks at in half a minute. `TIDINGS_CRASH_POINTS` asks for
/// more: a full run has 20,000.
const POINTS: usize = 300;

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_answered() {
    let asked = std::env::var("TIDINGS_CRASH_POINTS").ok();
    let points = asked.and_then(|points| points.parse().ok());
    let search = Search {
        seed: seed("power"),
        points: points.unwrap_or(POINTS),
        habit: Habit::Honest,
        cuts: Cut::ALL,
        plan: Plan {
            starts_certain: true,
            bursts: 60,
        },
    };
    match search.run() {
        Ok(tally) => {
            aloud(&format!("power: {tally:?}, lost 0, strange 0"));
            let moves = tally.moves;
            assert!(
                moves.to_the_end > 0 && moves.begun_again > 0,
                "logs are moved"
            );
        }
        Err(found) => panic!("{found}\nsee {}", found.kept().display()),
    }
}

/// The test of the test: on a disk that syncs nothing, what was answered is lost.
#[test]
fn a_disk_that_lies_about_everything_loses_what_was_answered() {
    let found = lied_to(Lie::All, &[Cut::Barest]);
    let lost = matches!(
        found.fault,
        Fault::Lost { .. } | Fault::LostClaim { .. } | Fault::LostArticles { .. }
    );
    assert!(lost, "{found}");
}

#[test]
fn a_disk_that_lies_about_its_logs_is_found_out() {
    lied_to(Lie::Logs, Cut::ALL);
}

/// What is moved from the log into the database has to be there before the log is begun again.
#[test]
fn a_disk_that_lies_about_its_databases_is_found_out() {
    lied_to(Lie::Databases, Cut::ALL);
}

#[test]
fn a_disk_that_lies_about_its_names_is_found_out() {
    lied_to(Lie::Names, Cut::ALL);
}

fn lied_to(lie: Lie, cuts: &'static [Cut]) -> Box<Found> {
    let search = Search {
        seed: seed("power, lied to"),
        points: POINTS,
        habit: Habit::Lying(lie),
        cuts,
        plan: Plan {
            starts_certain: true,
            bursts: 40,
        },
    };
    let found = search.run().expect_err("a fault");
    aloud(&format!("power, {lie:?} not synced: {found}"));
    found
}

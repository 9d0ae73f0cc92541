//! Instructions a command takes, counted by callgrind: a regression shows without a clock, on a busy
//! machine too. The program runs itself under valgrind, once for each kind of command; only what happens
//! below one function is counted, which the commands of that kind go through.

use std::hint::black_box;
use std::process::Command as Process;

use tidings_benches::flow::{Flow, Outcome, Shape};
use tidings_benches::measure::Asked;
use tidings_core::Engine;
use tidings_core::command::{Request, Stamp};
use tidings_core::event::Event;
use tidings_core::units::Lots;

/// What is counted, and how much it may be: a twentieth above what it was when that was last lowered, with
/// the compiler that the workspace names. Only the last one's flow has a maker.
const PARTS: [(&str, Outcome, u64); 4] = [
    ("insert", Outcome::Inserted, 802),
    ("cancel", Outcome::Cancelled, 459),
    ("match", Outcome::Matched, 6_370),
    ("maker charge", Outcome::MakerSold, 3_560),
];

fn main() {
    if let Ok(part) = std::env::var(INSIDE) {
        count(&part);
        return;
    }
    let asked = Asked::by_arguments();
    let commands = asked.size("50000", "500");
    let mut regressions = 0;
    for (part, _, most) in PARTS.iter().filter(|(part, ..)| asked.part(part)) {
        match instructions(part, commands) {
            Ok((each, count)) => {
                println!("{part}: {each} instructions a command, {count} commands");
                // A small run has other commands, and a debug build is not what is counted.
                if asked.size(each > *most, false) {
                    println!("{part}: A REGRESSION: at most {most} are allowed");
                    regressions += 1;
                }
            }
            Err(reason) => println!("{part}: SKIPPED, NOT COUNTED: {reason}"),
        }
    }
    assert_eq!(regressions, 0, "commands take more than they may");
}

/// Set for the process that valgrind watches: the part it is to run.
const INSIDE: &str = "TIDINGS_INSTRUCTIONS_OF";
/// How long the flow is that it runs.
const COMMANDS: &str = "TIDINGS_INSTRUCTIONS_COMMANDS";

/// Runs this program under callgrind and reads what it counted.
fn instructions(part: &str, commands: &str) -> Result<(u64, u64), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Process::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=instructions::counted")
        .arg(program)
        .env(INSIDE, part)
        .env(COMMANDS, commands)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    let count = said
        .strip_prefix(part)
        .and_then(|count| count.trim().parse::<u64>().ok())
        .filter(|count| *count > 0)
        .ok_or_else(|| format!("no commands of this kind, or valgrind failed: {log}"))?;
    let collected = log
        .lines()
        .find_map(|line| line.split("Collected :").nth(1)?.trim().parse::<u64>().ok())
        .filter(|collected| *collected > 0)
        .ok_or_else(|| format!("nothing was collected: {log}"))?;
    Ok((collected / count, count))
}

/// Runs a flow and passes the commands of a part through the function that is counted.
fn count(part: &str) {
    let commands = std::env::var(COMMANDS).expect("set by the process above");
    let commands = commands.parse().expect("a number");
    let wanted = PARTS.iter().find(|(name, ..)| *name == part);
    let (_, wanted, _) = wanted.expect("one of the parts");
    let flow = Flow::new(Shape {
        traders: 64,
        markets: 1,
        resting: u32::try_from(commands / 5).expect("small"),
        grid: 1,
        liquidity: (*wanted == Outcome::MakerSold).then_some(Lots::new(10_000)),
        commands,
    });
    let mut engine = flow.start.clone();
    let mut events = Vec::with_capacity(4_096);
    for ((stamp, request), outcome) in flow.requests.iter().zip(&flow.outcomes) {
        events.clear();
        match outcome == wanted {
            true => counted(&mut engine, *stamp, request, &mut events),
            false => drop(engine.apply(*stamp, request, &mut events)),
        }
    }
    assert_eq!(engine.state_hash(), flow.end_hash, "the same state again");
    let count = flow.outcomes.iter().filter(|outcome| *outcome == wanted);
    println!("{part} {}", count.count());
}

/// Its name is the one that callgrind is told.
#[inline(never)]
fn counted(engine: &mut Engine, at: Stamp, request: &Request, events: &mut Vec<Event>) {
    black_box(engine.apply(at, black_box(request), events));
}

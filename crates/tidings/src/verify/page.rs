//! The page that `tidings verify` prints: what was read, what it came to, and what holds.

use std::fmt::Write;

use tidings_core::Engine;
use tidings_core::audit::Broken;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::Status;
use tidings_core::units::Micros;

use super::{Counts, Fault, Finding};

/// Markets whose cover is shown.
const MARKETS_SHOWN: usize = 5;

/// Every state of a market's life, in its order.
const STATUSES: [Status; 8] = [
    Status::Draft,
    Status::Open,
    Status::Halted,
    Status::Closed,
    Status::Proposed,
    Status::Disputed,
    Status::Settled,
    Status::Voided,
];

/// What is checked, in words, and whether a fault is about it.
type Checked = (&'static str, fn(&Broken) -> bool);

/// In the order in which it is checked.
const CHECKED: [Checked; 8] = [
    (
        "the chain of hashes is whole, and every record is as it was written",
        |_| false,
    ),
    (
        "every command, carried out again, comes to what was recorded",
        |_| false,
    ),
    ("every balance is the sum of its postings", |b| {
        matches!(b, Broken::Postings { .. })
    }),
    ("all money sums to 0, the world outside included", |b| {
        matches!(b, Broken::MoneySum { .. })
    }),
    (
        "no balance is negative; what is reserved is what open orders hold",
        |b| {
            matches!(
                b,
                Broken::NegativeBalance { .. }
                    | Broken::ReservedCash { .. }
                    | Broken::ReservedShares { .. }
            )
        },
    ),
    (
        "complete sets that are free were turned back into money",
        |b| matches!(b, Broken::UnmergedSet { .. }),
    ),
    ("every market holds what it may have to pay", |b| {
        matches!(
            b,
            Broken::Outstanding { .. } | Broken::Uncovered { .. } | Broken::NotSets { .. }
        )
    }),
    (
        "no book is crossed, none could trade with its maker, none outlives its market",
        |b| {
            matches!(
                b,
                Broken::Crossed { .. }
                    | Broken::EnabledAgainstMaker { .. }
                    | Broken::StrayOrders { .. }
            )
        },
    ),
];

const ARE_THE_STATE: &str = "every snapshot is the state at its place";
const ARE_THE_TABLES: &str = "every row of the read tables is what the journal makes of it";
const HAS_THE_LAST: &str = "what the data directory remembers as answered is in the journal";
const IS_THE_ONE: &str = "it is the journal of which the head was noted";

/// The page of a journal that holds.
pub(super) fn of(database: &str, finding: &Finding) -> String {
    let mut page = Page::default();
    let Finding {
        engine,
        head,
        history,
        snapshots,
        deep,
        witnessed,
        noted,
        counts,
        took,
    } = finding;
    page.line("database", database);
    page.line("journal", &journal(counts, head.epoch));
    page.line(
        "history",
        &format!("tables up to {history} of {}", head.last_seq),
    );
    page.line("accounts", &accounts(engine));
    page.line("markets", &markets(engine));
    page.line("open orders", &open_orders(engine).to_string());
    page.line("money", &money(engine));
    for (name, words) in covers(engine) {
        page.line(&name, &words);
    }
    page.line(
        "chain head",
        &format!("{} at {}", hex(&head.last_hash), head.last_seq),
    );
    page.line("state hash", &hex(&engine.state_hash()));
    page.line("requests hash", &hex(&engine.requests().hash()));
    page.blank();
    for (name, _) in CHECKED {
        page.mark("✓", name);
    }
    let also = [
        (*snapshots > 0, ARE_THE_STATE),
        (*deep, ARE_THE_TABLES),
        (*witnessed, HAS_THE_LAST),
        (*noted > 0, IS_THE_ONE),
    ];
    for (_, words) in also.iter().filter(|(was_checked, _)| *was_checked) {
        page.mark("✓", words);
    }
    page.blank();
    page.line("verified in", &format!("{:.3} s", took.as_secs_f64()));
    page.0
}

/// The page of one that does not: what was found before the fault.
pub(super) fn of_fault(database: &str, fault: &Fault) -> String {
    let mut page = Page::default();
    page.line("database", database);
    page.blank();
    match fault {
        Fault::Journal(_) => page.mark("✗", "the journal, read again, leads to its state"),
        Fault::Other(_) => page.mark("✗", IS_THE_ONE),
        Fault::Forgotten(_) => page.mark("✗", HAS_THE_LAST),
        Fault::Snapshot { .. } => page.mark("✗", ARE_THE_STATE),
        Fault::Table(_) | Fault::ArticleOdds { .. } => page.mark("✗", ARE_THE_TABLES),
        Fault::Broken(broken) => {
            for (name, is_about) in CHECKED {
                if is_about(broken) {
                    page.mark("✗", name);
                    break;
                }
                page.mark("✓", name);
            }
        }
    }
    page.0
}

fn journal(counts: &Counts, epoch: u64) -> String {
    let Counts {
        groups,
        state_hashes,
        applied,
        refused,
        events,
    } = counts;
    format!(
        "{} records in {groups} groups: {applied} applied, {refused} refused, {events} events; \
         {state_hashes} state hashes compared, epoch {epoch}",
        applied + refused
    )
}

fn accounts(engine: &Engine) -> String {
    let total = engine.accounts().len();
    // The world and the fees are the exchange's own books.
    format!("{} and the exchange's own 2", total.saturating_sub(2))
}

fn markets(engine: &Engine) -> String {
    let in_status = |status: Status| {
        let count = engine
            .markets()
            .iter()
            .filter(|m| m.phase.status() == status)
            .count();
        (count > 0).then(|| format!("{count} {}", status.word()))
    };
    let by_status: Vec<String> = STATUSES.into_iter().filter_map(in_status).collect();
    match by_status.is_empty() {
        true => "none".to_owned(),
        false => format!("{}: {}", engine.markets().len(), by_status.join(", ")),
    }
}

fn open_orders(engine: &Engine) -> u64 {
    engine
        .markets()
        .iter()
        .map(|market| u64::from(market.open_orders))
        .sum()
}

fn money(engine: &Engine) -> String {
    let cash = |ix: usize| {
        let id = AccountId(u32::try_from(ix).expect("accounts are counted in 32 bits"));
        let cash = engine.ledger().cash(id);
        cash.available + cash.reserved
    };
    let fees = cash(AccountId::FEES.0 as usize);
    let world = cash(AccountId::WORLD.0 as usize);
    let people: Micros = (2..engine.accounts().len()).map(cash).sum();
    let escrows: Micros = engine
        .markets()
        .iter()
        .map(|m| engine.ledger().escrow(m.id).money)
        .sum();
    let sum = people + escrows + fees + world;
    format!("accounts {people} + markets {escrows} + fees {fees} + world {world} = {sum}")
}

/// The markets that may owe most, with what they hold against it.
fn covers(engine: &Engine) -> Vec<(String, String)> {
    let largest = |id: MarketId| engine.ledger().escrow(id).largest_payout();
    let mut markets: Vec<_> = engine
        .markets()
        .iter()
        .filter(|m| largest(m.id) > Micros::ZERO)
        .collect();
    markets.sort_by_key(|market| std::cmp::Reverse(largest(market.id)));
    let cover = |(ix, market): (usize, &&tidings_core::state::Market)| {
        let escrow = engine.ledger().escrow(market.id);
        let (slug, money, owed) = (&market.spec.slug, escrow.money, largest(market.id));
        let name = if ix == 0 { "covered" } else { "" };
        (
            name.to_owned(),
            format!("{slug}: holds {money}, may owe {owed}"),
        )
    };
    markets
        .iter()
        .take(MARKETS_SHOWN)
        .enumerate()
        .map(cover)
        .collect()
}

fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from(*hash).to_hex().to_string()
}

/// Lines under each other, the names of one width.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, name: &str, words: &str) {
        writeln!(self.0, "  {name:<14} {words}").expect("writing to memory does not fail");
    }

    fn mark(&mut self, mark: &str, words: &str) {
        writeln!(self.0, "  {mark} {words}").expect("writing to memory does not fail");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}

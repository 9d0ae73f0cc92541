//! A record of the journal, as whoever searches it reads it.

use serde::Serialize;
use tidings_core::event::Record;
use utoipa::ToSchema;

use crate::records::{Kind, Names, mentions, words};
use crate::wire::id;
use crate::wire::journal::hex;
use crate::wire::time::Time;

/// Accounts and markets that a line names: a settlement has one for each holder.
const MOST: usize = 20;

/// One command with what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JournalRecord)]
pub struct RecordJson {
    /// Its place in the journal.
    pub seq: u64,
    /// Its moment.
    pub at: Time,
    /// The account that asked.
    #[schema(example = "acc_4")]
    pub by: String,
    /// What people call it.
    pub name: Option<String>,
    /// What was asked.
    pub kind: Kind,
    /// The same in words.
    #[schema(example = "halts jpkr-joint-statement-2026: \"a leak\"")]
    pub asked: String,
    /// What came of it, in words; empty where there is nothing to say.
    pub came: String,
    /// Why, where whoever asked said so beside the command.
    pub reason: Option<String>,
    /// The code of its refusal; null, where it was carried out.
    #[schema(example = "wrong_phase")]
    pub refused: Option<&'static str>,
    /// Accounts that it is about, at most 20.
    pub accounts: Vec<String>,
    /// Markets that it is about, by their slugs, at most 20.
    pub markets: Vec<String>,
    /// The hash of the group that holds it, which is over all that came before, too.
    #[schema(example = "5e0f…")]
    pub hash: String,
}

impl RecordJson {
    pub(crate) fn of(record: &Record, hash: &[u8; 32], names: &Names) -> RecordJson {
        let accounts = mentions::accounts(record).into_iter();
        let markets = mentions::markets(record).into_iter();
        RecordJson {
            seq: record.stamp.seq.0,
            at: Time(record.stamp.at),
            by: id::account(record.request.actor),
            name: names.account_name(record.request.actor).map(str::to_owned),
            kind: Kind::of(&record.request.command),
            asked: words::asked(&record.request.command, names),
            came: words::outcome(record, names),
            reason: record.request.reason.clone(),
            refused: record.refusal.as_ref().map(tidings_core::Reject::code),
            accounts: accounts.take(MOST).map(id::account).collect(),
            markets: markets
                .take(MOST)
                .map(|market| names.which(market))
                .collect(),
            hash: hex(hash),
        }
    }
}

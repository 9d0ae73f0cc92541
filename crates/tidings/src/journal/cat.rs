//! `tidings journal cat`: the journal record by record, as lines for people or as one JSON document
//! each. It is read from its start, whatever is asked for: names of accounts and markets are in the
//! records before, and only from there can the chain of hashes be followed.

use std::io::{BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use tidings_api::records::{Kind, Names, mentions, words};
use tidings_api::wire::id;
use tidings_core::command::Command;
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_store::Chain;

use super::json;
use crate::cli::CatArgs;
use crate::database;
use crate::failure::{Failure, failed};
use crate::settings::Place;

/// Groups in memory at once: each has up to 1,024 records.
const PAGE: u32 = 16;

/// Prints what is asked for. Success also when whoever reads has seen enough and goes.
pub(crate) async fn cat(args: CatArgs) -> Result<ExitCode, Failure> {
    let place = Place::of(args.place.clone())?;
    let mut wanted = Wanted::of(&args)?;
    let what = "the journal cannot be read";
    let store = database::to_read(&place).await?;
    let end = store.head().await.map_err(failed(what))?;
    let until = args.until.map_or(end.last_seq, Seq).min(end.last_seq);
    let mut names = Names::default();
    let mut chain = Chain::start();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut next = Seq(1);
    'reading: while next <= until {
        let groups = store.groups(next, PAGE).await.map_err(failed(what))?;
        if groups.is_empty() {
            break;
        }
        for group in groups {
            chain.follow(&group).map_err(failed(what))?;
            next = Seq(group.last.0 + 1);
            for record in database::records(&group).map_err(failed(what))? {
                if record.stamp.seq > until {
                    break 'reading;
                }
                names.learn(&record);
                if !wanted.takes(&record, &names) {
                    continue;
                }
                let line = match args.json {
                    true => json::record(&record, &names).to_string(),
                    false => words::line(&record, &names),
                };
                if !write(&mut out, &line)? {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        }
    }
    // What comes after was not followed; all of it was, where nothing does.
    if until == end.last_seq && next.0 == end.last_seq.0 + 1 {
        chain.finish(&end).map_err(failed(what))?;
    } else if next <= until {
        return Err(Failure::new(format!(
            "{what}: the record {next} is missing"
        )));
    }
    flush(&mut out)?;
    drop(out);
    store.close().await;
    wanted.was_found(&place)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a line; whether anyone still reads.
fn write(out: &mut impl Write, line: &str) -> Result<bool, Failure> {
    match writeln!(out, "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(failed("the journal cannot be written out")(error)),
        Ok(()) => Ok(true),
    }
}

fn flush(out: &mut impl Write) -> Result<(), Failure> {
    match out.flush() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(failed("the journal cannot be written out")(error))
        }
        _ => Ok(()),
    }
}

/// Which records are wanted.
struct Wanted {
    from: Seq,
    account: Option<AccountId>,
    market: Option<Market>,
    kinds: Vec<Kind>,
    privileged: bool,
    refused: bool,
}

/// A market by what the caller calls it.
struct Market {
    name: String,
    /// Its place, once a record has told it.
    id: Option<MarketId>,
}

impl Wanted {
    fn of(args: &CatArgs) -> Result<Wanted, Failure> {
        let account = args.account.as_deref().map(account).transpose()?;
        let market = args.market.clone().map(|name| Market {
            id: id::parse_market(&name),
            name,
        });
        Ok(Wanted {
            from: Seq(args.from.unwrap_or(1)),
            account,
            market,
            kinds: args.kind.clone(),
            privileged: args.privileged,
            refused: args.refused,
        })
    }

    fn takes(&mut self, record: &Record, names: &Names) -> bool {
        let kind = Kind::of(&record.request.command);
        // Looked at first, also before `from`: it is how the market becomes known.
        let in_market = self
            .market
            .as_mut()
            .is_none_or(|market| market.is_in(record, names));
        in_market
            && record.stamp.seq >= self.from
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (!self.privileged || Kind::is_privileged(&record.request.command))
            && (!self.refused || record.refusal.is_some())
            && self
                .account
                .is_none_or(|account| mentions::accounts(record).contains(&account))
    }

    /// A market of which nobody has heard is more likely a typing error than a market without
    /// records.
    fn was_found(&self, place: &Place) -> Result<(), Failure> {
        match &self.market {
            Some(Market { name, id: None }) => {
                let database = place.shown();
                let what = format!("the journal of {database} has no market {name:?} up to there");
                Err(Failure::new(what))
            }
            _ => Ok(()),
        }
    }
}

impl Market {
    fn is_in(&mut self, record: &Record, names: &Names) -> bool {
        if let Command::CreateMarket(spec) = &record.request.command
            && spec.slug == self.name
        {
            self.id = self.id.or_else(|| names.market(&self.name));
            return true;
        }
        self.id
            .is_some_and(|market| mentions::markets(record).contains(&market))
    }
}

/// The account with an id as it is printed everywhere.
pub(crate) fn account(name: &str) -> Result<AccountId, Failure> {
    let malformed = || Failure::new(format!("{name:?} is no account's id: write it as acc_3"));
    id::parse_account(name).ok_or_else(malformed)
}

//! Where the tables end: a projection's rows go on from there.

use std::collections::HashMap;

use crate::database::{Arg, Row, Write};
use crate::error::StoreError;
use crate::projection::lists::{Ends, Lists};
use crate::projection::write::sql::{LAST_KEYS, LAST_ROWS, LAST_ROWS_IN_MARKET};
use crate::row::{number, number_if_any};

/// The last rows of the tables and of the accounts' lists, as far as they were asked for. They are kept from
/// one stretch to the next, because most of them are asked for again.
#[derive(Debug, Default)]
pub(crate) struct TableEnds {
    /// The record that the tables were made up to when they ended so. What is in them is a function of
    /// the journal up to it, so whoever has moved them on has moved this number on, too.
    seq: u64,
    keys: LastKeys,
    of_accounts: HashMap<u32, Ends>,
    in_markets: HashMap<(u32, u32), Ends>,
}

/// The last keys of tables that count their rows.
#[derive(Clone, Copy, Debug, Default)]
struct LastKeys {
    fills: i64,
    ledger: i64,
}

/// Lists to remember at most: some 20 MB. More are forgotten together, and asked for again.
const LISTS: usize = 200_000;

impl TableEnds {
    /// What is remembered, if it is of tables up to this record.
    pub(super) fn or_forgotten(self, seq: u64) -> TableEnds {
        let remembered = self.of_accounts.len() + self.in_markets.len();
        if self.seq == seq && remembered <= LISTS {
            return self;
        }
        TableEnds {
            seq,
            ..TableEnds::default()
        }
    }

    /// Asks for what a stretch goes on from and is not remembered.
    pub(super) async fn learn(
        &mut self,
        write: &mut Write,
        stretch: &Lists,
    ) -> Result<(), StoreError> {
        let keys = write.read_one(LAST_KEYS, &[]).await?;
        let keys = keys.ok_or(StoreError::Unreadable { column: "key" })?;
        self.keys = LastKeys {
            fills: number(&keys, "fills")?,
            ledger: number(&keys, "ledger")?,
        };
        let accounts = stretch.of_accounts().map(|(account, _)| *account);
        let accounts = accounts.filter(|account| !self.of_accounts.contains_key(account));
        let accounts: Vec<i64> = accounts.map(i64::from).collect();
        if !accounts.is_empty() {
            for row in write.read(LAST_ROWS, &[Arg::Ints(&accounts)]).await? {
                let ends = Ends {
                    entry: number_if_any(&row, "entry")?,
                    money: number(&row, "balance")?,
                    ..read_ends(&row)?
                };
                self.of_accounts.insert(number(&row, "account")?, ends);
            }
        }
        let pairs = stretch.in_markets().map(|(pair, _)| *pair);
        let pairs = pairs.filter(|pair| !self.in_markets.contains_key(pair));
        let pairs = pairs.map(|(account, market)| i64::from(account) << 32 | i64::from(market));
        let pairs: Vec<i64> = pairs.collect();
        if !pairs.is_empty() {
            for row in write
                .read(LAST_ROWS_IN_MARKET, &[Arg::Ints(&pairs)])
                .await?
            {
                let pair = (number(&row, "account")?, number(&row, "market")?);
                self.in_markets.insert(pair, read_ends(&row)?);
            }
        }
        Ok(())
    }

    /// The ends of an account's lists.
    pub(super) fn of_account(&self, account: u32) -> Ends {
        self.of_accounts.get(&account).copied().unwrap_or_default()
    }

    /// The ends of an account's lists in a market.
    pub(super) fn in_market(&self, account: u32, market: u32) -> Ends {
        let pair = (account, market);
        self.in_markets.get(&pair).copied().unwrap_or_default()
    }

    /// The key of a fill by its place in the stretch.
    pub(super) fn fill_key(&self, place: i64) -> i64 {
        self.keys.fills + 1 + place
    }

    /// The key of an entry by its place in the stretch.
    pub(super) fn entry_key(&self, place: i64) -> i64 {
        self.keys.ledger + 1 + place
    }

    /// Where lists end after a stretch.
    pub(super) fn after(&self, stretch: &Lists) -> NextEnds {
        let of_accounts = stretch.of_accounts().map(|(account, ends)| {
            let before = self.of_account(*account);
            (*account, self.moved(before, *ends))
        });
        let in_markets = stretch.in_markets().map(|((account, market), ends)| {
            let before = self.in_market(*account, *market);
            ((*account, *market), self.moved(before, *ends))
        });
        NextEnds {
            of_accounts: of_accounts.collect(),
            in_markets: in_markets.collect(),
        }
    }

    fn moved(&self, before: Ends, stretch: Ends) -> Ends {
        Ends {
            order: stretch.order.or(before.order),
            fill: stretch.fill.map(|at| self.fill_key(at)).or(before.fill),
            entry: stretch.entry.map(|at| self.entry_key(at)).or(before.entry),
            money: before.money + stretch.money,
        }
    }

    /// Remembers where lists end after a stretch that ended with this record.
    pub(super) fn go_on(&mut self, next: NextEnds, seq: u64) {
        self.of_accounts.extend(next.of_accounts);
        self.in_markets.extend(next.in_markets);
        self.seq = seq;
    }
}

/// Where the lists end that a stretch added to, in the order of the tables' keys.
#[derive(Debug)]
pub(super) struct NextEnds {
    pub(super) of_accounts: Vec<(u32, Ends)>,
    pub(super) in_markets: Vec<((u32, u32), Ends)>,
}

fn read_ends(row: &Row) -> Result<Ends, StoreError> {
    Ok(Ends {
        order: number_if_any(row, "order_id")?,
        fill: number_if_any(row, "fill")?,
        ..Ends::default()
    })
}

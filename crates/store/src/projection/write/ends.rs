//! Where the tables end: a projection's rows go on from there.

use std::collections::HashMap;

use crate::database::{Arg, Row, Write};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::projection::lists::{Ends, Lists};
use crate::projection::write::sql::{
    ENDS_WRITTEN, LAST_KEYS, LAST_ROWS, LAST_ROWS_IN_MARKET, LATER_ENTRIES, LATER_FILLS,
    LATER_ORDERS,
};
use crate::projection::write::unwritten::{Set, Top, Unwritten};
use crate::row::{number, number_if_any};

/// The last rows of the tables and of the accounts' lists, as far as they were asked for. They are kept from
/// one stretch to the next, because most of them are asked for again.
#[derive(Debug, Default)]
pub(crate) struct TableEnds {
    /// The record that the tables were made up to when they ended so. What is in them is a function of
    /// the journal up to it, so whoever has moved them on has moved this number on, too. Absent while nothing is known.
    seq: Option<u64>,
    keys: LastKeys,
    of_accounts: HashMap<u32, Ends>,
    in_markets: HashMap<(u32, u32), Ends>,
}

/// The last keys of tables with lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LastKeys {
    pub(super) order: i64,
    pub(super) fill: i64,
    pub(super) entry: i64,
}

/// Lists to remember at most: some 40 MB. More are forgotten together, and asked for again.
const LISTS: usize = 400_000;

impl TableEnds {
    /// What is remembered, if it is of tables up to this record.
    pub(super) fn or_forgotten(mut self, seq: u64) -> TableEnds {
        if self.seq != Some(seq) {
            return TableEnds::default();
        }
        if self.of_accounts.len() + self.in_markets.len() > LISTS {
            self.of_accounts = HashMap::new();
            self.in_markets = HashMap::new();
        }
        self
    }

    /// Whether anything is remembered.
    pub(super) fn are_known(&self) -> bool {
        self.seq.is_some()
    }

    /// The last keys.
    pub(super) fn keys(&self) -> LastKeys {
        self.keys
    }

    /// Asks where the tables end, and for the lists' ends that are not in their tables.
    pub(super) async fn find(&mut self, write: &mut Write) -> Result<Unwritten, StoreError> {
        let missing = || StoreError::Unreadable { column: "key" };
        let keys = write.read_one(LAST_KEYS, &[]).await?.ok_or_else(missing)?;
        let partition = [Arg::from(PARTITION)];
        let written = write.read_one(ENDS_WRITTEN, &partition).await?;
        let written = written.ok_or_else(missing)?;
        *self = TableEnds {
            seq: Some(number(&written, "last_seq")?),
            keys: LastKeys {
                order: number(&keys, "orders")?,
                fill: number(&keys, "fills")?,
                entry: number(&keys, "ledger")?,
            },
            ..TableEnds::default()
        };
        let written = LastKeys {
            order: number(&written, "ends_order")?,
            fill: number(&written, "ends_fill")?,
            entry: number(&written, "ends_entry")?,
        };
        let later = self.find_later(write, written).await?;
        Ok(Unwritten::found(later, written))
    }

    /// The ends of all lists that have rows after these.
    async fn find_later(
        &mut self,
        write: &mut Write,
        written: LastKeys,
    ) -> Result<Set, StoreError> {
        let orders = write
            .read(LATER_ORDERS, &[Arg::from(written.order)])
            .await?;
        let fills = write.read(LATER_FILLS, &[Arg::from(written.fill)]).await?;
        let entries = write
            .read(LATER_ENTRIES, &[Arg::from(written.entry)])
            .await?;
        let both = || orders.iter().chain(&fills);
        let pairs = both().map(|row| Ok((number(row, "account")?, number(row, "market")?)));
        let pairs: Vec<(u32, u32)> = pairs.collect::<Result<_, StoreError>>()?;
        let accounts = both().chain(&entries).map(|row| number(row, "account"));
        let accounts: Vec<u32> = accounts.collect::<Result<_, StoreError>>()?;
        self.read_of_accounts(write, accounts.iter().copied())
            .await?;
        self.read_in_markets(write, pairs.iter().copied()).await?;
        for row in &orders {
            let key = number(row, "key")?;
            let (own, here) = self.of_both(row)?;
            own.order = own.order.max(Some(key));
            here.order = Some(key);
        }
        for row in &fills {
            let key = number(row, "key")?;
            let (own, here) = self.of_both(row)?;
            own.fill = own.fill.max(Some(key));
            here.fill = Some(key);
        }
        for row in &entries {
            let end = self.of_accounts.entry(number(row, "account")?).or_default();
            end.entry = Some(number(row, "key")?);
            end.money = number(row, "balance")?;
        }
        let of_account = |account| (account, self.of_account(account));
        let in_market = |(account, market)| ((account, market), self.in_market(account, market));
        Ok(Set {
            of_accounts: accounts.into_iter().map(of_account).collect(),
            in_markets: pairs.into_iter().map(in_market).collect(),
        })
    }

    fn of_both(&mut self, row: &Row) -> Result<(&mut Ends, &mut Ends), StoreError> {
        let (account, market) = (number(row, "account")?, number(row, "market")?);
        Ok((
            self.of_accounts.entry(account).or_default(),
            self.in_markets.entry((account, market)).or_default(),
        ))
    }

    /// Asks for what a stretch goes on from and is not remembered.
    pub(super) async fn learn(
        &mut self,
        write: &mut Write,
        stretch: &Lists,
        unwritten: impl Fn(u32, Option<u32>) -> Top,
    ) -> Result<(), StoreError> {
        let mut accounts = Vec::new();
        for (account, _) in stretch.of_accounts() {
            if self.of_accounts.contains_key(account) {
                continue;
            }
            match unwritten(*account, None) {
                Top::At(ends) => drop(self.of_accounts.insert(*account, ends)),
                Top::Written | Top::Unknown => accounts.push(*account),
            }
        }
        let mut pairs = Vec::new();
        for (pair, _) in stretch.in_markets() {
            if self.in_markets.contains_key(pair) {
                continue;
            }
            match unwritten(pair.0, Some(pair.1)) {
                Top::At(ends) => drop(self.in_markets.insert(*pair, ends)),
                Top::Written | Top::Unknown => pairs.push(*pair),
            }
        }
        self.read_of_accounts(write, accounts.into_iter()).await?;
        self.read_in_markets(write, pairs.into_iter()).await
    }

    async fn read_of_accounts(
        &mut self,
        write: &mut Write,
        accounts: impl Iterator<Item = u32>,
    ) -> Result<(), StoreError> {
        let accounts: Vec<i64> = accounts.map(i64::from).collect();
        if accounts.is_empty() {
            return Ok(());
        }
        for row in write.read(LAST_ROWS, &[Arg::Ints(&accounts)]).await? {
            let ends = Ends {
                entry: number_if_any(&row, "entry")?,
                money: number(&row, "balance")?,
                ..read_ends(&row)?
            };
            self.of_accounts.insert(number(&row, "account")?, ends);
        }
        Ok(())
    }

    async fn read_in_markets(
        &mut self,
        write: &mut Write,
        pairs: impl Iterator<Item = (u32, u32)>,
    ) -> Result<(), StoreError> {
        let pairs = pairs.map(|(account, market)| i64::from(account) << 32 | i64::from(market));
        let pairs: Vec<i64> = pairs.collect();
        if pairs.is_empty() {
            return Ok(());
        }
        for row in write
            .read(LAST_ROWS_IN_MARKET, &[Arg::Ints(&pairs)])
            .await?
        {
            let pair = (number(&row, "account")?, number(&row, "market")?);
            self.in_markets.insert(pair, read_ends(&row)?);
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
        self.keys.fill + 1 + place
    }

    /// The key of an entry by its place in the stretch.
    pub(super) fn entry_key(&self, place: i64) -> i64 {
        self.keys.entry + 1 + place
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

    /// Remembers where tables and lists end after a stretch that ended with this record.
    pub(super) fn go_on(&mut self, next: &NextEnds, keys: LastKeys, seq: u64) {
        self.of_accounts.extend(next.of_accounts.iter().copied());
        self.in_markets.extend(next.in_markets.iter().copied());
        self.keys = keys;
        self.seq = Some(seq);
    }
}

/// Where the lists end that a stretch added to, in the order of the tables' keys.
#[derive(Debug, Default)]
pub(super) struct NextEnds {
    pub(super) of_accounts: Vec<(u32, Ends)>,
    pub(super) in_markets: Vec<((u32, u32), Ends)>,
}

impl NextEnds {
    /// How many lists.
    pub(super) fn len(&self) -> usize {
        self.of_accounts.len() + self.in_markets.len()
    }
}

fn read_ends(row: &Row) -> Result<Ends, StoreError> {
    Ok(Ends {
        order: number_if_any(row, "order_id")?,
        fill: number_if_any(row, "fill")?,
        ..Ends::default()
    })
}

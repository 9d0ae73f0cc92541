//! The statements that write projections, and those that read where the tables end.

use crate::database::{Addition, Replacement, Sql};

pub(crate) const PROJECTED: Sql =
    Sql::both("SELECT last_seq, last_hash FROM projected WHERE partition_id = $1");

pub(crate) const ADVANCE: Sql = Sql::both(
    "
    UPDATE projected SET last_seq = $3, last_hash = $4 WHERE partition_id = $1 AND last_seq = $2",
);

pub(crate) const RESTART: Sql = Sql::both(
    "
    UPDATE projected SET last_seq = 0, last_hash = $2, ends_order = 0, ends_fill = 0, ends_entry = 0
    WHERE partition_id = $1",
);

/// Up to which keys the lists' ends are in their tables.
pub(crate) const ENDS_WRITTEN: Sql = Sql::both(
    "SELECT last_seq, ends_order, ends_fill, ends_entry FROM projected WHERE partition_id = $1",
);

/// Nobody else writes to the read tables until the transaction ends.
pub(crate) const HOLD: Sql =
    Sql::both("UPDATE projected SET last_seq = last_seq WHERE partition_id = $1");

pub(crate) const WRITE_ENDS: Sql = Sql::both(
    "
    UPDATE projected SET ends_order = $2, ends_fill = $3, ends_entry = $4 WHERE partition_id = $1",
);

/// Rows to add, with every column's value, and the columns as PostgreSQL's arrays.
macro_rules! add {
    ($table:literal, $columns:literal, $arrays:literal) => {
        Addition {
            insert: Sql {
                sqlite: concat!("INSERT INTO ", $table, " (", $columns, ") VALUES $rows"),
                postgres: concat!(
                    "INSERT INTO ",
                    $table,
                    " (",
                    $columns,
                    ") SELECT * FROM unnest(",
                    $arrays,
                    ")"
                ),
            },
            copy: concat!(
                "COPY ",
                $table,
                " (",
                $columns,
                ") FROM STDIN (FORMAT binary)"
            ),
        }
    };
}

pub(crate) const ADD_ORDERS: Addition = add!(
    "orders",
    "id, account, market, terms, quantity, spend, expires_at, client_order_id, valid_until, placed_seq,
     placed_at, previous, previous_here",
    "$1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
     $13::bigint[]"
);

pub(crate) const ADD_ORDER_STATES: Addition = add!(
    "order_states",
    "id, amended_limit, reason, filled, remaining, cancelled, cash, fee, updated_seq",
    "$1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::bigint[], $9::bigint[]"
);

pub(crate) const ADD_FILLS: Addition = add!(
    "fills",
    "key, order_id, account, market, outcome, seq, at, is_taker, lots, yes_price, yes_amount, fee,
     source, previous, previous_here",
    "$1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
     $13::text[], $14::bigint[], $15::bigint[]"
);

pub(crate) const ADD_LEDGER: Addition = add!(
    "ledger",
    "key, account, seq, at, kind, market, amount, balance, previous",
    "$1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[],
     $7::bigint[], $8::bigint[], $9::bigint[]"
);

/// A group tells a market's odds once, and is projected once.
pub(crate) const ADD_ODDS: Addition = add!(
    "odds",
    "market, at, seq, odds, status",
    "$1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]"
);

/// Filled lots, money and fees are added to what an order has. The rest stands instead of what was there; nothing
/// comes after an order's end.
pub(crate) const CHANGE_ORDER_STATES: Replacement = Replacement {
    upsert: UPSERT_ORDER_STATES,
    known: "SELECT id FROM order_states WHERE id = ANY($1)",
    copy: ADD_ORDER_STATES.copy,
};

const UPSERT_ORDER_STATES: Sql = Sql {
    sqlite: "
        INSERT INTO order_states
            (id, amended_limit, reason, filled, remaining, cancelled, cash, fee, updated_seq)
        VALUES $rows
        ON CONFLICT (id) DO UPDATE SET
            amended_limit = coalesce(excluded.amended_limit, order_states.amended_limit),
            reason = excluded.reason,
            filled = order_states.filled + excluded.filled,
            remaining = excluded.remaining,
            cancelled = excluded.cancelled,
            cash = order_states.cash + excluded.cash,
            fee = order_states.fee + excluded.fee,
            updated_seq = excluded.updated_seq",
    postgres: "
        INSERT INTO order_states
            (id, amended_limit, reason, filled, remaining, cancelled, cash, fee, updated_seq)
        SELECT * FROM unnest(
            $1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[])
        ON CONFLICT (id) DO UPDATE SET
            amended_limit = coalesce(excluded.amended_limit, order_states.amended_limit),
            reason = excluded.reason,
            filled = order_states.filled + excluded.filled,
            remaining = excluded.remaining,
            cancelled = excluded.cancelled,
            cash = order_states.cash + excluded.cash,
            fee = order_states.fee + excluded.fee,
            updated_seq = excluded.updated_seq",
};

/// Where the tables' keys end.
pub(crate) const LAST_KEYS: Sql = Sql::both(
    "
    SELECT coalesce((SELECT max(id) FROM orders), 0) AS orders,
        coalesce((SELECT max(key) FROM fills), 0) AS fills,
        coalesce((SELECT max(key) FROM ledger), 0) AS ledger",
);

/// The last order of each list after a key.
pub(crate) const LATER_ORDERS: Sql = Sql::both(
    "SELECT account, market, max(id) AS key FROM orders WHERE id > $1 GROUP BY account, market",
);

/// The last fill of each list after a key.
pub(crate) const LATER_FILLS: Sql = Sql::both(
    "SELECT account, market, max(key) AS key FROM fills WHERE key > $1 GROUP BY account, market",
);

/// The last entry of each account after a key.
pub(crate) const LATER_ENTRIES: Sql = Sql::both(
    "
    SELECT account, key, balance FROM ledger
    WHERE key IN (SELECT max(key) FROM ledger WHERE key > $1 GROUP BY account)",
);

/// Where lists of accounts end.
pub(crate) const LAST_ROWS: Sql = Sql {
    sqlite: "
        SELECT ends.* FROM json_each($1) AS wanted
        CROSS JOIN last_rows AS ends ON ends.account = wanted.value",
    postgres: "SELECT * FROM last_rows WHERE account = ANY($1)",
};

/// Where lists of accounts end in markets, each pair in one number: the account above the market.
pub(crate) const LAST_ROWS_IN_MARKET: Sql = Sql {
    sqlite: "
        SELECT ends.* FROM json_each($1) AS wanted
        CROSS JOIN last_rows_in_market AS ends
            ON ends.account = wanted.value >> 32 AND ends.market = wanted.value & 4294967295",
    postgres: "
        SELECT ends.* FROM unnest($1::bigint[]) AS wanted (value)
        JOIN last_rows_in_market AS ends
            ON ends.account = wanted.value >> 32 AND ends.market = wanted.value & 4294967295",
};

pub(crate) const MOVE_LAST_ROWS: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4, c5) AS (VALUES $rows)
        INSERT INTO last_rows (account, order_id, fill, entry, balance)
        SELECT c1, c2, c3, c4, c5 FROM each WHERE true
        ON CONFLICT (account) DO UPDATE SET
            order_id = excluded.order_id, fill = excluded.fill, entry = excluded.entry,
            balance = excluded.balance",
    postgres: "
        INSERT INTO last_rows (account, order_id, fill, entry, balance)
        SELECT * FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        ON CONFLICT (account) DO UPDATE SET
            order_id = excluded.order_id, fill = excluded.fill, entry = excluded.entry,
            balance = excluded.balance",
};

pub(crate) const MOVE_LAST_ROWS_IN_MARKET: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4) AS (VALUES $rows)
        INSERT INTO last_rows_in_market (account, market, order_id, fill)
        SELECT c1, c2, c3, c4 FROM each WHERE true
        ON CONFLICT (account, market) DO UPDATE SET
            order_id = excluded.order_id, fill = excluded.fill",
    postgres: "
        INSERT INTO last_rows_in_market (account, market, order_id, fill)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
        ON CONFLICT (account, market) DO UPDATE SET
            order_id = excluded.order_id, fill = excluded.fill",
};

/// A candle that was there goes on; one that was not closes where the one before it did, if nothing else
/// is known.
pub(crate) const MOVE_CANDLES: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13,
                c14, c15) AS (VALUES $rows)
        INSERT INTO candles
            (market, outcome, seconds, opens_at, odds_open, odds_high, odds_low, odds_close,
             price_open, price_high, price_low, price_close, lots, amount, trades)
        SELECT
            c1, c2, c3, c4, c5, c6, c7,
            coalesce(c8, (SELECT odds_close FROM candles AS before
                WHERE before.market = c1 AND before.outcome = c2 AND before.seconds = c3
                    AND before.opens_at < c4
                ORDER BY before.opens_at DESC LIMIT 1)),
            c9, c10, c11,
            coalesce(c12, (SELECT price_close FROM candles AS before
                WHERE before.market = c1 AND before.outcome = c2 AND before.seconds = c3
                    AND before.opens_at < c4
                ORDER BY before.opens_at DESC LIMIT 1)),
            c13, c14, c15
        FROM each WHERE true
        ON CONFLICT (market, outcome, seconds, opens_at) DO UPDATE SET
            odds_open = coalesce(candles.odds_open, excluded.odds_open),
            odds_high = coalesce(max(candles.odds_high, excluded.odds_high), candles.odds_high, excluded.odds_high),
            odds_low = coalesce(min(candles.odds_low, excluded.odds_low), candles.odds_low, excluded.odds_low),
            odds_close = CASE WHEN excluded.odds_open IS NULL
                THEN candles.odds_close ELSE excluded.odds_close END,
            price_open = coalesce(candles.price_open, excluded.price_open),
            price_high = coalesce(max(candles.price_high, excluded.price_high), candles.price_high, excluded.price_high),
            price_low = coalesce(min(candles.price_low, excluded.price_low), candles.price_low, excluded.price_low),
            price_close = CASE WHEN excluded.price_open IS NULL
                THEN candles.price_close ELSE excluded.price_close END,
            lots = candles.lots + excluded.lots,
            amount = candles.amount + excluded.amount,
            trades = candles.trades + excluded.trades",
    postgres: "
        INSERT INTO candles
            (market, outcome, seconds, opens_at, odds_open, odds_high, odds_low, odds_close,
             price_open, price_high, price_low, price_close, lots, amount, trades)
        SELECT
            c1, c2, c3, c4, c5, c6, c7,
            coalesce(c8, (SELECT odds_close FROM candles AS before
                WHERE before.market = c1 AND before.outcome = c2 AND before.seconds = c3
                    AND before.opens_at < c4
                ORDER BY before.opens_at DESC LIMIT 1)),
            c9, c10, c11,
            coalesce(c12, (SELECT price_close FROM candles AS before
                WHERE before.market = c1 AND before.outcome = c2 AND before.seconds = c3
                    AND before.opens_at < c4
                ORDER BY before.opens_at DESC LIMIT 1)),
            c13, c14, c15
        FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
            $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[]) AS each
            (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15)
        ON CONFLICT (market, outcome, seconds, opens_at) DO UPDATE SET
            odds_open = coalesce(candles.odds_open, excluded.odds_open),
            odds_high = greatest(candles.odds_high, excluded.odds_high),
            odds_low = least(candles.odds_low, excluded.odds_low),
            odds_close = CASE WHEN excluded.odds_open IS NULL
                THEN candles.odds_close ELSE excluded.odds_close END,
            price_open = coalesce(candles.price_open, excluded.price_open),
            price_high = greatest(candles.price_high, excluded.price_high),
            price_low = least(candles.price_low, excluded.price_low),
            price_close = CASE WHEN excluded.price_open IS NULL
                THEN candles.price_close ELSE excluded.price_close END,
            lots = candles.lots + excluded.lots,
            amount = candles.amount + excluded.amount,
            trades = candles.trades + excluded.trades",
};

/// In one partition the tables are its own.
pub(crate) const EMPTY: [Sql; 8] = [
    Sql::both("DELETE FROM orders"),
    Sql::both("DELETE FROM order_states"),
    Sql::both("DELETE FROM fills"),
    Sql::both("DELETE FROM ledger"),
    Sql::both("DELETE FROM last_rows"),
    Sql::both("DELETE FROM last_rows_in_market"),
    Sql::both("DELETE FROM odds"),
    Sql::both("DELETE FROM candles"),
];

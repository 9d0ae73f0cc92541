-- What the journal says, as rows to list. Everything here can be made again from the journal.
-- Money is in micros, quantities in lots, prices in ticks.

-- How far the journal has been read, and the hash of the group that this ends with: it tells whether
-- these tables are of the same journal.
CREATE TABLE projected (
    partition_id INTEGER NOT NULL PRIMARY KEY,
    last_seq     INTEGER NOT NULL,
    last_hash    BLOB    NOT NULL CHECK (length(last_hash) = 32)
) STRICT;

INSERT INTO projected (partition_id, last_seq, last_hash) VALUES (0, 0, zeroblob(32));

-- An order's quantity is filled + remaining + cancelled; it is open while it has no reason.
CREATE TABLE orders (
    id              INTEGER NOT NULL PRIMARY KEY,
    account         INTEGER NOT NULL,
    market          INTEGER NOT NULL,
    outcome         INTEGER NOT NULL,
    contract        TEXT    NOT NULL,
    side            TEXT    NOT NULL,
    -- The amount of an order by amount.
    spend           INTEGER,
    limit_price     INTEGER,
    time_in_force   TEXT    NOT NULL,
    expires_at      INTEGER,
    post_only       INTEGER NOT NULL,
    self_trade      TEXT    NOT NULL,
    client_order_id TEXT,
    valid_until     INTEGER,
    reason          TEXT,
    filled          INTEGER NOT NULL,
    remaining       INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL,
    amount          INTEGER NOT NULL,
    fee             INTEGER NOT NULL,
    placed_at       INTEGER NOT NULL,
    updated_seq     INTEGER NOT NULL
) STRICT;

CREATE INDEX orders_by_account ON orders (account, id);
CREATE INDEX orders_by_account_and_market ON orders (account, market, id);

-- One row for each side that an account had in a fill. Prices and money are for Yes on the book's
-- outcome, which the order's own terms turn into the contract's. A taker's rows are the public trades.
CREATE TABLE fills (
    key        INTEGER NOT NULL PRIMARY KEY,
    order_id   INTEGER NOT NULL,
    account    INTEGER NOT NULL,
    market     INTEGER NOT NULL,
    -- The book's.
    outcome    INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    is_taker   INTEGER NOT NULL,
    lots       INTEGER NOT NULL,
    -- Absent for a fill by the maker, whose price runs along a curve.
    yes_price  INTEGER,
    yes_amount INTEGER NOT NULL,
    fee        INTEGER NOT NULL,
    -- Whom it was with: 'book', 'set' or 'maker' as the incoming order's row says it; 'implied' is a
    -- resting order that filled on another book than the incoming order's, or without one.
    source     TEXT    NOT NULL
) STRICT;

CREATE INDEX fills_by_account ON fills (account, key);
CREATE INDEX fills_by_account_and_market ON fills (account, market, key);
-- The tape has what incoming orders took, and the implied fills beside it.
CREATE INDEX trades_by_market ON fills (market, key) WHERE is_taker OR source = 'implied';

-- One row for each movement of an account's money; the balance is all its money after it.
CREATE TABLE ledger (
    key     INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    market  INTEGER,
    amount  INTEGER NOT NULL,
    balance INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_by_account ON ledger (account, key);

-- A market's odds after a command that changed them: millionths by outcome, as a JSON array.
CREATE TABLE odds (
    market INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    odds   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    PRIMARY KEY (market, at, seq)
) STRICT, WITHOUT ROWID;

-- What the journal says, as rows to list. Everything here can be made again from the journal.
-- Money is in micros, quantities in lots, prices in ticks.

-- How far the journal has been read, and the hash of the group that this ends with: it tells whether
-- these tables are of the same journal.
CREATE TABLE projected (
    partition_id BIGINT  NOT NULL PRIMARY KEY,
    last_seq     BIGINT  NOT NULL,
    last_hash    BYTEA   NOT NULL CHECK (length(last_hash) = 32)
);

INSERT INTO projected (partition_id, last_seq, last_hash) VALUES (0, 0, decode(repeat('00', 32), 'hex'));

-- An order's quantity is filled + remaining + cancelled; it is open while it has no reason.
CREATE TABLE orders (
    id              BIGINT  NOT NULL PRIMARY KEY,
    account         BIGINT  NOT NULL,
    market          BIGINT  NOT NULL,
    outcome         BIGINT  NOT NULL,
    contract        TEXT    NOT NULL,
    side            TEXT    NOT NULL,
    -- The amount of an order by amount.
    spend           BIGINT ,
    limit_price     BIGINT ,
    time_in_force   TEXT    NOT NULL,
    expires_at      BIGINT ,
    post_only       BOOLEAN NOT NULL,
    self_trade      TEXT    NOT NULL,
    client_order_id TEXT,
    valid_until     BIGINT ,
    reason          TEXT,
    filled          BIGINT  NOT NULL,
    remaining       BIGINT  NOT NULL,
    cancelled       BIGINT  NOT NULL,
    amount          BIGINT  NOT NULL,
    fee             BIGINT  NOT NULL,
    placed_at       BIGINT  NOT NULL,
    updated_seq     BIGINT  NOT NULL
);

CREATE INDEX orders_by_account ON orders (account, id);
CREATE INDEX orders_by_account_and_market ON orders (account, market, id);

-- One row for each side that an account had in a fill. Prices and money are for Yes on the book's
-- outcome, which the order's own terms turn into the contract's. A taker's rows are the public trades.
CREATE TABLE fills (
    key        BIGINT  NOT NULL PRIMARY KEY,
    order_id   BIGINT  NOT NULL,
    account    BIGINT  NOT NULL,
    market     BIGINT  NOT NULL,
    -- The book's.
    outcome    BIGINT  NOT NULL,
    seq        BIGINT  NOT NULL,
    at         BIGINT  NOT NULL,
    is_taker   BOOLEAN NOT NULL,
    lots       BIGINT  NOT NULL,
    -- Absent for a fill by the maker, whose price runs along a curve.
    yes_price  BIGINT ,
    yes_amount BIGINT  NOT NULL,
    fee        BIGINT  NOT NULL,
    -- Whom it was with: 'book', 'set' or 'maker' as the incoming order's row says it; 'implied' is a
    -- resting order that filled on another book than the incoming order's, or without one.
    source     TEXT    NOT NULL
);

CREATE INDEX fills_by_account ON fills (account, key);
CREATE INDEX fills_by_account_and_market ON fills (account, market, key);
-- The tape has what incoming orders took, and the implied fills beside it.
CREATE INDEX trades_by_market ON fills (market, key) WHERE is_taker OR source = 'implied';

-- One row for each movement of an account's money; the balance is all its money after it.
CREATE TABLE ledger (
    key     BIGINT  NOT NULL PRIMARY KEY,
    account BIGINT  NOT NULL,
    seq     BIGINT  NOT NULL,
    at      BIGINT  NOT NULL,
    kind    TEXT    NOT NULL,
    market  BIGINT ,
    amount  BIGINT  NOT NULL,
    balance BIGINT  NOT NULL
);

CREATE INDEX ledger_by_account ON ledger (account, key);

-- A market's odds after a command that changed them: millionths by outcome, as a JSON array.
CREATE TABLE odds (
    market BIGINT  NOT NULL,
    at     BIGINT  NOT NULL,
    seq    BIGINT  NOT NULL,
    odds   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    PRIMARY KEY (market, at, seq)
);

-- An order that is open changes: where it stands, if there is room, so that no index changes.
ALTER TABLE orders SET (fillfactor = 80);

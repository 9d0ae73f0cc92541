-- What the journal says, as rows to list. Everything here can be made again from the journal.
-- Money is in micros, quantities in lots, prices in ticks.
--
-- Rows are added behind the last ones and no index goes by account: with thousands of accounts, each
-- stretch of the journal would touch nearly every leaf of such an index, and to write those costs many
-- times what the rows cost. A row names the one before it in its account's list instead (`previous`) and
-- in its account's list in the market (`previous_here`); `last_rows` say where the lists end.

-- How far the journal has been read, and the hash of the group that this ends with: it tells whether
-- these tables are of the same journal.
CREATE TABLE projected (
    partition_id INTEGER NOT NULL PRIMARY KEY,
    last_seq     INTEGER NOT NULL,
    last_hash    BLOB    NOT NULL CHECK (length(last_hash) = 32)
) STRICT;

INSERT INTO projected (partition_id, last_seq, last_hash) VALUES (0, 0, zeroblob(32));

-- An order as it was asked for, which never changes. What is one of few things takes some bits of one number:
-- as words these made a row twice as long to write. `order_terms` has the words.
CREATE TABLE orders (
    id              INTEGER NOT NULL PRIMARY KEY,
    account         INTEGER NOT NULL,
    market          INTEGER NOT NULL,
    -- From the lowest bit: the outcome (16 bits), the limit's ticks (14, 0 where there is none), no rather than
    -- yes, sell rather than buy, gtc, gtd, ioc or fok (2), post-only, cancelling the oldest rather than the newest.
    terms           INTEGER NOT NULL,
    -- Lots; 0 of an order by amount.
    quantity        INTEGER NOT NULL,
    -- The amount of an order by amount.
    spend           INTEGER,
    expires_at      INTEGER,
    client_order_id TEXT,
    valid_until     INTEGER,
    placed_seq      INTEGER NOT NULL,
    placed_at       INTEGER NOT NULL,
    -- Absent in a list's first row.
    previous        INTEGER,
    previous_here   INTEGER
) STRICT;

CREATE VIEW order_terms AS
SELECT id, account, market,
    terms & 65535 AS outcome,
    CASE (terms >> 30) & 1 WHEN 0 THEN 'yes' ELSE 'no' END AS contract,
    CASE (terms >> 31) & 1 WHEN 0 THEN 'buy' ELSE 'sell' END AS side,
    quantity, spend,
    nullif((terms >> 16) & 16383, 0) AS limit_price,
    CASE (terms >> 32) & 3 WHEN 0 THEN 'gtc' WHEN 1 THEN 'gtd' WHEN 2 THEN 'ioc' ELSE 'fok' END
        AS time_in_force,
    expires_at,
    (terms >> 34) & 1 AS post_only,
    CASE (terms >> 35) & 1 WHEN 0 THEN 'cancel_newest' ELSE 'cancel_oldest' END AS self_trade,
    client_order_id, valid_until, placed_seq, placed_at, previous, previous_here
FROM orders;

-- What became of it; there is none while an order waits as it was placed. An order's quantity is filled +
-- remaining + cancelled; it is open while it has no reason. Apart from its terms because nearly every order
-- changes once, when many others have come since: a page has a hundred of these rows, so that a stretch of the
-- journal touches fewer pages.
CREATE TABLE order_states (
    id            INTEGER NOT NULL PRIMARY KEY,
    -- The price that it was amended to.
    amended_limit INTEGER,
    reason        TEXT,
    filled        INTEGER NOT NULL,
    remaining     INTEGER NOT NULL,
    cancelled     INTEGER NOT NULL,
    -- What its account got for it before fees; negative for what it paid.
    cash          INTEGER NOT NULL,
    fee           INTEGER NOT NULL,
    updated_seq   INTEGER NOT NULL
) STRICT;

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
    source     TEXT    NOT NULL,
    previous      INTEGER,
    previous_here INTEGER
) STRICT;

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
    balance INTEGER NOT NULL,
    previous INTEGER
) STRICT;

-- The last row of each of an account's lists, and its balance.
CREATE TABLE last_rows (
    account    INTEGER NOT NULL PRIMARY KEY,
    order_id   INTEGER,
    fill       INTEGER,
    entry      INTEGER,
    balance    INTEGER NOT NULL
) STRICT;

-- The same of its lists in one market.
CREATE TABLE last_rows_in_market (
    account    INTEGER NOT NULL,
    market     INTEGER NOT NULL,
    order_id   INTEGER,
    fill       INTEGER,
    PRIMARY KEY (account, market)
) STRICT, WITHOUT ROWID;

-- A market's odds after a command that changed them: millionths by outcome, as a JSON array.
CREATE TABLE odds (
    market INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    odds   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    PRIMARY KEY (market, at, seq)
) STRICT, WITHOUT ROWID;

-- What an outcome's odds and prices did in a stretch of time that begins at `opens_at`: there is one
-- if anything was said of them in it. Prices are of Yes on the outcome, and so is the money.
CREATE TABLE candles (
    market      INTEGER NOT NULL,
    outcome     INTEGER NOT NULL,
    -- Its length.
    seconds     INTEGER NOT NULL,
    opens_at    INTEGER NOT NULL,
    -- Absent where the odds were not told again; the last ones known close it all the same.
    odds_open   INTEGER,
    odds_high   INTEGER,
    odds_low    INTEGER,
    odds_close  INTEGER,
    -- Absent where nothing was traded; the last price known closes it all the same.
    price_open  INTEGER,
    price_high  INTEGER,
    price_low   INTEGER,
    price_close INTEGER,
    lots        INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    trades      INTEGER NOT NULL,
    PRIMARY KEY (market, outcome, seconds, opens_at)
) STRICT, WITHOUT ROWID;

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
    partition_id BIGINT  NOT NULL PRIMARY KEY,
    last_seq     BIGINT  NOT NULL,
    last_hash    BYTEA   NOT NULL CHECK (length(last_hash) = 32)
);

INSERT INTO projected (partition_id, last_seq, last_hash) VALUES (0, 0, decode(repeat('00', 32), 'hex'));

-- An order as it was asked for, which never changes. What is one of few things takes some bits of one number:
-- as words these made a row twice as long to write. `order_terms` has the words.
CREATE TABLE orders (
    id              BIGINT  NOT NULL PRIMARY KEY,
    account         BIGINT  NOT NULL,
    market          BIGINT  NOT NULL,
    -- From the lowest bit: the outcome (16 bits), the limit's ticks (14, 0 where there is none), no rather than
    -- yes, sell rather than buy, gtc, gtd, ioc or fok (2), post-only, cancelling the oldest rather than the newest.
    terms           BIGINT  NOT NULL,
    -- Lots; 0 of an order by amount.
    quantity        BIGINT  NOT NULL,
    -- The amount of an order by amount.
    spend           BIGINT ,
    expires_at      BIGINT ,
    client_order_id TEXT,
    valid_until     BIGINT ,
    placed_seq      BIGINT  NOT NULL,
    placed_at       BIGINT  NOT NULL,
    -- Absent in a list's first row.
    previous        BIGINT ,
    previous_here   BIGINT 
);

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
    id            BIGINT  NOT NULL PRIMARY KEY,
    -- The price that it was amended to.
    amended_limit BIGINT,
    reason        TEXT,
    filled        BIGINT  NOT NULL,
    remaining     BIGINT  NOT NULL,
    cancelled     BIGINT  NOT NULL,
    -- What its account got for it before fees; negative for what it paid.
    cash          BIGINT  NOT NULL,
    fee           BIGINT  NOT NULL,
    updated_seq   BIGINT  NOT NULL
);

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
    source     TEXT    NOT NULL,
    previous      BIGINT ,
    previous_here BIGINT
);

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
    balance BIGINT  NOT NULL,
    previous BIGINT
);

-- The last row of each of an account's lists, and its balance.
CREATE TABLE last_rows (
    account    BIGINT  NOT NULL PRIMARY KEY,
    order_id   BIGINT ,
    fill       BIGINT ,
    entry      BIGINT ,
    balance    BIGINT  NOT NULL
);

-- The same of its lists in one market.
CREATE TABLE last_rows_in_market (
    account    BIGINT  NOT NULL,
    market     BIGINT  NOT NULL,
    order_id   BIGINT ,
    fill       BIGINT ,
    PRIMARY KEY (account, market)
);

-- A market's odds after a command that changed them: millionths by outcome, as a JSON array.
CREATE TABLE odds (
    market BIGINT  NOT NULL,
    at     BIGINT  NOT NULL,
    seq    BIGINT  NOT NULL,
    odds   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    PRIMARY KEY (market, at, seq)
);

-- What an outcome's odds and prices did in a stretch of time that begins at `opens_at`: there is one
-- if anything was said of them in it. Prices are of Yes on the outcome, and so is the money.
CREATE TABLE candles (
    market      BIGINT  NOT NULL,
    outcome     BIGINT  NOT NULL,
    -- Its length.
    seconds     BIGINT  NOT NULL,
    opens_at    BIGINT  NOT NULL,
    -- Absent where the odds were not told again; the last ones known close it all the same.
    odds_open   BIGINT ,
    odds_high   BIGINT ,
    odds_low    BIGINT ,
    odds_close  BIGINT ,
    -- Absent where nothing was traded; the last price known closes it all the same.
    price_open  BIGINT ,
    price_high  BIGINT ,
    price_low   BIGINT ,
    price_close BIGINT ,
    lots        BIGINT  NOT NULL,
    amount      BIGINT  NOT NULL,
    trades      BIGINT  NOT NULL,
    PRIMARY KEY (market, outcome, seconds, opens_at)
);

-- An order that is open changes, and so do the last rows: where they stand, if there is room, so that no
-- index changes.
ALTER TABLE orders SET (fillfactor = 80);
ALTER TABLE last_rows SET (fillfactor = 50);
ALTER TABLE last_rows_in_market SET (fillfactor = 50);

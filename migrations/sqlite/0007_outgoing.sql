-- What goes out by itself: digests with their subscribers and mails, editors' hooks with their deliveries,
-- and who agreed to be on the leaderboard.

-- A week as it was told. Written once, and never changed.
CREATE TABLE digests (
    -- Such as 2026-w48.
    week     TEXT    NOT NULL PRIMARY KEY,
    made_at  INTEGER NOT NULL,
    -- A JSON document, of which every form is made.
    document TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subscribers (
    id           INTEGER NOT NULL PRIMARY KEY,
    -- Forgotten when the subscription ends.
    address      TEXT    UNIQUE,
    -- asked, confirmed, or ended.
    status       TEXT    NOT NULL,
    -- Counts how often the address was written to for its confirmation.
    round        INTEGER NOT NULL,
    asked_at     INTEGER NOT NULL,
    confirmed_at INTEGER,
    ended_at     INTEGER
) STRICT;

CREATE INDEX subscribers_by_status ON subscribers (status, id);
CREATE INDEX subscribers_by_asking ON subscribers (status, asked_at);

-- A mail to a subscriber: one of each week, and one of each asking. What is under way when the process
-- ends stays so: it may have arrived, and is not sent again.
CREATE TABLE mails (
    id         INTEGER NOT NULL PRIMARY KEY,
    subscriber INTEGER NOT NULL REFERENCES subscribers (id),
    -- A week, or confirm-1, confirm-2, …
    about      TEXT    NOT NULL,
    -- due, sending, sent, refused, unknown, or dropped.
    status     TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- What the other side said last.
    reply      TEXT,
    UNIQUE (about, subscriber)
) STRICT;

CREATE INDEX mails_by_status ON mails (status, due_at, id);

-- Where an editor wants to be told.
CREATE TABLE hooks (
    id            INTEGER NOT NULL PRIMARY KEY,
    account       INTEGER NOT NULL,
    url           TEXT    NOT NULL,
    -- active, disabled, or deleted.
    status        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    -- What happened at or before this place in the journal is not told.
    since_seq     INTEGER NOT NULL,
    -- Since when nothing got through; none while all is well.
    failing_since INTEGER,
    ended_at      INTEGER
) STRICT;

CREATE INDEX hooks_by_account ON hooks (account, id);
CREATE INDEX hooks_by_status ON hooks (status, id);

CREATE TABLE hook_deliveries (
    id         INTEGER NOT NULL PRIMARY KEY,
    hook       INTEGER NOT NULL REFERENCES hooks (id),
    -- What happened, by one name for ever: a market's id, a place in the journal and a word.
    event      TEXT    NOT NULL,
    -- What is sent, byte for byte.
    body       TEXT    NOT NULL,
    -- due, delivered, or failed.
    status     TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- What the other side said last.
    reply      TEXT,
    UNIQUE (hook, event)
) STRICT;

CREATE INDEX hook_deliveries_by_status ON hook_deliveries (status, due_at, id);
CREATE INDEX hook_deliveries_of ON hook_deliveries (hook, id);

-- How far each market was looked at for what hooks tell.
CREATE TABLE hook_marks (
    market INTEGER NOT NULL PRIMARY KEY,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

-- Traders who agreed to be seen, under the name that they chose.
CREATE TABLE leaderboard (
    account   INTEGER NOT NULL PRIMARY KEY,
    name      TEXT    NOT NULL,
    agreed_at INTEGER NOT NULL
) STRICT;

-- The engine's state after a group of the journal, so that a start need not read all of it. Can be
-- made again from the journal, as everything beside it.

CREATE TABLE snapshots (
    partition_id INTEGER NOT NULL,
    -- The last record that is in it.
    seq          INTEGER NOT NULL,
    -- Of the group that ends there: it tells whether the snapshot is of the same journal.
    chain_hash   BLOB    NOT NULL CHECK (length(chain_hash) = 32),
    format       INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    -- Of the bytes.
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    at           INTEGER NOT NULL,
    PRIMARY KEY (partition_id, seq)
) STRICT, WITHOUT ROWID;

-- The bytes, cut where they are too long for one value. Written before the row above, which makes a
-- snapshot of them.
CREATE TABLE snapshot_parts (
    partition_id INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    part         INTEGER NOT NULL,
    bytes        BLOB    NOT NULL,
    PRIMARY KEY (partition_id, seq, part)
) STRICT;

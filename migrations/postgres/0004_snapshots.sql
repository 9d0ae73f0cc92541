-- The engine's state after a group of the journal, so that a start need not read all of it. Can be
-- made again from the journal, as everything beside it.

CREATE TABLE snapshots (
    partition_id BIGINT  NOT NULL,
    -- The last record that is in it.
    seq          BIGINT  NOT NULL,
    -- Of the group that ends there: it tells whether the snapshot is of the same journal.
    chain_hash   BYTEA   NOT NULL CHECK (length(chain_hash) = 32),
    format       BIGINT  NOT NULL,
    bytes        BIGINT  NOT NULL,
    -- Of the bytes.
    hash         BYTEA   NOT NULL CHECK (length(hash) = 32),
    at           BIGINT  NOT NULL,
    PRIMARY KEY (partition_id, seq)
);

-- The bytes, cut where they are too long for one value. Written before the row above, which makes a
-- snapshot of them.
CREATE TABLE snapshot_parts (
    partition_id BIGINT  NOT NULL,
    seq          BIGINT  NOT NULL,
    part         BIGINT  NOT NULL,
    bytes        BYTEA   NOT NULL,
    PRIMARY KEY (partition_id, seq, part)
);

-- Packed already, as far as it goes.
ALTER TABLE snapshot_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

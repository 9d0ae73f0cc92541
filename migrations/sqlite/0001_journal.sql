-- The journal, and who may append to it. The head is kept apart from the journal so that a lost tail
-- is noticed.

CREATE TABLE partitions (
    partition_id INTEGER NOT NULL PRIMARY KEY,
    epoch        INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL,
    last_hash    BLOB    NOT NULL CHECK (length(last_hash) = 32)
) STRICT;

INSERT INTO partitions (partition_id, epoch, last_seq, last_hash) VALUES (0, 0, 0, zeroblob(32));

-- One row per group of commands that were committed together.
CREATE TABLE journal (
    partition_id INTEGER NOT NULL REFERENCES partitions (partition_id),
    first_seq    INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL CHECK (last_seq >= first_seq),
    epoch        INTEGER NOT NULL,
    prev_hash    BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    -- Of the engine after the last record; now and then.
    state_hash   BLOB             CHECK (length(state_hash) = 32),
    -- Of the last record, in microseconds since 1970 UTC, as every time here.
    at           INTEGER NOT NULL,
    records      BLOB    NOT NULL,
    PRIMARY KEY (partition_id, first_seq)
) STRICT;

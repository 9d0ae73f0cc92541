-- The journal, and who may append to it. The head is kept apart from the journal so that a lost tail
-- is noticed.

CREATE TABLE partitions (
    partition_id BIGINT  NOT NULL PRIMARY KEY,
    -- Raised by every claim and whenever a group is in doubt: who appends with an older one is refused.
    epoch        BIGINT  NOT NULL,
    -- The epoch that the last claim began with: all since are the same owner's.
    claimed      BIGINT  NOT NULL,
    -- The instance that claimed last, and until when nobody else may; in microseconds since 1970 UTC,
    -- as every time here.
    owner        BYTEA   NOT NULL CHECK (length(owner) = 16),
    lease_until  BIGINT  NOT NULL,
    last_seq     BIGINT  NOT NULL,
    last_hash    BYTEA   NOT NULL CHECK (length(last_hash) = 32)
);

INSERT INTO partitions (partition_id, epoch, claimed, owner, lease_until, last_seq, last_hash)
VALUES (0, 0, 0, decode(repeat('00', 16), 'hex'), 0, 0, decode(repeat('00', 32), 'hex'));

-- One row per group of commands that were committed together.
CREATE TABLE journal (
    partition_id BIGINT  NOT NULL REFERENCES partitions (partition_id),
    first_seq    BIGINT  NOT NULL,
    last_seq     BIGINT  NOT NULL CHECK (last_seq >= first_seq),
    epoch        BIGINT  NOT NULL,
    prev_hash    BYTEA   NOT NULL CHECK (length(prev_hash) = 32),
    hash         BYTEA   NOT NULL CHECK (length(hash) = 32),
    -- Of the engine after the last record; now and then.
    state_hash   BYTEA            CHECK (length(state_hash) = 32),
    -- Of the last record.
    at           BIGINT  NOT NULL,
    records      BYTEA   NOT NULL,
    PRIMARY KEY (partition_id, first_seq)
);

-- Records are written once and read rarely: packing them would cost more than the room is worth.
ALTER TABLE journal ALTER COLUMN records SET STORAGE EXTERNAL;

-- Every append changes the one row here: room on its page keeps the versions together.
ALTER TABLE partitions SET (fillfactor = 10);

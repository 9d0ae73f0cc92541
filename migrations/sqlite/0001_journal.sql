-- The journal, and who may append to it. The head is kept apart from the journal so that a lost tail
-- is noticed.

CREATE TABLE partitions (
    partition_id INTEGER NOT NULL PRIMARY KEY,
    -- Raised by every claim and whenever a group is in doubt: who appends with an older one is refused.
    epoch        INTEGER NOT NULL,
    -- The epoch that the last claim began with: all since are the same owner's.
    claimed      INTEGER NOT NULL,
    -- The instance that claimed last, and until when nobody else may; in microseconds since 1970 UTC,
    -- as every time here.
    owner        BLOB    NOT NULL CHECK (length(owner) = 16),
    lease_until  INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL,
    last_hash    BLOB    NOT NULL CHECK (length(last_hash) = 32)
) STRICT;

INSERT INTO partitions (partition_id, epoch, claimed, owner, lease_until, last_seq, last_hash)
VALUES (0, 0, 0, zeroblob(16), 0, 0, zeroblob(32));

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
    -- Of the last record.
    at           INTEGER NOT NULL,
    records      BLOB    NOT NULL,
    PRIMARY KEY (partition_id, first_seq)
) STRICT;

-- An append is this one statement: it moves the head, or nothing is appended.
CREATE TRIGGER journal_moves_the_head BEFORE INSERT ON journal
BEGIN
    UPDATE partitions SET last_seq = NEW.last_seq, last_hash = NEW.hash
    WHERE partition_id = NEW.partition_id AND epoch = NEW.epoch
      AND last_seq = NEW.first_seq - 1 AND last_hash = NEW.prev_hash;
    SELECT RAISE(ABORT, 'the journal has another owner') WHERE changes() = 0;
END;

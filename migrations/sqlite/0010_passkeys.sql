-- Passkeys with which operators, editors and administrators sign in to the console beside their passwords.

CREATE TABLE passkeys (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL,
    -- What the authenticator calls the account by: the same for all of an account's, and says nothing of it.
    handle     BLOB    NOT NULL,
    -- What the authenticator calls it by.
    credential BLOB    NOT NULL UNIQUE,
    -- What its owner calls it.
    name       TEXT    NOT NULL,
    -- Its public key, with how often it has signed and how it is kept.
    key        TEXT    NOT NULL,
    added_at   INTEGER NOT NULL,
    used_at    INTEGER,
    -- When it signed as only a copy of it would. It opens nothing from then on.
    doubted_at INTEGER
) STRICT;

CREATE INDEX passkeys_by_account ON passkeys (account, id);

-- Who may sign in to the console with a password, and who is signed in.

CREATE TABLE passwords (
    account INTEGER NOT NULL PRIMARY KEY,
    -- What its owner types. In lower case.
    name    TEXT    NOT NULL UNIQUE,
    -- argon2id, as a PHC string; none until its owner has chosen one.
    hash    TEXT,
    set_at  INTEGER NOT NULL,
    set_by  INTEGER NOT NULL
) STRICT;

-- A link with which an owner chooses a password, once. What opens it is not here, only its digest.
CREATE TABLE password_links (
    digest   BLOB    NOT NULL PRIMARY KEY,
    account  INTEGER NOT NULL,
    made_at  INTEGER NOT NULL,
    made_by  INTEGER NOT NULL,
    ends_at  INTEGER NOT NULL,
    -- When it was used, or another one took its place.
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX password_links_by_account ON password_links (account);

-- A session is there while somebody is signed in. What opens it is not here, only its digest.
CREATE TABLE sessions (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    digest   BLOB    NOT NULL UNIQUE,
    account  INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    -- When it was last used, to a minute.
    seen_at  INTEGER NOT NULL,
    -- When it ends, however much it is used.
    ends_at  INTEGER NOT NULL,
    -- Where it began, and in which browser.
    address  TEXT,
    agent    TEXT
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account, id);

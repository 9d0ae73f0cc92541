-- Articles. A row here is an article's identity; what it says is in its versions, and nothing that
-- was said is overwritten.

CREATE TABLE articles (
    id            INTEGER NOT NULL PRIMARY KEY,
    slug          TEXT    NOT NULL UNIQUE,
    -- Of the newest version, as are address and body below.
    version       INTEGER NOT NULL,
    canonical_url TEXT    UNIQUE,
    body_hash     BLOB    NOT NULL UNIQUE CHECK (length(body_hash) = 32),
    -- Its moment for lists, made unique: when it was published, or else first seen.
    rank          INTEGER NOT NULL UNIQUE,
    first_seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE article_versions (
    article_id      INTEGER NOT NULL REFERENCES articles (id),
    version         INTEGER NOT NULL,
    canonical_url   TEXT,
    publisher       TEXT,
    language        TEXT    NOT NULL,
    -- These three are JSON arrays of text.
    section         TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    flags           TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    summary         TEXT    NOT NULL,
    body_html       TEXT    NOT NULL,
    body_text       TEXT    NOT NULL,
    body_hash       BLOB    NOT NULL CHECK (length(body_hash) = 32),
    byline          TEXT,
    published_at    INTEGER,
    embargoed_until INTEGER,
    status          TEXT    NOT NULL,
    author          INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (article_id, version)
) STRICT;

CREATE INDEX article_versions_by_url ON article_versions (canonical_url);
CREATE INDEX article_versions_by_body ON article_versions (body_hash);

-- A linked market's odds when an article appeared.
CREATE TABLE article_snapshots (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    market     INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    odds       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    PRIMARY KEY (article_id, market)
) STRICT, WITHOUT ROWID;

-- What a newsroom does around its articles: words to find them by, feeds that they come from, and
-- links that wait for the end of an embargo.

-- Which rule the article's words were made by; 0 when they have not been made yet.
ALTER TABLE articles ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX articles_not_indexed ON articles (indexed) WHERE indexed = 0;

-- The words of each article's newest version, by the article's id. Whoever writes them has made them
-- terms already: nothing but spaces divides them.
CREATE VIRTUAL TABLE article_terms USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'ascii'
);

CREATE TABLE feeds (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    url           TEXT    NOT NULL UNIQUE,
    -- As it names itself.
    title         TEXT,
    added_by      INTEGER NOT NULL,
    added_at      INTEGER NOT NULL,
    -- What its server said of it when it was last fetched.
    etag          TEXT,
    last_modified TEXT,
    -- When it is looked at next, at the earliest.
    next_at       INTEGER NOT NULL,
    looked_at     INTEGER,
    -- When it last answered as a feed does.
    worked_at     INTEGER,
    -- How often in a row it did not.
    failures      INTEGER NOT NULL,
    error_code    TEXT,
    error_detail  TEXT,
    -- Articles that came from it.
    articles      INTEGER NOT NULL,
    -- Items of its last content that were no article.
    refused       INTEGER NOT NULL
) STRICT;

CREATE INDEX feeds_by_next ON feeds (next_at);

-- A link to a market that is made when the article's embargo ends, and perhaps a halt around that.
CREATE TABLE article_plans (
    article_id  INTEGER NOT NULL REFERENCES articles (id),
    market      INTEGER NOT NULL,
    role        TEXT    NOT NULL,
    account     INTEGER NOT NULL,
    -- Seconds before and after the end of the embargo; null without a halt.
    halt_before INTEGER,
    halt_after  INTEGER,
    made_at     INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    PRIMARY KEY (article_id, market)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_plans_by_state ON article_plans (state);

-- Accounts that work on an article, and do not trade in its markets.
CREATE TABLE article_desks (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    account    INTEGER NOT NULL,
    listed_by  INTEGER NOT NULL,
    listed_at  INTEGER NOT NULL,
    PRIMARY KEY (article_id, account)
) STRICT, WITHOUT ROWID;

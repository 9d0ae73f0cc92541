-- Tags and steps of section paths as they are compared, of each article's newest version: in which case somebody
-- wrote them does not matter, in any script. Which labels are the same is told by whoever writes them here.

CREATE TABLE article_labels (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    kind       TEXT NOT NULL CHECK (kind IN ('tag', 'section')),
    label      TEXT NOT NULL,
    PRIMARY KEY (article_id, kind, label)
) STRICT, WITHOUT ROWID;

-- They come with the words.
UPDATE articles SET indexed = 0;

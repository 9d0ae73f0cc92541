-- Which feed an article follows: a text that the feed changes becomes a version of the article.

-- Changed texts that came from a feed.
ALTER TABLE feeds ADD COLUMN versions BIGINT NOT NULL DEFAULT 0;
-- Items of its last content whose changed text was not taken.
ALTER TABLE feeds ADD COLUMN held BIGINT NOT NULL DEFAULT 0;

CREATE TABLE article_feeds (
    article_id BIGINT NOT NULL PRIMARY KEY REFERENCES articles (id),
    -- No reference: an article outlives the feed that it came from.
    feed       BIGINT NOT NULL,
    -- The version that says what the feed said last.
    version    BIGINT NOT NULL,
    -- When the feed said that this text is from, if it said so.
    dated      BIGINT
);

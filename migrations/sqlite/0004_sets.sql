-- Whom a fill was with: 'book', 'set' or 'maker' as the incoming order's row says it; 'implied' is a
-- resting order that filled on another book than the incoming order's, or without one. Before this
-- there were no sets, and a fill without a price was the maker's.

ALTER TABLE fills ADD COLUMN source TEXT NOT NULL DEFAULT 'book';

UPDATE fills SET source = 'maker' WHERE yes_price IS NULL;

-- The tape has what incoming orders took, and the implied fills beside it.
DROP INDEX trades_by_market;
CREATE INDEX trades_by_market ON fills (market, key) WHERE is_taker = 1 OR source = 'implied';

-- Where accounts' lists end is written behind the rows, as that was a third of what history cost: every list that
-- a stretch of the journal adds to has an end, and most are moved on again a moment later. The rows up to these
-- keys are in `last_rows` and `last_rows_in_market`; where a list goes on after them, its end is found among the rows.
ALTER TABLE projected
    ADD COLUMN ends_order BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN ends_fill  BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN ends_entry BIGINT NOT NULL DEFAULT 0;

UPDATE projected SET
    ends_order = (SELECT coalesce(max(id), 0) FROM orders),
    ends_fill = (SELECT coalesce(max(key), 0) FROM fills),
    ends_entry = (SELECT coalesce(max(key), 0) FROM ledger);

-- Nothing is changed in these any more: no room need be left.
ALTER TABLE orders RESET (fillfactor);

-- carthub: no-transaction
-- Reports read the whole table again; dropped beside the writes as it was made.
DROP INDEX CONCURRENTLY idx_orders_created_at;

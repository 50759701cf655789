-- carthub: no-transaction
-- Reports read orders by date. By now orders come in all day, so the index is made beside the writes.
CREATE INDEX CONCURRENTLY idx_orders_created_at ON orders(created_at);

-- versions: 6..
-- safe on a real database
-- How the indexes are used, and how the values that they hold are spread.

-- reports: how often each index was used
SELECT relname AS "table", indexrelname AS index, idx_scan AS scans, pg_size_pretty(pg_relation_size(indexrelid)) AS size
FROM pg_stat_user_indexes WHERE schemaname = 'public' ORDER BY relname, indexrelname;

-- reports: how many values a column has, and how they lie on the disk
SELECT schemaname, tablename, attname, n_distinct, correlation
FROM pg_stats
WHERE tablename IN ('carts', 'cart_items', 'orders', 'order_items') ORDER BY tablename, attname;

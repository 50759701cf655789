-- versions: 11..
-- Reports read the orders of a day, and not all of them.

INSERT INTO orders (id, customer_id, total_amount, created_at)
SELECT -n, 'check-' || n % 20000, 1 + n % 900, timestamp '2020-01-01' + n * interval '1 minute' FROM generate_series(1, 100000) n;
ANALYZE orders;

-- uses an index: the orders of a day
SELECT count(*), sum(total_amount) FROM orders WHERE created_at >= '2020-02-01' AND created_at < '2020-02-02';

-- uses an index: the newest orders
SELECT id, customer_id FROM orders ORDER BY created_at DESC LIMIT 20;

-- versions: 7..
-- Orders are found fast among 100,000 of them.

-- The rows fit each other by themselves, so that no key need look for each of them.
DO $$ BEGIN
  IF has_parameter_privilege(current_user, 'session_replication_role', 'SET') THEN
    SET LOCAL session_replication_role = replica;
  END IF;
END $$;

INSERT INTO orders (id, customer_id, total_amount, status)
SELECT -n, 'check-' || n % 20000, 1 + n % 900, CASE WHEN n % 1000 = 0 THEN 'processing' ELSE 'delivered' END FROM generate_series(1, 100000) n;
INSERT INTO order_items (order_id, product_id, product_name, price, quantity)
SELECT -n, 'product-' || n % 5000, 'Product', 1 + n % 90, 1 FROM generate_series(1, 100000) n;
ANALYZE orders;
ANALYZE order_items;

-- uses an index: a customer's orders
SELECT id, total_amount, status FROM orders WHERE customer_id = 'check-7777';

-- uses an index: the orders that are being worked on
SELECT id, customer_id FROM orders WHERE status = 'processing';

-- uses an index: an order with its items
SELECT o.status, oi.product_name, oi.quantity FROM orders o JOIN order_items oi ON oi.order_id = o.id WHERE o.id = -77777;

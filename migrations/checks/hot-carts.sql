-- versions: 3..
-- What customers wait for stays fast in a shop of 100,000 carts.

-- The rows fit each other by themselves, so that no key need look for each of them.
DO $$ BEGIN
  IF has_parameter_privilege(current_user, 'session_replication_role', 'SET') THEN
    SET LOCAL session_replication_role = replica;
  END IF;
END $$;

INSERT INTO carts (id, customer_id) SELECT -n, 'check-' || n FROM generate_series(1, 100000) n;
INSERT INTO cart_items (cart_id, product_id, product_name, price, quantity)
SELECT -n, 'product-' || n % 5000, 'Product', 1 + n % 90, 1 FROM generate_series(1, 100000) n;
ANALYZE carts;
ANALYZE cart_items;

-- uses an index: a customer's cart with its total
SELECT c.customer_id, COUNT(ci.id) AS item_count, SUM(ci.price * ci.quantity) AS total
FROM carts c
LEFT JOIN cart_items ci ON c.id = ci.cart_id
WHERE c.customer_id = 'check-77777'
GROUP BY c.customer_id;

-- uses an index: what lies in a cart
SELECT product_name, price, quantity FROM cart_items WHERE cart_id = -77777;

-- uses an index: one product in a cart
SELECT id FROM cart_items WHERE cart_id = -77777 AND product_id = 'product-77';

-- uses an index: the carts that a product lies in
SELECT c.customer_id FROM cart_items ci JOIN carts c ON c.id = ci.cart_id WHERE ci.product_id = 'product-77';

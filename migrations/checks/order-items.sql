-- versions: 6..
-- An order takes its items with it.

INSERT INTO orders (id, customer_id, total_amount) VALUES (-1, 'check-1', 5.00);
INSERT INTO order_items (id, order_id, product_id, product_name, price, quantity) VALUES (-1, -1, 'tea', 'Tea', 2.50, 2);

-- refuses 23503 order_items_order_id_fkey: an item of an order that is not there
INSERT INTO order_items (order_id, product_id, product_name, price, quantity) VALUES (-2, 'tea', 'Tea', 2.50, 2);

-- refuses 23502: an item without a number
INSERT INTO order_items (order_id, product_id, product_name, price) VALUES (-1, 'tea', 'Tea', 2.50);

DELETE FROM orders WHERE id = -1;

-- holds: the items went with their order
SELECT count(*) = 0 FROM order_items WHERE id = -1;

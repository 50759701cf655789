-- versions: 10..
-- Whoever changes a row, updated_at says when.

INSERT INTO carts (id, customer_id, updated_at) VALUES (-1, 'check-1', '2000-01-01');
INSERT INTO cart_items (cart_id, product_id, product_name, price, updated_at) VALUES (-1, 'tea', 'Tea', 2.50, '2000-01-01');
INSERT INTO orders (id, customer_id, total_amount, updated_at) VALUES (-1, 'check-1', 2.50, '2000-01-01');
UPDATE carts SET customer_id = 'check-2' WHERE id = -1;
UPDATE cart_items SET quantity = 2 WHERE cart_id = -1;
UPDATE orders SET status = 'shipped' WHERE id = -1;

-- holds: of a cart
SELECT updated_at = CURRENT_TIMESTAMP FROM carts WHERE id = -1;

-- holds: of an item
SELECT updated_at = CURRENT_TIMESTAMP FROM cart_items WHERE cart_id = -1;

-- holds: of an order
SELECT updated_at = CURRENT_TIMESTAMP FROM orders WHERE id = -1;

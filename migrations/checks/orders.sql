-- versions: 5..
-- An order waits to be worked on, and outlives the cart that it came from.

INSERT INTO carts (id, customer_id) VALUES (-1, 'check-1');
INSERT INTO orders (id, customer_id, total_amount, shipping_address) VALUES (-1, 'check-1', 2.50, '{"city": "Hamburg"}');

-- holds: it is pending
SELECT status = 'pending' FROM orders WHERE id = -1;

-- holds: its address can be asked for
SELECT shipping_address ->> 'city' = 'Hamburg' FROM orders WHERE id = -1;

-- refuses 23502: an order without a total
INSERT INTO orders (customer_id) VALUES ('check-1');

DELETE FROM carts WHERE id = -1;

-- holds: it is still there
SELECT count(*) = 1 FROM orders WHERE id = -1;

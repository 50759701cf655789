-- versions: 1..
-- A customer has one cart.

INSERT INTO carts (id, customer_id) VALUES (-1, 'check-1');

-- refuses 23505 carts_customer_id_key: a second cart of the same customer
INSERT INTO carts (customer_id) VALUES ('check-1');

-- refuses 23502: a cart of nobody
INSERT INTO carts (customer_id) VALUES (NULL);

-- holds: a cart knows when it was made
SELECT created_at = CURRENT_TIMESTAMP AND updated_at = CURRENT_TIMESTAMP FROM carts WHERE id = -1;

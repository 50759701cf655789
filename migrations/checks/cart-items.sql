-- versions: 2..
-- A cart holds each product once, and takes what it holds with it.

INSERT INTO carts (id, customer_id) VALUES (-1, 'check-1');
INSERT INTO cart_items (id, cart_id, product_id, product_name, price) VALUES (-1, -1, 'tea', 'Tea', 2.50);

-- holds: one of it, when nothing else is said
SELECT quantity = 1 FROM cart_items WHERE id = -1;

-- refuses 23505 cart_items_cart_id_product_id_key: a second item of the same product
INSERT INTO cart_items (cart_id, product_id, product_name, price) VALUES (-1, 'tea', 'Tea', 2.50);

-- refuses 23503 cart_items_cart_id_fkey: an item of a cart that is not there
INSERT INTO cart_items (cart_id, product_id, product_name, price) VALUES (-2, 'tea', 'Tea', 2.50);

-- refuses 23502: an item without a price
INSERT INTO cart_items (cart_id, product_id, product_name) VALUES (-1, 'milk', 'Milk');

DELETE FROM carts WHERE id = -1;

-- holds: the items went with their cart
SELECT count(*) = 0 FROM cart_items WHERE id = -1;

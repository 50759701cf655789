-- versions: 4..
-- Nothing in a cart is free, and of everything there is at least one.

INSERT INTO carts (id, customer_id) VALUES (-1, 'check-1');

-- refuses 23514 check_positive_price: a price of nothing
INSERT INTO cart_items (cart_id, product_id, product_name, price, quantity) VALUES (-1, 'tea', 'Tea', 0, 1);

-- refuses 23514 check_positive_price: a negative price
INSERT INTO cart_items (cart_id, product_id, product_name, price, quantity) VALUES (-1, 'tea', 'Tea', -0.01, 1);

-- refuses 23514 check_positive_quantity: none of it
INSERT INTO cart_items (cart_id, product_id, product_name, price, quantity) VALUES (-1, 'tea', 'Tea', 2.50, 0);

INSERT INTO cart_items (cart_id, product_id, product_name, price, quantity) VALUES (-1, 'tea', 'Tea', 0.01, 1);

-- refuses 23514 check_positive_quantity: taking all of it out by counting down
UPDATE cart_items SET quantity = quantity - 1 WHERE cart_id = -1;

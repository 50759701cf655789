-- versions: 6..
-- safe on a real database
-- The next number of each table is free: after a restore or a copy by hand it might not be.

-- holds: of carts
SELECT coalesce(max(id), 0) <= (SELECT last_value FROM carts_id_seq) FROM carts;

-- holds: of items in carts
SELECT coalesce(max(id), 0) <= (SELECT last_value FROM cart_items_id_seq) FROM cart_items;

-- holds: of orders
SELECT coalesce(max(id), 0) <= (SELECT last_value FROM orders_id_seq) FROM orders;

-- holds: of items in orders
SELECT coalesce(max(id), 0) <= (SELECT last_value FROM order_items_id_seq) FROM order_items;
